"""Google's side: an event as canonical fields, whatever Google or its pages made of what was sent.

A location that is the task's Zoom address reads as that address, on both sides; `taken` knows that it is no location.
"""

from __future__ import annotations

from shared.google.events import Event, Guest
from shared.model.times import AllDay
from shared.sync.crm_fields import Rendering, time_value
from shared.sync.description import generated, strip
from shared.sync.fields import Value
from shared.sync.list_fields import of_google
from shared.sync.rules import canonical_rules
from shared.sync.text import one_line
from shared.sync.title import is_checked, title_of
from shared.sync.zoned import zone_of

_NOT_WITHHELD = ("time", "recurrence", "private")


def google_fields(event: Event, rendering: Rendering) -> dict[str, Value]:
    """The canonical values of all fields as this copy of the event shows them.

    `attendees` is absent when Google left guests out: nothing is known of it then.
    """
    if event.completed is not None:
        return of_google(event)
    settings = rendering.settings
    all_day = isinstance(event.when, AllDay)
    named = None if isinstance(event.when, AllDay) else event.when.zone
    zone = zone_of(named or "") or zone_of(rendering.time_zone) or rendering.zone
    values: dict[str, Value] = {
        "title": title_of(event.summary),
        "time": time_value(event.when, zone if event.recurrence else None),
        "location": one_line(event.location),
        "description": strip(event.description, settings.description_format),
        "private": event.visibility in {"private", "confidential"},
        "busy": event.transparency != "transparent",
        "reminders": _reminders(event),
        "recurrence": canonical_rules(event.recurrence, all_day=all_day, zone=zone),
        "details": generated(event.description, settings.description_template),
        "done": "check" if is_checked(event.summary) else None,
        "color": event.color_id or None,
        "url": event.source_url or None,
        "conference": "google_meet" if event.meet in {"pending", "ready"} else None,
    }
    if event.guests_complete:
        values["attendees"] = _attendees(event, rendering)
    return values


def seen_fields(event: Event, rendering: Rendering) -> dict[str, Value]:
    """What this account is shown of the event: what is withheld from it is absent, and so counts as unchanged."""
    values = google_fields(event, rendering)
    return {name: values[name] for name in _NOT_WITHHELD} if event.withheld else values


def has_guests(event: Event) -> bool:
    """Whether somebody else than the account reads the event as its guest; true when Google left guests out."""
    return not event.guests_complete or any(not guest.is_self and not guest.resource for guest in event.guests)


def is_apart(guest: Guest) -> bool:
    """Whether Google lists this entry beside the guests: the copy's own, the organizer, a room."""
    return guest.is_self or guest.organizer or guest.resource


def _reminders(event: Event) -> Value:
    if event.reminders.use_default:
        return None
    each = sorted({(minutes, method) for method, minutes in event.reminders.overrides})
    return [{"method": method, "minutes": minutes} for minutes, method in each]


def _attendees(event: Event, rendering: Rendering) -> Value:
    """Guests only: not the account itself, not the organizer, no rooms."""
    account = (rendering.account or "").lower()
    named = {
        guest.email.lower(): one_line(guest.name)
        for guest in event.guests
        if not is_apart(guest) and guest.email.lower() != account
    }
    return [{"email": email, "name": name if name != email else None} for email, name in sorted(named.items())]
