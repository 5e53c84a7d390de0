"""Reads JSON that somebody else wrote: a value of the wrong kind is a value that is not there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

Json: TypeAlias = object
"""A decoded JSON value; nothing is known about it yet."""

_NOTHING: Mapping[str, object] = {}


def mapping(value: Json) -> Mapping[str, object]:
    """The object, or an empty one."""
    return value if isinstance(value, dict) else _NOTHING


def listing(fields: Mapping[str, object], name: str) -> list[object]:
    """The named list, or an empty one."""
    value = fields.get(name)
    return value if isinstance(value, list) else []


def word(fields: Mapping[str, object], name: str) -> str | None:
    """The named text; empty is None."""
    value = fields.get(name)
    return value if isinstance(value, str) and value else None


def flag(fields: Mapping[str, object], name: str) -> bool:
    """Whether the named field is `true`; Google leaves out what is false."""
    return fields.get(name) is True


def texts(fields: Mapping[str, object]) -> dict[str, str]:
    """The fields that are texts, empty ones too."""
    return {name: value for name, value in fields.items() if isinstance(value, str)}
