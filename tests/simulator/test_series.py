"""Series: masters listed whole, instances on request, exceptions under their instance id, one etag per family."""

from typing import Any, Literal

import msgspec
import pytest

from infra.simulator.state import Google
from tests.simulator.client import ANNA, Client, all_day

WEEKLY: dict[str, Any] = {
    "summary": "Team",
    "start": {"dateTime": "2026-11-23T10:00:00", "timeZone": "Europe/Berlin"},
    "end": {"dateTime": "2026-11-23T11:00:00", "timeZone": "Europe/Berlin"},
    "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=4"],
}


def instances(client: Client, event_id: str, **query: Any) -> list[dict[str, object]]:  # noqa: ANN401 - JSON
    """List the instances of a series."""
    items: list[dict[str, object]] = client.call("GET", f"calendars/primary/events/{event_id}/instances", **query).body[
        "items"
    ]
    return items


def test_master_is_listed_whole_and_single_events_expand_it(anna: Client) -> None:
    master = anna.insert(**WEEKLY)

    (listed,) = anna.list().body["items"]
    expanded = anna.list(singleEvents="true").body["items"]

    assert listed["recurrence"] == ["RRULE:FREQ=WEEKLY;COUNT=4"]
    assert [item["id"] for item in expanded] == [
        f"{master['id']}_{day}T090000Z" for day in ("20261123", "20261130", "20261207", "20261214")
    ]
    assert {item["recurringEventId"] for item in expanded} == {master["id"]}


def test_instance_keeps_its_wall_time_over_the_change_of_clocks(anna: Client) -> None:
    body = WEEKLY | {
        "start": {"dateTime": "2026-03-23T10:00:00", "timeZone": "Europe/Berlin"},
        "end": {"dateTime": "2026-03-23T11:00:00", "timeZone": "Europe/Berlin"},
    }
    master = anna.insert(**body)

    starts = [item["start"]["dateTime"] for item in anna.list(singleEvents="true").body["items"]]

    assert starts[:2] == ["2026-03-23T10:00:00+01:00", "2026-03-30T10:00:00+02:00"]
    assert anna.get(f"{master['id']}_20260330T080000Z").status == 200


def test_all_day_instances_have_a_date_in_their_id(anna: Client) -> None:
    master = anna.insert(recurrence=["RRULE:FREQ=DAILY;COUNT=2"], **all_day("2026-11-23", "2026-11-24"))

    found = instances(anna, master["id"])

    assert [item["id"] for item in found] == [f"{master['id']}_20261123", f"{master['id']}_20261124"]
    assert found[1]["originalStartTime"] == {"date": "2026-11-24"}


def test_changing_an_instance_stores_an_exception_and_delivers_the_family_under_one_etag(anna: Client) -> None:
    master = anna.insert(**WEEKLY)
    instance = f"{master['id']}_20261130T090000Z"
    token = anna.sync_token()

    patched = anna.patch(instance, {"summary": "Moved"}).body

    delta = anna.list(syncToken=token).body["items"]
    assert {item["id"] for item in delta} == {master["id"], instance}
    assert {item["etag"] for item in delta} == {patched["etag"]}
    assert patched["originalStartTime"]["dateTime"] == "2026-11-30T10:00:00+01:00"


def test_untouched_exceptions_come_along_when_a_sibling_changes(anna: Client) -> None:
    master = anna.insert(**WEEKLY)
    one, two = (f"{master['id']}_{day}T090000Z" for day in ("20261130", "20261207"))
    anna.patch(one, {"summary": "One"})
    token = anna.sync_token()

    anna.patch(two, {"summary": "Two"})

    assert {item["id"] for item in anna.list(syncToken=token).body["items"]} == {master["id"], one, two}


def test_precondition_on_an_instance_fails_after_a_sibling_changed(anna: Client) -> None:
    master = anna.insert(**WEEKLY)
    one, two = (f"{master['id']}_{day}T090000Z" for day in ("20261130", "20261207"))
    read = anna.get(one).body

    anna.patch(two, {"summary": "Two"})

    assert read["etag"] == master["etag"]
    assert anna.patch(one, {"summary": "One"}, {"If-Match": read["etag"]}).status == 412


def test_deleted_instance_stays_as_a_cancelled_exception_and_the_rule_is_untouched(anna: Client) -> None:
    master = anna.insert(**WEEKLY)
    instance = f"{master['id']}_20261130T090000Z"
    token = anna.sync_token()

    anna.delete(instance)

    delta = {item["id"]: item for item in anna.list(syncToken=token).body["items"]}
    assert set(delta[instance]) == {"kind", "etag", "id", "status", "recurringEventId", "originalStartTime"}
    assert delta[master["id"]]["recurrence"] == WEEKLY["recurrence"]
    assert len(instances(anna, master["id"])) == 3
    assert len(instances(anna, master["id"], showDeleted="true")) == 4


def test_deleted_series_is_one_bare_tombstone(anna: Client) -> None:
    master = anna.insert(**WEEKLY)
    anna.patch(f"{master['id']}_20261130T090000Z", {"summary": "x"})
    token = anna.sync_token()

    anna.delete(master["id"])

    delta = anna.list(syncToken=token).body["items"]
    assert [(item["id"], set(item)) for item in delta] == [(master["id"], {"kind", "etag", "id", "status"})]


def test_series_tombstones_come_one_by_one_when_switched(google: Google, anna: Client) -> None:
    google.settings = msgspec.structs.replace(google.settings, series_tombstones=True)
    master = anna.insert(**WEEKLY)
    instance = f"{master['id']}_20261130T090000Z"
    anna.patch(instance, {"summary": "x"})
    token = anna.sync_token()

    anna.delete(master["id"])

    delta = anna.list(syncToken=token).body["items"]
    assert {item["id"] for item in delta} == {master["id"], instance}
    assert all(set(item) == {"kind", "etag", "id", "status"} for item in delta)


def test_single_event_becomes_a_series_and_back_under_the_same_id(anna: Client) -> None:
    event = anna.insert(**{key: value for key, value in WEEKLY.items() if key != "recurrence"})

    series = anna.patch(event["id"], {"recurrence": ["RRULE:FREQ=DAILY;COUNT=3"]}).body
    single = anna.patch(event["id"], {"recurrence": None}).body

    assert series["id"] == single["id"] == event["id"]
    assert "recurrence" not in single


def test_recurrence_in_an_instance_is_refused(anna: Client) -> None:
    master = anna.insert(**WEEKLY)

    answer = anna.patch(f"{master['id']}_20261130T090000Z", {"recurrence": ["RRULE:FREQ=DAILY"]})

    assert answer.error["message"] == ("Cannot turn an instance of a recurring event into a recurring event itself.")


def test_instance_cannot_be_moved_to_another_calendar(google: Google, anna: Client) -> None:
    second = google.add_calendar(ANNA, "Second")
    master = anna.insert(**WEEKLY)

    answer = anna.call("POST", f"calendars/primary/events/{master['id']}_20261130T090000Z/move", destination=second.id)

    assert (answer.status, answer.reason) == (400, "cannotChangeOrganizerOfInstance")


@pytest.mark.parametrize(
    "rule",
    [
        "RRULE:FREQ=HOURLY",
        "RRULE:FREQ=DAILY;COUNT=-1",
        "RRULE:FREQ=DAILY;COUNT=3;UNTIL=20261231T000000Z",
        "RRULE=FREQ=DAILY",
        "RRULE:FREQ=DAILY;BYDAY=XX",
        "DTSTART:20261123T090000Z",
    ],
)
def test_bad_rule_is_refused(anna: Client, rule: str) -> None:
    answer = anna.call("POST", "calendars/primary/events", WEEKLY | {"recurrence": [rule]})

    assert (answer.status, answer.error["message"]) == (400, "Invalid recurrence rule.")


def test_series_without_a_zone_is_refused(anna: Client) -> None:
    body = WEEKLY | {
        "start": {"dateTime": "2026-11-23T10:00:00+01:00"},
        "end": {"dateTime": "2026-11-23T11:00:00+01:00"},
    }

    answer = anna.call("POST", "calendars/primary/events", body)

    assert answer.error["message"] == "Missing time zone definition for start time."


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("EXDATE:20261130T090000Z", 3),
        ("EXDATE;TZID=Europe/Berlin:20261130T100000", 3),
        ("EXDATE;VALUE=DATE:20261130", 4),
        ("EXDATE:20261130T100000Z", 4),
    ],
)
def test_exdate_removes_the_occurrence_it_names_and_a_mismatch_is_silently_ignored(
    anna: Client, line: str, left: int
) -> None:
    master = anna.insert(**WEEKLY | {"recurrence": ["RRULE:FREQ=WEEKLY;COUNT=4", line]})

    assert len(instances(anna, master["id"])) == left


def test_until_is_inclusive(anna: Client) -> None:
    master = anna.insert(**WEEKLY | {"recurrence": ["RRULE:FREQ=WEEKLY;UNTIL=20261207T090000Z"]})

    assert len(instances(anna, master["id"])) == 3


def test_person_edits_one_occurrence(google: Google, anna: Client) -> None:
    master = anna.insert(**WEEKLY)

    edited = google.person(ANNA).edit(f"{master['id']}_20261130T090000Z", summary="Only this")

    assert edited["recurringEventId"] == master["id"]
    assert anna.get(master["id"]).body["summary"] == "Team"


@pytest.mark.parametrize(("fate", "left"), [("kept", {"confirmed"}), ("tombstones", {"cancelled"}), ("dropped", set())])
def test_fate_of_exceptions_of_a_moved_series_is_switched(
    google: Google,
    anna: Client,
    fate: Literal["kept", "tombstones", "dropped"],
    left: set[str],
) -> None:
    google.settings = msgspec.structs.replace(google.settings, moved_series=fate)
    master = anna.insert(**WEEKLY)
    exception = f"{master['id']}_20261130T090000Z"
    anna.patch(exception, {"summary": "x"})
    token = anna.sync_token()

    anna.patch(master["id"], {"recurrence": ["RRULE:FREQ=DAILY;COUNT=4"]})

    delta = anna.list(syncToken=token).body["items"]
    assert {item["status"] for item in delta if item["id"] == exception} == left
