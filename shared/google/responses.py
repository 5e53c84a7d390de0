"""Google's answers to values. Takes tombstones with nothing but an id, unknown fields, and missing defaults."""

from __future__ import annotations

from datetime import datetime

import msgspec

from shared.google.events import Event, Guest, Reminders, Tombstone
from shared.model.ids import CalendarId

__all__ = ["CalendarEntry", "Channel", "Event", "EventPage", "Guest", "Reminders", "Tombstone"]


class EventPage(msgspec.Struct, frozen=True, kw_only=True):
    """One page of a list; the last page alone has `sync_token`, all others `page_token`."""

    items: tuple[Event | Tombstone, ...]
    page_token: str | None = None
    sync_token: str | None = None
    access_role: str = "owner"
    time_zone: str = "UTC"


class CalendarEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One calendar of an account's list."""

    id: CalendarId
    name: str
    access_role: str
    time_zone: str
    color: str | None = None
    primary: bool = False
    hidden: bool = False


class Channel(msgspec.Struct, frozen=True, kw_only=True):
    """An open channel as Google granted it."""

    id: str
    resource_id: str
    expires_at: datetime
