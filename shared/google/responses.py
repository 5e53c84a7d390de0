"""Google's answers to values. Takes tombstones with nothing but an id, unknown fields and words, and missing defaults.

What cannot be read at all is `GoogleUnavailable`: asking again later is the only thing that helps. Messages never quote
the answer, since it holds titles and mail addresses. Start at `event_of`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec

from shared.errors import GoogleUnavailable
from shared.google.events import Event, Guest, Reminders, Tombstone
from shared.google.meet import meet_of
from shared.google.times import instant_of, original_start_of, when_of
from shared.google.wire import Json, flag, listing, mapping, texts, word
from shared.model.ids import CalendarId, EventId

__all__ = [
    "CalendarEntry", "Channel", "Event", "EventPage", "Guest", "Reminders", "Tombstone",
    "calendar_entries_of", "calendar_entry_of", "channel_of", "event_of", "living", "page_of",
]  # fmt: skip


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


def event_of(raw: Json) -> Event | Tombstone:
    """The event that one JSON object describes; `status: cancelled` is a tombstone, with all that Google still shows.

    Raises:
        GoogleUnavailable: It has no id, or it lives and has no etag or no readable start.

    Source: https://developers.google.com/workspace/calendar/api/v3/reference/events
    """
    fields = mapping(raw)
    event_id = word(fields, "id")
    if event_id is None:
        raise GoogleUnavailable("Google's answer holds an event without an id; it is asked for again later.")
    if word(fields, "status") != "cancelled":
        return _event_of(EventId(event_id), fields)
    remains = _event_of(EventId(event_id), fields) if when_of(fields) and word(fields, "etag") else None
    shown = "extendedProperties" in fields or remains is not None
    master = word(fields, "recurringEventId")
    return Tombstone(
        id=EventId(event_id),
        etag=word(fields, "etag"),
        updated=instant_of(fields.get("updated")),
        ical_uid=word(fields, "iCalUID"),
        recurring_event_id=EventId(master) if master else None,
        original_start=original_start_of(fields),
        private=_private_of(fields) if shown else None,
        remains=remains,
    )


def living(answer: Event | Tombstone) -> Event:
    """The event that a write answered with.

    Raises:
        GoogleUnavailable: Google answered a write with a deleted event: what holds is told by the next get.
    """
    if isinstance(answer, Tombstone):
        raise GoogleUnavailable("Google answered a write with a deleted event; the event is read again later.")
    return answer


def page_of(raw: Json) -> EventPage:
    """One page of `events.list`; a page may be empty though another follows.

    Source: https://developers.google.com/workspace/calendar/api/v3/reference/events/list
    """
    fields = mapping(raw)
    return EventPage(
        items=tuple(event_of(item) for item in listing(fields, "items")),
        page_token=word(fields, "nextPageToken"),
        sync_token=word(fields, "nextSyncToken"),
        access_role=word(fields, "accessRole") or "owner",
        time_zone=word(fields, "timeZone") or "UTC",
    )


def calendar_entry_of(raw: Json) -> CalendarEntry:
    """One entry of the calendar list, by the name its user gave it.

    Source: https://developers.google.com/workspace/calendar/api/v3/reference/calendarList
    """
    fields = mapping(raw)
    calendar_id = word(fields, "id")
    if calendar_id is None:
        raise GoogleUnavailable("Google's calendar list holds an entry without an id; it is asked for again later.")
    return CalendarEntry(
        id=CalendarId(calendar_id),
        name=word(fields, "summaryOverride") or word(fields, "summary") or calendar_id,
        access_role=word(fields, "accessRole") or "reader",
        time_zone=word(fields, "timeZone") or "UTC",
        color=word(fields, "backgroundColor"),
        primary=flag(fields, "primary"),
        hidden=flag(fields, "hidden"),
    )


def calendar_entries_of(raw: Json) -> tuple[list[CalendarEntry], str | None]:
    """One page of the calendar list without the entries that were removed from it, and the next page's token."""
    fields = mapping(raw)
    entries = [calendar_entry_of(item) for item in listing(fields, "items") if not flag(mapping(item), "deleted")]
    return entries, word(fields, "nextPageToken")


def channel_of(raw: Json, *, asked_until: datetime) -> Channel:
    """The channel that Google granted; `expiration` is epoch milliseconds, a string or a number.

    Args:
        asked_until: When the channel ends if Google names no expiration (aware UTC).

    Source: https://developers.google.com/workspace/calendar/api/guides/push
    """
    fields = mapping(raw)
    channel_id, resource_id = word(fields, "id"), word(fields, "resourceId")
    if channel_id is None or resource_id is None:
        raise GoogleUnavailable("Google opened a channel without naming it; it is opened again later.")
    expiration = fields.get("expiration")
    try:
        ends = datetime.fromtimestamp(int(str(expiration)) / 1000, UTC) if expiration is not None else asked_until
    except (ValueError, OverflowError, OSError) as fault:
        raise GoogleUnavailable("Google named no readable end of the channel; it is opened again later.") from fault
    return Channel(id=channel_id, resource_id=resource_id, expires_at=ends)


def _event_of(event_id: EventId, fields: Mapping[str, object]) -> Event:
    when, etag = when_of(fields), word(fields, "etag")
    if when is None or etag is None:
        raise GoogleUnavailable(
            "Google's answer holds an event without a time or an etag; it is asked for again later."
        )
    organizer, creator = mapping(fields.get("organizer")), mapping(fields.get("creator"))
    guests = [_guest_of(mapping(item)) for item in listing(fields, "attendees")]
    master = word(fields, "recurringEventId")
    meet, meet_url = meet_of(fields)
    withheld = _is_withheld(fields)
    return Event(
        id=event_id,
        etag=etag,
        updated=instant_of(fields.get("updated")),
        ical_uid=word(fields, "iCalUID"),
        event_type=word(fields, "eventType") or "default",
        summary=word(fields, "summary"),
        description=word(fields, "description"),
        location=word(fields, "location"),
        when=when,
        raw_start=_raw_time(fields, "start"),
        raw_end=_raw_time(fields, "end"),
        visibility=word(fields, "visibility") or "default",
        transparency=word(fields, "transparency") or "opaque",
        color_id=word(fields, "colorId"),
        reminders=_reminders_of(mapping(fields.get("reminders"))),
        guests=tuple(guest for guest in guests if guest is not None),
        guests_complete=not flag(fields, "attendeesOmitted") and None not in guests and not withheld,
        organizer_self=flag(organizer, "self") if organizer else True,
        organizer_email=word(organizer, "email"),
        creator_self=flag(creator, "self"),
        recurrence=tuple(line for line in listing(fields, "recurrence") if isinstance(line, str)),
        recurring_event_id=EventId(master) if master else None,
        original_start=original_start_of(fields),
        meet=meet,
        meet_url=meet_url,
        html_link=word(fields, "htmlLink"),
        source_url=word(mapping(fields.get("source")), "url"),
        private=_private_of(fields),
        locked=flag(fields, "locked"),
        withheld=withheld,
    )


def _is_withheld(fields: Mapping[str, object]) -> bool:
    """Whether a reader is shown of a private event only its time; who may see it is always shown its reminders.

    Source: https://developers.google.com/workspace/calendar/api/v3/reference/events (visibility)
    """
    told = ("summary", "description", "location", "attendees", "extendedProperties", "reminders")
    private = word(fields, "visibility") in {"private", "confidential"}
    return private and not any(name in fields for name in told)


def _raw_time(fields: Mapping[str, object], name: str) -> str:
    time = mapping(fields.get(name))
    return word(time, "dateTime") or word(time, "date") or ""


def _guest_of(fields: Mapping[str, object]) -> Guest | None:
    email = word(fields, "email")
    if email is None:
        return None
    return Guest(
        email=email,
        name=word(fields, "displayName"),
        response=word(fields, "responseStatus") or "needsAction",
        organizer=flag(fields, "organizer"),
        is_self=flag(fields, "self"),
        optional=flag(fields, "optional"),
        resource=flag(fields, "resource"),
    )


def _reminders_of(fields: Mapping[str, object]) -> Reminders:
    overrides: list[tuple[str, int]] = []
    for item in listing(fields, "overrides"):
        override = mapping(item)
        method, minutes = word(override, "method"), override.get("minutes")
        if method is not None and isinstance(minutes, int):
            overrides.append((method, minutes))
    default = fields.get("useDefault")
    return Reminders(use_default=default if isinstance(default, bool) else not overrides, overrides=tuple(overrides))


def _private_of(fields: Mapping[str, object]) -> dict[str, str]:
    return texts(mapping(mapping(fields.get("extendedProperties")).get("private")))
