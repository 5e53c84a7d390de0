"""Guests of a series, of one occurrence, and from the middle on: masters they cannot see."""

from typing import Literal

import msgspec
import pytest

from infra.simulator.state import Google
from tests.simulator.client import ANNA, BEN, Client
from tests.simulator.series import WEEKLY, delta, occurrence


def test_split_series_reaches_guests_with_its_exceptions(google: Google, anna: Client, ben: Client) -> None:
    root = anna.insert(**WEEKLY, attendees=[{"email": BEN}])["id"]
    anna.patch(occurrence(root, 4), {"summary": "After"})

    later = google.person(ANNA).edit_following(occurrence(root, 3), description="x")["id"]

    assert ben.get(root).body["recurrence"] == ["RRULE:FREQ=WEEKLY;UNTIL=20261213T225959Z"]
    assert ben.get(later).body["description"] == "x"
    assert ben.get(occurrence(root, 4)).body["recurringEventId"] == later


def test_guest_from_the_middle_on_has_only_the_later_half(google: Google, anna: Client, ben: Client) -> None:
    root = anna.insert(**WEEKLY)["id"]

    later = google.person(ANNA).edit_following(occurrence(root, 3), attendees=[{"email": BEN}])["id"]
    anna.patch(occurrence(root, 4), {"summary": "After"})

    seen = {item["id"]: item for item in ben.list().body["items"]}
    assert set(seen) == {later, occurrence(root, 4)}
    assert seen[occurrence(root, 4)]["recurringEventId"] == later
    assert ben.get(root).status == 404


@pytest.mark.parametrize(("switch", "named"), [("dangling", 1), ("unnamed", 0)])
def test_guest_of_one_occurrence_has_it_without_its_master(
    google: Google, anna: Client, ben: Client, switch: Literal["dangling", "unnamed"], named: int
) -> None:
    google.settings = msgspec.structs.replace(google.settings, lone_guests=switch)
    root = anna.insert(**WEEKLY)["id"]

    anna.patch(occurrence(root, 2), {"attendees": [{"email": BEN}]})

    (seen,) = ben.list().body["items"]
    assert (seen["id"], list(seen.values()).count(root)) == (occurrence(root, 2), named)
    assert ben.get(root).status == 404


def test_guest_cannot_split(google: Google, anna: Client, ben: Client) -> None:
    root = anna.insert(**WEEKLY, attendees=[{"email": BEN}])["id"]
    token = ben.sync_token()

    with pytest.raises(Exception, match="Only the organizer"):
        google.person(BEN).edit_following(occurrence(root, 3), summary="Mine")

    assert delta(ben, token) == {}


def test_date_that_comes_back_to_a_guest_who_deleted_the_series_is_one_of_the_series(
    google: Google, anna: Client, ben: Client
) -> None:
    google.settings = msgspec.structs.replace(google.settings, series_tombstones=True, lone_guests="unnamed")
    root = anna.insert(**WEEKLY, attendees=[{"email": BEN}])["id"]
    anna.patch(occurrence(root, 2), {"summary": "Before"})
    ben.delete(root)

    anna.patch(occurrence(root, 2), {"summary": "After"})

    (seen,) = ben.list().body["items"]
    assert (seen["summary"], seen["originalStartTime"]["dateTime"][:10]) == ("After", "2026-12-07")
