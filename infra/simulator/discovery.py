"""Google's own description of Calendar v3, read from the file google-api-python-client carries. Start at `load`."""

import re
from functools import cache
from importlib.resources import files

import msgspec

from infra.simulator.wire import JsonObject

BASE = "/calendar/v3/"
SCOPE_PREFIX = "https://www.googleapis.com/auth/"


class Method(msgspec.Struct, frozen=True, kw_only=True):
    """One method of the API: how it is addressed, what it takes, which scopes open it."""

    id: str
    verb: str
    pattern: re.Pattern[str]
    segments: int
    parameters: dict[str, JsonObject]
    scopes: frozenset[str]
    request: str | None
    response: str | None


class Discovery(msgspec.Struct, frozen=True, kw_only=True):
    """All methods, by verb and number of path segments, and all schemas."""

    methods: dict[tuple[str, int], list[Method]]
    schemas: dict[str, JsonObject]
    common: dict[str, JsonObject]

    def find(self, verb: str, path: str) -> tuple[Method, dict[str, str]] | None:
        """Find the method that a percent-encoded path under the base addresses, with its raw path parameters."""
        for method in self.methods.get((verb, path.count("/")), ()):
            match = method.pattern.fullmatch(path)
            if match is not None:
                return method, match.groupdict()
        return None


@cache
def load() -> Discovery:
    """Read the document once."""
    source = files("googleapiclient").joinpath("discovery_cache/documents/calendar.v3.json")
    document: JsonObject = msgspec.json.decode(source.read_bytes())
    table: dict[tuple[str, int], list[Method]] = {}
    for method in _methods(document):
        table.setdefault((method.verb, method.segments), []).append(method)
    for group in table.values():
        group.sort(key=lambda method: method.pattern.groups)
    return Discovery(methods=table, schemas=document["schemas"], common=document["parameters"])


def _methods(node: JsonObject) -> list[Method]:
    found = [_method(entry) for entry in node.get("methods", {}).values()]
    for resource in node.get("resources", {}).values():
        found += _methods(resource)
    return found


def _method(entry: JsonObject) -> Method:
    path: str = entry["path"]
    return Method(
        id=entry["id"].removeprefix("calendar."),
        verb=entry["httpMethod"],
        pattern=re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path)),
        segments=path.count("/"),
        parameters=entry.get("parameters", {}),
        scopes=frozenset(entry.get("scopes", ())),
        request=entry.get("request", {}).get("$ref"),
        response=entry.get("response", {}).get("$ref"),
    )
