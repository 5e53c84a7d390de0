"""An event that people made and that an ended connection kept: its task has it again before another one is made.

A pull gives it back to a task without an owner (rule 41); but whoever writes the task first has given it a place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.errors import CalendarGone, EventMissing, NoWriteAccess
from shared.google.events import Event
from shared.google.requests import EventsRequest
from shared.model.ids import CalendarId, tenant_path
from shared.model.stored import read_as
from shared.model.task import Task, View
from shared.ports import Filter, Query
from shared.sync.copies import claim_on, uids_of_people
from shared.sync.mapping import uid_key
from shared.sync.observe import uids_of
from shared.usecases.outbound.elsewhere import other_calendars

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shared.ports import Calendar
    from shared.sync.context import Context
    from shared.usecases.world import World


def kept_event(world: World, context: Context, calendar: Calendar, task: Task) -> View | None:
    """The living event that the task had before, where it stands; Google is asked only if people made that one."""
    uids, home = uids_of_people(task, context), task.sync.calendar
    if home is None or not uids:
        return None
    places = [home, *other_calendars(world, context, task)]
    standing = ((uid, place, event) for uid in uids for place in places for event in _listed(calendar, place, uid))
    for uid, place, event in standing:
        if _is_first(world, context, task, uid, event):
            user = context.connection.user
            return View(user=user, calendar=place, event_id=event.id, organizer=event.organizer_self)
    return None


def _listed(calendar: Calendar, place: CalendarId, uid: str) -> Iterator[Event]:
    """What the calendar has of it: of a date that is a task by itself, that date."""
    try:
        page = calendar.list(EventsRequest(calendar_id=place, ical_uid=uid.partition(" ")[0]))
    except (CalendarGone, EventMissing, NoWriteAccess):
        return
    yield from (item for item in page.items if isinstance(item, Event) and uids_of(item)[:1] == [uid])


def _is_first(world: World, context: Context, task: Task, uid: str, event: Event) -> bool:
    """No other task has the event by now."""
    key = uid_key(uid)
    query = Query(
        collection=f"{tenant_path(context.tenant)}/tasks", filters=(Filter("sync.keys", "array_contains_any", [key]),)
    )
    known = [read_as(Task, document) for document in world.store.query(query)]
    return max(known, key=lambda each: claim_on(event.id, key, each)).id == task.id if known else False
