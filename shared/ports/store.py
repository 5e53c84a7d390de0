"""The store: documents with revisions, conditional writes, and queries that name an index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Literal, Protocol, TypeAlias

import msgspec


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
