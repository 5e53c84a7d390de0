"""What people do about the errors that tasks show, as each error's remedy tells them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.errors import NotFound
from shared.model.ids import CalendarId, ConnectionId, TenantId
from shared.usecases.connecting.calendars import watch_calendar

if TYPE_CHECKING:
    from shared.model.task import Task
    from tests.simulation.chance import Chance

OUT_OF_REACH = frozenset({"calendar_gone", "no_write_access"})
NOT_TO_BE_MOVED = "not_organizer"


def answered(world: Chance) -> bool:
    """Every calendar that a task waits for is watched, or the task is sent to another; whether one did wait."""
    waiting = [(tenant, task) for tenant, task in world.sim.held() if _code(task) in OUT_OF_REACH | {NOT_TO_BE_MOVED}]
    for tenant, task in waiting:
        sync = task.sync
        if _code(task) == NOT_TO_BE_MOVED:
            _sent_to(world, tenant, task, sync.calendar)
            continue
        try:
            _watched(world, tenant, sync.target_connection or sync.connection, sync.target or sync.calendar)
        except NotFound:
            _sent_to(world, tenant, task, None)
    return bool(waiting)


def _code(task: Task) -> str | None:
    return task.sync.error.code if task.sync.state == "error" and task.sync.error is not None else None


def _watched(world: Chance, tenant: TenantId, connection: ConnectionId | None, calendar: CalendarId | None) -> None:
    if connection is not None and calendar is not None:
        watch_calendar(world.sim.world, tenant, connection, calendar)


def _sent_to(world: Chance, tenant: TenantId, task: Task, calendar: CalendarId | None) -> None:
    """It goes to this calendar (None: to the one that all go to), if it is still to go anywhere."""
    if task.deleted_at is not None:
        return
    (site,) = [each for each in world.sites if each.tenant == tenant]
    site.crm.read_whole_feed()
    site.crm.put(task.id, calendar_id=calendar)
