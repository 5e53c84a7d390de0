"""The store's queries as Firestore's. Knows no client, and leaves every comparison to Firestore.

Source: https://docs.cloud.google.com/firestore/docs/reference/rpc/google.firestore.v1#structuredquery
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, cast

from google.cloud.firestore_v1.types import query as types
from google.protobuf.wrappers_pb2 import Int32Value

from infra.gcp.firestore_values import Message, Value, path_of, value_of
from shared.errors import Bug

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.ports import Filter, Query

MAX_VALUES = 30
PATH = "__name__"

QueryMessage = types.StructuredQuery.pb()
Field = QueryMessage.FieldReference
Ordered = QueryMessage.Order
Condition = QueryMessage.Filter
OPERATORS = MappingProxyType(
    {
        "==": "EQUAL",
        "<": "LESS_THAN",
        "<=": "LESS_THAN_OR_EQUAL",
        ">": "GREATER_THAN",
        ">=": "GREATER_THAN_OR_EQUAL",
        "in": "IN",
        "array_contains_any": "ARRAY_CONTAINS_ANY",
    }
)


def holds_nothing(query: Query) -> bool:
    """No document can match: a comparison with null, which is neither less nor more than anything."""
    return any(
        not _values(each) if each.op in {"in", "array_contains_any"} else each.value is None and each.op != "=="
        for each in query.filters
    )


def parent_of(query: Query, *, root: str) -> str:
    """The document whose collections are asked, or the root of the database.

    Args:
        query: A group is asked from the root.
        root: What stands before the path of every document, with a slash at its end.
    """
    above = "" if query.group else query.collection.rpartition("/")[0]
    return (root + above).rstrip("/")


def query_of(query: Query, *, root: str) -> Message:
    """The whole query, with order, position and limit."""
    order, after = _order(query), query.after
    if after is not None and len(after) != len(query.order) + 1:
        raise Bug("a cursor has one value per order field, and the path")
    message = conditions_of(query)
    message.order_by.extend(
        Ordered(field=Field(field_path=_path(name)), direction="DESCENDING" if name.startswith("-") else "ASCENDING")
        for name in order
    )
    # Said, for Firestore's own choice is the last field's direction
    message.order_by.append(Ordered(field=Field(field_path=PATH), direction="ASCENDING"))
    message.limit.CopyFrom(Int32Value(value=query.limit))
    if after is not None:
        given = dict(zip(query.order, after[:-1], strict=True))
        message.start_at.before = False
        message.start_at.values.extend(value_of(given[name]) for name in order)
        message.start_at.values.append(Value(reference_value=root + cast("str", after[-1])))
    return message


def conditions_of(query: Query) -> Message:
    """What a document must fulfil, without order, position and limit.

    Raises:
        Bug: Firestore would refuse the query.
    """
    conditions = [_condition(each) for each in query.filters]
    message = QueryMessage()
    message.from_.add(collection_id=query.collection.rpartition("/")[2], all_descendants=query.group)
    if len(conditions) == 1:
        message.where.CopyFrom(conditions[0])
    elif conditions:
        message.where.composite_filter.op = "AND"
        message.where.composite_filter.filters.extend(conditions)
    return message


def _order(query: Query) -> list[str]:
    """The order without fields that have one value in all that is found; Firestore takes no order by them."""
    pinned = {each.field for each in query.filters if each.op == "=="}
    return [name for name in query.order if name.removeprefix("-") not in pinned]


def _condition(each: Filter) -> Message:
    field = Field(field_path=_path(each.field))
    if each.value is None and each.op == "==":
        return Condition(unary_filter=QueryMessage.UnaryFilter(field=field, op="IS_NULL"))
    value = value_of(_values(each) if each.op in {"in", "array_contains_any"} else each.value)
    return Condition(field_filter=QueryMessage.FieldFilter(field=field, op=OPERATORS[each.op], value=value))


def _values(each: Filter) -> list[object]:
    """The values of a comparison with several, without null, which equals nothing there.

    Raises:
        Bug: There are none, or more than Firestore compares.
    """
    values = cast("Sequence[object]", each.value)
    if not 1 <= len(values) <= MAX_VALUES:
        raise Bug(f"a query compares {each.field} with none or more than {MAX_VALUES} values")
    return [value for value in values if value is not None]


def _path(name: str) -> str:
    return path_of(*name.removeprefix("-").split("."))
