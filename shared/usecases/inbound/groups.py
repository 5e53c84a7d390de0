"""A list's items by family: a series' master with what is listed of its occurrences, everything else alone (rule 30).

Order and page boundaries of a list promise nothing, so a list is grouped as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from shared.google.events import Event, Tombstone
from shared.model.ids import EventId

if TYPE_CHECKING:
    from shared.model.task import Task
    from shared.sync.shown import Exceptions

_OF_A_SERIES = re.compile(r"(?P<root>.+)_\d{8}(T\d{6}Z)?", re.ASCII)


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """One event, or one series.

    Args:
        key: The event's id, the master's.
        master: As listed; None: only occurrences were.
        beside: The series' occurrences in the list.
    """

    key: EventId
    master: Event | Tombstone | None
    beside: tuple[Event | Tombstone, ...] = ()

    @property
    def items(self) -> tuple[Event | Tombstone, ...]:
        """All of it."""
        return self.beside if self.master is None else (self.master, *self.beside)

    def exceptions(self, task: Task) -> Exceptions:
        """The occurrences by original start; a tombstone that names none is known by its id, or left out."""
        known = {each.event_id: start for start, each in task.occurrences.items() if each.event_id is not None}
        started = {item.original_start or known.get(item.id): item for item in self.beside}
        return {start: item for start, item in started.items() if start is not None}


def grouped(items: Iterable[Event | Tombstone]) -> list[Group]:
    """The families, in the order in which the list named them first."""
    masters: dict[EventId, Event | Tombstone | None] = {}
    beside: dict[EventId, list[Event | Tombstone]] = {}
    for item in items:
        key = _key_of(item)
        masters.setdefault(key, None)
        if key == item.id:
            masters[key] = item
        else:
            beside.setdefault(key, []).append(item)
    return [Group(key=key, master=master, beside=tuple(beside.get(key, ()))) for key, master in masters.items()]


def _key_of(item: Event | Tombstone) -> EventId:
    """The series that an item is of: as it says; a bare tombstone says nothing, and its id may only look like one's."""
    if item.recurring_event_id is not None:
        return item.recurring_event_id
    looks = _OF_A_SERIES.fullmatch(item.id) if isinstance(item, Tombstone) else None
    return EventId(looks["root"]) if looks else item.id
