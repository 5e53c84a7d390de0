"""A task's history: what happened, when, from which side, by which rule. It is written with each change, never here."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Literal

import msgspec

from shared.errors import Moved, NotFound
from shared.model.change import Change, Kind
from shared.model.ids import TaskId, TenantId, task_path, tenant_path
from shared.model.stored import read_as
from shared.model.task import Task
from shared.ports import Filter, Query
from shared.usecases.cursors import open_cursor, seal_cursor

if TYPE_CHECKING:
    from shared.usecases.world import World

_ACTIONS: dict[Kind, str] = {
    "task.created": "created the task",
    "task.updated": "changed the task",
    "task.cancelled": "cancelled the task",
    "task.deleted": "deleted the task",
    "task.restored": "restored the task",
    "task.linked": "linked the event",
    "task.conflict": "kept both versions",
    "task.error": "could not carry it out",
}


class HistoryEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened; `fields` are those it changed, `policy` the rule or setting that decided."""

    at: datetime
    side: Literal["crm", "google", "tandem"]
    action: str
    fields: tuple[str, ...]
    policy: str | None
    detail: str | None


class HistoryPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some entries, oldest first, and the cursor behind them; None: there are no more."""

    entries: tuple[HistoryEntry, ...]
    cursor: str | None


def read_history(world: World, tenant: TenantId, task_id: TaskId, *, cursor: str | None, limit: int) -> HistoryPage:
    """What happened to the task in the last 30 days, also to one that is deleted, and under the id it was born with.

    Raises:
        NotFound: There is no such task and there was none.
        Moved: It was claimed under another id, which has its history.
        Invalid: The cursor is another list's.
    """
    now, path = world.clock.now(), task_path(tenant, task_id)
    document = world.store.get_many([path])[path]
    task = read_as(Task, document) if document is not None else None
    if task is not None and task.moved_to is not None and not task.is_worn_off(now):
        raise Moved(task.moved_to)
    born = task.claimed_from if task is not None else None
    named = Filter("task_id", "in", [task_id, born]) if born else Filter("task_id", "==", task_id)
    scope = f"history {task_id}"
    query = Query(
        collection=f"{tenant_path(tenant)}/changes",
        filters=(named,),
        order=("at",),
        limit=limit + 1,
        after=open_cursor(world, tenant, scope, cursor) if cursor else None,
    )
    documents = world.store.query(query)
    if not documents and cursor is None and document is None:
        raise NotFound("there is no such task")
    changes = [read_as(Change, document) for document in documents[:limit]]
    more = len(documents) > limit
    return HistoryPage(
        entries=tuple(_entry(change) for change in changes),
        cursor=seal_cursor(world, tenant, scope, (changes[-1].at, documents[limit - 1].path)) if more else None,
    )


def _entry(change: Change) -> HistoryEntry:
    told = _ACTIONS.get(change.kind, change.kind) if change.kind else "noted"
    return HistoryEntry(
        at=change.at,
        side=change.origin,
        action=change.action or told,
        fields=tuple(sorted(change.changed)),
        policy=change.policy,
        detail=change.detail,
    )
