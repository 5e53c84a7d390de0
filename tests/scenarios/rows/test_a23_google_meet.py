"""A23: a Google Meet for a task, asked for once however often; its link is told, a refusal too, a removal holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from infra.simulator.model import Fault
from tests.scenarios.rows.scene import CALL, event_id
from tests.scenarios.stage import Stage, eventually

MEETING = {**CALL, "conference": "google_meet"}


def link(task: Any) -> Any:  # noqa: ANN401 - JSON
    return task["sync_state"]["meet_url"]


def test_a23_the_link_and_the_event_are_told(stage: Stage) -> None:
    anna = stage.connect()

    stage.crm.put("t1", **MEETING)

    task = stage.crm.told("task.linked", task_id="t1")["task"]
    assert link(task).startswith("https://meet.google.com/")
    assert anna.person.event(task)["hangoutLink"] == link(task)


def test_a23_a_meet_that_is_asked_for_later_is_told_too(stage: Stage) -> None:
    stage.connect()
    stage.crm.put("t1", **CALL)
    stage.crm.synced("t1")
    stage.crm.told("task.linked", task_id="t1")

    stage.crm.put("t1", conference="google_meet")

    told = stage.crm.told("task.linked", task_id="t1")
    assert told["changed"]["meet_url"] == [None, link(told["task"])]
    assert link(told["task"])


def test_a23_a_pending_meet_is_read_again_and_told(stage: Stage, google_does: Callable[..., None]) -> None:
    google_does(conference="pending", conference_reads=1)
    stage.connect()

    stage.crm.put("t1", **MEETING)

    first = stage.crm.told("task.linked", task_id="t1")
    then = stage.crm.told("task.linked", task_id="t1")
    assert (link(first["task"]), then["changed"].keys()) == (None, {"meet_url"})
    assert link(then["task"]) == link(stage.crm.task("t1"))


@pytest.mark.parametrize("how", ["failure", "invalid"])
def test_a23_a_refused_meet_is_told_and_the_event_is_made(
    stage: Stage, google_does: Callable[..., None], how: str
) -> None:
    google_does(conference=how)
    anna = stage.connect()

    stage.crm.put("t1", **MEETING)

    told = stage.crm.told("task.error", task_id="t1")["task"]["sync_state"]
    assert (told["state"], told["error"]["code"], told["meet_url"]) == ("synced", "meet_refused", None)
    assert "Meet" in told["error"]["detail"]
    assert anna.person.event(stage.crm.task("t1"))["summary"] == "Call Bob"


def test_a23_a_refused_meet_is_asked_for_again_when_the_crm_asks_again(
    stage: Stage, google_does: Callable[..., None]
) -> None:
    google_does(conference="failure")
    stage.connect()
    stage.crm.put("t1", **MEETING)
    stage.crm.told("task.error", task_id="t1")
    google_does(conference="success")

    stage.crm.put("t1", title="Visit")
    assert link(stage.crm.synced("t1", title="Visit")) is None
    stage.crm.put("t1", conference=None)
    assert stage.crm.synced("t1", conference=None)["sync_state"]["error"] is None
    stage.crm.put("t1", conference="google_meet")

    assert link(stage.crm.synced("t1", conference="google_meet"))


def test_a23_a_lost_answer_makes_no_second_meet(stage: Stage, google_does: Callable[..., None]) -> None:
    anna = stage.connect()
    stage.crm.put("t1", **CALL)
    stage.crm.synced("t1")
    with stage.google() as google:
        google.add_fault(Fault(effect="cut_after", account=anna.account, method="PATCH", count=1))

    stage.crm.put("t1", conference="google_meet")
    task = stage.crm.synced("t1", conference="google_meet")
    first = anna.person.event(task)["conferenceData"]["conferenceId"]
    stage.crm.put("t1", title="Visit", location="Verona")

    assert anna.person.event(stage.crm.synced("t1", title="Visit"))["conferenceData"]["conferenceId"] == first
    assert link(stage.crm.task("t1")).endswith(first)


def test_a23_a_meet_that_a_person_removed_stays_removed_until_the_crm_asks_again(stage: Stage) -> None:
    anna = stage.connect()
    stage.crm.put("t1", **MEETING)
    task = stage.crm.synced("t1")
    first = link(task)
    anna.person.remove_meet(event_id(task))
    eventually(lambda: link(stage.crm.task("t1")) is None)
    assert stage.crm.told("task.linked", task_id="t1", origin="tandem")

    stage.crm.put("t1", title="Visit")
    assert "hangoutLink" not in anna.person.event(stage.crm.synced("t1", title="Visit"))

    stage.crm.put("t1", conference=None)
    stage.crm.synced("t1", conference=None)
    stage.crm.put("t1", conference="google_meet")
    again = stage.crm.synced("t1", conference="google_meet")
    assert link(again) not in {None, first}
    assert anna.person.event(again)["hangoutLink"] == link(again)


def test_a23_a_meet_that_a_person_added_is_told(stage: Stage) -> None:
    anna = stage.connect()
    stage.crm.put("t1", **CALL)
    event = event_id(stage.crm.synced("t1"))

    anna.person.add_meet(event)

    assert eventually(lambda: link(stage.crm.task("t1"))) == anna.person.get(event)["hangoutLink"]
