"""What the simulator remembers, as plain values that can be written to a file and read back. Start at `World`.

An `Event` is never changed in place: a write makes a new one, so listings may keep the old one as their snapshot.
"""

from typing import Any

import msgspec

Fields = dict[str, Any]


class Account(msgspec.Struct, kw_only=True):
    """A person with a Google account; `sub` never changes, `email` is also the id of the primary calendar."""

    email: str
    name: str
    sub: str
    time_zone: str
    locale: str = "en"


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One event as one calendar holds it.

    `fields` is what a client could send, in Google's names, defaults left out; times as given. Instants are in
    microseconds since the epoch. `stamp_us` makes the etag, `updated_us` the visible `updated`. `serial` is the place
    in the calendar's order of changes. A purged event (trash emptied) keeps its id and nothing else. `parent` is the
    master of an exception; without `original_start` it is beyond the end of its series. `shown_uid` is what answers
    give as iCalUID where that is not `ical_uid`, which ties the copies of one meeting together.
    """

    id: str
    ical_uid: str
    fields: Fields
    organizer: str
    creator: str
    start_us: int
    end_us: int
    created_us: int
    updated_us: int
    stamp_us: int
    serial: int
    status: str = "confirmed"
    purged: bool = False
    moved_away: bool = False
    parent: str | None = None
    original_start: Fields | None = None
    shown_uid: str | None = None
    conference_reads: int = 0


class Calendar(msgspec.Struct, kw_only=True):
    """One calendar: its own record, who may do what, its events, and its order of changes.

    `order` maps event id to serial and is kept in order of serial, so a delta reads only its own length.
    `epoch` rises when every sync token of the calendar dies. `families` maps the id a series was born with to the ids
    of its exceptions and later segments.
    """

    id: str
    summary: str
    time_zone: str
    owner: str
    roles: dict[str, str]
    entries: dict[str, Fields]
    fields: Fields = msgspec.field(default_factory=dict)
    events: dict[str, Event] = msgspec.field(default_factory=dict)
    order: dict[str, int] = msgspec.field(default_factory=dict)
    families: dict[str, list[str]] = msgspec.field(default_factory=dict)
    serial: int = 0
    stamp_us: int = 0
    epoch: int = 0
    epoch_of: dict[str, int] = msgspec.field(default_factory=dict)
    push_refused: bool = False
    deleted: bool = False

    @property
    def primary(self) -> bool:
        """Tell whether this is its owner's primary calendar."""
        return self.id == self.owner


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """The result of a listing that has more than one page; `next_serial` goes into the sync token of its last page."""

    calendar_id: str
    items: list[Event]
    next_serial: int


class Channel(msgspec.Struct, kw_only=True):
    """A watch on one calendar's events, or on an account's calendar list."""

    id: str
    client_id: str
    account: str
    resource: str
    resource_id: str
    resource_uri: str
    address: str
    token: str | None
    expires_us: int
    number: int = 1


class Notification(msgspec.Struct, frozen=True, kw_only=True):
    """One push message on its way; `due_us` is when it may be delivered."""

    id: int
    due_us: int
    channel_id: str
    address: str
    headers: dict[str, str]
    attempt: int = 0


class Client(msgspec.Struct, kw_only=True):
    """An OAuth client; `testing` starts the seven-day clock on its refresh tokens."""

    client_id: str
    client_secret: str
    name: str
    redirect_uris: list[str]
    any_loopback: bool = False
    testing: bool = False


class Grant(msgspec.Struct, kw_only=True):
    """What one account has allowed one client, over all its consents."""

    account: str
    client_id: str
    scopes: list[str]


class RefreshToken(msgspec.Struct, kw_only=True):
    """A live refresh token."""

    account: str
    client_id: str
    scopes: list[str]
    created_us: int
    expires_us: int | None = None


class AccessToken(msgspec.Struct, kw_only=True):
    """A live access token; `refresh_token` is the one it came from."""

    account: str
    client_id: str
    scopes: list[str]
    expires_us: int
    refresh_token: str | None = None


class Code(msgspec.Struct, kw_only=True):
    """An authorization code: ten minutes, once."""

    account: str
    client_id: str
    redirect_uri: str
    scopes: list[str]
    challenge: str | None
    offline: bool
    nonce: str | None
    give_refresh: bool
    expires_us: int
    used: bool = False


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """A mail Google sent, and why."""

    at: str
    to: str
    kind: str
    calendar_id: str
    event_id: str
    summary: str
    because: str


class Fault(msgspec.Struct, kw_only=True):
    """A rule: which requests, and what happens to them.

    `method` and `path` (a regular expression, searched) and `account` narrow it; `after` lets that many matching
    requests pass first, `count` ends it after so many hits, `probability` decides each. `effect` is a name of
    `faults.EFFECTS`; `seconds` is for slow.
    """

    effect: str
    method: str | None = None
    path: str = ""
    account: str | None = None
    after: int = 0
    count: int | None = None
    probability: float = 1.0
    seconds: float = 0.0
    id: int = 0
    seen: int = 0
    hits: int = 0


class GoogleTask(msgspec.Struct, frozen=True, kw_only=True):
    """One task of a Google Tasks list; `due` is a date, `position` its place in the list, `stamp_us` makes the etag."""

    id: str
    title: str = ""
    notes: str | None = None
    due: str | None = None
    completed_us: int | None = None
    hidden: bool = False
    deleted: bool = False
    parent: str | None = None
    position: int = 0
    updated_us: int = 0
    stamp_us: int = 0


class GoogleTaskList(msgspec.Struct, kw_only=True):
    """One Google Tasks list of an account; the first of an account is its `@default`."""

    id: str
    owner: str
    title: str
    tasks: dict[str, GoogleTask] = msgspec.field(default_factory=dict)
    updated_us: int = 0
    stamp_us: int = 0


class World(msgspec.Struct, kw_only=True):
    """Everything."""

    accounts: dict[str, Account] = msgspec.field(default_factory=dict)
    calendars: dict[str, Calendar] = msgspec.field(default_factory=dict)
    task_lists: dict[str, GoogleTaskList] = msgspec.field(default_factory=dict)
    meetings: dict[str, dict[str, str]] = msgspec.field(default_factory=dict)
    clients: dict[str, Client] = msgspec.field(default_factory=dict)
    grants: dict[str, Grant] = msgspec.field(default_factory=dict)
    codes: dict[str, Code] = msgspec.field(default_factory=dict)
    refresh_tokens: dict[str, RefreshToken] = msgspec.field(default_factory=dict)
    access_tokens: dict[str, AccessToken] = msgspec.field(default_factory=dict)
    snapshots: dict[str, Snapshot] = msgspec.field(default_factory=dict)
    channels: dict[str, Channel] = msgspec.field(default_factory=dict)
    used_channel_ids: set[str] = msgspec.field(default_factory=set)
    outbox: list[Notification] = msgspec.field(default_factory=list)
    mails: list[Mail] = msgspec.field(default_factory=list)
    faults: list[Fault] = msgspec.field(default_factory=list)
    list_serials: dict[str, int] = msgspec.field(default_factory=dict)
    stamp_us: int = 0
    counter: int = 0
