"""Google's values in the CRM's own words."""

from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import UNSET
from msgspec.structs import replace

from shared.google.events import Event, Guest, Reminders
from shared.model.content import Attendee, Content, Reminder
from shared.model.ids import EventId
from shared.model.settings import DonePolicy, Settings
from shared.model.times import AllDay, Timed
from shared.sync.crm_fields import Rendering, crm_fields
from shared.sync.description import Format
from shared.sync.fields import Value
from shared.sync.google_fields import google_fields
from shared.sync.to_content import imported, taken

DAY = AllDay(start=date(2026, 11, 21), end=date(2026, 11, 22))
NINE = Timed(start=datetime(2026, 11, 21, 9, tzinfo=UTC), end=datetime(2026, 11, 21, 10, tzinfo=UTC), zone="Asia/Tokyo")
SHOWN = Event(
    id=EventId("abcde"),
    etag='"1"',
    when=NINE,
    raw_start="2026-11-21T10:00:00+01:00",
    raw_end="2026-11-21T11:00:00+01:00",
)
TIME: Value = {"start": "2026-11-21T09:00:00Z", "end": "2026-11-21T10:00:00Z"}


def event(**said: object) -> Event:
    return replace(SHOWN, **said)


def after(values: dict[str, Value], before: Content | None = None, **settings: object) -> Content:
    return taken(before or Content(), values, event(), Rendering(settings=replace(Settings(), **settings)))


def test_only_the_fields_taken_change() -> None:
    before = Content(title="old", location="Room 5", notes="n")

    assert after({"title": "new"}, before) == Content(title="new", location="Room 5", notes="n")


def test_nothing_is_taken_that_only_the_crm_decides() -> None:
    values: dict[str, Value] = {"done": "check", "color": "3", "url": None, "conference": None, "details": None}

    assert after(values) == Content()


def test_a_time_is_told_with_googles_offset_and_zone() -> None:
    assert after({"time": TIME}) == Content(
        start="2026-11-21T10:00:00+01:00", end="2026-11-21T11:00:00+01:00", time_zone="Asia/Tokyo"
    )


def test_a_time_kept_from_an_earlier_reading_is_told_in_utc() -> None:
    read = taken(Content(time_zone="Europe/Rome"), {"time": TIME}, None, Rendering())

    assert read == Content(start="2026-11-21T09:00:00Z", end="2026-11-21T10:00:00Z", time_zone="Europe/Rome")


def test_a_spelling_of_another_instant_is_not_used() -> None:
    stale: Value = {"start": "2026-11-21T12:00:00Z", "end": "2026-11-21T13:00:00Z"}

    assert after({"time": stale}).start == "2026-11-21T12:00:00Z"


def test_days_are_told_as_dates() -> None:
    assert after({"time": {"start": "2026-11-21", "end": "2026-11-23"}}) == Content(
        start="2026-11-21", end="2026-11-23"
    )


def test_the_zoom_address_is_no_location() -> None:
    before = Content(zoom_url="https://zoom.us/j/1", location="Room 5")

    assert after({"location": "https://zoom.us/j/1"}, before).location is None
    assert after({"location": "Room 6"}, before).location == "Room 6"


@pytest.mark.parametrize(("arrives", "private"), [("private", True), ("public", False)])
def test_a_private_event_arrives_as_the_settings_say(arrives: str, private: bool) -> None:  # noqa: FBT001 - a column
    assert after({"private": True}, private_arrives=arrives).private is private
    assert after({"private": False}, private_arrives=arrives).private is False


def test_reminders_that_a_task_cannot_hold_are_left_out() -> None:
    sms: Value = {"method": "sms", "minutes": 1}
    popups: list[Value] = [{"method": "popup", "minutes": n} for n in range(8)]
    many: Value = [sms, *popups]

    read = after({"reminders": many}).reminders

    assert read == tuple(Reminder(method="popup", minutes=n) for n in range(5))
    assert after({"reminders": None}).reminders is None


def test_whom_the_crm_invited_and_google_does_not_list_as_guest_stays() -> None:
    before = Content(attendees=(Attendee(email="Me@x.com"), Attendee(email="boss@x.com"), Attendee(email="gone@x.com")))
    shown = event(guests=(Guest(email="boss@x.com", organizer=True),))
    values: dict[str, Value] = {"attendees": [{"email": "ann@x.com", "name": "Ann"}]}

    read = taken(before, values, shown, Rendering(account="me@x.com"))

    assert read.attendees == (
        Attendee(email="Me@x.com"), Attendee(email="boss@x.com"), Attendee(email="ann@x.com", name="Ann"),
    )  # fmt: skip


def test_an_address_that_a_task_cannot_hold_is_left_out() -> None:
    assert after({"attendees": [{"email": "no address", "name": None}]}).attendees == ()


def test_a_series_that_became_single_is_cleared() -> None:
    assert after({"recurrence": None}, Content(recurrence=("RRULE:FREQ=DAILY",))).recurrence is None


@settings(max_examples=25)  # large values are slow to make
@given(
    st.integers(7000, 9000),
    st.sampled_from(["&", "<b>x</b>", "word ", "<ul><li>x</li></ul>", "✓"]),
    st.sampled_from(["html", "text"]),
)
def test_whatever_google_holds_fits_into_a_task(length: int, piece: str, markup: Format) -> None:
    long = (piece * length)[:9000]
    guests = tuple(Guest(email=f"a{n}@x.com", name=long) for n in range(300))
    full = event(
        summary=long, description=long, location=long, guests=guests,
        recurrence=tuple(f"RRULE:FREQ=DAILY;X-{n}={long[:n * 100]}" for n in range(60)),
        reminders=Reminders(use_default=False, overrides=(("popup", 99_999), ("email", 5))),
    )  # fmt: skip

    read = imported(full, Rendering(settings=Settings(description_format=markup)))

    assert msgspec.convert(msgspec.to_builtins(read), Content) == read


def test_an_imported_event_says_no_more_than_it_holds() -> None:
    assert imported(event(summary="Dentist", when=DAY), Rendering()) == Content(
        type="task", status="open", title="Dentist", start="2026-11-21", end="2026-11-22", private=False, busy=True
    )


def test_an_imported_event_brings_all_it_holds() -> None:
    full = event(
        summary="Plan", description="<p>text</p>", location="Room 5", visibility="private", transparency="transparent",
        color_id="3", reminders=Reminders(use_default=False, overrides=(("popup", 5),)), meet="ready",
        guests=(Guest(email="ann@x.com", name="Ann"),), recurrence=("RRULE:FREQ=DAILY",),
    )  # fmt: skip

    assert imported(full, Rendering()) == Content(
        type="meeting", status="open", title="Plan", description="text", location="Room 5", private=True, busy=False,
        color="#8e24aa", reminders=(Reminder(method="popup", minutes=5),), conference="google_meet",
        attendees=(Attendee(email="ann@x.com", name="Ann"),), recurrence=("RRULE:FREQ=DAILY",), time_zone="Asia/Tokyo",
        start="2026-11-21T10:00:00+01:00", end="2026-11-21T11:00:00+01:00",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("said", "type_"),
    [
        ({}, "task"),
        ({"meet": "pending"}, "meeting"),
        ({"guests": (Guest(email="ann@x.com"),)}, "meeting"),
        ({"guests": (Guest(email="me@x.com", is_self=True, organizer=True),)}, "task"),
    ],
)
def test_what_others_join_is_a_meeting(said: dict[str, Any], type_: str) -> None:
    assert imported(event(**said), Rendering()).type == type_


@pytest.mark.parametrize(("on_done", "status"), [("check", "done"), ("keep", "open")])
def test_a_checked_title_means_done_where_done_is_a_check(on_done: DonePolicy, status: str) -> None:
    read = imported(event(summary="✓ Call"), Rendering(settings=Settings(on_done=on_done)))

    assert (read.title, read.status) == ("Call", status)


def test_an_imported_tasks_colour_is_the_events() -> None:
    read = imported(event(color_id="5"), Rendering())

    assert crm_fields(read, Rendering())["color"] == google_fields(event(color_id="5"), Rendering())["color"]


def test_a_colour_unknown_here_is_not_said() -> None:
    assert imported(event(color_id="99"), Rendering()).color is UNSET
