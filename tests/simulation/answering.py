"""What people do about the errors that tasks show, as each error's remedy tells them. Start at `answered`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.errors import NotFound
from shared.sync.likeness import LIKELY_DUPLICATE
from shared.usecases.connecting.calendars import watch_calendar

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.model.task import Task
    from tests.simulation.chance import Chance, Site


def answered(world: Chance) -> bool:
    """Somebody has done what the remedy says for every task that shows such an error; whether one did."""
    sites = {site.tenant: site for site in world.sites}
    found = [(sites[tenant], task, _ANSWERS.get(_code(task))) for tenant, task in world.sim.held()]
    for site, task, answer in found:
        if answer is not None:
            answer(world, site, task)
    return any(answer is not None for _, _, answer in found)


def _code(task: Task) -> str:
    return task.sync.error.code if task.sync.state == "error" and task.sync.error is not None else ""


def _within_reach(world: Chance, site: Site, task: Task) -> None:
    """The calendar that the task waits for is watched; where its user has no such one, it goes to another."""
    sync = task.sync
    connection, calendar = sync.target_connection or sync.connection, sync.target or sync.calendar
    living = {each.id for each in world.connections(site)}
    if connection not in living:  # an ended one has no calendars: what was refused is to leave where the task stands
        connection, calendar = sync.connection, sync.calendar
    if connection not in living or calendar is None:
        return
    try:
        watch_calendar(world.sim.world, site.tenant, connection, calendar)
    except NotFound:
        _written(site, task, calendar_id=None)


def _left_where_it_is(_world: Chance, site: Site, task: Task) -> None:
    """Only the organizer may move the meeting."""
    _written(site, task, calendar_id=task.sync.calendar)


def _told_apart(world: Chance, site: Site, task: Task) -> None:
    """The event is the task's, or it is another one and the user has both."""
    alike = [key.rpartition(":")[2] for key in task.sync.keys if key.startswith("e:")]
    if world.orphans and alike:
        site.crm.adopt(task.id, alike[-1])
    else:
        _written(site, task, sync=True)


def _written(site: Site, task: Task, **fields: object) -> None:
    """The CRM writes these fields, unless the task is deleted, which nobody wants to have back."""
    if task.deleted_at is None:
        site.crm.read_whole_feed()
        site.crm.put(task.id, **fields)


_ANSWERS: dict[str, Callable[[Chance, Site, Task], None]] = {
    "calendar_gone": _within_reach,
    "no_write_access": _within_reach,
    "not_organizer": _left_where_it_is,
    LIKELY_DUPLICATE: _told_apart,
}
