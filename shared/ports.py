"""What the use cases need from the world, as protocols; adapters live in `infra`.

Each port has one contract class in `tests/contracts` that every adapter joins. Data in documents is plain JSON plus
aware UTC datetimes (microseconds kept). Nothing here retries: a failure is told once, in the words of `shared.errors`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

import msgspec

if TYPE_CHECKING:
    from shared.google.requests import ChannelRequest, EventsRequest
    from shared.google.responses import CalendarEntry, Channel, Event, EventPage, Tombstone
    from shared.model.oauth import Client, Identity, Tokens


class Server(Enum):
    """Values that the store fills in at the commit."""

    TIME = "server time"


SERVER_TIME = Server.TIME
"""Stands anywhere in a document's maps, not inside lists; equal for all writes of one commit."""


class Must(Enum):
    """Preconditions that name no revision."""

    EXIST = "exists"
    BE_ABSENT = "absent"


class Revision(msgspec.Struct, frozen=True):
    """Precondition: the document still has this revision."""

    value: str


Precondition: TypeAlias = Must | Revision | None


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """One stored document as read; `revision` is opaque and changes with every write."""

    path: str
    data: dict[str, object]
    revision: str


class Set(msgspec.Struct, frozen=True, kw_only=True):
    """The document is exactly `data` afterwards."""

    path: str
    data: Mapping[str, object]
    must: Precondition = None


class Patch(msgspec.Struct, frozen=True, kw_only=True):
    """The named fields are replaced (a dotted name reaches into maps; `DROP` removes); the document must exist."""

    path: str
    fields: Mapping[str, object]
    must: Precondition = Must.EXIST


class Drop(Enum):
    """Marks a field that a `Patch` removes."""

    FIELD = "drop"


DROP = Drop.FIELD


class Delete(msgspec.Struct, frozen=True, kw_only=True):
    """The document is gone afterwards; deleting what is absent succeeds unless `must` says otherwise."""

    path: str
    must: Precondition = None


Write: TypeAlias = Set | Patch | Delete

Operator: TypeAlias = Literal["==", "<", "<=", ">", ">=", "in", "array_contains_any"]


class Filter(msgspec.Struct, frozen=True):
    """A condition on one (dotted) field; `in` and `array_contains_any` take at most 30 values.

    A document without the field, or with null in it, matches only `== None` (null, not absent).
    """

    field: str
    op: Operator
    value: object


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """Documents of one collection, or of all collections with that last name (`group`), in order.

    `order` are dotted field names, descending with a leading `-`; ties are broken by path, ascending. A document that
    lacks an
    order field is not found. `after` continues strictly behind the position of an earlier answer: one value per order
    field and the path.
    """

    collection: str
    group: bool = False
    filters: tuple[Filter, ...] = ()
    order: tuple[str, ...] = ()
    limit: int = 500
    after: tuple[object, ...] | None = None


class Store(Protocol):
    """Documents with revisions. One call is one round trip; commits are atomic; there are no locks."""

    def get_many(self, paths: Sequence[str]) -> dict[str, Document | None]:
        """Every path, with None for what does not exist, all read in one call."""

    def query(self, query: Query) -> list[Document]:
        """The documents that match, in order, at most `limit`."""

    def count(self, query: Query) -> int:
        """How many documents match, ignoring `limit`, `order` and `after`."""

    def commit(self, writes: Sequence[Write]) -> datetime:
        """All writes are stored, or none; returns the server time that filled `SERVER_TIME`.

        Raises:
            LostRace: A precondition does not hold; nothing was written.
            StoreUnavailable: Nothing is known about the write.
        """

    def horizon_s(self) -> float:
        """How old a server time must be before no earlier one can still appear (0 on SQLite, 10 on Firestore)."""


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """Work for one function, later. `name` coalesces: a name used within 24 h is not enqueued again.

    Args:
        queue: `sync`, `pull`, `runs` or `deliver`.
        function: The function that runs it, as in `main.py`.
        name: At most 500 of `A-Za-z0-9_-`; None: never coalesced.
        payload: Small JSON with a `schema`; paths and ids only, never content.
        not_before: Aware UTC; None: at once.
    """

    queue: str
    function: str
    payload: Mapping[str, object]
    name: str | None = None
    not_before: datetime | None = None


class Queue(Protocol):
    """Jobs at least once, in no order, as HTTP requests to `/jobs/…`."""

    def enqueue(self, job: Job) -> bool:
        """The job will run, or one with its name has been taken within 24 h (False)."""


class Clock(Protocol):
    """The only source of time."""

    def now(self) -> datetime:
        """Aware UTC."""


class Ids(Protocol):
    """The only source of chance."""

    def new(self) -> str:
        """26 characters of base32hex, lower case, never given twice."""

    def secret(self) -> str:
        """43 characters, URL-safe, unguessable (256 bits)."""

    def jitter(self) -> float:
        """Uniform in [0, 1)."""


class Cipher(Protocol):
    """Encrypts small texts, bound to the path of the document that holds them."""

    def seal(self, path: str, plain: str) -> str:
        """Ciphertext that only opens for the same path."""

    def open(self, path: str, sealed: str) -> str:
        """The plain text.

        Raises:
            Bug: No key opens it, or it was moved from another document.
        """


class Secrets(Protocol):
    """Keeps a secret apart from who may read documents; its document holds a reference that opens only there."""

    def keep(self, path: str, secret: str) -> str:
        """The reference to be stored in the document at `path`."""

    def read(self, path: str, reference: str) -> str:
        """The secret.

        Raises:
            Bug: It is not kept here, or the reference was moved from another document.
        """

    def forget(self, path: str, reference: str) -> None:
        """The secret is gone, once its document is or refers to another one; an unknown one is no failure."""


class SigningKeys(Protocol):
    """Keys for channel tokens and states, derived per purpose; the first signs, all verify."""

    def for_purpose(self, purpose: str) -> tuple[bytes, ...]:
        """32-byte keys, current first."""


class Calendar(Protocol):
    """Google Calendar as one connection sees it, one HTTP request a call.

    Every method raises what `shared.google.errors.classify` says. `notify` is Google's `sendUpdates`: all,
    externalOnly, none. Bodies are Google's JSON; `conferenceDataVersion=1` is always sent.
    """

    def calendars(self, page_token: str | None = None) -> tuple[list[CalendarEntry], str | None]:
        """One page of the account's calendar list and the next page's token."""

    def list(self, request: EventsRequest) -> EventPage:
        """One page of events; SyncTokenExpired when the cursor is refused."""

    def get(self, calendar_id: str, event_id: str) -> Event | Tombstone:
        """The event as it is now; a deleted one is a Tombstone (EventMissing when Google knows none)."""

    def insert(self, calendar_id: str, body: Mapping[str, object], *, notify: str) -> Event:
        """The event exists under `body["id"]`; IdTaken when that id was ever used in this calendar."""

    def patch(
        self, calendar_id: str, event_id: str, body: Mapping[str, object], *, if_match: str, notify: str
    ) -> Event:
        """The given keys are changed; PreconditionFailed when the etag is not the current one."""

    def delete(self, calendar_id: str, event_id: str, *, if_match: str | None, notify: str) -> None:
        """The event is deleted; EventDeleted when it was already, EventMissing when Google knows none."""

    def move(self, calendar_id: str, event_id: str, destination: str, *, notify: str) -> Event:
        """The event stands in `destination` under the same id."""

    def watch(self, request: ChannelRequest) -> Channel:
        """Google pushes changes of the calendar to the address; PushRefused when it never will."""

    def stop(self, channel_id: str, resource_id: str) -> None:
        """Google stops pushing; unknown channels are no failure."""


class Google(Protocol):
    """Opens Google's calendar API with an access token; cheap, connects lazily."""

    def calendar(self, access_token: str) -> Calendar:
        """The API as the token's account sees it."""


class OAuth(Protocol):
    """Google's OAuth endpoints, one HTTP request a call."""

    def authorize_url(
        self,
        client: Client,
        *,
        redirect_uri: str,
        scopes: Sequence[str],
        state: str,
        challenge: str,
        login_hint: str | None,
    ) -> str:
        """Google's consent page (offline access, prompt=consent, S256 challenge); no request is made."""

    def exchange(self, client: Client, *, code: str, verifier: str, redirect_uri: str) -> Tokens:
        """Tokens for a code; BadRequest when Google refuses the code."""

    def refresh(self, client: Client, refresh_token: str) -> Tokens:
        """A new access token; GrantRevoked on invalid_grant."""

    def identity(self, access_token: str) -> Identity:
        """Whose token this is."""

    def revoke(self, token: str) -> None:
        """The grant is gone; an unknown token is no failure."""


class WebhookMessage(msgspec.Struct, frozen=True, kw_only=True):
    """One message to a CRM's webhook, to be signed and sent.

    Args:
        id: The same over all tries of one delivery.
        at: When this try is made, aware UTC; receivers refuse messages that are minutes old.
        body: JSON; these very characters are signed and sent.
        secrets: `whsec_…`, the current one first; each of them signs.
    """

    url: str
    id: str
    at: datetime
    body: str
    secrets: tuple[str, ...]


class WebhookReply(msgspec.Struct, frozen=True, kw_only=True):
    """What a receiver said: its HTTP status, or else why there is none; never anything of what it wrote."""

    status: int | None
    error: str | None = None
    duration_ms: float


class WebhookSender(Protocol):
    """Sends to addresses that tenants chose: only to public ones, never further by a redirect."""

    def send(self, message: WebhookMessage) -> WebhookReply:
        """One signed POST was tried, once; no failure is raised."""


class Log(Protocol):
    """One structured line per event; never a token, title or mail address."""

    def event(self, flow: str, outcome: str, **fields: str | float | None) -> None:
        """A line with tenant, connection, task and counts as fields."""
