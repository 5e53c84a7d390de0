"""The documents that the API answers with, as types: OpenAPI is made from them, and `present` makes them.

Every field is always there; null says that there is none. Names are the contract's.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec import Meta

from shared.model.change import Kind, Origin
from shared.model.connection import Status
from shared.model.content import Attendee, Contact, Content, Reminder
from shared.model.settings import Settings
from shared.model.task import OffReason, State

Side: TypeAlias = Literal["crm", "google"]


class ErrorAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Why the last try failed, and what helps."""

    code: str
    detail: str


class ConflictingField(msgspec.Struct, frozen=True, kw_only=True):
    """One field that both sides changed: what they last agreed on, and what each says now."""

    base: Any
    crm: Any
    google: Any


class ConflictAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The fields that wait for a person; settle them with `POST …/conflict`. Of a series, also per occurrence."""

    fields: dict[str, ConflictingField]
    occurrences: dict[str, dict[str, ConflictingField]]


class ResponseAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A guest's answer in Google's words: needsAction, declined, tentative or accepted."""

    email: str
    response: str


class ViewAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Another user's copy of the same meeting."""

    user_id: str
    connection_id: str


class SyncStateAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """How the task stands with its event. `off` has a reason; `calendar_id` is Google's own, never `primary`."""

    state: State
    reason: OffReason | None
    connection_id: str | None
    calendar_id: str | None
    event_id: str | None
    google_task_id: str | None
    html_link: str | None
    meet_url: str | None
    responses: tuple[ResponseAnswer, ...]
    conflict: ConflictAnswer | None
    views: tuple[ViewAnswer, ...]
    error: ErrorAnswer | None
    synced_at: datetime | None


class TaskAnswer(Content, frozen=True, kw_only=True, omit_defaults=False):
    """A task: what the CRM said of it, and read-only how it stands."""

    id: str
    version: int
    changed_at: datetime | None
    created_in: Side
    split_from: str | None
    sync_state: SyncStateAnswer


class OccurrenceAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One occurrence as it is in effect; what it does not have for itself is the series'.

    `original_start` names it for ever, also when it is moved. `overridden` says that it has something for itself.
    """

    task_id: str
    original_start: str
    version: Annotated[int, Meta(description="the series', which grows with each of its occurrences")]
    overridden: bool
    cancelled: bool
    title: str | None
    description: str | None
    notes: str | None
    start: str
    end: str | None
    time_zone: str | None
    location: str | None
    priority: str | None
    status: str
    private: bool | None
    busy: bool | None
    url: str | None
    contact: Contact | None
    deal: str | None
    reminders: tuple[Reminder, ...] | None
    attendees: tuple[Attendee, ...] | None
    zoom_url: str | None
    color: str | None
    event_id: Annotated[str | None, Meta(description="Google's id of it, once Google has shown it by itself")]
    conflict: dict[str, ConflictingField] | None


class CalendarAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A calendar of the connection's account; `state` is null while it is not watched."""

    calendar_id: str
    name: str
    access_role: str
    time_zone: str
    color: str | None
    watched: bool
    state: Literal["push", "poll", "suspended"] | None
    reason: str | None


class TaskListAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A list of Google Tasks of the connection's account; its id can be set as `google_tasks`."""

    task_list_id: str
    name: str


class AccountAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The Google account behind a connection."""

    email: str


class CountsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """How many of the connection's tasks are not simply in step."""

    pending: int
    error: int
    conflict: int


class ConnectionAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One user's grant to one Google account, with the settings that hold for it."""

    id: str
    user_id: str
    status: Status
    oauth_app: str | None
    google: AccountAnswer | None
    scopes: tuple[str, ...]
    settings: Settings
    first_sync: Literal["auto", "hold"]
    calendars: tuple[CalendarAnswer, ...]
    counts: CountsAnswer
    created_at: datetime
    last_sync_at: datetime | None
    problem: ErrorAnswer | None


class PendingConnectionAnswer(ConnectionAnswer, frozen=True, kw_only=True):
    """A connection that its user has to open in a browser: `authorize_url` lives 24 hours."""

    authorize_url: str


class ChangeAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the feed. `changed` holds the value before and after; keep the task with the highest version."""

    id: str
    at: datetime
    kind: Kind
    origin: Origin
    task_id: str | None
    occurrence: str | None
    connection_id: str | None
    calendar_id: str | None
    run_id: str | None
    user_id: str | None
    version: int | None
    changed: dict[str, tuple[Any, Any]]
    task: Annotated[dict[str, Any], Meta(description="as GET /v1/tasks/{task_id} answers it")] | None
