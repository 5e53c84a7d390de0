"""What ends with a series, or with one of its halves, and which half has a date that a rule makes again."""

import pytest

from infra.simulator.state import Google
from tests.simulator.client import ANNA, Client
from tests.simulator.series import WEEKLY, delta, instances, is_bare, occurrence


def _split(google: Google, anna: Client) -> tuple[str, str]:
    """A series that was split before its fourth date; the third has a name of its own."""
    root = anna.insert(**WEEKLY)["id"]
    later = google.person(ANNA).edit_following(occurrence(root, 3), summary="New")["id"]
    anna.patch(occurrence(root, 2), {"summary": "own"})
    return root, later


def _on(day: str) -> dict[str, dict[str, str]]:
    return {"start": {"dateTime": f"2026-{day}T10:00:00"}, "end": {"dateTime": f"2026-{day}T11:00:00"}}


def test_deleting_this_and_following_shortens_and_leaves_bare_tombstones(google: Google, anna: Client) -> None:
    root = anna.insert(**WEEKLY)["id"]
    for number in (1, 4):
        anna.patch(occurrence(root, number), {"summary": "own"})
    anna.delete(occurrence(root, 5))
    token = anna.sync_token()

    google.person(ANNA).delete_following(occurrence(root, 3))

    items = delta(anna, token)
    assert items[root]["recurrence"] == ["RRULE:FREQ=WEEKLY;UNTIL=20261213T225959Z"]
    assert items[occurrence(root, 1)]["summary"] == "own"
    assert is_bare(items[occurrence(root, 4)])
    assert is_bare(items[occurrence(root, 5)])


def test_series_shortened_by_a_client_leaves_bare_tombstones_too(anna: Client) -> None:
    root = anna.insert(**WEEKLY)["id"]
    anna.patch(occurrence(root, 4), {"summary": "own"})
    token = anna.sync_token()

    anna.patch(root, {"recurrence": ["RRULE:FREQ=WEEKLY;COUNT=2"]})

    assert is_bare(delta(anna, token)[occurrence(root, 4)])


def test_series_made_longer_again_makes_what_had_ended(anna: Client) -> None:
    root = anna.insert(**WEEKLY)["id"]
    anna.patch(occurrence(root, 4), {"summary": "own"})
    anna.patch(root, {"recurrence": ["RRULE:FREQ=WEEKLY;COUNT=2"]})

    anna.patch(root, {"recurrence": ["RRULE:FREQ=WEEKLY;COUNT=6"]})

    assert [item["summary"] for item in instances(anna, root)] == ["Team"] * 6


@pytest.mark.parametrize("ends_first", [True, False])
def test_date_that_ended_with_the_first_half_is_the_later_ones_when_that_makes_it(
    google: Google, anna: Client, *, ends_first: bool
) -> None:
    root, later = _split(google, anna)
    ending = (root, {"recurrence": None})
    moved = (later, _on("12-07"))

    for event_id, body in (ending, moved) if ends_first else (moved, ending):
        anna.patch(event_id, body)

    assert anna.get(occurrence(root, 2)).body["recurringEventId"] == later
    assert occurrence(root, 2) in {item["id"] for item in instances(anna, later)}
    page = google.person(ANNA).events()
    assert [item["recurringEventId"] for item in page if item["id"] == occurrence(root, 2)] == [later]


@pytest.mark.parametrize("first_half_first", [True, False])
def test_exception_is_the_later_halfs_when_that_alone_makes_its_date(
    google: Google, anna: Client, *, first_half_first: bool
) -> None:
    root, later = _split(google, anna)
    bodies = {root: _on("11-24"), later: _on("12-07")}

    for event_id in (root, later) if first_half_first else (later, root):
        anna.patch(event_id, bodies[event_id])

    exception = anna.get(occurrence(root, 2)).body
    assert (exception["summary"], exception["recurringEventId"]) == ("own", later)
