"""Google's event as canonical values, whatever it holds."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from shared.google.events import Event, Guest, Reminders
from shared.model.ids import EventId
from shared.model.settings import Settings
from shared.model.times import AllDay, Timed
from shared.sync.crm_fields import Rendering
from shared.sync.fields import FIELDS, Value
from shared.sync.google_fields import google_fields, has_guests

NOON = Timed(
    start=datetime(2026, 11, 21, 12, 0, 0, 999, UTC), end=datetime(2026, 11, 21, 13, tzinfo=UTC), zone="Asia/Tokyo"
)
DAY = AllDay(start=date(2026, 11, 21), end=date(2026, 11, 22))


def event(**said: object) -> Event:
    bare = Event(id=EventId("abcde"), etag='"1"', when=NOON)
    return replace(bare, **said)


def values(**said: object) -> dict[str, Value]:
    return google_fields(event(**said), Rendering(time_zone="Europe/Rome"))


def test_a_bare_event_has_every_default() -> None:
    bare = values()

    known = {name: spec.default for name, spec in FIELDS.items() if name != "completed"}
    assert bare == known | {"time": bare["time"]}


def test_a_time_is_cut_to_seconds_and_its_zone_belongs_to_a_series() -> None:
    once = {"start": "2026-11-21T12:00:00Z", "end": "2026-11-21T13:00:00Z"}

    assert values()["time"] == once
    assert values(recurrence=("RRULE:FREQ=DAILY",))["time"] == {**once, "zone": "Asia/Tokyo"}
    assert values(when=DAY, recurrence=("RRULE:FREQ=DAILY",))["time"] == {"start": "2026-11-21", "end": "2026-11-22"}


def test_a_zone_nobody_knows_reads_as_the_calendars() -> None:
    odd = Timed(start=NOON.start, end=NOON.end, zone="GMT+01:00 odd")

    time = values(when=odd, recurrence=("RRULE:FREQ=DAILY",))["time"]

    assert isinstance(time, dict)
    assert time["zone"] == "Europe/Rome"


def test_a_check_before_the_title_is_no_title() -> None:
    assert (values(summary="✓ Call")["title"], values(summary="✓ Call")["done"]) == ("Call", "check")


@pytest.mark.parametrize(
    ("visibility", "private"),
    [("default", False), ("public", False), ("private", True), ("confidential", True), ("new", False)],
)
def test_visibility_is_private_or_not(visibility: str, private: bool) -> None:  # noqa: FBT001 - a table's column
    assert values(visibility=visibility)["private"] is private


@pytest.mark.parametrize(("transparency", "busy"), [("opaque", True), ("transparent", False), ("new", True)])
def test_only_transparent_is_free(transparency: str, busy: bool) -> None:  # noqa: FBT001 - a table's column
    assert values(transparency=transparency)["busy"] is busy


def test_no_reminders_are_not_the_calendars_own() -> None:
    assert values(reminders=Reminders(use_default=False))["reminders"] == []


def test_reminders_are_sorted_and_unknown_methods_stay() -> None:
    overrides = (("sms", 30), ("popup", 10), ("email", 10), ("popup", 10))

    assert values(reminders=Reminders(use_default=False, overrides=overrides))["reminders"] == [
        {"method": "email", "minutes": 10},
        {"method": "popup", "minutes": 10},
        {"method": "sms", "minutes": 30},
    ]


def test_guests_are_neither_the_account_nor_the_organizer_nor_rooms() -> None:
    guests = (
        Guest(email="Zoe@x.com", name="Zoe", response="accepted"),
        Guest(email="me@x.com", is_self=True),
        Guest(email="boss@x.com", organizer=True),
        Guest(email="room@resource.calendar.google.com", resource=True),
        Guest(email="ann@x.com"),
    )

    assert values(guests=guests)["attendees"] == [
        {"email": "ann@x.com", "name": None},
        {"email": "zoe@x.com", "name": "Zoe"},
    ]


def test_guests_that_google_left_out_are_not_said() -> None:
    assert "attendees" not in values(guests_complete=False)


@pytest.mark.parametrize(
    ("meet", "conference"),
    [("none", None), ("pending", "google_meet"), ("ready", "google_meet"), ("refused", None), ("other", None)],
)
def test_a_meet_is_there_or_coming(meet: str, conference: str | None) -> None:
    assert values(meet=meet)["conference"] == conference


def test_a_description_is_safe_html_or_plain_text() -> None:
    wrote = event(description="<p>Bring <b onclick='x()'>keys</b></p>")

    assert google_fields(wrote, Rendering())["description"] == "Bring <b>keys</b>"
    assert google_fields(wrote, Rendering(settings=Settings(description_format="text")))["description"] == "Bring keys"


@pytest.mark.parametrize(
    ("said", "guests"),
    [
        ({}, False),
        ({"guests": (Guest(email="me@x.com", is_self=True, organizer=True),)}, False),
        ({"guests": (Guest(email="me@x.com", is_self=True), Guest(email="r@x.com", resource=True))}, False),
        ({"guests": (Guest(email="ann@x.com"),)}, True),
        ({"guests": (Guest(email="me@x.com", is_self=True), Guest(email="boss@x.com", organizer=True))}, True),
        ({"guests_complete": False}, True),
    ],
)
def test_an_event_has_guests_when_somebody_else_reads_it(said: dict[str, Any], guests: bool) -> None:  # noqa: FBT001 - a column
    assert has_guests(event(**said)) is guests
