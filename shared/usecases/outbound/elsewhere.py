"""Where else an event may be: people move events, and the old calendar shows a tombstone (rules 19, 38, 39).

Looking makes it safe: before a tombstone is judged, the id is got in every other watched calendar of the account.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from shared.errors import CalendarGone, EventMissing, NoWriteAccess
from shared.google.events import Event, Tombstone
from shared.model.connection import Watched
from shared.model.ids import CalendarId, connection_path
from shared.model.stored import read_as
from shared.model.task_lists import is_list
from shared.ports import Query
from shared.sync.settle import found
from shared.sync.told import Told

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from shared.model.task import Task
    from shared.ports import Calendar
    from shared.sync.context import Context
    from shared.usecases.family import Seen
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
    shown = _shown_in(calendar, task, other_calendars(world, context, task) if places is None else places)
    return next(((place, seen) for place, seen in shown if isinstance(seen, Event)), None)


def ended_elsewhere(world: World, context: Context, calendar: Calendar, task: Task) -> CalendarId | None:
    """The calendar in which the task's event was deleted, if it was another one than was thought."""
    shown = _shown_in(calendar, task, other_calendars(world, context, task))
    return next((place for place, seen in shown if isinstance(seen, Tombstone)), None)


def _shown_in(
    calendar: Calendar, task: Task, places: Iterable[CalendarId]
) -> Iterator[tuple[CalendarId, Event | Tombstone]]:
    """What the calendars show of the task's event, one get each; nothing of those that do not know it."""
    for place in places:
        try:
            yield place, calendar.get(place, task.sync.event_id or "")
        except (EventMissing, CalendarGone, NoWriteAccess):
            continue


def arrived(task: Task, place: CalendarId, seen: Seen, context: Context) -> tuple[Task, tuple[Told, ...]]:
    """The task with its event in another calendar and what it says there; a get must follow (rule 40).

    What is withheld from this account is not judged: that get says so.
    """
    moved, told = _relocated(task, place, context)
    if not seen.event.withheld:
        settled = found(moved, seen.event, context, seen.exceptions)
        moved, told = settled.task, (*told, *settled.told)
    return replace(moved, sync=replace(moved.sync, verify=True, state="pending")), told


def _relocated(task: Task, calendar: CalendarId, context: Context) -> tuple[Task, tuple[Told, ...]]:
    """The task, its event found in another calendar than its mapping names.

    Wanted there: the move is done. The CRM wanted nothing: what it wants follows. Both moved it: it is moved on from
    where it is; so is one that was kept and stands elsewhere than the CRM says by now.
    """
    sync = task.sync
    if sync.target == calendar:
        return replace(task, sync=replace(sync, calendar=calendar, target=None)), ()
    moved = replace(task, sync=replace(sync, calendar=calendar))
    if sync.target is not None or sync.target_connection is not None or task.deleted_at is not None:
        return moved, ()
    if sync.kept and sync.is_unmade and isinstance(task.content.calendar_id, str):
        return replace(moved, sync=replace(moved.sync, target=sync.calendar)), ()
    moved = replace(
        moved,
        content=replace(task.content, calendar_id=calendar),
        version=task.version + 1,
        changed_at=context.now,
    )
    return moved, (Told(kind="task.updated", origin="google", action="moved the event to another calendar"),)
