"""The index entries of one document: what lies beside it so that queries find it."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from infra.embedded.sqlite_query import scope_of
from infra.embedded.values import field_of, sort_key
from infra.indexes import MAX_FIELDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from infra.indexes import Index


def entries_of(path: str, data: Mapping[str, object], indexes: Sequence[Index]) -> set[tuple[str, ...]]:
    """The rows (scope, v1, v2, v3, path) of a document; none in an index of which it lacks a field."""
    collection = path.rpartition("/")[0]
    name = collection.rpartition("/")[2]
    rows: set[tuple[str, ...]] = set()
    for index in indexes:
        if index.collection == name:
            columns = [_keys(data, field, each=index.array and not number) for number, field in enumerate(index.fields)]
            unused = [("",)] * (MAX_FIELDS - len(columns))
            rows.update((scope_of(index, collection), *keys, path) for keys in product(*columns, *unused))
    return rows


def _keys(data: Mapping[str, object], field: str, *, each: bool) -> tuple[str, ...]:
    value, there = field_of(data, field)
    if not there:
        return ()
    if not each:
        return (sort_key(value),)
    return tuple({sort_key(item) for item in value}) if isinstance(value, list | tuple) else ()
