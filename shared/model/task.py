"""A task as stored: what the CRM says, and how it stands with its event. One task is one document."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypeAlias

import msgspec

from shared.model.content import Content
from shared.model.ids import CalendarId, ConnectionId, EventId, TaskId, UserId

State: TypeAlias = Literal["off", "pending", "synced", "conflict", "error"]
OffReason: TypeAlias = Literal[
    "no_start", "no_connection", "not_selected", "direction", "hours", "private", "window", "paused"
]


class Conflict(msgspec.Struct, frozen=True, kw_only=True):
    """Both sides changed one field and a person must choose; canonical values of the three versions."""

    base: object = None
    crm: object = None
    google: object = None


class Edit(msgspec.Struct, frozen=True, kw_only=True):
    """The CRM's unsent edit of one field: the agreed value it replaced, and the CRM's stamp (at most the receipt)."""

    before: object = None
    at: datetime


class Unacknowledged(msgspec.Struct, frozen=True, kw_only=True):
    """A change from Google that the CRM has not acknowledged yet: fingerprints of the values it told."""

    at: datetime
    fields: dict[str, str]


class View(msgspec.Struct, frozen=True, kw_only=True):
    """Another connection's copy of an event that already has its task; never patched in shared fields.

    Args:
        original_start: Of a series, it is the copy of this one date: who is invited to that alone sees no more of it.
    """

    user: UserId
    calendar: CalendarId
    event_id: EventId
    organizer: bool = False
    original_start: str | None = None


class Meet(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A Google Meet asked for under one stable request id; `reads` counts how often a pending one was read again.

    `other`: another maker's conference stands in the event, so that none is asked for.
    """

    request_id: str
    state: Literal["pending", "ready", "refused", "removed", "other"]
    url: str | None = None
    reads: int = 0


class SyncError(msgspec.Struct, frozen=True, kw_only=True):
    """Why the last try failed; `detail` names the remedy and holds nothing personal."""

    code: str
    detail: str


class Intent(msgspec.Struct, frozen=True, kw_only=True):
    """An insert into a list of Google Tasks that was begun and whose answer is not known.

    Args:
        by: Who began it; nobody else inserts until it is certain that the insert came to nothing.
        prints: Per field, the fingerprint of what was to be inserted: by these it is found again.
    """

    by: str
    at: datetime
    prints: dict[str, str]


class Sync(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The mapping of a task to its one event, and what both last agreed on.

    Args:
        connection, calendar, event_id: Where the event is, or will be inserted. None: it has none.
        target: Where a move within the account is under way to (rule 18); None: it is where it should be.
        target_connection: Where a move to another account is under way to.
        keys: Lookups of the event and its views: `e:<connection>:<event id>` and `u:<iCalUID>`.
        adopted: The event was made in Google; its id is not our hash.
        organizer: This copy may change shared fields.
        generation: How many events this task has had, less one.
        id_version: The task's version at which this generation's id was stored (rule 16).
        etag, updated: Google's, of the last confirmed state.
        base: Per field, fingerprints of the CRM's value and of Google's rendering, as last agreed (rule 1).
        sent: Per field, fingerprint of what the CRM last sent or acknowledged (rule 5).
        unacked: Per change id, what Google changed and the CRM has not acknowledged.
        edits: Per field, the CRM's unsent edit.
        by_hand: `color`, where a person chose it on the event; it holds until the CRM says another colour or type.
        stamps: Per field, the fingerprint of Google's value and when it was first seen there (rule 43).
        again: Set while a taken-back deletion or move is unconfirmed: the version that took it back (rule 13).
        confirmed: The write id last confirmed (rule 6).
        gone: Google confirmed that this generation's event is deleted (rule 14).
        kept: An ended connection left this generation's event where it was, and nobody has seen it since.
        missing: How often a get said 404 after a 409 (rule 44), or after a full list did not show it (rule 20).
        verify: One get must follow, whatever else is due (rule 40; a Meet that is pending; an adopted event).
        withheld: It was read while the CRM might not see what is private in Google; once it may, it is read again.
        intent: Of a list of Google Tasks, which takes no id of ours: the insert that may have been carried out.
        looks: How often the event was found gone and looked for elsewhere in vain (rule 39).
        restored: The document is from a backup: a marker may tell of writes that it knows nothing of.
        synced_version: The newest version known to stand in Google.
    """

    connection: ConnectionId | None = None
    calendar: CalendarId | None = None
    target: CalendarId | None = None
    target_connection: ConnectionId | None = None
    event_id: EventId | None = None
    ical_uid: str | None = None
    keys: tuple[str, ...] = ()
    adopted: bool = False
    organizer: bool = True
    generation: int = 0
    id_version: int = 0
    etag: str | None = None
    updated: datetime | None = None
    base: dict[str, tuple[str, str]] = msgspec.field(default_factory=dict)
    sent: dict[str, str] = msgspec.field(default_factory=dict)
    unacked: dict[str, Unacknowledged] = msgspec.field(default_factory=dict)
    edits: dict[str, Edit] = msgspec.field(default_factory=dict)
    by_hand: dict[str, str | None] = msgspec.field(default_factory=dict)
    stamps: dict[str, tuple[str, datetime]] = msgspec.field(default_factory=dict)
    again: int | None = None
    confirmed: str | None = None
    gone: bool = False
    kept: bool = False
    missing: int = 0
    verify: bool = False
    withheld: bool = False
    looks: int = 0
    intent: Intent | None = None
    restored: bool = False
    synced_version: int = 0
    state: State = "off"
    reason: OffReason | None = None
    error: SyncError | None = None
    attempts: int = 0
    synced_at: datetime | None = None
    html_link: str | None = None
    meet: Meet | None = None
    responses: dict[str, str] = msgspec.field(default_factory=dict)
    conflict: dict[str, Conflict] = msgspec.field(default_factory=dict)
    views: dict[str, View] = msgspec.field(default_factory=dict)

    @property
    def is_unmade(self) -> bool:
        """Google has never shown an event of it: there is none, or one that is still to be made."""
        return self.etag is None and not self.adopted


INHERITS = "inherits"
"""Stands for the CRM's half of a base: the occurrence has the series' own value, whatever that is (rule 29)."""


class Occurrence(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One occurrence of a series that differs from it, or is known to Google as an exception of its own.

    Its key is its original start, as the rule yields it: `YYYY-MM-DD` or `YYYYMMDDTHHMMSSZ`. It lives in the series'
    document, so that both are always read and written together (rule 27); etag and generation are the series'.

    Args:
        content: What the CRM says of this occurrence alone; an unset field is inherited.
        cancelled: It does not take place.
        event_id: Its address at Google, as Google said it; None: nothing was seen of it yet.
        base: Per field and for `cancelled`, the CRM's half (a fingerprint, or `INHERITS`) and the fingerprint that
            Google last showed (rule 29).
        sent: Per contract field, fingerprint of what the CRM last sent or acknowledged (rule 5).
        unacked: Per change id, what Google changed and the CRM has not acknowledged.
        edits: Per field, the CRM's unsent edit.
        stamps: Per field, the fingerprint of Google's value and when it was first seen there (rule 43).
        again: Set while a cancellation that was taken back is unconfirmed: the series' version that took it back.
        confirmed: The write id last confirmed on it (rule 6).
        conflict: Per field, both versions, until a person chooses.
    """

    content: Content = Content()
    cancelled: bool = False
    event_id: EventId | None = None
    base: dict[str, tuple[str, str]] = msgspec.field(default_factory=dict)
    sent: dict[str, str] = msgspec.field(default_factory=dict)
    unacked: dict[str, Unacknowledged] = msgspec.field(default_factory=dict)
    edits: dict[str, Edit] = msgspec.field(default_factory=dict)
    stamps: dict[str, tuple[str, datetime]] = msgspec.field(default_factory=dict)
    again: int | None = None
    confirmed: str | None = None
    conflict: dict[str, Conflict] = msgspec.field(default_factory=dict)


class Cut(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A series that Google ended sooner, as it was before: its later half may still come, as a task of its own.

    Args:
        content, base, edits: Of the series, before the commit that took its new end. With them the later half is
            merged, so that what the CRM had not sent yet reaches both halves (rule 35).
        written: The last write that its event showed then and no commit had confirmed: `base` does not know of it. It
            was made before the split if the later half shows it too.
        at: When it was cut, or the last pull that counts ended.
        pulls: How many pulls have ended since.
        tries: How often it was looked after.
    """

    content: Content
    base: dict[str, tuple[str, str]] = msgspec.field(default_factory=dict)
    edits: dict[str, Edit] = msgspec.field(default_factory=dict)
    written: str | None = None
    at: datetime
    pulls: int = 0
    tries: int = 0


class Task(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One task's document.

    Args:
        cut: A person ended the series sooner in Google, and nobody knows yet whether a later half follows.
        occurrences: Of a series, by original start: those that differ from it.
        due_at: When the pending sweep looks at it; None: nothing is due.
        deleted_at: The CRM deleted it; kept at least 30 days as a tombstone (rule 14).
        moved_to: This is only the stub of a claimed task, and names the new id.
        moved_date: The stub is of a task that is one date of the series `moved_to` by now: its original start there.
        claimed_from: The id that the task was born with in Google, if the CRM gave it its own.
        split_from: The task whose series this one was the later half of.
    """

    schema: int = 1
    id: TaskId
    created_in: Literal["crm", "google"] = "crm"
    content: Content = Content()
    version: int = 0
    changed_at: datetime | None = None
    sync: Sync = Sync()
    occurrences: dict[str, Occurrence] = msgspec.field(default_factory=dict)
    cut: Cut | None = None
    due_at: datetime | None = None
    deleted_at: datetime | None = None
    moved_to: TaskId | None = None
    moved_date: str | None = None
    claimed_from: TaskId | None = None
    split_from: TaskId | None = None
    expires_at: datetime | None = None

    @property
    def is_series(self) -> bool:
        """Google may hold exceptions of it: it repeats, or its occurrences are still to be settled."""
        return bool(self.content.recurrence) or bool(self.occurrences)

    def is_worn_off(self, now: datetime) -> bool:
        """This is a stub whose 30 days are over: nothing has this id any more, though the store still holds it."""
        return self.moved_to is not None and self.expires_at is not None and self.expires_at <= now
