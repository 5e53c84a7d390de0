"""The brake: the stop before a mass change that nobody asked for by name. Pure.

It counts what Tandem infers (pulls, sweeps, full syncs, changed settings), not explicit API calls and not the first
import.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

DELETIONS = 10
SHARE = 0.25
CREATIONS = 200


def brake_holds(*, deletions: int, creations: int, mappings: Callable[[], int]) -> bool:
    """Whether so many deletions or creations need a person's word first.

    Args:
        mappings: How many mappings the connection has; asked only when more than ten would go.
    """
    if creations > CREATIONS:
        return True
    return deletions > DELETIONS and deletions > SHARE * mappings()
