"""What the CRM says of a task, in the contract's names. *Unset* (never said) and null (cleared) are told apart."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import UNSET, Meta, UnsetType

Text: TypeAlias = str | None | UnsetType
OutsideId = Annotated[str, Meta(pattern="^[A-Za-z0-9._:@+-]{1,128}$")]
Title = Annotated[str, Meta(max_length=1024)]
LongText = Annotated[str, Meta(max_length=8000)]
Short = Annotated[str, Meta(max_length=1024)]
Mail = Annotated[str, Meta(pattern="^[^@\\s<>\",;]+@[^@\\s<>\",;]+$", max_length=320)]


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
    """The fields of a task that a CRM sends and Tandem merges. Times stay as they were sent, checked when they arrive."""

    user_id: OutsideId | UnsetType = UNSET
    connection_id: Annotated[str, Meta(max_length=64)] | None | UnsetType = UNSET
    calendar_id: Annotated[str, Meta(min_length=1, max_length=1024)] | None | UnsetType = UNSET
    type: Annotated[str, Meta(min_length=1, max_length=64)] | None | UnsetType = UNSET
    title: Title | None | UnsetType = UNSET
    description: LongText | None | UnsetType = UNSET
    notes: LongText | None | UnsetType = UNSET
    start: Annotated[str, Meta(max_length=64)] | None | UnsetType = UNSET
    end: Annotated[str, Meta(max_length=64)] | None | UnsetType = UNSET
    time_zone: Annotated[str, Meta(max_length=64)] | None | UnsetType = UNSET
    location: Short | None | UnsetType = UNSET
    priority: Literal["low", "medium", "high"] | None | UnsetType = UNSET
    status: Literal["open", "done", "cancelled"] | UnsetType = UNSET
    private: bool | None | UnsetType = UNSET
    busy: bool | None | UnsetType = UNSET
    url: Annotated[str, Meta(max_length=2048, pattern="^https?://[^\\s]+$")] | None | UnsetType = UNSET
    contact: Contact | None | UnsetType = UNSET
    deal: Short | None | UnsetType = UNSET
    recurrence: Annotated[tuple[Annotated[str, Meta(max_length=4096)], ...], Meta(max_length=32)] | None | UnsetType = UNSET
    reminders: Annotated[tuple[Reminder, ...], Meta(max_length=5)] | None | UnsetType = UNSET
    attendees: Annotated[tuple[Attendee, ...], Meta(max_length=200)] | None | UnsetType = UNSET
    conference: Literal["google_meet"] | None | UnsetType = UNSET
    zoom_url: Annotated[str, Meta(max_length=2048, pattern="^https?://[^\\s]+$")] | None | UnsetType = UNSET
    color: Annotated[str, Meta(pattern="^#[0-9A-Fa-f]{6}$")] | None | UnsetType = UNSET
    sync: bool | None | UnsetType = UNSET
    updated_at: datetime | None | UnsetType = UNSET


CONTENT_NAMES = tuple(field.name for field in msgspec.structs.fields(Content))
