"""Requests to Google's calendar API as values; whoever has a transport sends them."""

from __future__ import annotations

from datetime import datetime

import msgspec

from shared.errors import Bug
from shared.google.times import rfc3339
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
        ical_uid: Only events with this iCalUID, deleted ones too: a series with its exceptions.

    Source: https://developers.google.com/workspace/calendar/api/guides/sync
    """

    calendar_id: CalendarId
    sync_token: str | None = None
    page_token: str | None = None
    time_min: datetime | None = None
    time_max: datetime | None = None
    page_size: int = 250
    ical_uid: str | None = None


class ChannelRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A notification channel to open; `ttl_s` is asked for, Google may grant less."""

    calendar_id: CalendarId
    channel_id: str
    address: str
    token: str
    ttl_s: int = 604_800


def events_query(request: EventsRequest) -> dict[str, str]:
    """The query of one page of `events.list`; every page of a list has the same but for `pageToken`.

    `showDeleted` is not sent for a whole calendar: a delta always holds deletions and forbids `false`, and a full list
    needs none.

    Raises:
        Bug: A sync token together with times or an iCalUID, which Google forbids.

    Source: https://developers.google.com/workspace/calendar/api/v3/reference/events/list
    """
    if request.sync_token is not None and (request.time_min or request.time_max or request.ical_uid):
        raise Bug("A list with a sync token cannot be limited; Google answers 400.")
    said = {
        "syncToken": request.sync_token,
        "pageToken": request.page_token,
        "timeMin": rfc3339(request.time_min) if request.time_min else None,
        "timeMax": rfc3339(request.time_max) if request.time_max else None,
        "iCalUID": request.ical_uid,
        "showDeleted": "true" if request.ical_uid else None,
    }
    fixed = {"singleEvents": "false", "eventTypes": "default", "maxResults": str(request.page_size)}
    return fixed | {name: value for name, value in said.items() if value is not None}


def channel_body(request: ChannelRequest) -> dict[str, object]:
    """The body of `events.watch`; the life is asked for in seconds, as text.

    Source: https://developers.google.com/workspace/calendar/api/v3/reference/events/watch
    """
    return {
        "id": request.channel_id,
        "type": "web_hook",
        "address": request.address,
        "token": request.token,
        "params": {"ttl": str(request.ttl_s)},
    }
