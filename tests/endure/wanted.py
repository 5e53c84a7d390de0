"""What each side did, by the task's label: what must be found on both sides once everything has settled.

Titles belong to the CRM and locations to people, so that each has one last writer; the time belongs to both.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal, TypeAlias

Fate: TypeAlias = Literal["kept", "deleted", "binned"]
LENGTH = timedelta(minutes=30)
FIRST_DAY = (datetime.now(UTC) + timedelta(days=2)).replace(hour=8, minute=0, second=0, microsecond=0)


def slot(number: int) -> datetime:
    """A start that no other number of one run has."""
    return FIRST_DAY + timedelta(minutes=7 * number)


@dataclass(slots=True)
class Wanted:
    """One task, or one event from which a task is made.

    Args:
        label: The first word of its title, which stays.
        fate: `deleted` by the CRM or `binned` by a person, if it ever is; the other side leaves such a task alone.
        born: The side that made it.
    """

    label: str
    fate: Fate
    born: Literal["crm", "google"]
    title: str
    starts: dict[str, datetime]
    """By side: the last start that it gave."""
    location: str | None = None
    gone: bool = False


@dataclass(slots=True)
class Book:
    """Every `Wanted` of a run, shared by the threads of both sides."""

    of: dict[str, Wanted] = field(default_factory=dict)
    crm_edits: int = 0
    google_edits: int = 0
    tries_again: int = 0
    faults: list[str] = field(default_factory=list)
    """Answers that no side should ever get."""
    _lock: threading.RLock = field(default_factory=threading.RLock)

    @contextmanager
    def open(self) -> Iterator[dict[str, Wanted]]:
        """The entries, alone."""
        with self._lock:
            yield self.of

    def living(self, *fates: Fate, born: str = "crm") -> list[Wanted]:
        """Entries with one of these fates that are not gone, in the order of their making."""
        with self._lock:
            return [each for each in self.of.values() if each.fate in fates and not each.gone and each.born == born]
