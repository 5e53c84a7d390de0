"""Where a task's event is to be: which connection, calendar and id, decided when the CRM writes it. Pure.

The id is stored before the insert (rule 8 and 13 rest on that), so the write that first wants an event gives it its
place. A deletion or move taken back before Google confirmed it keeps its generation and sets `again`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from shared.model.connection import Connection, User, UserConnection
from shared.model.ids import CalendarId, ConnectionId, EventId, TenantId, event_id_of
from shared.model.task_lists import belongs_in_list, home_of, is_list
from shared.sync.mapping import placed_at

if TYPE_CHECKING:
    from shared.model.task import Sync, Task

_TAKES_TASKS = frozenset({"active", "needs_review", "paused", "needs_reconnect", "ready"})


class Placing(msgspec.Struct, frozen=True, kw_only=True):
    """What placing needs to know beside the task.

    Args:
        user: The task's user; None when that user has never connected.
        adopt: An event that exists and becomes the task's (first write only).
        moved: The write changes user, connection or calendar.
        revived: The write brings a deleted task back.
    """

    deployment: str
    tenant: TenantId
    user: User | None
    adopt: EventId | None = None
    moved: bool = False
    revived: bool = False


def place(task: Task, wants: Placing, *, before: Task) -> Task:
    """The task with its place as this write wants it; unchanged where nothing is to change."""
    chosen = _chosen(task, wants.user)
    sync = task.sync
    if chosen is None:  # it stays where it is until its user connects
        held = sync.event_id is not None and not sync.gone
        return _taken_back(task, before, revived=wants.revived) if held else task
    connection, calendar = chosen
    if wants.adopt is not None and is_list(calendar) and wants.user is not None:
        calendar = wants.user.connections[connection].calendar
    adopts = may_adopt(sync, wants.adopt)
    if sync.event_id is None or sync.gone or adopts:
        unlinked = sync.gone and task.content.sync is False  # no next event before one is wanted again (rule 13)
        if calendar is None or not _wanted(task) or (unlinked and not adopts):
            return replace(task, sync=replace(sync, connection=connection))
        # What was planned may be on its way to Google: then it is of an earlier generation, and goes (rule 15).
        generation = sync.generation + 1 if sync.gone or sync.event_id is not None else sync.generation
        event = event_id_of(wants.deployment, wants.tenant, task.id, generation)
        if adopts and wants.adopt is not None:
            adopted = placed_at(task, connection, calendar, wants.adopt, generation=generation)
            return replace(adopted, sync=replace(adopted.sync, adopted=True, verify=True))
        return placed_at(task, connection, calendar, event, generation=generation)
    task = _taken_back(task, before, revived=wants.revived)
    changes_home = belongs_in_list(task.content) != belongs_in_list(before.content)
    between = is_list(calendar) != is_list(sync.target or sync.calendar)
    return bound_for(task, connection, calendar) if wants.moved or (changes_home and between) else task


def may_adopt(sync: Sync, event: EventId | None) -> bool:
    """The task has no event and may take this one: it has no place, or one where nobody has seen an event yet."""
    if event is None or event == sync.event_id:
        return False
    planned = sync.is_unmade and sync.ical_uid is None and not (sync.gone or is_list(sync.calendar))
    return sync.event_id is None or planned


def looked_at_again(task: Task, *, sees_private: bool = False) -> Task:
    """A task that settings had put off while its event stayed: what a person did to it meanwhile is read first.

    Args:
        sees_private: Settings let in what is private in Google, so what they withheld before is read too.
    """
    sync = task.sync
    rested = sync.state == "off" and sync.reason not in {None, "paused"}
    if not (rested or (sync.withheld and sees_private)) or sync.event_id is None or sync.gone or sync.etag is None:
        return task
    return replace(task, sync=replace(sync, verify=True))


def at_home(task: Task, connection: Connection) -> Task:
    """A task of ours goes to the list of Google Tasks that the settings name, or back from one they no longer do."""
    sync = task.sync
    settled = sync.event_id is not None and not sync.gone and sync.connection == connection.id
    if not settled or sync.adopted or task.created_in == "google" or sync.target_connection is not None:
        return task
    if task.deleted_at is not None or not task.content.start:
        return task
    home, at = home_of(task.content, connection.calendar, connection.task_list), sync.target or sync.calendar
    if home is None or home == at or not (is_list(home) or is_list(at)):
        return task
    return replace(task, sync=replace(sync, target=home))


def _chosen(task: Task, user: User | None) -> tuple[ConnectionId, CalendarId | None] | None:
    """The connection and calendar that the task asks for; its user's oldest active connection by default."""
    if user is None:
        return None
    wanted = task.content.connection_id
    usable = {key: known for key, known in user.connections.items() if known.status in _TAKES_TASKS}
    if isinstance(wanted, str):
        usable = {key: known for key, known in usable.items() if key == wanted}
    elif task.sync.connection in usable and task.sync.event_id is not None:
        usable = {task.sync.connection: usable[task.sync.connection]}
    if not usable:
        return None
    key, known = min(usable.items(), key=lambda item: (item[1].status != "active", item[1].created_at, item[0]))
    return ConnectionId(key), _calendar(task, known)


def _calendar(task: Task, known: UserConnection) -> CalendarId | None:
    asked = task.content.calendar_id
    if not isinstance(asked, str):
        return home_of(task.content, known.calendar, known.task_list)
    return known.primary if asked == "primary" else CalendarId(asked)


def _wanted(task: Task) -> bool:
    content = task.content
    return task.deleted_at is None and content.status != "cancelled" and bool(content.start)


def _taken_back(task: Task, before: Task, *, revived: bool) -> Task:
    """A deletion that Google has not confirmed is taken back: same generation, a patch must follow (rule 13)."""
    reopened = before.content.status == "cancelled" and task.content.status != "cancelled"
    undone = before.content.status == "done" and task.content.status == "open"
    if not (revived or reopened or undone):
        return task
    return replace(task, sync=replace(task.sync, again=task.version))


def bound_for(task: Task, connection: ConnectionId, calendar: CalendarId | None) -> Task:
    """The task, which has its event, on its way to this place; a way back that leads to where it is ends there."""
    sync = task.sync
    if calendar is None:
        return task
    if connection != sync.connection:
        return replace(task, sync=replace(sync, target=calendar, target_connection=connection))
    if calendar == sync.calendar:
        back = sync.target is not None or sync.target_connection is not None
        again = task.version if back else sync.again
        return replace(task, sync=replace(sync, target=None, target_connection=None, again=again))
    return replace(task, sync=replace(sync, target=calendar, target_connection=None))
