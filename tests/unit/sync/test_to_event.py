"""Bodies for Google: whole for an insert, and nothing beside the point for a patch."""

from typing import Any

import pytest

from shared.google.events import Guest
from shared.sync.crm_fields import Rendering
from shared.sync.fields import FIELDS, Value
from shared.sync.to_event import event_body
from tests.unit.sync.google_side import event_of

ROME = Rendering(time_zone="Europe/Rome")
TIMED: Value = {"start": "2026-11-21T09:00:00Z", "end": "2026-11-21T09:30:00Z"}
ALL_DAY: Value = {"start": "2026-11-21", "end": "2026-11-22"}
FULL: dict[str, Value] = {
    "title": "Call",
    "time": TIMED,
    "location": "Room 5",
    "description": "text",
    "private": True,
    "busy": False,
    "reminders": [{"method": "popup", "minutes": 10}],
    "attendees": [{"email": "ann@x.com", "name": "Ann"}],
    "recurrence": ["RRULE:FREQ=DAILY"],
    "details": {"above": None, "below": "Ours"},
    "done": None,
    "color": "3",
    "url": "https://crm.example/1",
    "conference": "google_meet",
}


def patch(send: set[str], rendering: Rendering = ROME, **values: Value) -> dict[str, Any]:
    return event_body({**FULL, **values}, send, rendering, meet_request_id="m1")


@pytest.mark.parametrize(
    ("field", "keys"),
    [
        ("title", {"summary"}),
        ("done", {"summary"}),
        ("time", {"start", "end"}),
        ("location", {"location"}),
        ("description", {"description"}),
        ("details", {"description"}),
        ("private", {"visibility"}),
        ("busy", {"transparency"}),
        ("reminders", {"reminders"}),
        ("attendees", {"attendees"}),
        ("recurrence", {"recurrence", "start", "end"}),
        ("color", {"colorId"}),
        ("url", {"source"}),
        ("conference", {"conferenceData"}),
    ],
)
def test_a_patch_touches_only_the_keys_of_its_field(field: str, keys: set[str]) -> None:
    assert patch({field}).keys() == keys


def test_every_field_has_its_key() -> None:
    assert all(patch({field}) for field in FIELDS.keys() - {"completed"})


def test_a_patch_of_nothing_is_empty() -> None:
    assert patch(set()) == {}


def test_a_timed_patch_nulls_the_day_in_both_ends() -> None:
    assert patch({"time"}) == {
        "start": {"dateTime": "2026-11-21T10:00:00+01:00", "timeZone": "Europe/Rome", "date": None},
        "end": {"dateTime": "2026-11-21T10:30:00+01:00", "timeZone": "Europe/Rome", "date": None},
    }


def test_an_all_day_patch_nulls_moment_and_zone_in_both_ends() -> None:
    assert patch({"time"}, time=ALL_DAY) == {
        "start": {"date": "2026-11-21", "dateTime": None, "timeZone": None},
        "end": {"date": "2026-11-22", "dateTime": None, "timeZone": None},
    }


@pytest.mark.parametrize(
    ("time", "task_zone", "zone"),
    [
        (TIMED, None, "Europe/Rome"),
        (TIMED, "Asia/Tokyo", "Asia/Tokyo"),
        (
            {"start": "2026-11-21T09:00:00Z", "end": "2026-11-21T09:30:00Z", "zone": "Asia/Kolkata"},
            "Asia/Tokyo",
            "Asia/Kolkata",
        ),
    ],
)
def test_a_timed_event_always_has_a_zone(time: Value, task_zone: str | None, zone: str) -> None:
    body = patch({"time"}, Rendering(time_zone="Europe/Rome", task_zone=task_zone), time=time)

    assert [body["start"]["timeZone"], body["end"]["timeZone"]] == [zone, zone]


@pytest.mark.parametrize(
    ("field", "body"),
    [
        ("title", {"summary": None}),
        ("location", {"location": None}),
        ("description", {"description": None}),
        ("recurrence", {"recurrence": None}),
        ("color", {"colorId": None}),
        ("url", {"source": None}),
        ("conference", {"conferenceData": None}),
        ("reminders", {"reminders": {"useDefault": True, "overrides": None}}),
        ("attendees", {"attendees": []}),
        ("private", {"visibility": "default"}),
        ("busy", {"transparency": "opaque"}),
    ],
)
def test_a_cleared_field_is_cleared_at_google(field: str, body: dict[str, object]) -> None:
    defaults = {name: spec.default for name, spec in FIELDS.items()}

    assert event_body({**defaults, "time": ALL_DAY}, {field}, ROME) == body


def test_no_reminders_are_told_from_the_calendars_own() -> None:
    assert patch({"reminders"}, reminders=[]) == {"reminders": {"useDefault": False, "overrides": []}}


def test_a_finished_title_is_written_from_both_its_fields() -> None:
    assert patch({"title"}, done="check") == {"summary": "✓ Call"}
    assert patch({"done"}, done="check") == {"summary": "✓ Call"}
    assert patch({"done"}, done="free") == {"summary": "Call"}


def test_a_description_is_written_from_both_its_fields() -> None:
    assert patch({"description"}) == patch({"details"}) == {"description": "text<br><br>\u258f Ours\u2063"}


def test_an_insert_leaves_out_what_google_has_by_default() -> None:
    defaults = {name: spec.default for name, spec in FIELDS.items()}

    body = event_body({**defaults, "time": ALL_DAY}, FIELDS.keys(), ROME, create=True)

    assert body == {"start": {"date": "2026-11-21"}, "end": {"date": "2026-11-22"}}


class TestGuests:
    def test_keep_their_answers(self) -> None:
        body: Any = event_body(FULL, {"attendees"}, ROME, responses={"Ann@x.com": "accepted"})

        assert body["attendees"] == [{"email": "ann@x.com", "displayName": "Ann", "responseStatus": "accepted"}]

    def test_that_are_new_have_no_answer_yet(self) -> None:
        assert patch({"attendees"})["attendees"] == [{"email": "ann@x.com", "displayName": "Ann"}]

    def test_leave_with_their_answers(self) -> None:
        body: Any = event_body({**FULL, "attendees": []}, {"attendees"}, ROME, responses={"ann@x.com": "accepted"})

        assert body["attendees"] == []

    def test_do_not_drive_out_rooms_organizer_and_the_account(self) -> None:
        entries = [
            {"email": "boss@x.com", "responseStatus": "accepted"},
            {"email": "me@x.com", "responseStatus": "tentative", "optional": True},
            {"email": "room@x.com", "responseStatus": "accepted", "resource": True},
        ]
        guests = (
            Guest(email="boss@x.com", organizer=True, response="accepted"),
            Guest(email="me@x.com", is_self=True, response="tentative", optional=True),
            Guest(email="room@x.com", resource=True, response="accepted"),
            Guest(email="gone@x.com"),
            Guest(email="ann@x.com", response="declined", optional=True),
        )
        event = event_of({"start": {"date": "2026-11-21"}, "end": {"date": "2026-11-22"}}, guests=guests)

        body: Any = event_body(FULL, {"attendees"}, ROME, responses={"ann@x.com": "accepted"}, event=event)

        ann = {"email": "ann@x.com", "displayName": "Ann", "responseStatus": "declined", "optional": True}
        assert body["attendees"] == [*entries, ann]

    def test_do_not_drive_out_the_account_that_google_does_not_mark(self) -> None:
        event = event_of(
            {"start": {"date": "2026-11-21"}, "end": {"date": "2026-11-22"}},
            guests=(Guest(email="me@x.com", response="accepted"),),
        )

        body: Any = event_body({**FULL, "attendees": []}, {"attendees"}, Rendering(account="Me@x.com"), event=event)

        assert body["attendees"] == [{"email": "me@x.com", "responseStatus": "accepted"}]


class TestMeet:
    def test_is_asked_for_under_its_one_request_id(self) -> None:
        request = patch({"conference"})["conferenceData"]["createRequest"]

        assert request == {"requestId": "m1", "conferenceSolutionKey": {"type": "hangoutsMeet"}}

    def test_is_not_asked_for_without_one(self) -> None:
        assert event_body(FULL, {"conference"}, ROME) == {}
