"""The indexes that queries need, declared once: the embedded store keeps exactly these, and so does Firestore.

A query that fits none of them is still answered on one machine, by reading its whole collection; the embedded store's
`scanned` tells. Start at `index_for`.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shared.ports import Query

MAX_FIELDS = 3
PINNING = frozenset({"==", "in", "array_contains_any"})
"""Operators that pin a field to values; the others leave a range."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """One index over the documents of every collection with this last name that have all of its fields.

    Args:
        collection: The collections' last name.
        fields: Dotted; first those compared with `==`, `in` or `array_contains_any`, then those of the order.
        group: It answers queries over all such collections together; otherwise over one of them.
        array: The first field holds a list, and each of its items is an entry.
    """

    collection: str
    fields: tuple[str, ...]
    group: bool = False
    array: bool = False

    def __post_init__(self) -> None:
        if not 1 <= len(self.fields) <= MAX_FIELDS:
            raise ValueError(f"{self.name}: an index has one to {MAX_FIELDS} fields")

    @property
    def name(self) -> str:
        """Names the index within the store; changes with its definition."""
        return f"{'*' if self.group else ''}{self.collection}({','.join(self.fields)}{'[]' if self.array else ''})"


INDEXES: tuple[Index, ...] = (
    # What is due, one kind a sweep
    Index(collection="tasks", fields=("due_at",), group=True),
    Index(collection="calendars", fields=("due_at",), group=True),
    Index(collection="calendars", fields=("renew_at",), group=True),
    Index(collection="runs", fields=("due_at",), group=True),
    Index(collection="webhook", fields=("due_at",), group=True),
    # Which task an event belongs to
    Index(collection="tasks", fields=("sync.keys",), array=True),
    # Which tasks a connection, or one calendar of it, has
    Index(collection="tasks", fields=("sync.connection",)),
    Index(collection="tasks", fields=("sync.connection", "sync.calendar")),
    # Which tasks are to go to a connection
    Index(collection="tasks", fields=("sync.target_connection",)),
    # The API's lists of tasks, by one filter, alone or with a user
    Index(collection="tasks", fields=("listed.live",)),
    Index(collection="tasks", fields=("listed.user",)),
    Index(collection="tasks", fields=("listed.connection",)),
    Index(collection="tasks", fields=("listed.state",)),
    Index(collection="tasks", fields=("listed.changed_at",)),
    Index(collection="tasks", fields=("listed.start",)),
    Index(collection="tasks", fields=("listed.user", "listed.connection")),
    Index(collection="tasks", fields=("listed.user", "listed.state")),
    Index(collection="tasks", fields=("listed.user", "listed.changed_at")),
    Index(collection="tasks", fields=("listed.user", "listed.start")),
    # What a connection's end and a person's erasure look for; tombstones among them
    Index(collection="tasks", fields=("listed.views",), array=True),
    Index(collection="tasks", fields=("owner",)),
    Index(collection="changes", fields=("user_id",)),
    Index(collection="runs", fields=("user",)),
    Index(collection="runs", fields=("connection",)),
    Index(collection="portal_sessions", fields=("tenant", "user")),
    Index(collection="connections", fields=("google.sub",), group=True),
    # Which connections use a tenant's own client
    Index(collection="connections", fields=("oauth_app",)),
    # How a tenant and a connection stand
    Index(collection="tasks", fields=("due_at",)),
    Index(collection="tasks", fields=("listed.state", "listed.changed_at")),
    Index(collection="tasks", fields=("listed.connection", "listed.state")),
    Index(collection="connections", fields=("status",)),
    Index(collection="connections", fields=("user",)),
    Index(collection="connections", fields=("user", "status")),
    Index(collection="calendars", fields=("tenant", "connection"), group=True),
    Index(collection="calendars", fields=("tenant", "watched", "state"), group=True),
    Index(collection="calendars", fields=("tenant", "state", "renew_at"), group=True),
    # The feed, in order
    Index(collection="changes", fields=("at",)),
    Index(collection="changes", fields=("told", "at")),
    Index(collection="changes", fields=("told", "user_id", "at")),
    # What no delivery has told yet; deliveries under way, and the log of all
    Index(collection="changes", fields=("delivered_at", "at")),
    Index(collection="deliveries", fields=("state", "at")),
    Index(collection="deliveries", fields=("at",)),
    # A task's history, in order
    Index(collection="changes", fields=("task_id", "at")),
)

BACKWARDS: MappingProxyType[str, str] = MappingProxyType({"changes": "at", "deliveries": "at"})
"""What is also asked for from its end, by collection, while equal values stay in the order of their paths."""


def fits(index: Index, query: Query) -> bool:
    """Whether this index alone answers the query: its fields are the pinned ones, then those of the order."""
    if query.collection.rpartition("/")[2] != index.collection or query.group != index.group:
        return False
    pinned = {each.field for each in query.filters if each.op in PINNING}
    arrays = {each.field for each in query.filters if each.op == "array_contains_any"}
    ordered = [name.removeprefix("-") for name in query.order]
    ranged = [each.field for each in query.filters if each.op not in PINNING and each.field not in ordered]
    behind = [name for name in [*ordered, *dict.fromkeys(ranged)] if name not in pinned]
    head, tail = index.fields[: len(pinned)], index.fields[len(pinned) :]
    return set(head) == pinned and list(tail) == behind and arrays == ({index.fields[0]} if index.array else set())


def index_for(query: Query, indexes: Iterable[Index] = INDEXES) -> Index | None:
    """The index that answers the query by itself, or None when none is declared."""
    return next((index for index in indexes if fits(index, query)), None)
