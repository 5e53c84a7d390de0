"""Document values as Firestore's messages and back. Refuses what Firestore, or another store, could not keep.

Speaks protobuf's own classes, which take a tenth of the time of the wrappers around them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from google.cloud.firestore_v1.field_path import FieldPath
from google.cloud.firestore_v1.types import document
from google.protobuf.timestamp_pb2 import Timestamp

from shared.errors import Bug
from shared.ports import SERVER_TIME

Message: TypeAlias = Any
"""A protobuf message; the classes behind the client's wrappers carry no types."""

Value = document.Value.pb()
MapValue = document.MapValue.pb()
ArrayValue = document.ArrayValue.pb()
INT64 = range(-(2**63), 2**63)
WRAP = "_list"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def path_of(*names: str) -> str:
    """A field's path as Firestore writes it: names that are not plain words stand in backticks."""
    return str(FieldPath(*names).to_api_repr())


def encoded(data: Mapping[str, object], above: tuple[str, ...] = ()) -> tuple[dict[str, Message], list[str]]:
    """The fields of a document or map without those that are `SERVER_TIME`, and the paths of these.

    Args:
        data: Plain values and aware datetimes.
        above: The names of the fields within which this map stands.

    Raises:
        Bug: A value is neither JSON nor an aware datetime, or no store could keep it.
    """
    fields: dict[str, Message] = {}
    server_times: list[str] = []
    for name, value in data.items():
        if not isinstance(name, str):
            raise Bug(f"a document has a field named by a {type(name).__name__}")
        if value is SERVER_TIME:
            server_times.append(path_of(*above, name))
        elif isinstance(value, Mapping):
            inner, more = encoded(value, (*above, name))
            fields[name] = Value(map_value=MapValue(fields=inner))
            server_times += more
        else:
            fields[name] = value_of(value)
    return fields, server_times


def value_of(value: object) -> Message:
    """One value; `SERVER_TIME` is none.

    Raises:
        Bug: It is neither JSON nor an aware datetime, or no store could keep it.
    """
    match value:
        case None:
            return Value(null_value=0)
        case bool():
            return Value(boolean_value=value)
        case str():
            return Value(string_value=_text(value))
        case int() if value in INT64:
            return Value(integer_value=value)
        case float() if math.isfinite(value):
            return Value(double_value=value)
        case datetime():
            return Value(timestamp_value=_timestamp(value))
        case Mapping():
            fields, server_times = encoded(value)
            if server_times:
                raise Bug("a document holds the server's time inside a list, where no store fills it in")
            return Value(map_value=MapValue(fields=fields))
        case list() | tuple():
            return Value(array_value=ArrayValue(values=[_item(item) for item in value]))
    raise Bug(f"a document holds a {type(value).__name__} that no store can keep")


def decoded(fields: Mapping[str, Message]) -> dict[str, object]:
    """What `encoded` was given, with tuples become lists and datetimes in UTC."""
    return {name: plain(value) for name, value in fields.items()}


def plain(value: Message) -> object:
    """What one of Firestore's values says.

    Raises:
        Bug: Tandem writes no such value; somebody else did.
    """
    match value.WhichOneof("value_type"):
        case "null_value":
            return None
        case "boolean_value" | "integer_value" | "double_value" | "string_value" as kind:
            return getattr(value, kind)
        case "timestamp_value":
            return moment(value.timestamp_value)
        case "map_value":
            return decoded(value.map_value.fields)
        case "array_value":
            return [_unwrapped(plain(item)) for item in value.array_value.values]
        case kind:
            raise Bug(f"a document holds a {kind}, which Tandem never writes: mend the document by hand")


def moment(timestamp: Message) -> datetime:
    """Aware UTC; Firestore keeps no more than microseconds of what it is given."""
    return EPOCH + timedelta(seconds=timestamp.seconds, microseconds=timestamp.nanos // 1000)


def _item(value: object) -> Message:
    """A list's item. Firestore takes no list in a list, so that one stands in a map of its own."""
    match value:
        case list() | tuple():
            return value_of({WRAP: value})
        case Mapping() if len(value) == 1 and _is_wrap(name := next(iter(value))):
            return value_of({f"_{name}": value[name]})
    return value_of(value)


def _unwrapped(value: object) -> object:
    if isinstance(value, dict) and len(value) == 1 and _is_wrap(name := next(iter(value))):
        return value[name] if name == WRAP else {name[1:]: value[name]}
    return value


def _is_wrap(name: object) -> bool:
    """The map's only name is the one of a list's own map, or was, and got an underscore more."""
    return isinstance(name, str) and name.endswith(WRAP) and not name.removesuffix(WRAP).strip("_")


def _timestamp(at: datetime) -> Timestamp:
    if at.tzinfo is None:
        raise Bug("a document holds a datetime without a zone")
    micros = (at - EPOCH) // timedelta(microseconds=1)
    return Timestamp(seconds=micros // 1_000_000, nanos=micros % 1_000_000 * 1000)


def _text(value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError as fault:
        raise Bug("a document holds half of a surrogate pair, which is no text") from fault
    return value
