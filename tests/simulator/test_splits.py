"""This and following: the old half ends, the later one is `<root>_R<moment>`, or a stranger when its time changed."""

import msgspec
import pytest

from infra.simulator.state import Google
from tests.simulator.client import ANNA, Client, all_day
from tests.simulator.series import WEEKLY, delta, instances, is_bare, occurrence


def test_later_half_is_called_after_the_root_and_its_first_moment(google: Google, anna: Client) -> None:
    root = anna.insert(**WEEKLY)["id"]

    later = google.person(ANNA).edit_following(occurrence(root, 3), summary="New")

    assert later["id"] == f"{root}_R20261214T090000"
    assert later["iCalUID"] == f"{root}_R20261214T090000@google.com"
    assert later["summary"] == "New"
    assert later["start"]["dateTime"] == "2026-12-14T10:00:00+01:00"


def test_old_half_ends_with_the_last_second_of_the_day_before(google: Google, anna: Client) -> None:
    root = anna.insert(**WEEKLY)["id"]

    google.person(ANNA).edit_following(occurrence(root, 3), summary="New")

    old = anna.get(root).body
    assert old["recurrence"] == ["RRULE:FREQ=WEEKLY;UNTIL=20261213T225959Z"]
    assert old["summary"] == "Team"
    assert len(instances(anna, root)) == 3


def test_a_count_goes_on_where_the_old_half_stopped(google: Google, anna: Client) -> None:
    root = anna.insert(**WEEKLY)["id"]

    later = google.person(ANNA).edit_following(occurrence(root, 2), summary="New")

    assert later["recurrence"] == ["RRULE:FREQ=WEEKLY;COUNT=4"]
    assert len(instances(anna, later["id"])) == 4


def test_halves_and_exceptions_come_with_one_etag(google: Google, anna: Client) -> None:
    root = anna.insert(**WEEKLY)["id"]
    anna.patch(occurrence(root, 1), {"summary": "Before"})
    anna.patch(occurrence(root, 4), {"summary": "After"})
    token = anna.sync_token()

    later = google.person(ANNA).edit_following(occurrence(root, 3), description="x")["id"]

    items = delta(anna, token)
    assert set(items) == {root, later, occurrence(root, 1), occurrence(root, 4)}
    assert len({item["etag"] for item in items.values()}) == 1
    assert len({item["updated"] for item in items.values()}) == 1
    assert anna.get(occurrence(root, 5)).body["etag"] == anna.get(root).body["etag"]


def test_later_exception_keeps_its_id_and_belongs_to_the_later_half(google: Google, anna: Client) -> None:
    root = anna.insert(**WEEKLY)["id"]
    anna.patch(occurrence(root, 4), {"summary": "After"})
    anna.patch(occurrence(root, 1), {"summary": "Before"})

    later = google.person(ANNA).edit_following(occurrence(root, 3), description="x")

    after, before = anna.get(occurrence(root, 4)).body, anna.get(occurrence(root, 1)).body
    assert (after["recurringEventId"], after["iCalUID"]) == (later["id"], later["iCalUID"])
    assert (after["summary"], after["description"]) == ("After", "x")
    assert (before["recurringEventId"], before["iCalUID"]) == (root, f"{root}@google.com")


def test_cancelled_later_occurrence_stays_cancelled_in_the_later_half(google: Google, anna: Client) -> None:
    root = anna.insert(**WEEKLY)["id"]
    anna.delete(occurrence(root, 4))

    later = google.person(ANNA).edit_following(occurrence(root, 3), summary="New")["id"]

    gone = anna.get(occurrence(root, 4)).body
    assert (gone["status"], gone["recurringEventId"]) == ("cancelled", later)
    assert len(instances(anna, later)) == 2


def test_instance_of_the_later_half_is_addressed_by_the_root(google: Google, anna: Client) -> None:
    root = anna.insert(**WEEKLY)["id"]
    later = google.person(ANNA).edit_following(occurrence(root, 3), summary="New")["id"]

    patched = anna.patch(occurrence(root, 5), {"summary": "Last"}).body

    assert (patched["id"], patched["recurringEventId"]) == (occurrence(root, 5), later)


def test_overwritten_later_exception_shows_the_later_half(google: Google, anna: Client) -> None:
    google.settings = msgspec.structs.replace(google.settings, split_exceptions="overwritten")
    root = anna.insert(**WEEKLY)["id"]
    anna.patch(occurrence(root, 4), {"summary": "After", "description": "own"})

    google.person(ANNA).edit_following(occurrence(root, 3), summary="New")

    after = anna.get(occurrence(root, 4)).body
    assert (after["summary"], "description" in after) == ("New", False)


def test_extended_properties_are_copied(google: Google, anna: Client) -> None:
    properties = {"private": {"mark": "1"}, "shared": {"two": "2"}}
    root = anna.insert(**WEEKLY, extendedProperties=properties)["id"]

    later = google.person(ANNA).edit_following(occurrence(root, 3), summary="New")
    moved = google.person(ANNA).edit_following(
        occurrence(root, 2), start="2026-12-07T15:00:00+01:00", end="2026-12-07T16:00:00+01:00"
    )

    assert later["extendedProperties"] == moved["extendedProperties"] == properties


def test_half_with_another_time_is_a_stranger(google: Google, anna: Client) -> None:
    old = anna.insert(**WEEKLY)
    token = anna.sync_token()

    later = google.person(ANNA).edit_following(
        occurrence(old["id"], 3), start="2026-12-14T15:00:00+01:00", end="2026-12-14T16:00:00+01:00"
    )

    assert "_" not in later["id"]
    assert later["iCalUID"] == f"{later['id']}@google.com"
    assert later["created"] == old["created"]
    assert later["sequence"] == old["sequence"] + 1
    items = delta(anna, token)
    assert set(items) == {old["id"], later["id"]}
    assert len({item["etag"] for item in items.values()}) == 1


def test_half_with_another_rule_is_a_stranger(google: Google, anna: Client) -> None:
    root = anna.insert(**WEEKLY)["id"]

    later = google.person(ANNA).edit_following(occurrence(root, 3), recurrence=["RRULE:FREQ=DAILY;COUNT=2"])

    assert "_" not in later["id"]
    assert len(instances(anna, later["id"])) == 2


def test_half_on_another_weekday_takes_its_rule_along(google: Google, anna: Client) -> None:
    root = anna.insert(**WEEKLY | {"recurrence": ["RRULE:FREQ=WEEKLY;BYDAY=MO"]})["id"]

    later = google.person(ANNA).edit_following(
        occurrence(root, 3), start="2026-12-16T10:00:00+01:00", end="2026-12-16T11:00:00+01:00"
    )

    assert later["recurrence"] == ["RRULE:FREQ=WEEKLY;BYDAY=WE"]


def test_later_exceptions_of_a_moved_half_end_bare(google: Google, anna: Client) -> None:
    root = anna.insert(**WEEKLY)["id"]
    anna.patch(occurrence(root, 4), {"summary": "After"})
    token = anna.sync_token()

    google.person(ANNA).edit_following(
        occurrence(root, 3), start="2026-12-14T15:00:00+01:00", end="2026-12-14T16:00:00+01:00"
    )

    assert is_bare(delta(anna, token)[occurrence(root, 4)])


def test_title_keeps_the_sequence_and_trimming_does_not_raise_it(google: Google, anna: Client) -> None:
    old = anna.insert(**WEEKLY)

    later = google.person(ANNA).edit_following(occurrence(old["id"], 3), summary="New")

    assert later["sequence"] == anna.get(old["id"]).body["sequence"] == old["sequence"]


def test_second_split_builds_on_the_root(google: Google, anna: Client) -> None:
    root = anna.insert(**WEEKLY)["id"]
    google.person(ANNA).edit_following(occurrence(root, 2), summary="Second")

    third = google.person(ANNA).edit_following(occurrence(root, 4), summary="Third")

    assert third["id"] == f"{root}_R20261221T090000"
    assert [item["summary"] for item in anna.list(singleEvents="true", orderBy="startTime").body["items"]] == [
        "Team",
        "Team",
        "Second",
        "Second",
        "Third",
        "Third",
    ]


def test_split_of_the_first_part_leaves_the_later_segment(google: Google, anna: Client) -> None:
    root = anna.insert(**WEEKLY)["id"]
    google.person(ANNA).edit_following(occurrence(root, 4), summary="Last")

    google.person(ANNA).edit_following(occurrence(root, 2), summary="Middle")

    shown = [item["summary"] for item in anna.list(singleEvents="true", orderBy="startTime").body["items"]]
    assert shown == ["Team", "Team", "Middle", "Middle", "Last", "Last"]


def test_following_from_the_first_on_changes_the_series_itself(google: Google, anna: Client) -> None:
    root = anna.insert(**WEEKLY)["id"]

    changed = google.person(ANNA).edit_following(occurrence(root, 0), summary="New")

    assert (changed["id"], changed["recurrence"]) == (root, WEEKLY["recurrence"])


def test_all_day_half_is_called_after_a_day(google: Google, anna: Client) -> None:
    body = {"recurrence": ["RRULE:FREQ=DAILY;COUNT=4"], **all_day("2026-11-23", "2026-11-24")}
    root = anna.insert(**body)["id"]

    later = google.person(ANNA).edit_following(f"{root}_20261125", summary="New")

    assert later["id"] == f"{root}_R20261125"
    assert anna.get(root).body["recurrence"] == ["RRULE:FREQ=DAILY;UNTIL=20261124"]


def test_the_later_half_can_come_with_the_next_delta(google: Google, anna: Client) -> None:
    google.settings = msgspec.structs.replace(google.settings, halves_told="later")
    root = anna.insert(**WEEKLY)["id"]
    token = anna.sync_token()

    later = google.person(ANNA).edit_following(occurrence(root, 3), summary="New")["id"]

    first = anna.list(syncToken=token).body
    second = anna.list(syncToken=first["nextSyncToken"]).body
    assert [[item["id"] for item in answer["items"]] for answer in (first, second)] == [[root], [later]]


def test_halves_can_share_the_uid(google: Google, anna: Client) -> None:
    google.settings = msgspec.structs.replace(google.settings, split_uid="shared")
    old = anna.insert(**WEEKLY)

    later = google.person(ANNA).edit_following(occurrence(old["id"], 3), summary="New")

    assert later["iCalUID"] == old["iCalUID"]
    assert len(anna.list(iCalUID=old["iCalUID"]).body["items"]) == 2


def test_what_is_no_occurrence_cannot_be_split(google: Google, anna: Client) -> None:
    single = anna.insert(summary="Once")["id"]

    with pytest.raises(Exception, match="no occurrence"):
        google.person(ANNA).delete_following(single)
