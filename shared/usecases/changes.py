"""Changes to write: what the CRM is told and what a task's history keeps, in the commit that makes it true.

Each function returns one write; nothing here commits. The reading side is `feed.py`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Literal

import msgspec

from shared.model.change import Change, Kind, Origin
from shared.model.ids import CalendarId, ConnectionId, RunId, TaskId, TenantId, UserId, change_path
from shared.model.stored import to_data
from shared.ports import SERVER_TIME, Set
from shared.usecases.present import changed_between, task_json

if TYPE_CHECKING:
    from shared.model.connection import Connection
    from shared.model.task import Task
    from shared.sync.told import Told
    from shared.usecases.world import World

KEPT = timedelta(days=30)
"""How long a change stays readable."""


class News(msgspec.Struct, frozen=True, kw_only=True):
    """What a change says before it has an id and a time; the fields are those of `Change`."""

    origin: Origin
    kind: Kind | None = None
    audience: Literal["crm", "history"] = "crm"
    task_id: TaskId | None = None
    occurrence: str | None = None
    connection_id: ConnectionId | None = None
    calendar_id: CalendarId | None = None
    run_id: RunId | None = None
    user_id: UserId | None = None
    version: int | None = None
    changed: dict[str, tuple[object, object]] = msgspec.field(default_factory=dict)
    task: dict[str, object] | None = None
    action: str | None = None
    policy: str | None = None
    detail: str | None = None


def change_write(world: World, tenant: TenantId, news: News) -> Set:
    """The write that adds one change, stamped with the time of its commit; its id is `data["id"]`."""
    now = world.clock.now()
    said = {name: getattr(news, name) for name in news.__struct_fields__}
    change = Change(id=world.ids.new(), at=now, expires_at=now + KEPT, **said)
    data = to_data(change) | {"at": SERVER_TIME}
    if news.audience == "crm":
        # What the feed and deliveries ask for; the CRM's own writes are delivered to nobody.
        data |= {"told": "own"} if news.origin == "crm" else {"told": "out", "delivered_at": None}
    return Set(path=change_path(tenant, change.id), data=data)


class Why(msgspec.Struct, frozen=True, kw_only=True):
    """What the history says beside the change: what was done in plain words, by which rule or setting, and more."""

    action: str | None = None
    policy: str | None = None
    detail: str | None = None


class OfOccurrence(msgspec.Struct, frozen=True, kw_only=True):
    """Which occurrence a change is about, by its original start, and what of it differs."""

    start: str
    changed: dict[str, tuple[object, object]]


def task_change(
    world: World,
    tenant: TenantId,
    after: Task,
    *,
    kind: Kind,
    origin: Origin,
    before: Task | None = None,
    why: Why | None = None,
    of: OfOccurrence | None = None,
) -> Set:
    """The write that tells a task's change, with the whole task as it is afterwards and what differs from `before`.

    Args:
        of: It is about one occurrence; what differs is the occurrence's then, and the task the whole series.
    """
    said = why or Why()
    news = News(
        kind=kind,
        origin=origin,
        task_id=after.id,
        connection_id=after.sync.connection,
        calendar_id=after.sync.calendar,
        user_id=UserId(after.content.user_id) if after.content.user_id else None,
        version=after.version,
        occurrence=of.start if of else None,
        changed=of.changed if of else changed_between(before, after),
        task=None if kind == "task.error" and after.deleted_at is not None else task_json(after),
        action=said.action,
        policy=said.policy,
        detail=said.detail,
    )
    return change_write(world, tenant, news)


def told_beside(world: World, tenant: TenantId, after: Task, told: Told) -> Set:
    """The write that tells what a write of the CRM brings about beside itself, in the same commit."""
    why = Why(action=told.action, policy=told.policy, detail=told.detail)
    of = None if told.occurrence is None else OfOccurrence(start=told.occurrence, changed=told.changed)
    return task_change(world, tenant, after, kind="task.updated", origin="tandem", why=why, of=of)


def connection_change(world: World, connection: Connection, *, kind: Kind, detail: str | None = None) -> Set:
    """The write that tells how a connection stands."""
    news = News(
        kind=kind,
        origin="tandem",
        connection_id=connection.id,
        run_id=connection.review,
        user_id=connection.user,
        detail=detail,
    )
    return change_write(world, connection.tenant, news)
