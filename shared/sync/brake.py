"""The brake: the stop before a mass change that nobody asked for by name. Pure.

It counts what Tandem infers (pulls, sweeps, full syncs, changed settings), not explicit API calls and not the first
import. Deletions of a calendar that arrive in several pulls within ten minutes count together.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from msgspec.structs import replace

from shared.model.connection import Deletions

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

DELETIONS = 10
SHARE = 0.25
CREATIONS = 200
TOGETHER = timedelta(minutes=10)
"""Longer than the pulls of one deletion lie apart, be it by polling; shorter than what a person does in a morning."""


def brake_holds(*, deletions: int, creations: int, mappings: Callable[[], int]) -> bool:
    """Whether so many deletions or creations need a person's word first.

    Args:
        mappings: How many mappings the connection has; asked only when more than ten would go.
    """
    if creations > CREATIONS:
        return True
    return deletions > DELETIONS and deletions > SHARE * mappings()


def recent(before: Deletions | None, *, now: datetime) -> int:
    """How many deletions of before count together with those of now."""
    return before.number if before is not None and before.since <= now < before.since + TOGETHER else 0


def with_more(before: Deletions | None, deletions: int, *, now: datetime) -> Deletions | None:
    """What is remembered once these deletions were carried out too."""
    if before is None or not recent(before, now=now):
        return Deletions(since=now, number=deletions) if deletions else None
    return replace(before, number=before.number + deletions)
