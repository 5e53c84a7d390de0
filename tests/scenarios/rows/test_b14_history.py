"""B14: "where did my appointment go" has an answer: what happened to a task, when, from which side, and why."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.scenarios.stage import Stage, eventually

DAY = (datetime.now(UTC) + timedelta(days=3)).date()
CALL = {"user_id": "anna", "title": "Call Bob", "start": f"{DAY}T10:00:00Z"}


def history(stage: Stage, task: str = "t1") -> list[Any]:
    return list(stage.crm.ok("GET", f"/v1/tasks/{task}/history")["data"])


def newest(stage: Stage, side: str, field: str) -> Any:  # noqa: ANN401 - JSON
    """The newest entry of that side that names the field."""
    return next(each for each in reversed(history(stage)) if each["side"] == side and field in each["fields"])


def test_b14_a_task_tells_who_changed_what_on_which_side(stage: Stage) -> None:
    anna = stage.connect()
    stage.crm.put("t1", **CALL)
    event = stage.crm.synced("t1")["sync_state"]["event_id"]
    anna.person.edit(event, summary="Visit Bob")
    stage.crm.synced("t1", title="Visit Bob")
    stage.crm.put("t1", location="Rome")
    stage.crm.synced("t1", location="Rome")

    told = [(each["side"], each["fields"]) for each in history(stage)]

    assert told[0][0] == "crm"
    assert ("google", ["title"]) in told
    assert ("crm", ["location"]) in told
    at = [each["at"] for each in history(stage)]
    assert at == sorted(at)


def test_b14_a_deletion_in_google_is_told_with_the_setting_that_decided(stage: Stage) -> None:
    anna = stage.connect(settings={"on_google_delete": "cancel_task"})
    stage.crm.put("t1", **CALL)
    anna.person.delete(stage.crm.synced("t1")["sync_state"]["event_id"])
    stage.crm.told("task.cancelled", task_id="t1")

    last = newest(stage, "google", "status")

    assert "cancel_task" in str(last["policy"])


@pytest.mark.parametrize(
    ("policy", "title", "side", "action"),
    [
        ("google_wins", "Lunch", "google", "changed the task"),
        ("crm_wins", "Visit", "tandem", "kept the CRM's version"),
    ],
)
def test_b14_a_field_changed_on_both_sides_is_told_with_the_setting_that_decided(
    stage: Stage, policy: str, title: str, side: str, action: str
) -> None:
    anna = stage.connect(settings={"conflict": policy})
    stage.crm.put("t1", **CALL)
    task = stage.crm.synced("t1")
    with stage.google() as google:
        google.person(anna.account).edit(task["sync_state"]["event_id"], summary="Lunch")
        stage.crm.put("t1", title="Visit")

    def decided() -> list[Any]:
        return [each for each in history(stage) if each["policy"] == f"conflict: {policy}"]

    (entry,) = eventually(decided, what="an entry with the policy")
    assert (entry["side"], entry["action"]) == (side, action)
    assert anna.person.event(stage.crm.synced("t1", title=title))["summary"] == title


def test_b14_what_google_refused_is_told(stage: Stage) -> None:
    anna, boss = stage.connect(), stage.account("boss")
    with stage.google() as google:
        calendar = google.add_calendar(boss, "Board")
        google.share(calendar.id, anna.account, "reader")

    stage.crm.put("t1", **CALL, calendar_id=calendar.id)

    error = stage.crm.synced("t1", "error")["sync_state"]["error"]
    last = history(stage)[-1]
    assert error["code"] == "no_write_access"
    assert (last["side"], last["action"], last["detail"]) == (
        "tandem",
        "could not sync the task",
        "Google: no_write_access",
    )


def test_b14_a_deleted_task_still_tells_what_became_of_it(stage: Stage) -> None:
    stage.connect()
    stage.crm.put("t1", **CALL)
    stage.crm.synced("t1")

    stage.crm.delete("t1")

    assert stage.crm.call("GET", "/v1/tasks/t1").status_code == 404
    assert "deleted the task" in [each["action"] for each in history(stage)]
