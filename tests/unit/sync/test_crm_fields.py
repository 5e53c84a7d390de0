"""The CRM's content as canonical values."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from shared.errors import Bug
from shared.model.content import Attendee, Content, Reminder
from shared.model.settings import Duration, Settings
from shared.model.times import AllDay, Timed
from shared.sync.crm_fields import Rendering, crm_fields, when_of
from shared.sync.fields import Value

START = "2026-11-21T10:00:00+01:00"


def values(settings: Settings | None = None, **fields: object) -> dict[str, Value]:
    rendering = Rendering(settings=settings or Settings(), time_zone="Europe/Rome")
    return crm_fields(replace(Content(), **fields), rendering)


def test_a_task_that_says_nothing_owns_nothing_but_what_is_computed() -> None:
    assert values().keys() == {"details", "done"}


def test_a_cleared_field_is_owned_and_empty() -> None:
    cleared = values(
        title=None, description=None, location=None, private=None, busy=None, reminders=None, attendees=None,
        recurrence=None, url=None, conference=None, color=None,
    )  # fmt: skip

    del cleared["details"]
    assert cleared == {
        "title": None, "description": None, "location": None, "private": False, "busy": True, "reminders": None,
        "attendees": [], "recurrence": None, "url": None, "conference": None, "color": None, "done": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "time"),
    [
        ({"start": "2026-11-21"}, {"start": "2026-11-21", "end": "2026-11-22"}),
        ({"start": "2026-11-21", "end": "2026-11-24"}, {"start": "2026-11-21", "end": "2026-11-24"}),
        ({"start": START}, {"start": "2026-11-21T09:00:00Z", "end": "2026-11-21T09:30:00Z"}),
        ({"start": "2026-11-21T10:00"}, {"start": "2026-11-21T09:00:00Z", "end": "2026-11-21T09:30:00Z"}),
        (
            {"start": "2026-11-21T10:00", "end": "2026-11-21T11:00", "time_zone": "Asia/Tokyo"},
            {"start": "2026-11-21T01:00:00Z", "end": "2026-11-21T02:00:00Z"},
        ),
        (
            {"start": START, "time_zone": "Asia/Tokyo", "recurrence": ("RRULE:FREQ=DAILY",)},
            {"start": "2026-11-21T09:00:00Z", "end": "2026-11-21T09:30:00Z", "zone": "Asia/Tokyo"},
        ),
        (
            {"start": "2026-11-21", "time_zone": "Asia/Tokyo", "recurrence": ("RRULE:FREQ=DAILY",)},
            {"start": "2026-11-21", "end": "2026-11-22"},
        ),
    ],
)
def test_a_time_is_days_or_instants(fields: dict[str, Any], time: Value) -> None:
    assert values(**fields)["time"] == time


def test_a_task_without_start_has_no_time() -> None:
    assert "time" not in values(start=None, end=None)


def test_one_instant_said_in_two_zones_is_one_value() -> None:
    assert values(start=START)["time"] == values(start="2026-11-21T18:00", time_zone="Asia/Tokyo")["time"]


def test_default_durations_are_the_settings() -> None:
    rendering = Rendering(settings=Settings(default_duration=Duration(timed_min=45, all_day=3)))

    assert when_of(Content(start=START, time_zone="Europe/Rome"), rendering) == Timed(
        start=datetime(2026, 11, 21, 9, tzinfo=UTC), end=datetime(2026, 11, 21, 9, 45, tzinfo=UTC), zone="Europe/Rome"
    )
    assert when_of(Content(start="2026-11-21"), rendering) == AllDay(start=date(2026, 11, 21), end=date(2026, 11, 24))


@pytest.mark.parametrize("fields", [{"start": "soon"}, {"start": "2026-11-21", "end": START}])
def test_a_stored_fault_is_a_bug(fields: dict[str, Any]) -> None:
    with pytest.raises(Bug):
        when_of(Content(**fields), Rendering())


@pytest.mark.parametrize(
    ("fields", "location"),
    [
        ({"location": "Room 5"}, "Room 5"),
        ({"location": "Room 5", "zoom_url": "https://zoom.us/j/1"}, "Room 5"),
        ({"location": None, "zoom_url": "https://zoom.us/j/1"}, "https://zoom.us/j/1"),
        ({"zoom_url": "https://zoom.us/j/1"}, "https://zoom.us/j/1"),
        ({"zoom_url": None}, None),
        ({"location": " \n"}, None),
    ],
)
def test_a_zoom_address_stands_where_no_other_place_is_named(fields: dict[str, Any], location: str | None) -> None:
    assert values(**fields)["location"] == location


def test_reminders_are_sorted_and_each_stands_once() -> None:
    day, ten = Reminder(method="email", minutes=1440), Reminder(method="popup", minutes=10)

    assert values(reminders=(day, ten, ten))["reminders"] == [
        {"method": "popup", "minutes": 10},
        {"method": "email", "minutes": 1440},
    ]
    assert values(reminders=())["reminders"] == []


def test_guests_are_sorted_by_address_without_the_account() -> None:
    content = Content(
        attendees=(
            Attendee(email="Zoe@x.com", name=" Zoe  Z "),
            Attendee(email="ann@x.com", name="ann@x.com"),
            Attendee(email="Me@x.com"),
        )
    )

    assert crm_fields(content, Rendering(account="me@X.com"))["attendees"] == [
        {"email": "ann@x.com", "name": None},
        {"email": "zoe@x.com", "name": "Zoe Z"},
    ]


@pytest.mark.parametrize(
    ("fields", "color"),
    [
        ({"type": "call"}, "3"),
        ({"type": "call", "color": "#DC2127"}, "11"),
        ({"type": "call", "color": None}, "3"),
        ({"type": "visit"}, None),
        ({"color": None}, None),
    ],
)
def test_a_colour_is_its_own_or_its_types(fields: dict[str, Any], color: str | None) -> None:
    assert values(**fields)["color"] == color


class TestDone:
    def test_keeps_the_event_as_it_is_by_default(self) -> None:
        assert values(status="done")["done"] is None

    def test_is_shown_by_a_check(self) -> None:
        assert values(Settings(on_done="check"), status="done", title="✓ Call")["done"] == "check"

    def test_is_grey_and_gets_its_colour_back(self) -> None:
        grey = Settings(on_done="color")

        assert values(grey, status="done", type="call")["color"] == "8"
        assert values(grey, status="open", type="call")["color"] == "3"
        assert values(grey, status="open")["color"] is None

    def test_frees_the_time_and_takes_it_again(self) -> None:
        free = Settings(on_done="free")

        assert values(free, status="done")["busy"] is False
        assert values(free, status="done", busy=True)["busy"] is False
        assert values(free, status="open")["busy"] is True
        assert values(free, status="open", busy=False)["busy"] is False

    def test_touches_neither_under_other_policies(self) -> None:
        assert values(Settings(on_done="check"), status="done").keys() == {"details", "done"}
