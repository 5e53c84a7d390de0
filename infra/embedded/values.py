"""Document values as JSON text and back, and as texts that sort as the store orders values. Knows nothing of SQL.

Datetimes lie in the JSON as marked strings, kept to the microsecond. What Firestore would refuse is refused here.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import cast

import msgspec

from shared.errors import Bug
from shared.ports import SERVER_TIME

MARK = "\x01"
"""Opens a string that is not simply itself: `\\x01t` a datetime, `\\x01s` a string that begins with the mark."""
TIME_MARK = f"{MARK}t"
_NEVER = datetime.max.replace(tzinfo=UTC)
INT64 = range(-(2**63), 2**63)


def encoded(data: Mapping[str, object], server_time: datetime) -> str:
    """The document's data as JSON text, with `SERVER_TIME` filled in.

    Raises:
        Bug: A value is neither JSON nor an aware datetime, or no store could keep it.
    """
    try:
        return msgspec.json.encode(_map(data, server_time)).decode()
    except UnicodeEncodeError as fault:
        raise Bug("a document holds half of a surrogate pair, which is no text") from fault


def decoded(text: str) -> dict[str, object]:
    """What `encoded` was given, with tuples become lists and datetimes in UTC."""
    return cast("dict[str, object]", _plain(msgspec.json.decode(text)))


def instant(moment: datetime) -> str:
    """An aware datetime as text of fixed length that sorts by time."""
    if moment.tzinfo is None:
        raise Bug("a document holds a datetime without a zone")
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")


def sort_key(value: object) -> str:
    """A text that compares as the value does: null, booleans, numbers, times, strings, in this order; then all else."""
    match value:
        case None:
            return "a"
        case bool():
            return f"b{int(value)}"
        case int() | float():
            return f"c{_number_key(value)}"
        case datetime():
            return f"d{instant(value)}"
        case str():
            return f"e{value}"
    return f"f{msgspec.json.encode(_stored(value, _NEVER), order='sorted').decode()}"


def of_kind(key: str) -> tuple[str, str]:
    """The half-open range of all keys of the same kind as this one: a comparison never crosses kinds."""
    return key[0], chr(ord(key[0]) + 1)


def field_of(data: Mapping[str, object], dotted: str) -> tuple[object, bool]:
    """The value that a dotted name reaches, and whether there is one."""
    here: object = data
    for part in dotted.split("."):
        if not isinstance(here, Mapping) or part not in here:
            return None, False
        here = here[part]
    return here, True


def _map(data: Mapping[str, object], server_time: datetime) -> dict[str, object]:
    stored = {}
    for name, value in data.items():
        if not isinstance(name, str):
            raise Bug(f"a document has a field named by a {type(name).__name__}")
        stored[name] = f"{MARK}t{instant(server_time)}" if value is SERVER_TIME else _stored(value, server_time)
    return stored


def _stored(value: object, server_time: datetime) -> object:
    match value:
        case None | bool():
            return value
        case str():
            return f"{MARK}s{value}" if value.startswith(MARK) else value
        case int() if value in INT64:
            return value
        case float() if math.isfinite(value):
            return value
        case datetime():
            return f"{MARK}t{instant(value)}"
        case Mapping():
            return _map(value, server_time)
        case list() | tuple():
            return [_stored(item, server_time) for item in value]
    raise Bug(f"a document holds a {type(value).__name__} that no store can keep")


def _plain(value: object) -> object:
    match value:
        case str() if value.startswith(MARK):
            return datetime.fromisoformat(value[2:]).replace(tzinfo=UTC) if value[1] == "t" else value[2:]
        case list():
            return [_plain(item) for item in value]
        case dict():
            return {name: _plain(item) for name, item in value.items()}
    return value


def _number_key(value: float) -> str:
    """Sixteen hexadecimal digits that sort as doubles do, then what an integer has beyond its double."""
    double = float(value) + 0.0
    bits = int.from_bytes(struct.pack(">d", double), "big")
    bits = bits ^ 0xFFFF_FFFF_FFFF_FFFF if bits >> 63 else bits | 0x8000_0000_0000_0000
    beyond = value - int(double) if isinstance(value, int) else 0
    return f"{bits:016x}{beyond + 0x1000:04x}"
