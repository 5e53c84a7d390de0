"""Edits on both sides: disjoint and overlapping, under each conflict policy; and a CRM that writes stale records."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from infra.simulator.model import Fault
from tests.scenarios.stage import Connected, Stage, eventually

DAY = (datetime.now(UTC) + timedelta(days=3)).date()
CALL = {"user_id": "anna", "title": "Call", "location": "Rome", "start": f"{DAY}T10:00:00Z"}


@pytest.fixture
def deaf(stage: Stage) -> Iterator[Stage]:
    """Google refuses to push, so that calendars are polled; what nobody may see before the next act is in `unseen`."""
    with stage.google() as google:
        google.add_fault(Fault(effect="pushRefused", path="/events/watch"))
    yield stage
    with stage.google() as google:
        google.clear_faults()


@contextmanager
def unseen(stage: Stage) -> Iterator[None]:
    """Inside, Google answers nobody, so that no poll falls between the acts of both sides."""
    with stage.google():
        yield


def edited_on_both(stage: Stage, anna: Connected, ours: dict[str, str], theirs: dict[str, str]) -> None:
    """The task stands in Google; then a person edits the event, and the CRM the task, neither seeing the other's."""
    stage.crm.put("t1", **CALL)
    task = stage.crm.synced("t1")
    with unseen(stage):
        anna.person.edit(task["sync_state"]["event_id"], **theirs)
        stage.crm.put("t1", **ours)


def test_b02_disjoint_edits_never_conflict(deaf: Stage) -> None:
    anna = deaf.connect()

    edited_on_both(deaf, anna, {"title": "Visit"}, {"location": "Oslo"})

    task = deaf.crm.synced("t1", title="Visit", location="Oslo")
    event = anna.person.event(task)
    assert (event["summary"], event["location"]) == ("Visit", "Oslo")


def test_a08_the_same_field_under_manual_keeps_both_versions(deaf: Stage) -> None:
    anna = deaf.connect(settings={"conflict": "manual"})

    edited_on_both(deaf, anna, {"title": "Visit"}, {"summary": "Lunch"})

    task = deaf.crm.synced("t1", "conflict")
    assert task["sync_state"]["conflict"]["fields"]["title"] == {"base": "Call", "crm": "Visit", "google": "Lunch"}
    assert task["title"] == "Visit"
    assert anna.person.event(task)["summary"] == "Lunch"
    assert deaf.crm.told("task.conflict", task_id="t1")


@pytest.mark.parametrize(("resolution", "title"), [("crm", "Visit"), ("google", "Lunch")])
def test_a_conflict_is_settled_for_one_side(deaf: Stage, resolution: str, title: str) -> None:
    anna = deaf.connect(settings={"conflict": "manual"})
    edited_on_both(deaf, anna, {"title": "Visit"}, {"summary": "Lunch"})
    deaf.crm.synced("t1", "conflict")

    deaf.crm.ok("POST", "/v1/tasks/t1/conflict", {"resolution": resolution})

    task = deaf.crm.synced("t1", title=title)
    assert anna.person.event(task)["summary"] == title


@pytest.mark.parametrize(("policy", "title"), [("crm_wins", "Visit"), ("google_wins", "Lunch")])
def test_a08_a_policy_settles_the_same_field(deaf: Stage, policy: str, title: str) -> None:
    anna = deaf.connect(settings={"conflict": policy})

    edited_on_both(deaf, anna, {"title": "Visit"}, {"summary": "Lunch"})

    task = deaf.crm.synced("t1", title=title)
    assert anna.person.event(task)["summary"] == title


@pytest.mark.parametrize(("crm_days", "title"), [(0, "Visit"), (-9, "Lunch")])
def test_a08_latest_wins_compares_googles_clock_with_the_crms(deaf: Stage, crm_days: int, title: str) -> None:
    anna = deaf.connect(settings={"conflict": "latest_wins"})
    stamp = datetime.now(UTC) + timedelta(days=crm_days, seconds=30)

    edited_on_both(deaf, anna, {"title": "Visit", "updated_at": stamp.isoformat()}, {"summary": "Lunch"})

    task = deaf.crm.synced("t1", title=title)
    assert anna.person.event(task)["summary"] == title


def test_a_stale_whole_record_undoes_nothing(stage: Stage) -> None:
    anna = stage.connect()
    stage.crm.put("t1", **CALL)
    task = stage.crm.synced("t1")
    anna.person.edit(task["sync_state"]["event_id"], summary="Lunch")
    stage.crm.synced("t1", title="Lunch")

    stage.crm.put("t1", **(CALL | {"location": "Oslo"}))

    task = stage.crm.synced("t1", title="Lunch", location="Oslo")
    assert anna.person.event(task)["summary"] == "Lunch"


def test_a_title_that_the_crm_has_read_can_be_put_back(stage: Stage) -> None:
    anna = stage.connect()
    stage.crm.put("t1", **CALL)
    task = stage.crm.synced("t1")
    anna.person.edit(task["sync_state"]["event_id"], summary="Lunch")
    stage.crm.told("task.updated", origin="google", task_id="t1")
    stage.crm.changes()

    stage.crm.put("t1", **CALL)

    task = stage.crm.synced("t1", title="Call")
    eventually(lambda: anna.person.event(task)["summary"] == "Call")


def test_an_edit_of_the_crm_beats_a_deletion_in_google(deaf: Stage) -> None:
    anna = deaf.connect()
    deaf.crm.put("t1", **CALL)
    before = deaf.crm.synced("t1")

    with unseen(deaf):
        anna.person.delete(before["sync_state"]["event_id"])
        deaf.crm.put("t1", title="Visit")

    after = deaf.crm.synced("t1", title="Visit")
    assert after["sync_state"]["event_id"] != before["sync_state"]["event_id"]
    assert anna.person.event(after)["summary"] == "Visit"


def test_an_edit_in_google_beats_a_deletion_of_the_crm(deaf: Stage) -> None:
    anna = deaf.connect()
    deaf.crm.put("t1", **CALL)
    task = deaf.crm.synced("t1")

    with unseen(deaf):
        anna.person.edit(task["sync_state"]["event_id"], summary="Lunch")
        deaf.crm.delete("t1")

    assert deaf.crm.told("task.restored", origin="google", task_id="t1")["task"]["title"] == "Lunch"
    assert anna.person.event(deaf.crm.synced("t1"))["status"] == "confirmed"


@pytest.mark.parametrize(("policy", "kind"), [("cancel_task", "task.cancelled"), ("unlink", "task.updated")])
def test_a02_a_deletion_in_google_ends_the_task_or_the_link(stage: Stage, policy: str, kind: str) -> None:
    anna = stage.connect(settings={"on_google_delete": policy})
    stage.crm.put("t1", **CALL)
    before = stage.crm.synced("t1")

    anna.person.delete(before["sync_state"]["event_id"])

    assert stage.crm.told(kind, origin="google", task_id="t1")
    assert stage.crm.task("t1")["sync_state"]["state"] == "off"


def test_a02_a_deletion_in_google_is_undone_when_the_setting_says_recreate(stage: Stage) -> None:
    anna = stage.connect(settings={"on_google_delete": "recreate"})
    stage.crm.put("t1", **CALL)
    event_id = stage.crm.synced("t1")["sync_state"]["event_id"]

    anna.person.delete(event_id)

    eventually(lambda: stage.crm.synced("t1")["sync_state"]["event_id"] != event_id)
    assert anna.person.event(stage.crm.synced("t1"))["status"] == "confirmed"
