"""All events: every segment of a series changes together, and exceptions lose what they had of their own."""

import msgspec

from infra.simulator.state import Google
from tests.simulator.client import ANNA, Client
from tests.simulator.series import WEEKLY, delta, instances, is_bare, occurrence


def test_all_events_changes_both_halves_of_a_split_series(google: Google, anna: Client) -> None:
    root = anna.insert(**WEEKLY)["id"]
    later = google.person(ANNA).edit_following(occurrence(root, 3), location="Room")["id"]
    token = anna.sync_token()

    google.person(ANNA).edit_all(occurrence(root, 4), summary="Renamed")

    assert {key: item["summary"] for key, item in delta(anna, token).items()} == {root: "Renamed", later: "Renamed"}


def test_all_events_overwrites_what_an_exception_had_of_its_own_and_it_stays_one(google: Google, anna: Client) -> None:
    root = anna.insert(**WEEKLY)["id"]
    anna.patch(occurrence(root, 1), {"summary": "own", "location": "Room"})

    google.person(ANNA).edit_all(root, summary="Renamed")

    exception = anna.get(occurrence(root, 1)).body
    assert (exception["summary"], exception["location"], exception["recurringEventId"]) == ("Renamed", "Room", root)
    assert len(anna.list().body["items"]) == 2


def test_all_events_leaves_an_exceptions_own_values_when_switched(google: Google, anna: Client) -> None:
    google.settings = msgspec.structs.replace(google.settings, all_events="kept")
    root = anna.insert(**WEEKLY)["id"]
    anna.patch(occurrence(root, 1), {"summary": "own"})

    google.person(ANNA).edit_all(root, summary="Renamed")

    assert anna.get(occurrence(root, 1)).body["summary"] == "own"


def test_all_events_dragged_to_another_day_take_their_weekday_along(google: Google, anna: Client) -> None:
    root = anna.insert(**WEEKLY | {"recurrence": ["RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=3"]})["id"]

    moved = google.person(ANNA).edit_all(
        occurrence(root, 1), start="2026-12-02T15:00:00+01:00", end="2026-12-02T16:30:00+01:00"
    )

    assert moved["recurrence"] == ["RRULE:FREQ=WEEKLY;COUNT=3;BYDAY=WE"]
    assert [item["start"]["dateTime"] for item in instances(anna, root)] == [
        "2026-11-25T15:00:00+01:00",
        "2026-12-02T15:00:00+01:00",
        "2026-12-09T15:00:00+01:00",
    ]
    assert moved["end"]["dateTime"] == "2026-11-25T16:30:00+01:00"


def test_all_events_can_become_all_day(google: Google, anna: Client) -> None:
    root = anna.insert(**WEEKLY)["id"]

    moved = google.person(ANNA).edit_all(occurrence(root, 1), start="2026-11-30", end="2026-12-01")

    assert (moved["start"], moved["end"]) == ({"date": "2026-11-23"}, {"date": "2026-11-24"})


def test_deleting_all_events_leaves_a_bare_tombstone_for_each_half(google: Google, anna: Client) -> None:
    root = anna.insert(**WEEKLY)["id"]
    later = google.person(ANNA).edit_following(occurrence(root, 3), summary="New")["id"]
    anna.patch(occurrence(root, 1), {"summary": "own"})
    token = anna.sync_token()

    google.person(ANNA).delete_all(occurrence(root, 4))

    items = delta(anna, token)
    assert set(items) == {root, later}
    assert all(is_bare(item) for item in items.values())


def test_deleting_one_half_leaves_the_other(google: Google, anna: Client) -> None:
    root = anna.insert(**WEEKLY)["id"]
    later = google.person(ANNA).edit_following(occurrence(root, 3), summary="New")["id"]

    anna.delete(root)

    assert [item["id"] for item in anna.list().body["items"]] == [later]
