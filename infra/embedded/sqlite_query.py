"""A query as SQL over the entries of one declared index, or as a scan in Python: both give the same answer.

An index that answers the whole query leaves nothing to Python; one that only narrows it leaves the rest to `finished`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import msgspec

from infra.embedded.values import field_of, of_kind, sort_key
from infra.indexes import MAX_FIELDS, PINNING, Index, index_for
from shared.errors import Bug

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from shared.ports import Document, Filter, Query

MAX_VALUES = 30
COMPARISONS = {"<": "<", "<=": "<=", ">": ">", ">=": ">="}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How the store answers one query.

    Args:
        where: A condition on the entries `e`, or on the documents `d` when no index serves.
        ordered: What stands behind ORDER BY when SQL does all of it.
        index: Whose entries are read; None: the documents of the collection.
        whole: SQL does all of it; otherwise the documents found still go through `finished`.
    """

    where: str
    values: tuple[object, ...]
    ordered: str
    index: Index | None
    whole: bool


def scope_of(index: Index, collection: str) -> str:
    """The text under which a document's entries of an index lie: its collection, or one for the group."""
    return index.name if index.group else f"{index.name}@{collection}"


def planned(query: Query, indexes: Sequence[Index]) -> Plan:
    """How to answer the query with what is declared.

    Raises:
        Bug: The real store would refuse the query.
    """
    for each in query.filters:
        if each.op in {"in", "array_contains_any"} and not 1 <= len(cast("Sequence[object]", each.value)) <= MAX_VALUES:
            raise Bug(f"a query compares {each.field} with none or more than {MAX_VALUES} values")
    if query.after is not None and len(query.after) != len(query.order) + 1:
        raise Bug("a cursor has one value per order field, and the path")
    index = index_for(query, indexes)
    whole = index is not None or not (query.filters or query.order)
    index = index or next((each for each in indexes if _narrows(each, query)), None)
    if index is None:
        return _over_documents(query, whole=whole)
    return _over_entries(query, index, whole=whole)


def finished(query: Query, documents: Iterable[Document]) -> list[Document]:
    """What of these documents the query asks for, in its order."""
    kept = [
        (_position(query, each), each)
        for each in documents
        if all(_holds(each.data, condition) for condition in query.filters)
        and all(field_of(each.data, name.removeprefix("-"))[1] for name in query.order)
    ]
    kept.sort(key=lambda pair: pair[0])
    if query.after is not None:
        last = _behind(query)
        kept = [pair for pair in kept if pair[0] > last]
    return [each for _, each in kept[: query.limit]]


def _narrows(index: Index, query: Query) -> bool:
    """Every field of the index is pinned by a filter, so that its entries hold all that can match."""
    part = msgspec.structs.replace(
        query, filters=tuple(each for each in query.filters if each.field in index.fields), order=(), after=None
    )
    return bool(part.filters) and index_for(part, (index,)) is not None


def _over_documents(query: Query, *, whole: bool) -> Plan:
    where, values = "d.grp = ?" if query.group else "d.collection = ?", [query.collection]
    if whole and query.after is not None:
        where, values = f"{where} AND d.path > ?", [*values, cast("str", query.after[-1])]
    return Plan(where=where, values=tuple(values), ordered="d.path", index=None, whole=whole)


def _over_entries(query: Query, index: Index, *, whole: bool) -> Plan:
    column = {name: f"e.v{number}" for number, name in enumerate(index.fields, 1)}
    unused = [f"e.v{number} = ''" for number in range(len(index.fields) + 1, MAX_FIELDS + 1)]
    wheres, values = ["e.scope = ?", *unused], [scope_of(index, query.collection)]
    for each in query.filters:
        if each.field in column:
            where, more = _condition(column[each.field], each)
            wheres.append(where)
            values.extend(more)
    if whole and query.after is not None:
        where, more = _continued(query, column)
        wheres.append(where)
        values.extend(more)
    terms = [
        f"{column[name.removeprefix('-')]} {'DESC' if name.startswith('-') else 'ASC'}" for name in query.order if whole
    ]
    return Plan(
        where=" AND ".join(wheres),
        values=tuple(values),
        ordered=", ".join([*terms, "e.path"]),
        index=index,
        whole=whole,
    )


def _condition(column: str, condition: Filter) -> tuple[str, list[str]]:
    if condition.op == "==":
        return f"{column} = ?", [sort_key(condition.value)]
    if condition.op in PINNING:
        keys = [sort_key(value) for value in cast("Sequence[object]", condition.value) if value is not None]
        return f"{column} IN ({', '.join('?' * len(keys))})", keys
    if condition.value is None:
        return "0", []
    key = sort_key(condition.value)
    first, end = of_kind(key)
    bound, other = (f"{column} >= ?", first) if condition.op.startswith("<") else (f"{column} < ?", end)
    return f"{column} {COMPARISONS[condition.op]} ? AND {bound}", [key, other]


def _continued(query: Query, column: dict[str, str]) -> tuple[str, list[str]]:
    """Behind the cursor: further in the first order field, or equal there and further in the next, and so on."""
    after = query.after or ()
    terms = [(column[name.removeprefix("-")], name.startswith("-")) for name in query.order] + [("e.path", False)]
    keys = [*(sort_key(value) for value in after[:-1]), cast("str", after[-1])]
    ways, values = [], []
    for depth, (name, descending) in enumerate(terms):
        equal = [f"{before} = ?" for before, _ in terms[:depth]]
        ways.append(" AND ".join([*equal, f"{name} {'<' if descending else '>'} ?"]))
        values.extend(keys[: depth + 1])
    name, descending = terms[0]
    return f"{name} {'<=' if descending else '>='} ? AND ({' OR '.join(ways)})", [keys[0], *values]


def _holds(data: dict[str, object], condition: Filter) -> bool:
    value, there = field_of(data, condition.field)
    if not there:
        return False
    if condition.op == "array_contains_any":
        wanted = {sort_key(each) for each in cast("Sequence[object]", condition.value) if each is not None}
        return isinstance(value, list) and any(sort_key(item) in wanted for item in value)
    if condition.op == "in":
        return any(
            sort_key(each) == sort_key(value) for each in cast("Sequence[object]", condition.value) if each is not None
        )
    key, other = sort_key(value), sort_key(condition.value)
    if condition.op == "==":
        return key == other
    if condition.value is None or key[0] != other[0]:
        return False
    return {"<": key < other, "<=": key <= other, ">": key > other, ">=": key >= other}[condition.op]


class _Descending(str):
    """A sort key whose order is turned round."""

    __slots__ = ()

    def __lt__(self, other: str) -> bool:
        return str.__gt__(self, other)

    def __gt__(self, other: str) -> bool:
        return str.__lt__(self, other)


def _position(query: Query, document: Document) -> tuple[str, ...]:
    keys = [_turned(name, sort_key(field_of(document.data, name.removeprefix("-"))[0])) for name in query.order]
    return (*keys, document.path)


def _behind(query: Query) -> tuple[str, ...]:
    after = query.after or ()
    keys = [_turned(name, sort_key(value)) for name, value in zip(query.order, after[:-1], strict=True)]
    return (*keys, cast("str", after[-1]))


def _turned(name: str, key: str) -> str:
    return _Descending(key) if name.startswith("-") else key
