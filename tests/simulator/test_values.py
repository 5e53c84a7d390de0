"""What an event may hold and how Google shows it: times, reminders, properties, defaults, unknown names."""

import msgspec
import pytest

from infra.simulator.state import Google
from tests.simulator.client import ANNA, Client, Clock, timed


@pytest.mark.parametrize(
    ("body", "domain", "reason", "message"),
    [
        ({"start": timed()["start"]}, "global", "required", "Missing end time."),
        (
            {"start": timed()["end"], "end": timed()["start"]},
            "calendar",
            "timeRangeEmpty",
            "The specified time range is empty.",
        ),
        (
            {"start": timed()["start"], "end": {"date": "2026-11-24"}},
            "global",
            "invalid",
            "Start and end times must either both be date or both be dateTime.",
        ),
        (
            {"start": {"dateTime": "2026-11-23T10:00:00"}, "end": {"dateTime": "2026-11-23T11:00:00"}},
            "global",
            "required",
            "Missing time zone definition for start time.",
        ),
    ],
)
def test_bad_times_are_refused_in_googles_words(
    anna: Client, body: dict[str, object], domain: str, reason: str, message: str
) -> None:
    answer = anna.call("POST", "calendars/primary/events", body)

    assert (answer.status, answer.error) == (400, {"domain": domain, "reason": reason, "message": message})


def test_times_come_back_in_the_calendars_offset_with_the_events_own_zone_name(anna: Client) -> None:
    event = anna.insert(
        start={"dateTime": "2026-11-23T09:00:00", "timeZone": "America/New_York"},
        end={"dateTime": "2026-11-23T10:00:00", "timeZone": "America/New_York"},
    )

    assert event["start"] == {"dateTime": "2026-11-23T15:00:00+01:00", "timeZone": "America/New_York"}


def test_time_zone_parameter_chooses_the_offset(anna: Client) -> None:
    event = anna.insert()

    answer = anna.call("GET", f"calendars/primary/events/{event['id']}", timeZone="Asia/Tokyo")

    assert answer.body["start"]["dateTime"] == "2026-11-23T17:00:00+09:00"


def test_defaults_are_left_out_of_answers(anna: Client) -> None:
    event = anna.insert(transparency="opaque", visibility="default", guestsCanModify=False)

    assert not {"transparency", "visibility", "guestsCanModify"} & event.keys()
    assert anna.insert(transparency="transparent")["transparency"] == "transparent"


def test_long_property_keys_are_dropped_and_long_values_cut(anna: Client) -> None:
    event = anna.insert(extendedProperties={"private": {"k" * 45: "lost", "k": "v" * 2000}})

    assert event["extendedProperties"] == {"private": {"k": "v" * 1024}}


def test_six_reminder_overrides_are_refused(anna: Client) -> None:
    overrides = [{"method": "popup", "minutes": each} for each in range(6)]

    answer = anna.call(
        "POST", "calendars/primary/events", timed() | {"reminders": {"useDefault": False, "overrides": overrides}}
    )

    assert (answer.status, answer.reason) == (400, "invalid")


def test_default_reminders_patched_over_overrides_are_refused(anna: Client) -> None:
    event = anna.insert(reminders={"useDefault": False, "overrides": [{"method": "popup", "minutes": 5}]})

    refused = anna.patch(event["id"], {"reminders": {"useDefault": True}})
    accepted = anna.patch(event["id"], {"reminders": {"useDefault": True, "overrides": None}})

    assert refused.reason == "cannotUseDefaultRemindersAndSpecifyOverride"
    assert accepted.body["reminders"] == {"useDefault": True}


def test_reminders_change_the_etag_and_leave_updated(anna: Client, clock: Clock) -> None:
    event = anna.insert()
    clock.advance(minutes=5)

    patched = anna.patch(event["id"], {"reminders": {"useDefault": False, "overrides": []}}).body

    assert patched["updated"] == event["updated"]
    assert patched["etag"] != event["etag"]


def test_lower_sequence_is_refused(anna: Client) -> None:
    event = anna.insert(sequence=4)

    answer = anna.patch(event["id"], {"sequence": 3})

    assert answer.error["message"].startswith("Invalid sequence value.")


def test_moving_in_time_raises_the_sequence_and_a_new_title_does_not(anna: Client) -> None:
    event = anna.insert()

    titled = anna.patch(event["id"], {"summary": "x"}).body
    moved = anna.patch(event["id"], timed(minutes=30)).body

    assert (titled["sequence"], moved["sequence"]) == (0, 1)


def test_unknown_field_in_a_body_is_refused_by_name(anna: Client) -> None:
    answer = anna.call("POST", "calendars/primary/events", timed() | {"sumary": "typo"})

    assert (answer.status, answer.reason) == (400, "badRequest")
    assert "Event.sumary" in answer.error["message"]


def test_unknown_query_parameter_is_refused_by_name(anna: Client) -> None:
    answer = anna.list(singleEvent="true")

    assert (answer.status, answer.reason, answer.error["location"]) == (400, "invalidParameter", "singleEvent")


def test_body_that_is_not_json_is_a_parse_error(google: Google, anna: Client) -> None:
    answer = anna.call("POST", "calendars/primary/events", msgspec.Raw(b"{not json"))

    assert (answer.status, answer.reason) == (400, "parseError")


def test_answers_are_json_with_one_space_of_indent_and_a_date(anna: Client) -> None:
    response = anna.list().response

    assert response.headers["Content-Type"] == "application/json; charset=UTF-8"
    assert response.headers["Date"] == "Mon, 23 Nov 2026 08:00:00 GMT"
    assert response.body.startswith(b'{\n "kind"')


def test_person_may_rewrite_html_that_a_client_keeps(google: Google, anna: Client) -> None:
    html = "<p>One</p><p><strong>Two</strong></p>\n"
    event = anna.insert(description=html)
    assert event["description"] == html

    edited = google.person(ANNA).edit(event["id"], description=html)

    assert edited["description"] == "One<br><br><b>Two</b>"


def test_fields_parameter_answers_only_what_it_names(anna: Client) -> None:
    anna.insert(summary="x")

    body = anna.list(fields="items(id,start/timeZone),nextSyncToken").body

    assert set(body) == {"items", "nextSyncToken"}
    assert set(body["items"][0]) == {"id", "start"}
    assert set(body["items"][0]["start"]) == {"timeZone"}
