"""The parameters of `events.list`, read and checked, and which events they let through. Start at `read_query`.

Source: https://developers.google.com/workspace/calendar/api/v3/reference/events/list
"""

from collections.abc import Mapping

import msgspec

from infra.simulator.fields import EVENT_TYPES
from infra.simulator.model import Event
from infra.simulator.times import parameter_instant
from infra.simulator.tokens import digest
from infra.simulator.wire import ApiError, parameter_error

DEFAULT_PAGE, LARGEST_PAGE = 250, 2500
NOT_WITH_SYNC_TOKEN = (
    "iCalUID",
    "orderBy",
    "privateExtendedProperty",
    "q",
    "sharedExtendedProperty",
    "timeMin",
    "timeMax",
    "updatedMin",
)
NO_TOKEN_AFTER = frozenset(NOT_WITH_SYNC_TOKEN) - {"timeMin", "timeMax"}
Values = Mapping[str, list[str]]


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """One listing's parameters; instants in microseconds since the epoch."""

    max_results: int
    single_events: bool
    show_deleted: bool
    time_zone: str | None
    max_attendees: int | None
    event_types: frozenset[str]
    uid: str | None
    time_min: int | None
    time_max: int | None
    updated_min: int | None
    text: str | None
    order_by: str | None
    private: tuple[tuple[str, str], ...]
    shared: tuple[tuple[str, str], ...]
    sync_token: str | None
    page_token: str | None
    whole: int
    lasting: int
    gives_token: bool

    def lets_through(self, event: Event) -> bool:
        """Tell whether the filters other than deletion and time range keep an event."""
        fields = event.fields
        if self.event_types and fields.get("eventType", "default") not in self.event_types:
            return False
        if self.uid is not None and (event.shown_uid or event.ical_uid) != self.uid:
            return False
        properties = fields.get("extendedProperties", {})
        if self.private and not _any(properties.get("private", {}), self.private):
            return False
        if self.shared and not _any(properties.get("shared", {}), self.shared):
            return False
        if self.updated_min is not None and event.updated_us < self.updated_min:
            return False
        return self.text is None or self.text in _searchable(event)

    def in_range(self, start_us: int, end_us: int) -> bool:
        """Tell whether a time lies in the range: its end after timeMin, its start before timeMax."""
        if self.time_min is not None and end_us <= self.time_min:
            return False
        return self.time_max is None or start_us < self.time_max


def read_query(values: Values) -> Query:
    """Read and check the parameters.

    Raises:
        ApiError: 400 for a bad value, an empty range, an order that is not available, or what a sync token forbids.
    """
    sync_token = _one(values, "syncToken")
    single = _flag(values, "singleEvents")
    order_by = _one(values, "orderBy")
    if sync_token is not None:
        for name in NOT_WITH_SYNC_TOKEN:
            if name in values:
                raise _bad(name, "Sync token cannot be used with other query restrictions.")
        if _one(values, "showDeleted") == "false":
            raise _bad("showDeleted", "Deleted events are always included when a sync token is given.")
    if order_by == "startTime" and not single:
        raise _bad("orderBy", "The requested ordering is not available for the particular query.")
    if order_by not in {None, "startTime", "updated"}:
        raise _bad("orderBy", "Invalid value for: orderBy")
    types = frozenset(values.get("eventTypes", ()))
    if types - EVENT_TYPES:
        raise _bad("eventTypes", "Invalid value for: eventTypes")
    low, high = _moment(values, "timeMin"), _moment(values, "timeMax")
    if low is not None and high is not None and low >= high:
        raise parameter_error("timeRangeEmpty", "The specified time range is empty.", "timeMax", domain="calendar")
    text = _one(values, "q")
    return Query(
        max_results=min(_number(values, "maxResults") or DEFAULT_PAGE, LARGEST_PAGE),
        single_events=single,
        show_deleted=_flag(values, "showDeleted"),
        time_zone=_one(values, "timeZone"),
        max_attendees=_number(values, "maxAttendees"),
        event_types=types,
        uid=_one(values, "iCalUID"),
        time_min=low,
        time_max=high,
        updated_min=_moment(values, "updatedMin"),
        text=text.lower() if text else None,
        order_by=order_by,
        private=_pairs(values, "privateExtendedProperty"),
        shared=_pairs(values, "sharedExtendedProperty"),
        sync_token=sync_token,
        page_token=_one(values, "pageToken"),
        whole=digest(sorted((key, value) for key, value in values.items() if key != "pageToken")),
        lasting=digest(
            single,
            sorted(types),
            _one(values, "timeZone"),
            _one(values, "maxAttendees"),
            _one(values, "maxResults"),
            _flag(values, "showHiddenInvitations"),
        ),
        gives_token=not (NO_TOKEN_AFTER & values.keys()),
    )


def _one(values: Values, name: str) -> str | None:
    found = values.get(name)
    return found[-1] if found else None


def _flag(values: Values, name: str) -> bool:
    return _one(values, name) == "true"


def _number(values: Values, name: str) -> int | None:
    text = _one(values, name)
    if text is None:
        return None
    if not text.isdigit() or int(text) < 1:
        raise parameter_error("invalidParameter", f"Invalid integer value: '{text}'.", name)
    return int(text)


def _moment(values: Values, name: str) -> int | None:
    text = _one(values, name)
    return None if text is None else parameter_instant(text, name)


def _pairs(values: Values, name: str) -> tuple[tuple[str, str], ...]:
    found = []
    for text in values.get(name, ()):
        key, equals, value = text.partition("=")
        if not equals:
            raise _bad(name, f"Invalid value for: {name}")
        found.append((key, value))
    return tuple(found)


def _any(properties: Mapping[str, str], wanted: tuple[tuple[str, str], ...]) -> bool:
    return any(properties.get(key) == value for key, value in wanted)


def _searchable(event: Event) -> str:
    fields = event.fields
    parts = [str(fields.get(key, "")) for key in ("summary", "description", "location")]
    parts += [f"{guest['email']} {guest.get('displayName', '')}" for guest in fields.get("attendees", ())]
    return "\n".join(parts).lower()


def _bad(name: str, message: str) -> ApiError:
    return parameter_error("invalid", message, name)
