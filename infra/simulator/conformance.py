"""Requests and answers held against Google's discovery document. Start at `check_query`, `check_body`, `faults_in`."""

import re

from infra.simulator import discovery
from infra.simulator.wire import ApiError, JsonObject, parameter_error

_INTEGER = re.compile(r"-?\d+")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)?")
_TYPES = {"string": str, "boolean": bool, "object": dict, "array": list}


def check_query(method: discovery.Method, values: dict[str, list[str]]) -> None:
    """Refuse a parameter the method does not have, a repeated one that may not repeat, and a value of another type.

    Raises:
        ApiError: 400 invalidParameter, naming the parameter.
    """
    common = discovery.load().common
    for name, given in values.items():
        spec = method.parameters.get(name) or common.get(name)
        if spec is None or spec.get("location") == "path":
            raise parameter_error("invalidParameter", f"Unknown parameter '{name}' for {method.id}.", name)
        if len(given) > 1 and not spec.get("repeated"):
            raise parameter_error("invalidParameter", f"Parameter '{name}' may be given once only.", name)
        for text in given:
            if not _parameter_fits(spec, text):
                raise parameter_error("invalidParameter", f"Invalid {spec['type']} value: '{text}'.", name)
    for name, spec in method.parameters.items():
        if spec.get("required") and spec.get("location") == "query" and name not in values:
            raise parameter_error("required", f"Required parameter: {name}", name)


def _parameter_fits(spec: JsonObject, text: str) -> bool:
    match spec["type"]:
        case "boolean":
            return text in {"true", "false"}
        case "integer":
            if not _INTEGER.fullmatch(text):
                return False
            return int(spec.get("minimum", text)) <= int(text) <= int(spec.get("maximum", text))
    if spec.get("format") == "date-time":
        return True
    return "enum" not in spec or text in spec["enum"]


def check_body(method: discovery.Method, body: JsonObject, *, unknown: bool) -> None:
    """Refuse a body that the method's schema does not describe; `unknown` false lets unknown fields pass.

    Raises:
        ApiError: 400 badRequest, naming the place.
    """
    if method.request is None:
        return
    found = faults_in(method.request, body, unknown=unknown)
    if found:
        raise ApiError(400, "badRequest", f"Invalid {method.request} in the request: {found[0]}")


def faults_in(schema: str, document: object, *, unknown: bool = True) -> list[str]:
    """Give every way in which a document is not what the schema says; null stands for an absent value."""
    found: list[str] = []
    _walk({"$ref": schema}, document, schema, found, unknown=unknown)
    return found


def _walk(spec: JsonObject, value: object, place: str, found: list[str], *, unknown: bool) -> None:
    if "$ref" in spec:
        spec = discovery.load().schemas[spec["$ref"]]
    kind = spec.get("type", "any")
    if value is None or kind == "any":
        return
    if not _of_kind(kind, value):
        found.append(f"{place} must be {kind}, is {type(value).__name__}")
    elif isinstance(value, dict):
        properties, rest = spec.get("properties", {}), spec.get("additionalProperties")
        for key, below in value.items():
            inner = properties.get(key, rest)
            if inner is not None:
                _walk(inner, below, f"{place}.{key}", found, unknown=unknown)
            elif unknown:
                found.append(f"{place}.{key} is unknown")
    elif isinstance(value, list):
        for index, below in enumerate(value):
            _walk(spec["items"], below, f"{place}[{index}]", found, unknown=unknown)
    elif isinstance(value, str) and not _of_format(spec.get("format"), value):
        found.append(f"{place} must have format {spec['format']}, is {value!r}")


def _of_kind(kind: str, value: object) -> bool:
    if kind in {"integer", "number"}:
        return isinstance(value, int if kind == "integer" else (int, float)) and not isinstance(value, bool)
    return isinstance(value, _TYPES[kind])


def _of_format(name: str | None, value: str) -> bool:
    match name:
        case "date":
            return _DATE.fullmatch(value) is not None
        case "date-time":
            return _DATE_TIME.fullmatch(value) is not None
        case "int64":
            return _INTEGER.fullmatch(value) is not None
    return True
