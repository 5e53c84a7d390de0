"""Tasks as lists show them: by one filter, alone or with a user, page by page. Tombstones and stubs are never shown.

Each filter is one declared index over `listed` (see `shared.model.listing`); other combinations are refused.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from shared.errors import Fault, Invalid, Moved, NotFound
from shared.model.ids import ConnectionId, TaskId, TenantId, UserId, task_path, tenant_path
from shared.model.stored import read_as
from shared.model.task import State, Task
from shared.ports import Document, Filter, Query
from shared.usecases.cursors import open_cursor, seal_cursor

if TYPE_CHECKING:
    from shared.usecases.world import World


class TaskFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which tasks; `start_from` and `start_to` (exclusive) are one filter."""

    user_id: UserId | None = None
    connection_id: ConnectionId | None = None
    state: State | None = None
    changed_since: datetime | None = None
    start_from: datetime | None = None
    start_to: datetime | None = None


class TaskPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some tasks, and the cursor behind them; None: there are no more."""

    tasks: tuple[Task, ...]
    cursor: str | None


def list_tasks(world: World, tenant: TenantId, wanted: TaskFilter, *, cursor: str | None, limit: int) -> TaskPage:
    """The tasks that match, in a stable order: by time where a time is asked for.

    Raises:
        Invalid: The filters do not go together, its end lies before its start, or the cursor is another list's.
    """
    filters, order = _query_of(wanted)
    scope = "tasks " + msgspec.json.encode(wanted).decode()
    query = Query(
        collection=f"{tenant_path(tenant)}/tasks",
        filters=filters,
        order=order,
        limit=limit + 1,
        after=open_cursor(world, tenant, scope, cursor) if cursor else None,
    )
    documents = world.store.query(query)
    shown = documents[:limit]
    more = len(documents) > limit
    return TaskPage(
        tasks=tuple(read_as(Task, document) for document in shown),
        cursor=seal_cursor(world, tenant, scope, _position(shown[-1], order)) if more else None,
    )


def get_task(world: World, tenant: TenantId, task_id: TaskId) -> Task:
    """The task as it is.

    Raises:
        NotFound: There is none, or it is deleted.
        Moved: It was claimed under another id.
    """
    path = task_path(tenant, task_id)
    document = world.store.get_many([path])[path]
    if document is None:
        raise NotFound
    task = read_as(Task, document)
    if task.deleted_at is not None or (task.expires_at is not None and task.expires_at <= world.clock.now()):
        raise NotFound
    if task.moved_to is not None:
        raise Moved(task.moved_to, task.moved_date)
    return task


def _query_of(wanted: TaskFilter) -> tuple[tuple[Filter, ...], tuple[str, ...]]:
    one = [name for name in ("connection_id", "state", "changed_since") if getattr(wanted, name) is not None]
    one += ["start_from"] if wanted.start_from or wanted.start_to else []
    if len(one) > 1:
        detail = f"cannot be combined with {one[0]}; use one filter, alone or with user_id"
        raise Invalid([Fault(name, detail) for name in one[1:]])
    if wanted.start_from and wanted.start_to and wanted.start_to < wanted.start_from:
        raise Invalid([Fault("start_to", "lies before start_from; exchange them")])
    filters = [Filter("listed.user", "==", wanted.user_id)] if wanted.user_id is not None else []
    match one:
        case ["connection_id"]:
            return (*filters, Filter("listed.connection", "==", wanted.connection_id)), ()
        case ["state"]:
            return (*filters, Filter("listed.state", "==", wanted.state)), ()
        case ["changed_since"]:
            return (*filters, Filter("listed.changed_at", ">=", wanted.changed_since)), ("listed.changed_at",)
        case ["start_from"]:
            if wanted.start_from is not None:
                filters.append(Filter("listed.start", ">=", wanted.start_from))
            if wanted.start_to is not None:
                filters.append(Filter("listed.start", "<", wanted.start_to))
            return tuple(filters), ("listed.start",)
    return tuple(filters) or (Filter("listed.live", "==", True),), ()  # noqa: FBT003 - a stored value


def _position(document: Document, order: tuple[str, ...]) -> tuple[object, ...]:
    entry = document.data["listed"]
    values = [entry[name.removeprefix("listed.")] for name in order] if isinstance(entry, dict) else []
    return (*values, document.path)
