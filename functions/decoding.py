"""Bodies and query parameters to types, with every fault named at once.

msgspec decodes and stops at the first fault; only then `jsonschema` goes through the same type's schema and lists them
all. Faults name places and what would be right, never the value that was sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

import msgspec

from shared.errors import BadRequest, Fault, Invalid

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

T = TypeVar("T")


def decode(body: bytes, kind: type[T]) -> T:
    """The JSON body as its type.

    Raises:
        BadRequest: It is not JSON.
        Invalid: Something in it is unknown, missing or malformed; every fault is named.
    """
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as first:
        raise Invalid(_every_fault(read_json(body), kind, first)) from first
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise _not_json() from fault


def convert_value(value: object, kind: type[T]) -> T:
    """A part of a body that was decoded before, as its type; raises Invalid as `decode` does."""
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as first:
        raise Invalid(_every_fault(value, kind, first)) from first


def read_json(body: bytes) -> object:
    """Any JSON.

    Raises:
        BadRequest: It is none, or nested deeper than anything sensible.
    """
    try:
        return cast("object", msgspec.json.decode(body))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise _not_json() from fault


def parse_query(given: Mapping[str, Sequence[str]], kind: type[T]) -> T:
    """The query parameters as their type; each may be given once.

    Raises:
        Invalid: A parameter is unknown, malformed, missing or repeated; every fault is named.
    """
    fields = {field.encode_name: field for field in msgspec.structs.fields(cast("Any", kind))}
    faults: list[Fault] = []
    values: dict[str, object] = {}
    for name, texts in given.items():
        if name not in fields:
            faults.append(Fault(name, f"is not a parameter here; known: {', '.join(sorted(fields)) or 'none'}"))
        elif len(texts) != 1:
            faults.append(Fault(name, "may be given once"))
        else:
            try:
                values[fields[name].name] = msgspec.convert(texts[0], fields[name].type, strict=False)
            except msgspec.ValidationError as first:
                faults.append(Fault(name, _parameter_fault(texts[0], fields[name].type, first)))
    faults += [Fault(name, "is required") for name, field in fields.items() if field.required and name not in given]
    if faults:
        raise Invalid(faults)
    return kind(**values)


def _every_fault(value: object, kind: object, first: msgspec.ValidationError) -> list[Fault]:
    """What the schema finds; what only msgspec can see (a number out of range) otherwise."""
    from functions.schema_faults import faults_in, pointer_in

    return faults_in(value, kind) or [Fault(*pointer_in(str(first)))]


def _parameter_fault(text: str, kind: object, first: msgspec.ValidationError) -> str:
    """A parameter is a text, also where a number is meant; so the number's faults are told, if it is one."""
    from functions.schema_faults import faults_in

    found = faults_in(text, kind)
    if text.lstrip("-").isdecimal() and len(text) <= 18:
        found = faults_in(int(text), kind) or found
    return found[0].detail if found else str(first)


def _not_json() -> BadRequest:
    return BadRequest("the body is not JSON in UTF-8")
