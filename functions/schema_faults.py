"""What is wrong with a JSON value, place by place: jsonschema's findings in words for people. Never quotes the value.

msgspec writes an optional value as `anyOf` with null; of such alternatives only the one that was meant is reported.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, cast

import msgspec
from jsonschema import Draft202012Validator, FormatChecker

from shared.errors import Fault
from shared.sync.zoned import read_when, zone_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from jsonschema.exceptions import ValidationError

_NAMES = {"array": "a list", "boolean": "true or false", "integer": "a whole number", "null": "null"}
_NAMES |= {"number": "a number", "object": "an object", "string": "a text"}
_FORMATS = {
    "date-time": "a date-time with an offset, such as 2026-05-01T09:00:00Z",
    "date": "a date, YYYY-MM-DD",
    "date-or-date-time": "a date as 2026-11-21 or a date-time as 2026-11-21T10:00:00+01:00, in the years 1000 to 9998",
    "time-zone": "the IANA name of a time zone, such as Europe/Rome",
}
_END = "$(?!\\n)"
_PATTERNS = {
    "^[A-Za-z0-9._:@+-]{1,128}": "1 to 128 of A-Z a-z 0-9 . _ : @ + -",
    "^#[0-9A-Fa-f]{6}": "a colour such as #3B82F6",
    "^https?://[^\\s]+": "an http or https address",
    "^https?://[!-~]+": "an http or https address, in ASCII",
    "^https://[^\\s]+": "an https address",
    "^[!-~]+": "as Google shows it, in ASCII and without blanks",
    "^[0-9a-v]{26}": "an id of ours: 26 of 0-9 and a-v",
    "\\S": "a text that is not blank",
    "^https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?": "an origin such as https://crm.example",
    '^[^@\\s<>",;]+@[^@\\s<>",;]+': "a mail address",
    "^[a-z]{2}(-[A-Z]{2})?": "a language such as en or pt-BR",
    "^([01][0-9]|2[0-3]):[0-5][0-9]$(?!\\n)|^24:00": "a time of day such as 08:00",
}
_MOST = 200
"""Faults named at once; more would be no help."""


def faults_in(value: object, kind: object) -> list[Fault]:
    """Every fault of the value, as JSON pointers in the order of places; empty when its schema finds none."""
    found = _flat(_validator(kind).iter_errors(cast("Any", value)))
    named = {(pointer, detail): Fault(pointer, detail) for pointer, detail in found}
    return list(named.values())[:_MOST]


def words_for(pattern: str) -> str | None:
    """What a text that matches is, for people; None for a pattern that nobody has put into words."""
    return _PATTERNS.get(pattern.removesuffix(_END))


def pointer_of(parts: Iterable[object]) -> str:
    """A JSON pointer (RFC 6901)."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def pointer_in(message: str) -> tuple[str, str]:
    """A msgspec message as pointer and detail: it ends in a path such as `$.tasks[3].title`."""
    detail, _, path = message.partition(" - at `$")
    parts = [name or index for name, index in re.findall(r"\.([^.\[\]`]+)|\[(\d+)\]", path)]
    return pointer_of(parts), detail


@cache
def _validator(kind: object) -> Draft202012Validator:
    return Draft202012Validator(msgspec.json.schema(kind), format_checker=_formats())


@cache
def _formats() -> FormatChecker:
    from datetime import date, datetime

    formats = FormatChecker(formats=())
    for name, kind in (("date-time", Annotated[datetime, msgspec.Meta(tz=True)]), ("date", date)):

        def fits(value: object, kind: object = kind) -> bool:
            return not isinstance(value, str) or msgspec.convert(value, cast("Any", kind)) is not None

        formats.checks(name, raises=msgspec.ValidationError)(fits)
    formats.checks("date-or-date-time", raises=ValueError)(_is_when)
    formats.checks("time-zone")(_is_zone)
    return formats


def _is_when(value: object) -> bool:
    return not isinstance(value, str) or not value or bool(read_when(value))


def _is_zone(value: object) -> bool:
    return not isinstance(value, str) or not value or zone_of(value) is not None


def _flat(errors: Iterable[ValidationError]) -> Iterator[tuple[str, str]]:
    for error in errors:
        place = list(error.absolute_path)
        schema = error.schema if isinstance(error.schema, dict) else {}
        match error.validator:
            case "additionalProperties":
                known = schema.get("properties", {})
                for name in _strings(error.instance):
                    if name not in known:
                        yield pointer_of([*place, name]), "is not a field here"
            case "required":
                for name in cast("list[str]", error.validator_value):
                    if name not in _strings(error.instance):
                        yield pointer_of([*place, name]), "is required"
            case "anyOf":
                yield from _alternatives(error)
            case _:
                yield pointer_of(place), _detail(error)


def _alternatives(error: ValidationError) -> Iterator[tuple[str, str]]:
    """The faults of the alternative whose type was met; if none was, what types there are."""
    branches: dict[object, list[ValidationError]] = {}
    for inner in error.context or ():
        branches.setdefault(inner.schema_path[0], []).append(inner)
    depth = len(error.absolute_path)
    meant = [
        branch
        for branch in branches.values()
        if not any(each.validator in {"type", "const"} and len(each.absolute_path) == depth for each in branch)
    ]
    if meant:
        yield from _flat(meant[0])
    else:
        kinds = [_expected(each) for branch in branches.values() for each in branch]
        yield pointer_of(error.absolute_path), f"must be {' or '.join(dict.fromkeys(kinds))}"


def _expected(error: ValidationError) -> str:
    return _detail(error).removeprefix("must be ")


def _detail(error: ValidationError) -> str:
    wanted: Any = error.validator_value
    match error.validator:
        case "type":
            names = [wanted] if isinstance(wanted, str) else list(wanted)
            return f"must be {' or '.join(_NAMES[name] for name in names)}"
        case "enum":
            return f"must be one of {', '.join(str(each) for each in wanted)}"
        case "const":
            return f"must be {wanted}"
        case "pattern":
            return f"must be {words_for(str(wanted)) or f'a text that matches {wanted}'}"
        case "format":
            return f"must be {_FORMATS.get(wanted, wanted)}"
        case _:
            return f"must have {_LIMITS[str(error.validator)].format(wanted)}"


_LIMITS = {
    "maxLength": "at most {} characters",
    "minLength": "at least {} characters",
    "maxItems": "at most {} items",
    "minItems": "at least {} items",
    "maxProperties": "at most {} fields",
    "minProperties": "at least {} fields",
    "maximum": "a value of at most {}",
    "minimum": "a value of at least {}",
    "exclusiveMaximum": "a value below {}",
    "exclusiveMinimum": "a value above {}",
}


def _strings(instance: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", instance) if isinstance(instance, dict) else {}
