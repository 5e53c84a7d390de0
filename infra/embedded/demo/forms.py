"""A record as a form shows it, and a form as the record it means. Pure; the record is always whole.

Start at `fields_of`. What cannot be read is left as it was typed, so that Tandem's answer names the field.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from email.utils import getaddresses
from typing import TYPE_CHECKING, Any

import msgspec

from infra.embedded.demo.times import ZONE, span_of

if TYPE_CHECKING:
    from infra.embedded.demo.records import Record

SYNC = {"auto": None, "always": True, "never": False}


class Reminding(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One reminder in the form."""

    method: str = "popup"
    minutes: int = 10


class Form(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a person fills in. Empty text is an empty field; `end_date` of an all-day task is its last day.

    `repeats` holds the lines of a rule, so that one that this form cannot show stays as it is.
    """

    title: str = ""
    type: str = "task"
    status: str = "open"
    priority: str = ""
    all_day: bool = False
    start_date: str = ""
    start_time: str = ""
    end_date: str = ""
    end_time: str = ""
    location: str = ""
    description: str = ""
    notes: str = ""
    url: str = ""
    guests: str = ""
    meet: bool = False
    zoom_url: str = ""
    private: bool = False
    busy: bool = True
    color: str = ""
    reminding: str = "calendar"
    reminders: tuple[Reminding, ...] = ()
    contact_name: str = ""
    contact_email: str = ""
    deal: str = ""
    sync: str = "auto"
    calendar_id: str = ""
    repeats: str = ""


FIELDS = frozenset({
    "title", "type", "status", "priority", "start", "end", "time_zone", "location", "description", "notes", "url",
    "attendees", "conference", "zoom_url", "private", "busy", "color", "reminders", "contact", "deal", "sync",
    "calendar_id", "user_id", "recurrence",
})  # fmt: skip
"""What this CRM keeps of a task."""


def fields_of(form: Form, *, user_id: str) -> dict[str, Any]:
    """The whole record: every field that this CRM has, null where the form is empty."""
    own = [{"method": each.method, "minutes": each.minutes} for each in form.reminders]
    contact = {"name": form.contact_name or None, "email": form.contact_email or None}
    return {
        "user_id": user_id,
        "title": form.title.strip() or None,
        "type": form.type or None,
        "status": form.status or "open",
        "priority": form.priority or None,
        **_time(form),
        "location": form.location.strip() or None,
        "description": form.description.strip() or None,
        "notes": form.notes.strip() or None,
        "url": form.url.strip() or None,
        "attendees": _guests(form.guests) or None,
        "conference": "google_meet" if form.meet else None,
        "zoom_url": form.zoom_url.strip() or None,
        "private": form.private,
        "busy": form.busy,
        "color": form.color or None,
        "reminders": None if form.reminding == "calendar" else own if form.reminding == "own" else [],
        "contact": contact if any(contact.values()) else None,
        "deal": form.deal.strip() or None,
        "sync": SYNC.get(form.sync),
        "calendar_id": form.calendar_id or None,
        "recurrence": form.repeats.split("\n") if form.repeats else None,
    }


def form_of(record: Record) -> Form:
    """The form that means this record."""
    fields = record.fields
    plain = ("title", "location", "description", "notes", "url", "deal", "type", "priority", "zoom_url", "color")
    text: dict[str, Any] = {name: str(fields.get(name) or "") for name in (*plain, "calendar_id")}
    contact = fields.get("contact") or {}
    reminders = fields.get("reminders")
    return Form(
        **text,
        **_shown_time(fields),
        status=str(fields.get("status") or "open"),
        guests=", ".join(_shown_guest(guest) for guest in fields.get("attendees") or ()),
        meet=fields.get("conference") == "google_meet",
        private=bool(fields.get("private")),
        busy=fields.get("busy") is not False,
        reminding="calendar" if reminders is None else "own" if reminders else "none",
        reminders=tuple(msgspec.convert(each, Reminding) for each in reminders or ()),
        contact_name=str(contact.get("name") or ""),
        contact_email=str(contact.get("email") or ""),
        repeats="\n".join(fields.get("recurrence") or ()),
        sync=next(word for word, value in SYNC.items() if value is fields.get("sync")),
    )


def _time(form: Form) -> dict[str, str | None]:
    if not form.start_date:
        return {"start": None, "end": None, "time_zone": None}
    last = form.end_date or form.start_date
    if form.all_day:
        return {"start": form.start_date, "end": _next_day(last), "time_zone": None}
    end = f"{last}T{form.end_time}:00" if form.end_time else None
    return {"start": f"{form.start_date}T{form.start_time or '09:00'}:00", "end": end, "time_zone": ZONE}


def _next_day(day: str) -> str:
    try:
        return (date.fromisoformat(day) + timedelta(days=1)).isoformat()
    except ValueError:
        return day


def _shown_time(fields: dict[str, Any]) -> dict[str, Any]:
    span = span_of(fields)
    if span is None:
        return {}
    start, end = span
    if isinstance(start, datetime) and isinstance(end, datetime):
        return {
            "start_date": f"{start:%Y-%m-%d}", "start_time": f"{start:%H:%M}",
            "end_date": f"{end:%Y-%m-%d}", "end_time": f"{end:%H:%M}",
        }  # fmt: skip
    last = max(start, end - timedelta(days=1))
    return {"all_day": True, "start_date": start.isoformat(), "end_date": last.isoformat()}


def _guests(text: str) -> list[dict[str, str | None]]:
    return [{"email": mail or name, "name": name or None} for name, mail in getaddresses([text]) if mail or name]


def _shown_guest(guest: dict[str, Any]) -> str:
    name = guest.get("name")
    return f"{name} <{guest['email']}>" if name else str(guest["email"])
