"""The canonical fields: what both sides are reduced to before anything is compared. Start at `FIELDS`.

A value is plain JSON, equal exactly when a person would call it equal; `None` is "nothing there". A field that is
absent from a mapping of values was not said: by the CRM (it does not own the field) or by Google (it left guests out).

| field | value |
|---|---|
| title | one line without the check mark of `done`, or None |
| time | `{"start", "end"}`: two dates (end exclusive), or two UTC instants `…Z`; a timed series adds `"zone"` |
| location | one line, or None; the CRM's Zoom address where it has no other location |
| description | what people wrote, in the settings' format, without the generated lines; or None |
| private | whether the event is private |
| busy | whether the time is taken |
| reminders | None for the calendar's own, else a sorted list of `{"method", "minutes"}` |
| attendees | guests `{"email", "name"}` sorted by address; neither the account itself nor the organizer nor rooms |
| recurrence | RRULE, RDATE and EXDATE lines in one spelling, sorted; or None |
| details | the generated lines `{"above", "below"}` the description, or None |
| done | how a finished task shows: "check", "color", "free", or None |
| color | Google's colorId, or None for the calendar's own |
| url | the CRM's page of the task (Google's `source`), or None |
| conference | "google_meet", or None |

Only the CRM decides the last five: whatever Google says there is never taken. `color` and `busy` already hold what
`done` makes of them, so that a finished task's grey or free event is no edit by a person.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import msgspec

Value: TypeAlias = "bool | int | str | list[Value] | dict[str, Value] | None"
Fields: TypeAlias = Mapping[str, Value]
"""Canonical values by field name."""


class FieldSpec(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for one canonical field.

    Args:
        marker_key: Its name in the marker, one or two letters, never reused.
        two_way: Google's changes are taken; otherwise they are ignored.
        private: Google keeps it per copy, so it may be patched on a guest's copy.
        default: What a new event has when nobody says anything, and what a missing value reads as.
        contract_names: The fields of a task, as the API calls them, that it is made from or taken into.

    Source: https://developers.google.com/workspace/calendar/api/concepts/inviting-attendees-to-events
    """

    name: str
    marker_key: str
    contract_names: tuple[str, ...]
    two_way: bool = True
    private: bool = False
    default: Value = None


_DETAILS = ("type", "status", "priority", "contact", "deal", "zoom_url", "url", "notes", "title")

FIELDS: dict[str, FieldSpec] = {
    spec.name: spec
    for spec in (
        FieldSpec(name="title", marker_key="t", contract_names=("title",)),
        FieldSpec(name="time", marker_key="w", contract_names=("start", "end", "time_zone")),
        FieldSpec(name="location", marker_key="l", contract_names=("location",)),
        FieldSpec(name="description", marker_key="d", contract_names=("description",)),
        FieldSpec(name="private", marker_key="p", contract_names=("private",), default=False),
        FieldSpec(name="busy", marker_key="b", contract_names=("busy",), private=True, default=True),
        FieldSpec(name="reminders", marker_key="r", contract_names=("reminders",), private=True),
        FieldSpec(name="attendees", marker_key="a", contract_names=("attendees",), default=[]),
        FieldSpec(name="recurrence", marker_key="rr", contract_names=("recurrence",)),
        FieldSpec(name="completed", marker_key="k", contract_names=("status",), default=False),
        FieldSpec(name="details", marker_key="x", contract_names=_DETAILS, two_way=False),
        FieldSpec(name="done", marker_key="f", contract_names=("status",), two_way=False),
        FieldSpec(
            name="color", marker_key="c", contract_names=("color", "type", "status"), two_way=False, private=True
        ),
        FieldSpec(name="url", marker_key="u", contract_names=("url",), two_way=False),
        FieldSpec(name="conference", marker_key="m", contract_names=("conference",), two_way=False),
    )
}
TWO_WAY = frozenset(name for name, spec in FIELDS.items() if spec.two_way)
PRIVATE = frozenset(name for name, spec in FIELDS.items() if spec.private)
BY_MARKER_KEY = {spec.marker_key: name for name, spec in FIELDS.items()}
