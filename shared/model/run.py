"""Long work in checkpointed steps, as stored; its items lie in pages beside it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypeAlias

import msgspec

from shared.model.ids import ConnectionId, RunId, TenantId

RunKind: TypeAlias = Literal["sync", "export", "import", "preview", "disconnect", "erase", "backlog", "review"]
RunState: TypeAlias = Literal["running", "done", "failed", "held"]


class RunItem(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a run's list."""

    side: Literal["crm", "google"]
    action: Literal["create", "update", "delete", "skip", "duplicate"]
    task_id: str | None = None
    event_id: str | None = None
    title: str | None = None
    start: str | None = None
    reason: str | None = None


class Run(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One run.

    Args:
        checkpoint: Where the next step goes on; private to the run's kind.
        step: Number of the next step; part of its job's name.
        totals: Per side and action, how many.
        pages: How many item pages are stored.
        due_at: When the sweep re-enqueues the next step; None: finished.
    """

    schema: int = 1
    id: RunId
    tenant: TenantId
    kind: RunKind
    connection: ConnectionId | None = None
    user: str | None = None
    state: RunState = "running"
    checkpoint: dict[str, object] = msgspec.field(default_factory=dict)
    step: int = 0
    done: int = 0
    total: int | None = None
    totals: dict[str, dict[str, int]] = msgspec.field(default_factory=dict)
    pages: int = 0
    created_at: datetime
    worked_s: float = 0.0
    due_at: datetime | None = None
    detail: str | None = None


class RunPage(msgspec.Struct, frozen=True, kw_only=True):
    """One page of a run's items."""

    schema: int = 1
    items: tuple[RunItem, ...]
