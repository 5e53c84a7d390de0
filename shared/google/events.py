"""Google's event as a value: what an answer said, with Google's own words. Parsing is in `responses.py`.

Source: https://developers.google.com/workspace/calendar/api/v3/reference/events
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from shared.model.ids import EventId
from shared.model.times import AllDay, Timed


class Guest(msgspec.Struct, frozen=True, kw_only=True):
    """One attendee of an event; `response` is needsAction, declined, tentative or accepted."""

    email: str
    name: str | None = None
    response: str = "needsAction"
    organizer: bool = False
    is_self: bool = False
    optional: bool = False
    resource: bool = False


class Reminders(msgspec.Struct, frozen=True, kw_only=True):
    """The calendar's own reminders, or up to five overrides as (method, minutes)."""

    use_default: bool = True
    overrides: tuple[tuple[str, int], ...] = ()


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """A living event (status confirmed or tentative), in the calendar it was read from.

    Args:
        recurring_event_id, original_start: Both set on an exception or instance of a series, from the payload, never
            cut out of the id; `original_start` is `YYYY-MM-DD` or `YYYYMMDDTHHMMSSZ`.
        organizer_self: This copy may change shared fields (rule 41); True when Google names no organizer.
        guests_complete: False when Google left guests out (`attendeesOmitted`): never write such a list back.
        meet: Google's state of a Meet: none asked, pending, ready (`meet_url` set), refused, or another maker's there.
        private: This copy's private extended properties.
        raw_start: Google's `start.dateTime` or `start.date` as it was, for telling the CRM the offset Google uses.
    """

    id: EventId
    etag: str
    updated: datetime | None = None
    ical_uid: str | None = None
    event_type: str = "default"
    summary: str | None = None
    description: str | None = None
    location: str | None = None
    when: AllDay | Timed
    raw_start: str = ""
    raw_end: str = ""
    visibility: str = "default"
    transparency: str = "opaque"
    color_id: str | None = None
    reminders: Reminders = Reminders()
    guests: tuple[Guest, ...] = ()
    guests_complete: bool = True
    organizer_self: bool = True
    organizer_email: str | None = None
    creator_self: bool = False
    recurrence: tuple[str, ...] = ()
    recurring_event_id: EventId | None = None
    original_start: str | None = None
    meet: Literal["none", "pending", "ready", "refused", "other"] = "none"
    meet_url: str | None = None
    html_link: str | None = None
    source_url: str | None = None
    private: dict[str, str] = msgspec.field(default_factory=dict)
    locked: bool = False
    withheld: bool = False
    """A private event of which this account is shown no more than when it is: what is missing is not empty."""
    completed: bool | None = None
    """Of a Google task, whether it is done; None: this is an event in a calendar."""


class Tombstone(msgspec.Struct, frozen=True, kw_only=True):
    """A deleted event; only the id is certain.

    Args:
        private: Private extended properties, if Google still shows them (None: it shows no details).
    """

    id: EventId
    etag: str | None = None
    updated: datetime | None = None
    ical_uid: str | None = None
    recurring_event_id: EventId | None = None
    original_start: str | None = None
    private: dict[str, str] | None = None
    remains: Event | None = None
    """The event as it was, when Google still shows it whole."""
