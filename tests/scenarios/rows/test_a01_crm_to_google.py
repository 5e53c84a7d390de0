"""A1: what the CRM makes, changes and deletes stands so in Google, with one call to Google a change."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from infra.simulator.settings import Notifications
from tests.scenarios.rows.scene import CALL, MONDAY, at, event_id
from tests.scenarios.stage import Stage, eventually

WRITES = ("events.insert", "events.patch", "events.delete", "events.get", "events.update", "events.move")


def calls(stage: Stage) -> dict[str, int]:
    """How often each method that touches single events was called."""
    with stage.google() as google:
        return {name: google.ctx.counters[name] for name in WRITES if google.ctx.counters[name]}


def spent(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    return {name: after[name] - before.get(name, 0) for name in after if after[name] != before.get(name, 0)}


@pytest.fixture
def unasked(google_does: Callable[..., None]) -> None:
    """No notification makes a pull look at what is just being written: that costs a call by itself (rule 11)."""
    google_does(notifications=Notifications(drop=1.0))


@pytest.mark.usefixtures("unasked")
def test_a01_a_task_is_made_changed_and_deleted_in_google_with_one_call_each(stage: Stage) -> None:
    anna = stage.connect()
    start = calls(stage)

    stage.crm.put("t1", **CALL, location="Verona")
    made = stage.crm.synced("t1")
    after_insert = calls(stage)
    stage.crm.put("t1", title="Visit Bob", start=at(15).isoformat(), end=at(16).isoformat())
    event = anna.person.event(stage.crm.synced("t1", title="Visit Bob"))
    after_patch = calls(stage)
    stage.crm.delete("t1")
    eventually(lambda: anna.person.event(made)["status"] == "cancelled", what="the event is gone")

    assert (event["summary"], event["location"]) == ("Visit Bob", "Verona")
    assert event["start"]["dateTime"] == at(15).isoformat()
    assert spent(start, after_insert) == {"events.insert": 1}
    assert spent(after_insert, after_patch) == {"events.patch": 1}
    assert spent(after_patch, calls(stage)) == {"events.delete": 1}


def test_a01_an_agent_is_reminded_by_the_own_calendar(stage: Stage) -> None:
    anna = stage.connect()

    stage.crm.put("t1", **CALL)

    assert anna.person.event(stage.crm.synced("t1"))["reminders"] == {"useDefault": True}


@pytest.mark.usefixtures("unasked")
def test_a01_writing_the_same_again_asks_google_nothing(stage: Stage) -> None:
    stage.connect()
    stage.crm.put("t1", **CALL)
    task = stage.crm.synced("t1")
    before = calls(stage)

    again = stage.crm.put("t1", **CALL)

    assert (again["version"], event_id(again)) == (task["version"], event_id(task))
    assert spent(before, calls(stage)) == {}


def test_a01_a_timed_task_becomes_all_day_and_timed_again(stage: Stage) -> None:
    anna = stage.connect()
    stage.crm.put("t1", **CALL)
    stage.crm.synced("t1")

    whole = stage.crm.put("t1", start=str(MONDAY), end=str(MONDAY + timedelta(days=2)))["version"]
    days = anna.person.event(stage.crm.synced("t1", version=whole))
    timed = stage.crm.put("t1", start=at(15).isoformat(), end=at(16).isoformat())["version"]
    event = anna.person.event(stage.crm.synced("t1", version=timed))

    assert (days["start"], days["end"]) == ({"date": str(MONDAY)}, {"date": str(MONDAY + timedelta(days=2))})
    assert event["start"]["dateTime"] == at(15).isoformat()
    assert "date" not in event["start"]
