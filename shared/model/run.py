"""Long work in checkpointed steps."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypeAlias

import msgspec

from shared.model.ids import ConnectionId, RunId, TenantId

RunKind: TypeAlias = Literal[
    "sync", "first_sync", "export", "import", "preview", "disconnect", "erase", "backlog", "review"
]
RunState: TypeAlias = Literal["running", "done", "failed", "held"]
ItemAction: TypeAlias = Literal["create", "update", "delete", "skip", "duplicate"]
ItemSide: TypeAlias = Literal["crm", "google"]


class RunItem(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a run's list."""

    side: ItemSide
    action: ItemAction
    task_id: str | None = None
    event_id: str | None = None
    title: str | None = None
    start: str | None = None
    reason: str | None = None


class Run(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One run.

    Args:
        options: What was asked for beside the kind; never changes.
        checkpoint: Where the next step goes on; private to the run's kind.
        again: Somebody asked for the same while it ran: it goes round once more before it ends.
        step: Number of the next step; part of its job's name.
        attempts: How often the step failed in a row.
        bugs: How often it ended in a fault of ours, in a row.
        done, total: Things looked at, and how many there are; None while that is not known.
        totals: Per side and action, how many.
        pages: How many item pages are stored.
        spent: Quota units of the last minute: per second since 1970, how many.
        due_at: When the sweep re-enqueues the next step; None: finished.
        expires_at: When a finished run may be forgotten.
    """

    schema: int = 1
    id: RunId
    tenant: TenantId
    kind: RunKind
    connection: ConnectionId | None = None
    user: str | None = None
    options: dict[str, object] = msgspec.field(default_factory=dict)
    state: RunState = "running"
    checkpoint: dict[str, object] = msgspec.field(default_factory=dict)
    again: bool = False
    step: int = 0
    attempts: int = 0
    bugs: int = 0
    done: int = 0
    total: int | None = None
    totals: dict[str, dict[str, int]] = msgspec.field(default_factory=dict)
    pages: int = 0
    spent: tuple[tuple[int, int], ...] = ()
    created_at: datetime
    due_at: datetime | None = None
    detail: str | None = None
    expires_at: datetime | None = None


class RunPage(msgspec.Struct, frozen=True, kw_only=True):
    """One page of a run's items."""

    schema: int = 1
    items: tuple[RunItem, ...]
    expires_at: datetime | None = None
