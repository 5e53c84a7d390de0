"""What the use cases read at their start: the documents of one task and its connection, in one call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from shared.model.connection import Connection, Watched
from shared.model.ids import (
    CalendarId,
    ConnectionId,
    Path,
    TaskId,
    TenantId,
    calendar_path,
    connection_path,
    task_path,
    tenant_path,
)
from shared.model.settings import Settings, settings_of
from shared.model.stored import read_as
from shared.model.task import Task
from shared.model.tenant import Tenant
from shared.ports import Document, Revision
from shared.sync.context import Context

if TYPE_CHECKING:
    from shared.usecases.world import World


class TaskReading(msgspec.Struct, frozen=True, kw_only=True):
    """A task with everything that decides about it, as read in one call; revisions guard what is written from it."""

    task: Task
    revision: Revision
    tenant: Tenant
    connection: Connection | None
    connection_revision: Revision | None
    calendar: Watched | None

    def context(self, world: World) -> Context | None:
        """The context of its connection; None without one."""
        if self.connection is None:
            return None
        return context_of(world, self.tenant, self.connection, self.calendar)


def in_force(tenant: Tenant, connection: Connection) -> Settings:
    """The settings that tasks are decided by: changed ones hold once the brake has let them through (rule 42)."""
    before = connection.settings_before
    return settings_of(tenant.settings, connection.settings if before is None else before)


def context_of(world: World, tenant: Tenant, connection: Connection, calendar: Watched | None) -> Context:
    """What tasks of this connection and calendar are decided in."""
    return Context(
        deployment=world.deployment,
        tenant=tenant.id,
        connection=connection,
        settings=in_force(tenant, connection),
        calendar=calendar,
        now=world.clock.now(),
    )


def read_task(
    world: World, tenant: TenantId, task: TaskId, connection: ConnectionId | None, calendar: CalendarId | None
) -> TaskReading | None:
    """The task's reading, guessed by what a job's payload names; one more call if the document names others."""
    paths: list[Path] = [tenant_path(tenant), task_path(tenant, task)]
    if connection is not None:
        paths.append(connection_path(tenant, connection))
        if calendar is not None:
            paths.append(calendar_path(tenant, connection, calendar))
    found = world.store.get_many(paths)
    document, owner = found[task_path(tenant, task)], found[tenant_path(tenant)]
    if document is None or owner is None:
        return None
    stored = read_as(Task, document)
    named = stored.sync.connection
    missing = [] if named is None else _paths_of(tenant, named, stored.sync.calendar)
    if more := [path for path in missing if path not in found]:
        found |= world.store.get_many(more)
    place = stored.sync.calendar
    at = None if named is None else found.get(connection_path(tenant, named))
    shelf = None if named is None or place is None else found.get(calendar_path(tenant, named, place))
    return TaskReading(
        task=stored,
        revision=Revision(document.revision),
        tenant=read_as(Tenant, owner),
        connection=None if at is None else read_as(Connection, at),
        connection_revision=None if at is None else Revision(at.revision),
        calendar=None if shelf is None else read_as(Watched, shelf),
    )


def same_revision(world: World, tenant: TenantId, reading: TaskReading) -> bool:
    """The task's document is still the one that was read (rule 8)."""
    path = task_path(tenant, reading.task.id)
    document: Document | None = world.store.get_many([path])[path]
    return document is not None and document.revision == reading.revision.value


def _paths_of(tenant: TenantId, connection: ConnectionId, calendar: CalendarId | None) -> list[Path]:
    paths = [connection_path(tenant, connection)]
    return paths if calendar is None else [*paths, calendar_path(tenant, connection, calendar)]
