"""Which tasks want an event, which events become tasks, which days a run looks at."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

import pytest
from msgspec.structs import replace

from shared.google.events import Event, Guest
from shared.model.content import Content
from shared.model.ids import EventId
from shared.model.settings import Hours, Settings, Window
from shared.model.times import AllDay, Timed, When
from shared.sync.crm_fields import Rendering
from shared.sync.policy import arrives, in_window, is_marked, qualifies, within_hours

ROME = "Europe/Rome"
SATURDAY = "2026-11-21"
OFFICE = Hours(start="08:00", end="18:00", days=(1, 2, 3, 4, 5))
NIGHT = Hours(start="22:00", end="06:00", days=(6,))
NOW = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)  # already Sunday in Rome


def at(text: str, minutes: int = 30) -> Timed:
    start = datetime.fromisoformat(text).astimezone(UTC)
    return Timed(start=start, end=start + timedelta(minutes=minutes))


def days(start: str, count: int = 1) -> AllDay:
    first = date.fromisoformat(start)
    return AllDay(start=first, end=first + timedelta(days=count))


def event(**said: object) -> Event:
    bare = Event(id=EventId("abcde"), etag='"1"', when=days(SATURDAY))
    return replace(bare, **said)


@pytest.mark.parametrize(
    ("fields", "settings", "created_in", "reason"),
    [
        ({}, {}, "crm", None),
        ({"start": None}, {}, "crm", "no_start"),
        ({"sync": False}, {}, "crm", "not_selected"),
        ({}, {"auto_sync": False}, "crm", "not_selected"),
        ({"sync": None}, {"auto_sync": False}, "crm", "not_selected"),
        ({"sync": True}, {"auto_sync": False}, "crm", None),
        ({}, {"direction": "from_google"}, "crm", "direction"),
        ({}, {"direction": "from_google"}, "google", None),
        ({}, {"direction": "to_google"}, "google", None),
        ({"private": True}, {}, "crm", None),
        ({"private": True}, {"private_events": "to_google_only"}, "crm", None),
        ({"private": True}, {"private_events": "to_crm_only"}, "crm", "private"),
        ({"private": True}, {"private_events": "to_crm_only"}, "google", None),
        ({"private": True}, {"private_events": "skip"}, "google", "private"),
        ({"private": None}, {"private_events": "skip"}, "crm", None),
        ({}, {"hours": OFFICE}, "crm", "hours"),
    ],
)
def test_a_task_wants_an_event_or_says_why_not(
    fields: dict[str, Any], settings: dict[str, Any], created_in: Literal["crm", "google"], reason: str | None
) -> None:
    content = Content(**({"start": SATURDAY} | fields))
    rendering = Rendering(settings=Settings(**settings), time_zone=ROME)

    assert qualifies(content, rendering, created_in=created_in) == reason


@pytest.mark.parametrize(
    ("said", "settings", "reason"),
    [
        ({}, {}, None),
        ({}, {"import_external": "off"}, "import_off"),
        ({}, {"direction": "to_google"}, "direction"),
        ({}, {"direction": "from_google"}, None),
        ({"recurring_event_id": EventId("root0")}, {}, "occurrence"),
        ({"event_type": "birthday"}, {}, "event_type"),
        ({"event_type": "new"}, {}, "event_type"),
        ({"guests": (Guest(email="me@x.com", is_self=True, response="declined"),)}, {}, "declined"),
        ({"guests": (Guest(email="ann@x.com", response="declined"),)}, {}, None),
        ({"visibility": "private"}, {}, None),
        ({"visibility": "private"}, {"private_events": "to_crm_only"}, None),
        ({"visibility": "private"}, {"private_events": "to_google_only"}, "private"),
        ({"visibility": "confidential"}, {"private_events": "skip"}, "private"),
        ({}, {"import_external": "marked"}, "not_marked"),
        ({"summary": "Visit #CRM"}, {"import_external": "marked"}, None),
        ({"description": "<p>see</p><p>#crm</p>"}, {"import_external": "marked"}, None),
        ({}, {"hours": OFFICE}, "hours"),
    ],
)
def test_a_foreign_event_arrives_or_says_why_not(
    said: dict[str, Any], settings: dict[str, Any], reason: str | None
) -> None:
    assert arrives(event(**said), Settings(**({"import_external": "all"} | settings)), ROME) == reason


@pytest.mark.parametrize(
    ("title", "marked"),
    [("#crm", True), ("a #crm.", True), ("(#Crm)", True), ("#crms", False), ("x#crm", False), (None, False)],
)
def test_a_mark_is_a_word_of_its_own(title: str | None, marked: bool) -> None:  # noqa: FBT001 - a table's column
    assert is_marked(event(summary=title), "#crm") is marked


@pytest.mark.parametrize(
    ("when", "hours", "inside"),
    [
        (at("2026-11-21T03:00+01:00"), None, True),
        (at("2026-11-20T08:00+01:00"), OFFICE, True),
        (at("2026-11-20T07:59+01:00"), OFFICE, False),
        (at("2026-11-20T17:59+01:00", minutes=300), OFFICE, True),
        (at("2026-11-20T18:00+01:00"), OFFICE, False),
        (at("2026-11-21T10:00+01:00"), OFFICE, False),
        (at("2026-11-20T07:30+00:00"), OFFICE, True),
        (days("2026-11-20"), OFFICE, True),
        (days("2026-11-21"), OFFICE, False),
        (at("2026-11-21T23:00+01:00"), NIGHT, True),
        (at("2026-11-22T05:59+01:00"), NIGHT, True),
        (at("2026-11-21T05:59+01:00"), NIGHT, False),
        (at("2026-11-21T12:00+01:00"), NIGHT, False),
        (at("2026-11-21T23:59+01:00"), Hours(start="00:00", end="24:00"), True),
    ],
)
def test_hours_count_on_the_calendars_clock_by_start(when: When, hours: Hours | None, inside: bool) -> None:  # noqa: FBT001
    assert within_hours(when, hours, ROME) is inside


@pytest.mark.parametrize(
    ("when", "recurrence", "inside"),
    [
        (at("2026-11-22T00:00+01:00"), (), True),
        (at("2026-11-21T23:30+01:00", minutes=30), (), False),
        (at("2026-11-21T23:30+01:00", minutes=31), (), True),
        (at("2026-11-22T00:00+01:00", minutes=0), (), True),
        (at("2026-11-29T23:59+01:00"), (), True),
        (at("2026-11-30T00:00+01:00"), (), False),
        (days("2026-11-21"), (), False),
        (days("2026-11-21", count=2), (), True),
        (days("2026-11-30"), (), False),
        (days("2020-01-01"), ("RRULE:FREQ=DAILY",), True),
        (days("2020-01-01"), ("RRULE:FREQ=DAILY;COUNT=5",), False),
        (days("2026-11-18"), ("RRULE:FREQ=DAILY;COUNT=4",), False),
        (days("2026-11-18"), ("RRULE:FREQ=DAILY;COUNT=5",), True),
        (days("2020-01-01"), ("RRULE:FREQ=DAILY;COUNT=5", "RDATE;VALUE=DATE:20261122"), True),
        (days("2020-01-01"), ("RRULE:FREQ=DAILY;COUNT=5", "RRULE:FREQ=YEARLY"), True),
        (at("2020-01-01T23:30+01:00", minutes=30), ("RRULE:FREQ=DAILY;COUNT=5",), False),
        (days("2020-01-01"), ("RRULE:FREQ=DAILY;UNTIL=20261122",), True),
        (days("2020-01-01"), ("RRULE:FREQ=DAILY;UNTIL=20261101",), False),
        (days("2026-11-30"), ("RRULE:FREQ=DAILY",), False),
    ],
)
def test_a_window_holds_whole_days_around_today(when: When, recurrence: tuple[str, ...], inside: bool) -> None:  # noqa: FBT001
    window = Window(past_days=0, future_days=7)

    assert in_window(when, NOW, window, ROME, recurrence=recurrence) is inside


def test_a_window_reaches_into_the_past() -> None:
    assert in_window(days("2026-11-20"), NOW, Window(past_days=2), ROME)
    assert not in_window(days("2026-11-19"), NOW, Window(past_days=2), ROME)
