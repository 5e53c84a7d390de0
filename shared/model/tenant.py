"""A tenant and its API keys, as stored."""

from __future__ import annotations

from datetime import datetime

import msgspec

from shared.model.ids import TenantId


class Tenant(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One CRM installation.

    Args:
        webhook: It has a webhook that is not off. Kept here because every flow reads the tenant: one without a webhook
            then pays nothing for deliveries.
    """

    schema: int = 1
    id: TenantId
    name: str
    created_at: datetime
    settings: dict[str, object] = msgspec.field(default_factory=dict)
    return_origins: tuple[str, ...] = ()
    frame_origins: tuple[str, ...] = ()
    brand: dict[str, str] = msgspec.field(default_factory=dict)
    webhook: bool = False


class ApiKey(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A hashed API key; `last_used_at` is written at most daily."""

    schema: int = 1
    id: str
    hash: str
    label: str | None = None
    created_at: datetime
    last_used_at: datetime | None = None


class FeedPosition(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How far the CRM has read the feed, and so what it acknowledged: everything up to (at, id)."""

    schema: int = 1
    at: datetime
    id: str
