"""Stored exceptions when their series changes: what they share follows, in the ways a switch says."""

from typing import Literal

import msgspec
import pytest

from infra.simulator.state import Google
from tests.simulator.client import ANNA, Client
from tests.simulator.series import WEEKLY, delta, instances, is_bare, occurrence


def test_exception_follows_its_series_in_what_it_does_not_have_of_its_own(anna: Client) -> None:
    root = anna.insert(**WEEKLY)["id"]
    anna.patch(occurrence(root, 1), {"location": "Room"})

    anna.patch(root, {"summary": "Renamed", "location": "Hall"})

    exception = anna.get(occurrence(root, 1)).body
    assert (exception["summary"], exception["location"]) == ("Renamed", "Room")


@pytest.mark.parametrize(
    ("switch", "title", "items"), [("told", "Renamed", 2), ("untold", "Renamed", 1), ("never", "Team", 2)]
)
def test_following_is_told_or_untold_or_does_not_happen(
    google: Google, anna: Client, switch: Literal["told", "untold", "never"], title: str, items: int
) -> None:
    google.settings = msgspec.structs.replace(google.settings, exceptions_follow=switch)
    root = anna.insert(**WEEKLY)["id"]
    before = anna.patch(occurrence(root, 1), {"location": "Room"}).body["etag"]
    token = anna.sync_token()

    anna.patch(root, {"summary": "Renamed"})

    exception = anna.get(occurrence(root, 1)).body
    assert exception["summary"] == title
    assert len(delta(anna, token)) == items
    assert len({before, exception["etag"]}) == items


def test_series_that_becomes_single_ends_its_exceptions_bare(anna: Client) -> None:
    root = anna.insert(**WEEKLY)["id"]
    anna.patch(occurrence(root, 1), {"summary": "own"})
    token = anna.sync_token()

    anna.patch(root, {"recurrence": None})

    items = delta(anna, token)
    assert "recurrence" not in items[root]
    assert is_bare(items[occurrence(root, 1)])


def test_cancelled_occurrence_comes_back_as_an_exception(google: Google, anna: Client) -> None:
    root = anna.insert(**WEEKLY)["id"]
    anna.delete(occurrence(root, 1))
    token = anna.sync_token()

    google.person(ANNA).restore(occurrence(root, 1))

    restored = delta(anna, token)[occurrence(root, 1)]
    assert (restored["status"], restored["summary"], restored["recurringEventId"]) == ("confirmed", "Team", root)


def test_exception_edited_back_to_its_series_stays_one(anna: Client) -> None:
    root = anna.insert(**WEEKLY)["id"]
    anna.patch(occurrence(root, 1), {"summary": "own"})

    anna.patch(occurrence(root, 1), {"summary": "Team"})

    assert {item["id"] for item in anna.list().body["items"]} == {root, occurrence(root, 1)}


def test_moved_exception_has_the_sequence_of_its_series_and_one(anna: Client) -> None:
    master = anna.insert(**WEEKLY)

    renamed = anna.patch(occurrence(master["id"], 1), {"summary": "own"}).body
    moved = anna.patch(occurrence(master["id"], 2), {"end": {"dateTime": "2026-12-07T12:00:00+01:00"}}).body

    assert (renamed["sequence"], moved["sequence"]) == (master["sequence"], master["sequence"] + 1)


def test_exception_kept_under_a_moved_series_is_listed_with_its_instances(anna: Client) -> None:
    root = anna.insert(**WEEKLY)["id"]
    anna.patch(occurrence(root, 1), {"summary": "own"})

    anna.patch(
        root,
        {
            "start": {"dateTime": "2026-11-23T12:00:00", "timeZone": "Europe/Berlin"},
            "end": {"dateTime": "2026-11-23T13:00:00", "timeZone": "Europe/Berlin"},
        },
    )

    found = [item for item in instances(anna, root) if item["summary"] == "own"]
    assert [item["id"] for item in found] == [occurrence(root, 1)]
    assert len(instances(anna, root)) == 7


def test_exception_dropped_under_a_moved_series_is_nowhere(google: Google, anna: Client) -> None:
    google.settings = msgspec.structs.replace(google.settings, moved_series="dropped")
    root = anna.insert(**WEEKLY)["id"]
    anna.patch(occurrence(root, 1), {"summary": "own"})

    anna.patch(root, {"recurrence": ["RRULE:FREQ=DAILY;COUNT=3"]})

    assert {item["summary"] for item in instances(anna, root)} == {"Team"}
    assert anna.get(occurrence(root, 1)).status == 404


@pytest.mark.parametrize(("switch", "shown"), [("inherited", {"mark": "1"}), ("own", None)])
def test_occurrence_shows_the_properties_of_its_series_or_only_its_own(
    google: Google, anna: Client, switch: Literal["inherited", "own"], shown: dict[str, str] | None
) -> None:
    google.settings = msgspec.structs.replace(google.settings, instance_properties=switch)
    root = anna.insert(**WEEKLY, extendedProperties={"private": {"mark": "1"}})["id"]

    exception = anna.patch(occurrence(root, 1), {"summary": "own"}).body

    assert exception.get("extendedProperties", {}).get("private") == shown


def test_property_written_to_an_occurrence_is_its_own(google: Google, anna: Client) -> None:
    google.settings = msgspec.structs.replace(google.settings, instance_properties="own")
    root = anna.insert(**WEEKLY, extendedProperties={"private": {"mark": "1"}})["id"]

    exception = anna.patch(occurrence(root, 1), {"extendedProperties": {"private": {"mark": "2"}}}).body

    assert exception["extendedProperties"] == {"private": {"mark": "2"}}


@pytest.mark.parametrize(("order", "place"), [("masters_first", 0), ("masters_last", -1)])
def test_delta_brings_masters_before_or_after_their_exceptions(
    google: Google, anna: Client, order: Literal["masters_first", "masters_last"], place: int
) -> None:
    google.settings = msgspec.structs.replace(google.settings, family_order=order)
    root = anna.insert(**WEEKLY)["id"]
    token = anna.sync_token()
    anna.patch(occurrence(root, 1), {"summary": "own"})

    found = [item["id"] for item in anna.list(syncToken=token).body["items"]]

    assert found[place] == root


def test_rule_is_answered_in_googles_order_or_as_it_was_sent(google: Google, anna: Client) -> None:
    rule = "RRULE:FREQ=WEEKLY;BYDAY=MO;INTERVAL=2;UNTIL=20261231T230000Z;WKST=MO"

    ordered = anna.insert(**WEEKLY | {"recurrence": [rule]})["recurrence"]
    google.settings = msgspec.structs.replace(google.settings, rule_order="as_sent")
    sent = anna.insert(**WEEKLY | {"recurrence": [rule]})["recurrence"]

    assert ordered == ["RRULE:FREQ=WEEKLY;WKST=MO;UNTIL=20261231T230000Z;INTERVAL=2;BYDAY=MO"]
    assert sent == [rule]


def test_local_until_of_a_timed_series_is_refused_and_a_mere_day_is_not(anna: Client) -> None:
    answers = [
        anna.call("POST", "calendars/primary/events", WEEKLY | {"recurrence": [f"RRULE:FREQ=WEEKLY;UNTIL={until}"]})
        for until in ("20261231T230000", "20261231")
    ]

    assert [answer.status for answer in answers] == [400, 200]
    assert answers[0].error["message"] == "Invalid recurrence rule."


def test_hourly_series_breaks_an_import(anna: Client) -> None:
    body = WEEKLY | {"recurrence": ["RRULE:FREQ=HOURLY"], "iCalUID": "x@example.org"}

    answer = anna.call("POST", "calendars/primary/events/import", body)

    assert (answer.status, answer.reason) == (500, "backendError")


def test_start_beyond_the_end_leaves_a_series_without_occurrences(anna: Client) -> None:
    root = anna.insert(**WEEKLY | {"recurrence": ["RRULE:FREQ=WEEKLY;UNTIL=20261207T090000Z"]})["id"]

    answer = anna.patch(
        root,
        {
            "start": {"dateTime": "2027-01-04T10:00:00", "timeZone": "Europe/Berlin"},
            "end": {"dateTime": "2027-01-04T11:00:00", "timeZone": "Europe/Berlin"},
        },
    )

    assert answer.status == 200
    assert instances(anna, root) == []


def test_single_event_that_repeats_again_has_the_occurrences_that_ended_with_the_first_rule(anna: Client) -> None:
    root = anna.insert(**WEEKLY)["id"]
    anna.patch(occurrence(root, 1), {"summary": "x"})
    anna.patch(root, {"recurrence": None})

    anna.patch(root, {"recurrence": WEEKLY["recurrence"]})

    assert occurrence(root, 1) in {item["id"] for item in instances(anna, root)}


def test_restored_series_has_the_occurrences_that_ended_with_it(google: Google, anna: Client) -> None:
    google.settings = msgspec.structs.replace(google.settings, series_tombstones=True)
    root = anna.insert(**WEEKLY)["id"]
    anna.patch(occurrence(root, 1), {"summary": "x"})
    anna.delete(root)

    anna.patch(root, {"status": "confirmed"})

    assert occurrence(root, 1) in {item["id"] for item in instances(anna, root)}
