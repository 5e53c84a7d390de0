"""The store port in memory: what the simulation runs on, fast and without a file; it joins the store's contract.

Documents are shared with their readers, who never change what they read. Start at `MemoryStore`.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING, TypeAlias, cast

from shared.errors import Bug, LostRace
from shared.ports import DROP, SERVER_TIME, Delete, Document, Filter, Must, Patch, Query, Revision, Set

if TYPE_CHECKING:
    from shared.ports import Clock, Precondition, Write

MAX_VALUES = 30
INT64 = range(-(2**63), 2**63)
_TICK = timedelta(microseconds=1)
_Key: TypeAlias = "tuple[int, bool | float | datetime | str]"


class MemoryStore:
    """Documents with revisions. A revision is the number of the commit that wrote it, so none comes twice.

    Args:
        horizon_s: What the port's `horizon_s` says.
    """

    def __init__(self, clock: Clock, *, horizon_s: float = 0.0) -> None:
        self._clock = clock
        self.invisible: set[str] = set()
        """Paths whose commit no query shows yet: it took its time early and becomes visible late."""
        self._horizon_s = horizon_s
        self._collections: dict[str, dict[str, Document]] = defaultdict(dict)
        self._commits = 0
        self._last = datetime(1970, 1, 1, tzinfo=UTC)
        self._lock = Lock()

    def get_many(self, paths: Sequence[str]) -> dict[str, Document | None]:
        with self._lock:
            return {path: self._collections[path.rpartition("/")[0]].get(path) for path in paths}

    def query(self, query: Query) -> list[Document]:
        _check(query)
        with self._lock:
            found = [each for each in self._held(query) if _holds_all(each.data, query.filters)]
        if query.order:
            names = [name.removeprefix("-") for name in query.order]
            found = [each for each in found if all(_reached(each.data, name)[1] for name in names)]
        found.sort(key=lambda each: each.path)
        for name in reversed(query.order):
            plain = name.removeprefix("-")
            found.sort(key=lambda each: _key(_reached(each.data, plain)[0]), reverse=name.startswith("-"))
        if query.after is not None:
            found = [each for each in found if _is_behind(each, query)]
        return found[: query.limit]

    def count(self, query: Query) -> int:
        _check(query)
        with self._lock:
            return sum(_holds_all(each.data, query.filters) for each in self._held(query))

    def commit(self, writes: Sequence[Write]) -> datetime:
        with self._lock:
            now = max(self._clock.now().astimezone(UTC), self._last + _TICK)
            revision = str(self._commits + 1)
            staged: dict[str, Document | None] = {}
            for write in writes:
                before = staged[write.path] if write.path in staged else self._at(write.path)
                _require(write.path, write.must, before)
                staged[write.path] = _after(write, before, now, revision)
            self._commits, self._last = self._commits + 1, now
            for path, document in staged.items():
                collection = self._collections[path.rpartition("/")[0]]
                if document is None:
                    collection.pop(path, None)
                else:
                    collection[path] = document
            return now

    def horizon_s(self) -> float:
        return self._horizon_s

    def every(self) -> list[Document]:
        """All documents there are, by path; for looking at the world from outside."""
        return sorted((each for held in self._collections.values() for each in held.values()), key=lambda it: it.path)

    def _at(self, path: str) -> Document | None:
        return self._collections[path.rpartition("/")[0]].get(path)

    def _held(self, query: Query) -> list[Document]:
        if not query.group:
            held = [self._collections[query.collection]]
        else:
            held = [docs for name, docs in self._collections.items() if name.rpartition("/")[2] == query.collection]
        return [each for documents in held for each in documents.values() if each.path not in self.invisible]


def _after(write: Write, before: Document | None, now: datetime, revision: str) -> Document | None:
    match write:
        case Delete():
            return None
        case Set():
            return Document(path=write.path, data=_stored_map(write.data, now), revision=revision)
        case Patch():
            if before is None:
                raise LostRace(f"{write.path} was to be patched and does not exist")
            data = before.data
            for dotted, value in write.fields.items():
                kept = value if value is DROP else now if value is SERVER_TIME else _stored(value, now)
                data = _with(data, dotted, kept)
            return Document(path=write.path, data=data, revision=revision)


def _with(data: Mapping[str, object], dotted: str, value: object) -> dict[str, object]:
    name, _, rest = dotted.partition(".")
    changed = dict(data)
    if rest:
        inner = changed.get(name)
        if value is DROP and not isinstance(inner, dict):
            return changed
        changed[name] = _with(inner if isinstance(inner, dict) else {}, rest, value)
    elif value is DROP:
        changed.pop(name, None)
    else:
        changed[name] = value
    return changed


def _require(path: str, must: Precondition, before: Document | None) -> None:
    match must:
        case Must.EXIST if before is None:
            raise LostRace(f"{path} does not exist any more")
        case Must.BE_ABSENT if before is not None:
            raise LostRace(f"{path} exists already")
        case Revision(value=value) if before is None or before.revision != value:
            raise LostRace(f"{path} was changed by another writer")


def _stored_map(data: Mapping[str, object], now: datetime) -> dict[str, object]:
    if not all(isinstance(name, str) for name in data):
        raise Bug("a document has a field that is not named by a text")
    return {name: now if value is SERVER_TIME else _stored(value, now) for name, value in data.items()}


def _stored(value: object, now: datetime) -> object:
    """A copy of the value as a store keeps it."""
    kind = type(value)
    if kind is str:
        text = cast("str", value)
        if not text.isascii():
            _check_text(text)
        return text
    if value is None or kind is bool:
        return value
    if kind is dict:
        return _stored_map(cast("dict[str, object]", value), now)
    if kind is list or kind is tuple:
        return [_stored(item, now) for item in cast("Sequence[object]", value)]
    return _stored_rarely(value, now)


def _stored_rarely(value: object, now: datetime) -> object:
    match value:
        case int() if value in INT64:
            return value
        case float() if math.isfinite(value):
            return value
        case datetime() if value.tzinfo is not None:
            return value.astimezone(UTC)
        case str():
            _check_text(value)
            return str(value)
        case Mapping():
            return _stored_map(value, now)
    raise Bug(f"a document holds a {type(value).__name__} that no store can keep")


def _check_text(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as fault:
        raise Bug("a document holds half of a surrogate pair, which is no text") from fault


def _check(query: Query) -> None:
    for each in query.filters:
        if each.op in {"in", "array_contains_any"} and not 1 <= len(cast("Sequence[object]", each.value)) <= MAX_VALUES:
            raise Bug(f"a query compares {each.field} with none or more than {MAX_VALUES} values")
    if query.after is not None and len(query.after) != len(query.order) + 1:
        raise Bug("a cursor has one value per order field, and the path")


def _reached(data: Mapping[str, object], dotted: str) -> tuple[object, bool]:
    here: object = data
    for part in dotted.split("."):
        if not isinstance(here, dict) or part not in here:
            return None, False
        here = here[part]
    return here, True


def _key(value: object) -> _Key:
    """Sorts null, booleans, numbers, times, texts, in this order; then all else."""
    match value:
        case None:
            return 0, 0
        case bool():
            return 1, value
        case int() | float():
            return 2, value
        case datetime():
            return 3, value.astimezone(UTC)
        case str():
            return 4, value
    return 5, repr(value)


def _holds_all(data: Mapping[str, object], filters: Sequence[Filter]) -> bool:
    return all(_holds(data, each) for each in filters)


def _holds(data: Mapping[str, object], condition: Filter) -> bool:
    value, there = _reached(data, condition.field)
    if not there:
        return False
    wanted = condition.value
    match condition.op:
        case "==":
            return _key(value) == _key(wanted)
        case "in":
            return any(each is not None and _key(each) == _key(value) for each in cast("Sequence[object]", wanted))
        case "array_contains_any":
            items = value if isinstance(value, list) else []
            keys = {_key(each) for each in cast("Sequence[object]", wanted) if each is not None}
            return any(_key(item) in keys for item in items)
    key, other = _key(value), _key(wanted)
    if wanted is None or key[0] != other[0]:
        return False
    below, same = key < other, key == other
    return {"<": below, "<=": below or same, ">": not below and not same, ">=": not below}[condition.op]


def _is_behind(document: Document, query: Query) -> bool:
    *values, path = query.after or ()
    for name, value in zip(query.order, values, strict=True):
        here, there = _key(_reached(document.data, name.removeprefix("-"))[0]), _key(value)
        if here != there:
            return here < there if name.startswith("-") else here > there
    return document.path > cast("str", path)
