"""Google's own description of Calendar v3 and Tasks v1, as google-api-python-client carries it. Start at `load`."""

import re
from functools import cache
from importlib.resources import files

import msgspec

from infra.simulator.wire import JsonObject

CALENDAR_BASE, TASKS_BASE = "/calendar/v3/", "/tasks/v1/"
BASES = (CALENDAR_BASE, TASKS_BASE)
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

    @property
    def full_name(self) -> str:
        """The method with its API, as Google names it."""
        return self.id if self.id.startswith("tasks.") else f"calendar.{self.id}"


class Discovery(msgspec.Struct, frozen=True, kw_only=True):
    """All methods, by verb and number of path segments, and all schemas."""

    methods: dict[tuple[str, int], list[Method]]
    schemas: dict[str, JsonObject]
    common: dict[str, JsonObject]

    def find(self, verb: str, path: str) -> tuple[Method, dict[str, str]] | None:
        """Find the method that a percent-encoded path addresses, with its raw path parameters."""
        for method in self.methods.get((verb, path.count("/")), ()):
            match = method.pattern.fullmatch(path)
            if match is not None:
                return method, match.groupdict()
        return None


@cache
def load() -> Discovery:
    """Read the documents once; no schema of one has a name of the other's."""
    calendar, tasks = _document("calendar.v3"), _document("tasks.v1")
    table: dict[tuple[str, int], list[Method]] = {}
    for method in [*_methods(calendar, CALENDAR_BASE), *_methods(tasks, "/")]:
        table.setdefault((method.verb, method.segments), []).append(method)
    for group in table.values():
        group.sort(key=lambda method: method.pattern.groups)
    return Discovery(methods=table, schemas=calendar["schemas"] | tasks["schemas"], common=calendar["parameters"])


def _document(name: str) -> JsonObject:
    source = files("googleapiclient").joinpath(f"discovery_cache/documents/{name}.json")
    document: JsonObject = msgspec.json.decode(source.read_bytes())
    return document


def _methods(node: JsonObject, base: str) -> list[Method]:
    found = [_method(entry, base) for entry in node.get("methods", {}).values()]
    for resource in node.get("resources", {}).values():
        found += _methods(resource, base)
    return found


def _method(entry: JsonObject, base: str) -> Method:
    path = f"{base}{entry['path']}"
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
