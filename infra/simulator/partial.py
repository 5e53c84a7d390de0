"""The `fields` parameter: only what was asked for is answered. Start at `selected`.

Source: https://developers.google.com/workspace/calendar/api/guides/performance#partial-response
"""

import re

from infra.simulator.wire import JsonObject, parameter_error

_PART = re.compile(r"[\w*]+|[(),/]")
Mask = dict[str, "Mask"]


def selected(document: JsonObject, expression: str) -> JsonObject:
    """Keep what an expression such as `items(id,start/date),nextPageToken` names.

    Raises:
        ApiError: 400 invalidParameter for an expression that cannot be read.
    """
    parts = _PART.findall(expression)
    fault = parameter_error("invalidParameter", f"Invalid field selection {expression}", "fields")
    if "".join(parts) != re.sub(r"\s", "", expression):
        raise fault
    mask, rest = _read(parts)
    if rest:
        raise fault
    kept = _kept(document, mask)
    return kept if isinstance(kept, dict) else {}


def _read(parts: list[str]) -> tuple[Mask, list[str]]:
    mask: Mask = {}
    while parts and parts[0] not in {")", ","}:
        below = mask.setdefault(parts[0], {})
        parts = parts[1:]
        while parts and parts[0] == "/":
            below = below.setdefault(parts[1] if len(parts) > 1 else "", {})
            parts = parts[2:]
        if parts and parts[0] == "(":
            inner, parts = _read(parts[1:])
            below.update(inner)
            parts = parts[1:]
        if parts and parts[0] == ",":
            parts = parts[1:]
    return mask, parts


def _kept(value: object, mask: Mask) -> object:
    if not mask or "*" in mask:
        return value
    if isinstance(value, list):
        return [_kept(entry, mask) for entry in value]
    if isinstance(value, dict):
        return {key: _kept(value[key], mask[key]) for key in value if key in mask}
    return value
