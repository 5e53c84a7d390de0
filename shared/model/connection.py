"""A connection, its calendars and its user, as stored."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypeAlias

import msgspec

from shared.model.ids import CalendarId, ConnectionId, RunId, TenantId, UserId
from shared.model.oauth import Identity

Status: TypeAlias = Literal[
    "pending", "ready", "active", "paused", "needs_reconnect", "needs_review", "disconnecting", "disconnected"
]
WORKING: frozenset[Status] = frozenset({"active", "needs_review"})
"""Statuses in which jobs may call Google; under `needs_review` nothing inferred is carried out (rule 42)."""
WRITING = frozenset({"owner", "writer"})
"""Google's roles in which an account may change a calendar's events."""


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """What keeps a connection from working, and what its user can do."""

    code: str
    detail: str


class Connection(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One user's grant to one Google account.

    Args:
        settings: Only what this connection sets itself, in the contract's names (`settings_of` merges).
        settings_before: What holds until a run has weighed what a change of them does (rule 42); None: they do.
        refresh_token, access_token: Ciphertexts bound to this document's path.
        lease_until: Somebody is refreshing the access token; others wait or use the old one.
        slow_until: Google asked for less; jobs go back delayed until then.
        calendar: Google's own id of the calendar that tasks go to by default, once it is known.
        primary: Google's own id of the account's primary calendar.
        task_list: The list of Google Tasks that tasks with a date alone go to; None: none is set, granted or there.
        review: The run whose list the brake holds (rule 42).
    """

    schema: int = 1
    id: ConnectionId
    tenant: TenantId
    user: UserId
    created_at: datetime
    status: Status = "pending"
    oauth_app: str | None = None
    google: Identity | None = None
    scopes: tuple[str, ...] = ()
    refresh_token: str | None = None
    access_token: str | None = None
    access_expires_at: datetime | None = None
    lease_until: datetime | None = None
    settings: dict[str, object] = msgspec.field(default_factory=dict)
    settings_before: dict[str, object] | None = None
    first_sync: Literal["auto", "hold"] = "auto"
    return_url: str | None = None
    login_hint: str | None = None
    calendar: CalendarId | None = None
    primary: CalendarId | None = None
    task_list: CalendarId | None = None
    time_zone: str | None = None
    slow_until: datetime | None = None
    slow_step: int = 0
    problem: Problem | None = None
    review: RunId | None = None
    last_sync_at: datetime | None = None
    start_nonce: str | None = None
    start_expires_at: datetime | None = None


class PushChannel(msgspec.Struct, frozen=True, kw_only=True):
    """A notification channel; `resource_id` and the granted expiry are None until Google answered the watch."""

    id: str
    resource_id: str | None = None
    expires_at: datetime


class Deletions(msgspec.Struct, frozen=True, kw_only=True):
    """How many tasks lost their event by pulls of one calendar since then; the brake counts them together (rule 42)."""

    since: datetime
    number: int


class Watched(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A Google calendar that a connection watches or writes; document `…/calendars/{key_of(calendar_id)}`.

    Args:
        state: `push` (a channel lives), `poll` (Google refuses to push; `reason` says why), `suspended` (gone or
        downgraded).
        sync_token: The cursor, None before the first full sync; valid only with `token_parameters` (rule 21).
        listing_until: Somebody is listing the whole calendar until then; nobody else begins to.
        due_at: When the next safety pull or poll is due; None: never (not watched, suspended).
        renew_at: When the channel must be renewed; None: none lives.
        deletions: What its last pulls deleted; None: nothing lately.
        strangers: Events with a mark of ours that no task proves, as the last sweep of orphans found them.
    """

    schema: int = 1
    tenant: TenantId
    connection: ConnectionId
    calendar_id: CalendarId
    name: str = ""
    access_role: str = "owner"
    time_zone: str = "UTC"
    color: str | None = None
    watched: bool = True
    state: Literal["push", "poll", "suspended"] = "poll"
    reason: str | None = None
    sync_token: str | None = None
    token_parameters: str | None = None
    channel: PushChannel | None = None
    previous_channel: PushChannel | None = None
    listing_until: datetime | None = None
    due_at: datetime | None = None
    renew_at: datetime | None = None
    last_pull_at: datetime | None = None
    deletions: Deletions | None = None
    strangers: int = 0

    @property
    def writable(self) -> bool:
        """The account may change events here."""
        return self.access_role in WRITING


class UserConnection(msgspec.Struct, frozen=True, kw_only=True):
    """What a task's write needs to know of a connection, kept with the user so that one read is enough."""

    status: Status
    created_at: datetime
    calendar: CalendarId | None = None
    """Where tasks go by default: Google's own id, never `primary`."""
    primary: CalendarId | None = None
    """Google's own id of the account's primary calendar."""
    task_list: CalendarId | None = None
    """Where tasks with a date and no time go by default; None: where all others go."""
    time_zone: str | None = None


class User(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A person in the CRM."""

    schema: int = 1
    id: UserId
    connections: dict[str, UserConnection] = msgspec.field(default_factory=dict)
    language: str = "en"
