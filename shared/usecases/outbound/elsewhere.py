"""Where else an event may be: people move events, and the old calendar shows a tombstone (rules 19, 38, 39).

Looking makes it safe: before a tombstone is judged, the id is got in every other watched calendar of the account.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from shared.errors import CalendarGone, EventMissing, NoWriteAccess
from shared.google.events import Event
from shared.model.connection import Watched
from shared.model.ids import CalendarId, connection_path
from shared.model.stored import read_as
from shared.model.task_lists import is_list
from shared.ports import Query
from shared.sync.told import Told

if TYPE_CHECKING:
    from shared.model.task import Task
    from shared.ports import Calendar
    from shared.sync.context import Context
    from shared.usecases.world import World

MOST_CALENDARS = 100


def other_calendars(world: World, context: Context, task: Task) -> list[CalendarId]:
    """The other calendars of the account that are watched, a move's target first."""
    if is_list(task.sync.calendar):
        return []
    collection = f"{connection_path(context.tenant, context.connection.id)}/calendars"
    shelves = [
        read_as(Watched, found) for found in world.store.query(Query(collection=collection, limit=MOST_CALENDARS))
    ]
    watched = [shelf.calendar_id for shelf in shelves if shelf.watched and shelf.state != "suspended"]
    target = [task.sync.target] if task.sync.target is not None and task.sync.target_connection is None else []
    return [each for each in dict.fromkeys([*target, *watched]) if each != task.sync.calendar and not is_list(each)]


def look_elsewhere(
    world: World, context: Context, calendar: Calendar, task: Task, places: list[CalendarId] | None = None
) -> tuple[CalendarId, Event] | None:
    """The calendar in which the task's event lives now, and the event; None when no watched one has it."""
    for place in other_calendars(world, context, task) if places is None else places:
        try:
            seen = calendar.get(place, task.sync.event_id or "")
        except (EventMissing, CalendarGone, NoWriteAccess):
            continue
        if isinstance(seen, Event):
            return place, seen
    return None


def relocated(task: Task, calendar: CalendarId, context: Context) -> tuple[Task, tuple[Told, ...]]:
    """The task, its event found in another calendar than its mapping names.

    Wanted there: the move is done. The CRM wanted nothing: what it wants follows. Both moved it: it is moved on from
    where it is.
    """
    sync = task.sync
    if sync.target == calendar:
        return replace(task, sync=replace(sync, calendar=calendar, target=None)), ()
    moved = replace(task, sync=replace(sync, calendar=calendar))
    if sync.target is not None or sync.target_connection is not None or task.deleted_at is not None:
        return moved, ()
    moved = replace(
        moved,
        content=replace(task.content, calendar_id=calendar),
        version=task.version + 1,
        changed_at=context.now,
    )
    return moved, (Told(kind="task.updated", origin="google", action="moved the event to another calendar"),)
