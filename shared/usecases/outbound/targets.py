"""The calendar that an event goes to takes events, and is watched, before anything is done for it (rule 18).

What nobody watches would lose every edit that a person makes there. A calendar that is lost holds what it has: its
events are left behind only for another calendar that the CRM names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.errors import CalendarGone, ConnectionRests, NotFound, NoWriteAccess
from shared.google.tasks import LIST_GONE
from shared.model.connection import WORKING, Connection, Status, Watched
from shared.model.ids import CalendarId, ConnectionId, calendar_path, connection_path
from shared.model.stored import read_as
from shared.model.task_lists import is_list
from shared.sync.context import ENDED
from shared.sync.mapping import placed_at
from shared.sync.merge import changed_by_crm
from shared.sync.state import ours
from shared.usecases.connecting.calendars import watch_calendar

if TYPE_CHECKING:
    from shared.model.ids import TenantId
    from shared.model.task import Task
    from shared.sync.context import Context
    from shared.usecases.world import World

NO_TARGET = "the calendar that the task is to go to does not exist, or is not this account's; choose another one"
ENDING: frozenset[Status] = frozenset({"disconnecting", "disconnected"})


def made_ready(world: World, tenant: TenantId, connection_id: ConnectionId, calendar_id: CalendarId) -> bool:
    """The calendar takes events and is watched, or its connection ends; True when it was not known before.

    Google is asked only then.

    Raises:
        CalendarGone: The account has no such calendar, or has lost it.
        NoWriteAccess: The account may only read it.
        ConnectionRests: The connection it belongs to does not work now; when it does, its backlog sends the task.
    """
    link, path = connection_path(tenant, connection_id), calendar_path(tenant, connection_id, calendar_id)
    found = world.store.get_many([link, path])
    owner, document = found[link], found[path]
    status = read_as(Connection, owner).status if owner is not None else "disconnected"
    if status in ENDING:
        return False  # its user has no calendar any more: the task is let go there
    if status not in WORKING:
        raise ConnectionRests(paused=status == "paused")
    if is_list(calendar_id):
        return False
    if document is None:
        try:
            watch_calendar(world, tenant, connection_id, calendar_id, to_write=True)
        except NotFound as error:
            raise CalendarGone(NO_TARGET) from error
        return True
    shelf = read_as(Watched, document)
    if not shelf.writable:
        raise NoWriteAccess
    if shelf.state == "suspended":
        raise CalendarGone
    return False


def is_lost(shelf: Watched | None) -> bool:
    """The calendar is gone or can no longer be written; a person was told."""
    return shelf is not None and shelf.watched and shelf.state == "suspended"


def check_nothing_waits(task: Task, context: Context) -> None:
    """Nothing is to be done in the lost calendar.

    Raises:
        CalendarGone: An edit, a move or a deletion waits for a calendar that is gone.
        NoWriteAccess: It waits for one that may only be read by now.
    """
    sync = task.sync
    if sync.event_id is None or sync.gone:
        return
    reason = context.unwanted(task)
    edited = changed_by_crm(context.fields_of(task), sync.base) - sync.conflict.keys()
    ends = reason in ENDED or (reason is not None and ours(task))
    if ends or (reason is None and edited):
        if context.calendar is not None and not context.calendar.writable:
            raise NoWriteAccess
        raise CalendarGone(LIST_GONE if is_list(sync.calendar) else "")


def left_behind(task: Task, context: Context) -> Task | None:
    """The task, on its way out of a lost calendar: with a new event where the CRM wants it. None: it is not leaving."""
    sync = task.sync
    if sync.target is None or context.unwanted(task) is not None:
        return None
    connection, generation = sync.target_connection or context.connection.id, sync.generation + 1
    event_id = context.event_id(task.id, generation)
    return placed_at(task, connection, sync.target, event_id, generation=generation)
