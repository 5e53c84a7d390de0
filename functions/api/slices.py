"""A part of a list that is read whole because it is short: as all lists are, by `cursor` and `limit`."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from functions.api.operation import Page
from shared.usecases.cursors import open_cursor, seal_cursor

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from functions.api.operation import Call, PageQuery

T = TypeVar("T")


def slice_of(call: Call, scope: str, found: Sequence[T], query: PageQuery, *, name: Callable[[T], str]) -> Page[T]:
    """What follows the entry that the cursor names, or the whole again if that is gone: nothing is ever missed.

    Raises:
        Invalid: The cursor is not one of this list.
    """
    names = [name(entry) for entry in found]
    begin = 0
    if query.cursor is not None:
        (last,) = open_cursor(call.world, call.tenant, scope, query.cursor)
        begin = names.index(str(last)) + 1 if last in names else 0
    end = begin + query.limit
    cursor = seal_cursor(call.world, call.tenant, scope, (names[end - 1],)) if end < len(names) else None
    return Page(data=tuple(found[begin:end]), next_cursor=cursor)
