"""A change as stored: an entry of the feed to the CRM, or of a task's history."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypeAlias

import msgspec

from shared.model.ids import CalendarId, ConnectionId, RunId, TaskId, UserId

Kind: TypeAlias = Literal[
    "task.created", "task.updated", "task.cancelled", "task.deleted", "task.restored", "task.linked", "task.conflict",
    "task.error", "connection.connected", "connection.needs_reconnect", "connection.needs_review",
    "connection.disconnected", "calendar.suspended", "run.finished",
]  # fmt: skip
Origin: TypeAlias = Literal["google", "tandem", "crm"]


class Change(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One entry; `at` is the store's time of its commit.

    Args:
        audience: `crm` (feed and webhook) or `history` (the task's history only).
        changed: Per contract field, the value before and after.
        task: The whole task as `GET /v1/tasks/{id}` answers it, after the change.
        action, policy, detail: For the history: what happened, by which rule or policy, what Google answered.
        delivered_at: When a webhook delivery was acknowledged; None: not yet.
    """

    schema: int = 1
    id: str
    at: datetime
    audience: Literal["crm", "history"] = "crm"
    kind: Kind | None = None
    origin: Origin
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
    delivered_at: datetime | None = None
    expires_at: datetime | None = None
