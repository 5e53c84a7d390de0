"""A2: what a person changes, moves, resizes or deletes in Google reaches the CRM within seconds, told by a push."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.scenarios.rows.scene import CALL, at, event_id
from tests.scenarios.stage import Connected, Stage, eventually

SECONDS = 5.0


@pytest.fixture
def anna(stage: Stage) -> Connected:
    """She has a call at ten, and Google pushes."""
    anna = stage.connect()
    stage.crm.put("t1", **CALL)
    stage.crm.synced("t1")
    eventually(lambda: anna.now()["calendars"][0]["state"] == "push", what="push")
    return anna


def when(task: object) -> tuple[datetime, timedelta]:
    assert isinstance(task, dict)
    start, end = datetime.fromisoformat(task["start"]), datetime.fromisoformat(task["end"])
    return start, end - start


def test_a02_an_edit_arrives_within_seconds(stage: Stage, anna: Connected) -> None:
    anna.person.edit(event_id(stage.crm.task("t1")), summary="Visit Bob", location="Verona")

    eventually(lambda: stage.crm.task("t1")["location"] == "Verona", within_s=SECONDS)
    change = stage.crm.told("task.updated", origin="google", task_id="t1")
    assert change["changed"]["title"] == ["Call Bob", "Visit Bob"]


def test_a02_a_moved_event_keeps_its_duration_and_a_resized_one_does_not(stage: Stage, anna: Connected) -> None:
    event = event_id(stage.crm.task("t1"))

    anna.person.move(event, at(14, days=1))
    moved = stage.crm.told("task.updated", origin="google", task_id="t1")["task"]
    anna.person.move(event, at(14, days=1), at(17, days=1))
    resized = stage.crm.told("task.updated", origin="google", task_id="t1")["task"]

    assert when(moved) == (at(14, days=1), timedelta(hours=1))
    assert when(resized) == (at(14, days=1), timedelta(hours=3))


def test_a02_a_timed_event_becomes_all_day_and_back(stage: Stage, anna: Connected) -> None:
    event, day = event_id(stage.crm.task("t1")), at(0, days=2).date()

    anna.person.edit(event, start=day, end=day + timedelta(days=1))
    whole = stage.crm.told("task.updated", origin="google", task_id="t1")["task"]
    anna.person.edit(event, start=at(9, days=2), end=at(10, days=2))
    timed = stage.crm.told("task.updated", origin="google", task_id="t1")["task"]

    assert (whole["start"], whole["end"]) == (str(day), str(day + timedelta(days=1)))
    assert when(timed) == (at(9, days=2), timedelta(hours=1))


def test_a02_a_deleted_event_cancels_its_task_once(stage: Stage, anna: Connected) -> None:
    anna.person.delete(event_id(stage.crm.task("t1")))

    change = stage.crm.told("task.cancelled", task_id="t1")
    assert (change["origin"], change["task"]["status"]) == ("google", "cancelled")
    assert [each["kind"] for each in anna.told_by_now() if each.get("task_id") == "t1"] == []
