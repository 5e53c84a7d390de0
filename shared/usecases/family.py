"""One read of an event as it is now; of a series, with its exceptions (rule 30). Start at `look`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from shared.errors import EventMissing
from shared.google.events import Event, Tombstone
from shared.google.requests import EventsRequest
from shared.google.series import instance_id
from shared.sync.shown import Exceptions, unlisted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.model.ids import CalendarId, EventId
    from shared.model.task import Task
    from shared.ports import Calendar

PAGE_SIZE = 2500


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """A living event, and of a series what Google keeps of its occurrences, by original start."""

    event: Event
    exceptions: Exceptions = msgspec.field(default_factory=dict)


def look(calendar: Calendar, place: CalendarId, task: Task) -> Seen | Tombstone:
    """The task's event as it is now, one call; one more when only the first tells that it is a series.

    And one for each occurrence that Google has kept nothing of any more, though the task has something of it.

    Raises:
        EventMissing: Google knows no such event.
    """
    event_id, known_uid = task.sync.event_id, task.sync.ical_uid
    if event_id is None:
        raise EventMissing("the task has no event", reason="notFound")
    if task.is_series and known_uid is not None:
        seen = read_family(calendar, place, event_id, known_uid)
        if seen is not None:
            return _with_the_unlisted(calendar, place, task, seen)
    got = calendar.get(place, event_id)
    if isinstance(got, Tombstone):
        return got
    if got.recurrence and got.ical_uid is not None:
        family = read_family(calendar, place, event_id, got.ical_uid)
        if family is not None:
            return _with_the_unlisted(calendar, place, task, family)
    return Seen(event=got)


def _with_the_unlisted(calendar: Calendar, place: CalendarId, task: Task, seen: Seen | Tombstone) -> Seen | Tombstone:
    """The family, and of the dates that became plain ones again what the series makes of them now."""
    if isinstance(seen, Tombstone):
        return seen
    plain: dict[str, Event | Tombstone] = {}
    for start in unlisted(task, seen.event, seen.exceptions):
        try:
            plain[start] = calendar.get(place, task.occurrences[start].event_id or instance_id(seen.event.id, start))
        except EventMissing:
            continue
    return Seen(event=seen.event, exceptions={**exceptions_of(seen.event.id, list(plain.values())), **seen.exceptions})


def read_family(calendar: Calendar, place: CalendarId, event_id: EventId, ical_uid: str) -> Seen | Tombstone | None:
    """The master and its exceptions, cancelled ones too; None when the list shows no such master.

    A series and its exceptions share their iCalUID, and so do other copies of them, which are left out.
    Source: https://developers.google.com/workspace/calendar/api/v3/reference/events/list (iCalUID, showDeleted)
    """
    items: list[Event | Tombstone] = []
    page_token: str | None = None
    while True:
        request = EventsRequest(calendar_id=place, ical_uid=ical_uid, page_token=page_token, page_size=PAGE_SIZE)
        page = calendar.list(request)
        items.extend(page.items)
        page_token = page.page_token
        if page_token is None:
            break
    master = next((item for item in items if item.id == event_id), None)
    if not isinstance(master, Event):
        return master
    return Seen(event=master, exceptions=exceptions_of(event_id, items))


def exceptions_of(master: EventId, items: Sequence[Event | Tombstone]) -> Exceptions:
    """What of these items are occurrences of this master; both are told by the item, never cut out of its id (28)."""
    return {
        item.original_start: item
        for item in items
        if item.recurring_event_id == master and item.original_start is not None
    }
