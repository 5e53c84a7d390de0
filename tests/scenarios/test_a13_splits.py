"""Row A13: "this and following events" changed, deleted, or all of them, in Google; two tasks in the CRM, or one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.scenarios.stage import Connected, Stage, eventually

DAY = (datetime.now(UTC) + timedelta(days=3)).date()
FIRST = datetime(DAY.year, DAY.month, DAY.day, 10, tzinfo=UTC)
WEEK = timedelta(days=7)
SERIES = {
    "user_id": "anna",
    "title": "Team",
    "notes": "internal",
    "start": FIRST.isoformat(),
    "end": (FIRST + timedelta(hours=1)).isoformat(),
    "time_zone": "UTC",
    "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=6"],
}


def key(number: int) -> str:
    """The original start of an occurrence, counted from 0."""
    return f"{FIRST + number * WEEK:%Y%m%dT%H%M%SZ}"


def address(task: dict[str, Any], number: int) -> str:
    """The occurrence's id in Google."""
    return f"{task['sync_state']['event_id'].partition('_')[0]}_{key(number)}"


def series(stage: Stage) -> tuple[Connected, dict[str, Any]]:
    """Anna's weekly series, the same on both sides."""
    anna = stage.connect()
    stage.crm.put("t1", **SERIES)
    return anna, stage.crm.synced("t1")


def half_of(stage: Stage, task: str) -> Any:  # noqa: ANN401 - JSON
    """The task that the feed tells to come of the later half of this one."""

    def look() -> Any:  # noqa: ANN401 - JSON
        told = (change for change in stage.crm.changes() if change["kind"] == "task.created")
        return next((each["task"] for each in told if each["task"]["split_from"] == task), None)

    return eventually(look, what=f"a half of {task}")


def occurrences(stage: Stage, task: str) -> dict[str, dict[str, Any]]:
    """The task's occurrences as the CRM reads them, by original start."""
    found = stage.crm.ok("GET", f"/v1/tasks/{task}/occurrences")["data"]
    return {each["original_start"]: each for each in found}


def test_a13_following_events_that_are_changed_become_a_task_of_their_own(stage: Stage) -> None:
    anna, task = series(stage)

    anna.person.edit_following(address(task, 3), summary="Sales team")

    half = half_of(stage, "t1")
    assert (half["title"], half["notes"], half["user_id"]) == ("Sales team", "internal", "anna")
    assert datetime.fromisoformat(half["start"]) == FIRST + 3 * WEEK
    ended = stage.crm.synced("t1", title="Team")
    assert len(occurrences(stage, "t1")) == len(occurrences(stage, half["id"])) == 3
    assert ended["recurrence"] != SERIES["recurrence"]


def test_a13_both_halves_are_edited_by_the_crm(stage: Stage) -> None:
    anna, task = series(stage)
    anna.person.edit_following(address(task, 3), location="Rome")
    half = half_of(stage, "t1")["id"]

    stage.crm.put("t1", title="Old team")
    stage.crm.put(half, title="New team")

    first, later = stage.crm.synced("t1"), stage.crm.synced(half)
    assert anna.person.event(first)["summary"] == "Old team"
    assert anna.person.event(later)["summary"] == "New team"


def test_a13_a_second_split_cuts_the_later_half(stage: Stage) -> None:
    anna, task = series(stage)
    anna.person.edit_following(address(task, 2), summary="Second")
    middle = half_of(stage, "t1")
    stage.crm.synced(middle["id"])

    anna.person.edit_following(address(task, 4), summary="Third")

    last = half_of(stage, middle["id"])
    assert last["title"] == "Third"
    assert sorted(occurrences(stage, middle["id"])) == [key(2), key(3)]


def test_a13_occurrences_changed_before_and_after_the_cut_stay_as_they_are(stage: Stage) -> None:
    anna, task = series(stage)
    anna.person.edit(address(task, 1), summary="Before")
    anna.person.edit(address(task, 4), summary="After")
    anna.person.delete(address(task, 5))
    eventually(lambda: occurrences(stage, "t1")[key(5)]["cancelled"])

    anna.person.edit_following(address(task, 3), location="Rome")

    half = half_of(stage, "t1")["id"]
    first, later = occurrences(stage, "t1"), occurrences(stage, half)
    assert (first[key(1)]["title"], first[key(1)]["overridden"]) == ("Before", True)
    assert (later[key(4)]["title"], later[key(4)]["location"]) == ("After", "Rome")
    assert later[key(5)]["cancelled"]
    assert key(4) not in first


def test_a13_an_occurrence_that_the_crm_changes_after_the_split_is_changed_in_its_half(stage: Stage) -> None:
    anna, task = series(stage)
    anna.person.edit_following(address(task, 3), location="Rome")
    half = half_of(stage, "t1")["id"]

    stage.crm.ok("PUT", f"/v1/tasks/{half}/occurrences/{key(4)}", {"title": "With guests"})
    stage.crm.synced(half)

    event = anna.person.get(address(task, 4))
    assert (event["summary"], event["location"]) == ("With guests", "Rome")


def test_a13_all_events_of_a_split_series_are_changed_together(stage: Stage) -> None:
    anna, task = series(stage)
    anna.person.edit_following(address(task, 3), location="Rome")
    half = half_of(stage, "t1")["id"]
    stage.crm.synced(half)

    anna.person.edit_all(address(task, 4), summary="Everybody")

    stage.crm.synced("t1", title="Everybody")
    assert stage.crm.synced(half, title="Everybody")["location"] == "Rome"


def test_a13_following_events_that_are_deleted_end_the_series(stage: Stage) -> None:
    anna, task = series(stage)
    anna.person.edit(address(task, 4), summary="After")
    eventually(lambda: occurrences(stage, "t1")[key(4)]["title"] == "After")

    anna.person.delete_following(address(task, 3))

    eventually(lambda: sorted(occurrences(stage, "t1")) == [key(0), key(1), key(2)])
    ended = stage.crm.synced("t1")
    assert ended["status"] == "open"
    assert [change for change in stage.crm.changes() if change["kind"] == "task.created"] == []


def test_a13_following_events_that_are_moved_become_a_task_with_their_own_time(stage: Stage) -> None:
    anna, task = series(stage)
    later = FIRST + 3 * WEEK + timedelta(hours=5)

    anna.person.edit_following(address(task, 3), start=later, end=later + timedelta(hours=1))

    half = half_of(stage, "t1")
    assert datetime.fromisoformat(half["start"]) == later
    assert len(occurrences(stage, half["id"])) == 3
