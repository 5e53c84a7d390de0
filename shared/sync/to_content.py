"""Google's values into the CRM's content: single fields that changed there, or a whole task born from an event.

Whatever comes out fits the contract: what is longer than a task may hold is cut, what it cannot hold is left out.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TypeAlias

from msgspec import UNSET
from msgspec.structs import replace

from shared.google.events import Event
from shared.model.content import Attendee, Content, Reminder
from shared.model.settings import Settings
from shared.model.times import Timed
from shared.sync.checks import MAX_GUESTS
from shared.sync.colors import hex_of
from shared.sync.crm_fields import Rendering
from shared.sync.description import canonical
from shared.sync.fields import FIELDS, TWO_WAY, Fields, Value
from shared.sync.google_fields import google_fields, has_guests, is_apart
from shared.sync.list_fields import taken_from_list
from shared.sync.zoned import read_when, zone_of

_TITLE, _LONG, _SHORT, _NAME, _RULE = 1024, 8000, 1024, 256, 4096
_REMINDERS, _RULES = 5, 32
_LATEST_MIN = 40320
_MAIL = re.compile(r"[^@\s<>\",;]+@[^@\s<>\",;]+")
_Changes: TypeAlias = dict[str, object]


def taken(content: Content, values: Fields, event: Event | None, rendering: Rendering) -> Content:
    """The CRM's content after these values were taken from Google; those of fields that only the CRM decides are not.

    Args:
        event: Where the values were read: it tells the offset and zone that Google shows, and who is no mere guest.
            None when a value kept from an earlier reading is taken.
    """
    settings = rendering.settings
    if rendering.in_list:
        return replace(content, **taken_from_list(content, values, settings))
    changes: _Changes = {}
    for name, value in values.items():
        match name:
            case "title":
                changes["title"] = _cut(value, _TITLE)
            case "time":
                changes |= _time(value, event)
            case "location":
                changes["location"] = None if value == content.zoom_url else _cut(value, _SHORT)
            case "description":
                changes["description"] = _description(value, settings)
            case "private":
                changes["private"] = bool(value) and settings.private_arrives == "private"
            case "busy":
                changes["busy"] = bool(value)
            case "reminders":
                changes["reminders"] = _reminders(value)
            case "attendees":
                changes["attendees"] = (*_own(content, event, rendering), *_attendees(value))[:MAX_GUESTS]
            case "recurrence":
                changes["recurrence"] = _recurrence(value)
            case _:
                pass
    return replace(content, **changes)


def imported(event: Event, rendering: Rendering) -> Content:
    """The whole content of a task born from an event; what the event has by default stays unsaid.

    Its type is `meeting` when it has guests or a Meet, else `task`. Its status is open, or done where finished tasks
    are checked and its title is.
    """
    values = google_fields(event, rendering)
    if event.completed is not None:
        bare = Content(type="task", status="open")
        of_list: Fields = {name: value for name, value in values.items() if value}
        return replace(bare, **taken_from_list(bare, of_list, rendering.settings))
    always = {"title", "time", "private", "busy"}
    said = {name: values[name] for name in TWO_WAY & values.keys() if name in always or values[name] != _default(name)}
    meets = values["conference"] is not None
    content = Content(
        type="meeting" if has_guests(event) or meets else "task",
        status="done" if values["done"] and rendering.settings.on_done == "check" else "open",
        color=hex_of(event.color_id) or UNSET,
        conference="google_meet" if meets else UNSET,
    )
    return taken(content, said, event, rendering)


def _default(name: str) -> Value:
    return FIELDS[name].default


def _cut(value: Value, length: int) -> str | None:
    return str(value)[:length].strip() or None if value is not None else None


def _description(value: Value, settings: Settings) -> str | None:
    """The description, cut to what a task holds; markup cut in two is closed again, which may cost a little more."""
    text, room = value if isinstance(value, str) else None, _LONG
    while text and len(text) > _LONG:
        text = canonical(text[:room], settings.description_format)
        room -= 100
    return text


def _time(value: Value, event: Event | None) -> _Changes:
    if not isinstance(value, dict):
        return {"start": None, "end": None}
    start, end = str(value["start"]), str(value["end"])
    if "T" not in start:
        return {"start": start, "end": end}
    raw_start, raw_end = (event.raw_start, event.raw_end) if event else ("", "")
    changes: _Changes = {"start": _spoken(start, raw_start), "end": _spoken(end, raw_end)}
    shown = event.when.zone if event and isinstance(event.when, Timed) else None
    zone = zone_of(str(value.get("zone") or shown or ""))
    return changes | {"time_zone": zone.key} if zone else changes


def _spoken(instant: str, raw: str) -> str:
    """Google's own spelling of the instant, which has the offset people see; else the instant in UTC."""
    try:
        read = read_when(raw)
    except ValueError:
        return instant
    if not isinstance(read, datetime) or read.tzinfo is None:
        return instant
    return raw if read.astimezone(UTC) == datetime.fromisoformat(instant) else instant


def _reminders(value: Value) -> tuple[Reminder, ...] | None:
    if not isinstance(value, list):
        return None
    known = [
        Reminder(method="email" if each["method"] == "email" else "popup", minutes=minutes)
        for each in value
        if isinstance(each, dict)
        and each["method"] in {"email", "popup"}
        and isinstance(minutes := each["minutes"], int)
        and 0 <= minutes <= _LATEST_MIN
    ]
    return tuple(known[:_REMINDERS])


def _attendees(value: Value) -> tuple[Attendee, ...]:
    entries = [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
    return tuple(
        Attendee(email=str(each["email"]), name=_cut(each["name"], _NAME))
        for each in entries
        if _MAIL.fullmatch(str(each["email"]))
    )


def _own(content: Content, event: Event | None, rendering: Rendering) -> tuple[Attendee, ...]:
    """Those whom the CRM invited and Google does not count as guests: the account itself, the organizer, rooms."""
    apart = {(rendering.account or "").lower()}
    if event is not None:
        apart |= {guest.email.lower() for guest in event.guests if is_apart(guest)}
    return tuple(attendee for attendee in content.attendees or () if attendee.email.lower() in apart)


def _recurrence(value: Value) -> tuple[str, ...] | None:
    lines = [str(line) for line in value if len(str(line)) <= _RULE] if isinstance(value, list) else []
    return tuple(lines[:_RULES]) or None
