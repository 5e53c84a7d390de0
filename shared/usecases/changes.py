"""Changes to write: what the CRM is told and what a task's history keeps, in the commit that makes it true.

Nothing here commits. The reading side is `feed.py`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Required, TypedDict, cast

from shared.model.change import Change, Kind, Origin
from shared.model.ids import CalendarId, ConnectionId, RunId, TenantId, UserId, change_path
from shared.model.stored import to_data
from shared.model.task import Task
from shared.ports import SERVER_TIME, Set
from shared.usecases.present import task_json

if TYPE_CHECKING:
    from typing import Unpack

    from shared.model.connection import Connection
    from shared.usecases.world import World

KEPT = timedelta(days=30)
"""How long a change stays readable."""


class News(TypedDict, total=False):
    """What a change says.

    Args:
        id: Where the caller must know it; else one is made.
        origin: Which side brought it about.
        kind: What the CRM is told; None: only the history hears of it.
        task: The task as it is afterwards; with a kind the change keeps the whole of it.
        changed: Per contract field, the value before and after.
        action, policy, detail: For the history: what happened, by which rule, what Google answered.
    """

    id: str
    origin: Required[Origin]
    kind: Required[Kind | None]
    task: Task
    changed: dict[str, tuple[object, object]]
    occurrence: str | None
    connection_id: ConnectionId | None
    calendar_id: CalendarId | None
    run_id: RunId | None
    user_id: UserId | None
    action: str | None
    policy: str | None
    detail: str | None


def change_write(world: World, tenant: TenantId, **news: Unpack[News]) -> Set:
    """The write that adds one change, stamped with the time of its commit."""
    said = cast("dict[str, Any]", dict(news))
    task, kind = news.get("task"), news["kind"]
    said.pop("task", None)
    if task is not None:
        said = _about(task) | said | ({"task": task_json(task)} if kind else {})
    now = world.clock.now()
    said = {"id": world.ids.new(), "audience": "crm" if kind else "history"} | said
    change = Change(at=now, expires_at=now + KEPT, **said)
    data = to_data(change) | {"at": SERVER_TIME}
    if kind:
        # What the feed and deliveries ask for; the CRM's own writes are delivered to nobody.
        data |= {"told": "own"} if change.origin == "crm" else {"told": "out", "delivered_at": None}
    return Set(path=change_path(tenant, change.id), data=data)


def connection_change(world: World, connection: Connection, *, kind: Kind, detail: str | None = None) -> Set:
    """The write that tells how a connection stands."""
    return change_write(
        world,
        connection.tenant,
        kind=kind,
        origin="tandem",
        connection_id=connection.id,
        user_id=connection.user,
        run_id=connection.review,
        detail=detail,
    )


def _about(task: Task) -> dict[str, Any]:
    return {
        "task_id": task.id,
        "connection_id": task.sync.connection,
        "calendar_id": task.sync.calendar,
        "user_id": task.content.user_id or None,
        "version": task.version,
    }
