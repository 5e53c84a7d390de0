"""Ids as types, document keys, and the paths of all documents. Nothing here reads or writes."""

from __future__ import annotations

import base64
import hashlib
from typing import NewType

TenantId = NewType("TenantId", str)
UserId = NewType("UserId", str)
TaskId = NewType("TaskId", str)
ConnectionId = NewType("ConnectionId", str)
CalendarId = NewType("CalendarId", str)
EventId = NewType("EventId", str)
RunId = NewType("RunId", str)
Key = NewType("Key", str)
"""A document key made from an outside id: 26 characters of base32hex, lower case."""
Path = NewType("Path", str)


def base32hex(data: bytes) -> str:
    """Lower-case base32hex without padding: the alphabet Google allows in event ids."""
    return base64.b32hexencode(data).decode("ascii").lower().rstrip("=")


def key_of(outside_id: str) -> Key:
    """The document key of an id that somebody else chose; sequential ids spread evenly."""
    return Key(base32hex(hashlib.sha256(outside_id.encode()).digest())[:26])


def digest_of(*parts: str | int, length: int = 26) -> str:
    """A stable base32hex digest of parts; no two different lists of parts collide by concatenation."""
    joined = "\x1f".join(f"{len(str(part))}:{part}" for part in parts)
    return base32hex(hashlib.sha256(joined.encode()).digest())[:length]


def tenant_path(tenant: TenantId) -> Path:
    """A tenant's document."""
    return Path(f"tenants/{tenant}")


def feed_path(tenant: TenantId) -> Path:
    """Where the CRM's reading position of the feed is kept."""
    return Path(f"tenants/{tenant}/feed/state")


def api_key_path(tenant: TenantId, key_id: str) -> Path:
    """One API key's document."""
    return Path(f"tenants/{tenant}/keys/{key_id}")


def oauth_app_path(tenant: TenantId, oauth_app: str) -> Path:
    """The document of a tenant's own OAuth client."""
    return Path(f"tenants/{tenant}/oauth_apps/{oauth_app}")


def user_path(tenant: TenantId, user: UserId) -> Path:
    """A user's document."""
    return Path(f"tenants/{tenant}/users/{key_of(user)}")


def connection_path(tenant: TenantId, connection: ConnectionId) -> Path:
    """A connection's document."""
    return Path(f"tenants/{tenant}/connections/{connection}")


def calendar_path(tenant: TenantId, connection: ConnectionId, calendar: CalendarId) -> Path:
    """A watched or written calendar's document."""
    return Path(f"tenants/{tenant}/connections/{connection}/calendars/{key_of(calendar)}")


def run_path(tenant: TenantId, run: RunId) -> Path:
    """A run's document."""
    return Path(f"tenants/{tenant}/runs/{run}")


def run_page_path(tenant: TenantId, run: RunId, page: int) -> Path:
    """One page of a run's items, at most 500 KB."""
    return Path(f"tenants/{tenant}/runs/{run}/pages/{page:06d}")


def task_path(tenant: TenantId, task: TaskId) -> Path:
    """A task's document."""
    return Path(f"tenants/{tenant}/tasks/{key_of(task)}")


def change_path(tenant: TenantId, change: str) -> Path:
    """A change's document."""
    return Path(f"tenants/{tenant}/changes/{change}")


def webhook_path(tenant: TenantId) -> Path:
    """The document of a tenant's webhook."""
    return Path(f"tenants/{tenant}/webhook/state")


def delivery_path(tenant: TenantId, delivery: str) -> Path:
    """One frozen batch of changes on its way to the webhook."""
    return Path(f"tenants/{tenant}/deliveries/{delivery}")


def state_path(nonce: str) -> Path:
    """An OAuth state's document, single use."""
    return Path(f"oauth_states/{nonce}")


def portal_session_path(digest: str) -> Path:
    """The document of a link to the portal, single use."""
    return Path(f"portal_sessions/{digest}")


def event_id_of(deployment: str, tenant: TenantId, task: TaskId, generation: int) -> EventId:
    """The id under which this generation of a task's event is inserted; Google allows 5 to 1024 of `0-9a-v`.

    Source: https://developers.google.com/workspace/calendar/api/v3/reference/events (id)
    """
    return EventId(digest_of("event", deployment, tenant, task, generation, length=40))
