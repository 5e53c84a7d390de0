"""What carries a delivery to a CRM."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

import msgspec


class WebhookMessage(msgspec.Struct, frozen=True, kw_only=True):
    """One message to a CRM's webhook, to be signed and sent.

    Args:
        id: The same over all tries of one delivery.
        at: When this try is made, aware UTC; receivers refuse messages that are minutes old.
        body: JSON; these very characters are signed and sent.
        secrets: `whsec_…`, the current one first; each of them signs.
    """

    url: str
    id: str
    at: datetime
    body: str
    secrets: tuple[str, ...]


class WebhookReply(msgspec.Struct, frozen=True, kw_only=True):
    """What a receiver said: its HTTP status, or else why there is none; never anything of what it wrote."""

    status: int | None
    error: str | None = None
    duration_ms: float


class WebhookSender(Protocol):
    """Sends to addresses that tenants chose: only to public ones, never further by a redirect."""

    def send(self, message: WebhookMessage) -> WebhookReply:
        """One signed POST was tried, once; no failure is raised."""
