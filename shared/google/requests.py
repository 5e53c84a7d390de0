"""Requests to Google's calendar API as values; whoever has a transport sends them."""

from __future__ import annotations

from datetime import datetime

import msgspec

from shared.model.ids import CalendarId

PARAMETERS = "singleEvents=false;eventTypes=default;maxResults=250;v1"
"""What a sync token is made with; a token made with other parameters is not used (rule 21)."""


class EventsRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One page of a calendar's events.

    Args:
        sync_token: Only what changed since; sent with every page of that list. None: everything (living).
        page_token: The next page of the same list.
        time_min, time_max: Only without a sync token: by event end and event start, exclusive.
        page_size: Google's maxResults, at most 2,500.

    Source: https://developers.google.com/workspace/calendar/api/guides/sync
    """

    calendar_id: CalendarId
    sync_token: str | None = None
    page_token: str | None = None
    time_min: datetime | None = None
    time_max: datetime | None = None
    page_size: int = 250


class ChannelRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A notification channel to open; `ttl_s` is asked for, Google may grant less."""

    calendar_id: CalendarId
    channel_id: str
    address: str
    token: str
    ttl_s: int = 604_800
