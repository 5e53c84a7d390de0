"""A tenant's webhook, and the batches of changes on their way to it, as stored."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypeAlias

import msgspec

from shared.model.ids import ConnectionId, TaskId, TenantId, UserId

WebhookState: TypeAlias = Literal["active", "failing", "off"]
DeliveryState: TypeAlias = Literal["delivered", "retrying", "failed"]


class Secret(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A signing secret, sealed for the webhook's document; it signs until then, or until it is replaced (None)."""

    sealed: str
    until: datetime | None = None


class Webhook(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where a tenant wants its changes.

    Args:
        secrets: The current one first; those that it replaced sign along for a day.
        state: `failing` while a batch waits for another try; `off` after a 410, until it is set again.
        failing_since: When the first try failed of the batch that has waited longest.
        since: Changes from then on are delivered; what is older was there before the webhook.
        batches: How many were frozen. Each freezing counts it up, so that no change gets into two.
        due_at: When the sweep has it looked at, whatever became of jobs; None: off.
    """

    schema: int = 1
    tenant: TenantId
    url: str
    secrets: tuple[Secret, ...]
    state: WebhookState = "active"
    failing_since: datetime | None = None
    since: datetime
    batches: int = 0
    due_at: datetime | None = None


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A change in a batch: what is needed to acknowledge it, and to keep what follows it waiting."""

    id: str
    at: datetime
    task: TaskId | None = None
    connection: ConnectionId | None = None
    user: UserId | None = None

    @property
    def line(self) -> str | None:
        """Changes of one line are delivered one after the other: those of a task, else those of a connection."""
        if self.task is not None:
            return f"task {self.task}"
        return None if self.connection is None else f"connection {self.connection}"


class Try(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One try: what the receiver answered, or why it did not count."""

    at: datetime
    status: int | None = None
    error: str | None = None


class Delivery(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A batch, frozen before its first try: id and body stay the same over all tries.

    Args:
        at: When it was frozen.
        count: How many changes are in it.
        entries, body: What is in it; forgotten once nothing more is to be sent.
        failures: How many tries failed since the webhook was last set.
        failing_since: When the first of those failed.
        due_at: When it is tried next; None: never again.
        lease_until: Somebody tries it just now, unless they died.
    """

    schema: int = 1
    id: str
    at: datetime
    state: DeliveryState
    count: int
    entries: tuple[Entry, ...] = ()
    body: str = ""
    tries: tuple[Try, ...] = ()
    failures: int = 0
    failing_since: datetime | None = None
    due_at: datetime | None = None
    lease_until: datetime | None = None
    expires_at: datetime | None = None
