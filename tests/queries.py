"""Judges every query that any test makes, on whatever store, by Firestore's own rules and the indexes of the code.

The emulator answers every query, so a missing index would show only in production. Start at `watched`.
Source: https://docs.cloud.google.com/firestore/native/docs/query-data/index-overview
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from infra.embedded.sqlite_store import SqliteStore
from infra.exemptions import COLLECTIONS, out_of_indexes
from infra.gcp.firestore import FirestoreStore
from infra.indexes import BACKWARDS, INDEXES
from shared.ports import Query, Write
from tests.simulation.memory_store import MemoryStore

PINNING = {"==", "in"}
MADE_UP = {"places", "things"}
"""Collections that only tests of stores have."""
Fields = tuple[tuple[str, str], ...]
"""Fields with `ASC`, `DESC` or `CONTAINS`; the last one is the path."""


class Judge:
    """Keeps what was asked in vain, and which declared indexes were used."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.used: Counter[str] = Counter()
        self._known: dict[object, tuple[str, ...] | None] = {}

    def asked(self, query: Query) -> None:
        """One query, or one count."""
        name = last_name(query.collection)
        if name not in COLLECTIONS:
            return  # made up by the test of a store
        shape = (name, query.group, tuple((each.field, each.op) for each in query.filters), query.order)
        if shape not in self._known:
            self._known[shape] = answered(query)
        found = self._known[shape]
        if found is None:
            self.faults.append(f"no index of Firestore answers {shape}")
        self.used.update(found or ())

    def committed(self, writes: Sequence[Write]) -> None:
        """Some writes: each document lies in a collection that exemptions are declared for."""
        for write in writes:
            parts = write.path.split("/")
            if parts[0] in COLLECTIONS and parts[-2] not in {*COLLECTIONS, *MADE_UP}:
                self.faults.append(f"no exemption is declared for {parts[-2]}: name it in COLLECTIONS")


def answered(query: Query) -> tuple[str, ...] | None:
    """The indexes by which Firestore answers; None: it would refuse the query."""
    collection = last_name(query.collection)
    equal = {each.field for each in query.filters if each.op in PINNING}
    arrays = {each.field for each in query.filters if each.op == "array_contains_any"}
    pinned = {each.field for each in query.filters if each.op == "=="}
    ordered = [(name.removeprefix("-"), "DESC" if name.startswith("-") else "ASC") for name in query.order]
    ranged = [each.field for each in query.filters if each.op not in {*PINNING, "array_contains_any"}]
    tail = [each for each in ordered if each[0] not in pinned]
    tail += [(field, "ASC") for field in dict.fromkeys(ranged) if field not in dict(tail)]
    wanted = (*tail, ("__name__", "ASC"))
    head = {(field, "ASC") for field in equal} | {(field, "CONTAINS") for field in arrays}
    for name, fields in provided(collection, group=query.group, single={*equal, *arrays, *dict(tail)}):
        if {*fields[: len(head)]} == head and fields[len(head) :] == wanted:
            return (name,)
    if tail:
        return None
    # Equalities alone are answered by one index each, joined.
    each_alone = [
        next(
            (
                name
                for name, fields in provided(collection, group=query.group, single={field})
                if fields == ((field, order), ("__name__", "ASC"))
            ),
            None,
        )
        for field, order in sorted(head)
    ]
    return None if None in each_alone else tuple(str(name) for name in each_alone)


def provided(collection: str, *, group: bool, single: set[str]) -> Iterator[tuple[str, Fields]]:
    """Every index over these collections, by the name of its declaration: Terraform's, and those of single fields."""
    for index in INDEXES:
        if index.collection == collection and index.group == group:
            first = [(index.fields[0], "CONTAINS" if index.array else "ASC")]
            others = [(field, "ASC") for field in index.fields[1:]]
            yield index.name, (*first, *others, ("__name__", "ASC"))
    if not group and collection in BACKWARDS:
        yield f"-{collection}", ((BACKWARDS[collection], "DESC"), ("__name__", "ASC"))
    if not group:
        for field in sorted(single):
            if is_indexed(collection, field):
                for order in ("ASC", "CONTAINS"):
                    yield "automatic", ((field, order), ("__name__", "ASC"))
                yield "automatic", ((field, "DESC"), ("__name__", "DESC"))


def is_indexed(collection: str, field: str) -> bool:
    """Firestore indexes this field by itself: nothing around it is exempt, nor named for groups alone."""
    around = {".".join(field.split(".")[:number]) for number in range(1, len(field.split(".")) + 1)}
    exempt = {name for owner, name in out_of_indexes() if owner == collection}
    named = [index for index in INDEXES if index.collection == collection and index.fields == (field,)]
    only_grouped = bool(named) and all(index.group for index in named)
    return not (around & exempt or only_grouped)


def last_name(collection: str) -> str:
    """By which indexes name it."""
    return collection.rpartition("/")[2]


@contextmanager
def watched(judge: Judge) -> Iterator[None]:
    """Every store of this process tells the judge what it is asked."""
    with ExitStack() as stack:
        for store in (SqliteStore, FirestoreStore, MemoryStore):
            for method in ("query", "count", "commit"):
                stack.enter_context(patch.object(store, method, _telling(judge, store, method)))
        yield


def _telling(judge: Judge, store: type[Any], method: str) -> Any:  # noqa: ANN401 - a method as it was
    real = getattr(store, method)
    tell = judge.committed if method == "commit" else judge.asked

    def told(self: Any, given: Any) -> Any:  # noqa: ANN401 - as the store's
        tell(given)
        return real(self, given)

    return told
