"""Documents to types and back. The only place that knows how a struct lies in the store."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, TypeVar, cast

import msgspec

from shared.errors import Bug
from shared.model.connection import Connection, Watched
from shared.model.listing import listed
from shared.model.task import Task

if TYPE_CHECKING:
    from shared.ports import Document

T = TypeVar("T", bound=msgspec.Struct)

_ASKED: dict[type[msgspec.Struct], tuple[str, ...]] = {Connection: ("status",), Watched: ("state", "watched")}


def to_data(value: msgspec.Struct) -> dict[str, object]:
    """The struct as a document's data: plain JSON, datetimes kept as they are; `schema` is always written.

    Fields that queries ask for are written even when they have their default, and a task gets what lists find it by: no
    writer can forget them.
    """
    data = cast("dict[str, object]", msgspec.to_builtins(value, builtin_types=(datetime,)))
    data |= {name: getattr(value, name) for name in _ASKED.get(type(value), ())}
    if isinstance(value, Task):
        data["owner"] = value.content.user_id or None
        if (entry := listed(value)) is not None:
            data["listed"] = entry
    schema = getattr(value, "schema", None)
    return data if schema is None else {"schema": schema, **data}


def read_as(kind: type[T], document: Document) -> T:
    """The document as its type.

    Raises:
        Bug: The stored document does not fit the type.
    """
    try:
        return msgspec.convert(document.data, kind, builtin_types=(datetime,))
    except msgspec.ValidationError as fault:
        message = f"{document.path} does not hold a {kind.__name__}: {fault}"
        raise Bug(message) from fault
