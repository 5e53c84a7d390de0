"""What a task's fields may not say together."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from msgspec.structs import replace

from shared.model.content import Attendee, Content
from shared.sync.checks import check_content
from tests.unit.sync import made

DAY, MORNING, NOON = "2026-11-21", "2026-11-21T10:00:00+01:00", "2026-11-21T12:00:00+01:00"
LOCAL = "2026-11-21T10:00:00"


def pointers(**fields: object) -> list[str]:
    return [fault.pointer for fault in check_content(replace(Content(), **fields))]


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"start": "soon"}, "/start"),
        ({"start": "2026-02-30"}, "/start"),
        ({"start": MORNING, "end": "later"}, "/end"),
        ({"start": DAY, "end": NOON}, "/end"),
        ({"start": MORNING, "end": DAY}, "/end"),
        ({"start": NOON, "end": MORNING}, "/end"),
        ({"start": DAY, "end": DAY}, "/end"),
        ({"start": DAY, "end": "2026-11-20"}, "/end"),
        ({"end": NOON}, "/end"),
        ({"start": None, "end": NOON}, "/end"),
        ({"start": LOCAL, "end": NOON}, "/end"),
        ({"start": LOCAL, "end": "2026-11-21T09:00:00"}, "/end"),
        ({"start": LOCAL, "end": "2026-11-21T08:59:00Z", "time_zone": "Europe/Rome"}, "/end"),
        ({"start": LOCAL, "time_zone": "Rome"}, "/time_zone"),
        ({"time_zone": "W. Europe Standard Time"}, "/time_zone"),
        ({"start": MORNING, "recurrence": ("RRULE:FREQ=DAILY",)}, "/time_zone"),
        ({"recurrence": ("RRULE:FREQ=DAILY",)}, "/recurrence"),
        ({"start": DAY, "recurrence": ("RRULE:FREQ=HOURLY",)}, "/recurrence/0"),
        ({"start": DAY, "recurrence": ("RRULE:FREQ=DAILY", "EXDATE:20261121T090000Z")}, "/recurrence/1"),
        ({"attendees": (Attendee(email="a@x.com"), Attendee(email="A@X.com"))}, "/attendees/1/email"),
        ({"attendees": tuple(Attendee(email=f"a{n}@x.com") for n in range(201))}, "/attendees"),
        ({"updated_at": datetime(2026, 11, 21)}, "/updated_at"),  # noqa: DTZ001 - that is the fault
    ],
)
def test_a_fault_is_pointed_at(fields: dict[str, Any], pointer: str) -> None:
    assert pointers(**fields) == [pointer]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"start": DAY},
        {"start": DAY, "end": "2026-11-22", "recurrence": ("RRULE:FREQ=DAILY",)},
        {"start": LOCAL},
        {"start": LOCAL, "end": "2026-11-21T10:00:00"},
        {"start": LOCAL, "end": NOON, "time_zone": "Europe/Rome"},
        {"start": MORNING, "time_zone": "Europe/Rome", "recurrence": ("RRULE:FREQ=DAILY",)},
        {"start": None, "end": None, "recurrence": None, "attendees": None, "time_zone": None},
        {"start": "2026-03-29T02:45", "end": "2026-03-29T03:15", "time_zone": "Europe/Rome"},
        {"updated_at": datetime(2026, 11, 21, tzinfo=UTC)},
    ],
)
def test_what_google_can_be_told_has_no_fault(fields: dict[str, Any]) -> None:
    assert pointers(**fields) == []


def test_all_faults_are_told_at_once() -> None:
    found = pointers(start="soon", end="later", time_zone="Mars/Olympus", recurrence=("RRULE:FREQ=HOURLY",))

    assert found == ["/start", "/end", "/time_zone", "/recurrence/0"]


@given(made.contents())
def test_generated_contents_are_sound(content: Content) -> None:
    assert check_content(content) == []
