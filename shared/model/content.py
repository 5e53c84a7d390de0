r"""What the CRM says of a task, in the contract's names. *Unset* (never said) and null (cleared) are told apart.

Patterns end in `$(?!\n)` because Python's `$` also matches before a last line end.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

OutsideId = Annotated[str, Meta(pattern="^[A-Za-z0-9._:@+-]{1,128}$(?!\\n)")]
Title = Annotated[str, Meta(max_length=1024)]
LongText = Annotated[str, Meta(max_length=8000)]
When = Annotated[str, Meta(max_length=64, extra_json_schema={"format": "date-or-date-time"})]
ZoneName = Annotated[str, Meta(max_length=64, extra_json_schema={"format": "time-zone"})]
RuleLine = Annotated[str, Meta(max_length=4096)]
Short = Annotated[str, Meta(max_length=1024)]
Mail = Annotated[str, Meta(pattern='^[^@\\s<>",;]+@[^@\\s<>",;]+$(?!\\n)', max_length=320)]


class Contact(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom the task is about; shown in the event's details, never when it has guests."""

    name: Annotated[str, Meta(max_length=256)] | None = None
    email: Mail | None = None


class Reminder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A reminder before the start, in minutes."""

    method: Literal["popup", "email"]
    minutes: Annotated[int, Meta(ge=0, le=40320)]


class Attendee(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A guest."""

    email: Mail
    name: Annotated[str, Meta(max_length=256)] | None = None


class Content(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The fields of a task that a CRM sends and Tandem merges; times stay as they were sent."""

    user_id: OutsideId | UnsetType = UNSET
    connection_id: Annotated[str, Meta(max_length=64)] | UnsetType | None = UNSET
    calendar_id: Annotated[str, Meta(min_length=1, max_length=1024)] | UnsetType | None = UNSET
    type: Annotated[str, Meta(min_length=1, max_length=64)] | UnsetType | None = UNSET
    title: Title | UnsetType | None = UNSET
    description: LongText | UnsetType | None = UNSET
    notes: LongText | UnsetType | None = UNSET
    start: When | UnsetType | None = UNSET
    end: When | UnsetType | None = UNSET
    time_zone: ZoneName | UnsetType | None = UNSET
    location: Short | UnsetType | None = UNSET
    priority: Literal["low", "medium", "high"] | UnsetType | None = UNSET
    status: Literal["open", "done", "cancelled"] | UnsetType = UNSET
    private: bool | UnsetType | None = UNSET
    busy: bool | UnsetType | None = UNSET
    url: Annotated[str, Meta(max_length=2048, pattern="^https?://[^\\s]+$(?!\\n)")] | UnsetType | None = UNSET
    contact: Contact | UnsetType | None = UNSET
    deal: Short | UnsetType | None = UNSET
    recurrence: Annotated[tuple[RuleLine, ...], Meta(max_length=32)] | UnsetType | None = UNSET
    reminders: Annotated[tuple[Reminder, ...], Meta(max_length=5)] | UnsetType | None = UNSET
    attendees: Annotated[tuple[Attendee, ...], Meta(max_length=200)] | UnsetType | None = UNSET
    conference: Literal["google_meet"] | UnsetType | None = UNSET
    zoom_url: Annotated[str, Meta(max_length=2048, pattern="^https?://[^\\s]+$(?!\\n)")] | UnsetType | None = UNSET
    color: Annotated[str, Meta(pattern="^#[0-9A-Fa-f]{6}$(?!\\n)")] | UnsetType | None = UNSET
    sync: bool | UnsetType | None = UNSET
    updated_at: Annotated[datetime, Meta(tz=True)] | UnsetType | None = UNSET


CONTENT_NAMES = tuple(field.name for field in msgspec.structs.fields(Content))
