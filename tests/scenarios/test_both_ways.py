"""A task meets an event: create, edit, move, resize and delete on each side."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.scenarios.stage import Stage, eventually

DAY = (datetime.now(UTC) + timedelta(days=3)).date()
TEN = datetime(DAY.year, DAY.month, DAY.day, 10, tzinfo=UTC)
CALL = {"user_id": "anna", "title": "Call Bob", "start": TEN.isoformat(), "end": (TEN + timedelta(hours=1)).isoformat()}


def test_a_task_of_the_crm_stands_in_the_calendar(stage: Stage) -> None:
    anna = stage.connect()

    stage.crm.put("t1", **CALL, location="Rome")

    event = anna.person.event(stage.crm.synced("t1"))
    assert (event["summary"], event["location"]) == ("Call Bob", "Rome")
    assert datetime.fromisoformat(event["start"]["dateTime"]) == TEN


def test_an_edit_of_the_crm_reaches_the_event(stage: Stage) -> None:
    anna = stage.connect()
    stage.crm.put("t1", **CALL)
    stage.crm.synced("t1")

    stage.crm.put("t1", title="Visit Bob", start=str(DAY), end=str(DAY + timedelta(days=2)))

    event = anna.person.event(stage.crm.synced("t1"))
    assert event["summary"] == "Visit Bob"
    assert event["start"] == {"date": str(DAY)}


def test_a_task_that_is_moved_keeps_its_length_in_the_calendar(stage: Stage) -> None:
    anna = stage.connect()
    stage.crm.put("t1", **CALL)
    stage.crm.synced("t1")
    later = TEN + timedelta(days=1)

    stage.crm.put("t1", start=later.isoformat(), end=(later + timedelta(hours=1)).isoformat())

    assert lasts(anna.person.event(stage.crm.synced("t1"))) == (later, timedelta(hours=1))


def test_a_task_that_takes_longer_takes_longer_in_the_calendar(stage: Stage) -> None:
    anna = stage.connect()
    stage.crm.put("t1", **CALL)
    stage.crm.synced("t1")

    stage.crm.put("t1", end=(TEN + timedelta(hours=3)).isoformat())

    assert lasts(anna.person.event(stage.crm.synced("t1"))) == (TEN, timedelta(hours=3))


def lasts(event: dict[str, Any]) -> tuple[datetime, timedelta]:
    """When a timed event begins, and how long it is."""
    start, end = (datetime.fromisoformat(event[name]["dateTime"]) for name in ("start", "end"))
    return start, end - start


def test_a_deletion_of_the_crm_removes_the_event(stage: Stage) -> None:
    anna = stage.connect()
    stage.crm.put("t1", **CALL)
    task = stage.crm.synced("t1")

    stage.crm.delete("t1")

    eventually(lambda: anna.person.event(task)["status"] == "cancelled")
    assert stage.crm.call("GET", "/v1/tasks/t1").status_code == 404


def test_an_edit_in_google_reaches_the_crm_by_the_feed(stage: Stage) -> None:
    anna = stage.connect()
    stage.crm.put("t1", **CALL)
    task = stage.crm.synced("t1")

    anna.person.edit(task["sync_state"]["event_id"], summary="Visit Bob")

    change = stage.crm.told("task.updated", origin="google", task_id="t1")
    assert change["changed"]["title"] == ["Call Bob", "Visit Bob"]
    assert change["task"]["title"] == "Visit Bob"


def test_an_event_that_is_moved_keeps_its_duration_in_the_crm(stage: Stage) -> None:
    anna = stage.connect()
    stage.crm.put("t1", **CALL)
    task = stage.crm.synced("t1")

    anna.person.move(task["sync_state"]["event_id"], TEN + timedelta(days=1))

    moved = stage.crm.told("task.updated", origin="google", task_id="t1")["task"]
    assert datetime.fromisoformat(moved["start"]) == TEN + timedelta(days=1)
    assert datetime.fromisoformat(moved["end"]) == TEN + timedelta(days=1, hours=1)


def test_an_event_that_is_resized_changes_the_tasks_end(stage: Stage) -> None:
    anna = stage.connect()
    stage.crm.put("t1", **CALL)
    task = stage.crm.synced("t1")

    anna.person.move(task["sync_state"]["event_id"], TEN, TEN + timedelta(hours=3))

    resized = stage.crm.told("task.updated", origin="google", task_id="t1")["task"]
    assert datetime.fromisoformat(resized["end"]) == TEN + timedelta(hours=3)


def test_an_event_that_is_deleted_cancels_the_task(stage: Stage) -> None:
    anna = stage.connect()
    stage.crm.put("t1", **CALL)
    task = stage.crm.synced("t1")

    anna.person.delete(task["sync_state"]["event_id"])

    assert stage.crm.told("task.cancelled", task_id="t1")["task"]["status"] == "cancelled"


def test_an_event_made_in_google_becomes_a_task(stage: Stage) -> None:
    anna = stage.connect(settings={"import_external": "all"})

    anna.person.create("Lunch with Eva", TEN)

    task = stage.crm.told("task.created", origin="google")["task"]
    assert (task["title"], task["created_in"], task["user_id"]) == ("Lunch with Eva", "google", "anna")
