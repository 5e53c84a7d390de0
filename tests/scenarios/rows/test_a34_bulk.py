"""A34: many existing tasks at once, and the mappings of another system taken over with their events."""

from __future__ import annotations

from tests.scenarios.rows.scene import CALL, at, event_id, summaries
from tests.scenarios.stage import Stage, eventually


def test_a34_a_batch_reaches_the_calendar_by_one_run(stage: Stage) -> None:
    anna = stage.connect()
    tasks = [{"id": f"t{number}", **CALL, "title": f"Call {number:02}"} for number in range(30)]

    results = stage.crm.ok("POST", "/v1/tasks/batch", {"tasks": [*tasks, {"id": "bad", "end": "2026-01-01"}]})[
        "results"
    ]

    assert [each.get("status") for each in results] == [201] * 30 + [None]
    assert results[-1]["problem"]["code"] == "invalid"
    for task in tasks:
        stage.crm.synced(str(task["id"]))
    assert summaries(anna) == [task["title"] for task in tasks]


def test_a34_another_systems_mappings_are_taken_over_in_a_batch(stage: Stage) -> None:
    anna = stage.connect()
    events = [anna.person.create(f"Call {number}", at(10, days=number), at(11, days=number)) for number in range(4)]
    tasks = [
        {**CALL, "id": f"t{number}", "title": f"Call {number}", "event_id": event["id"],
         "start": at(10, days=number).isoformat(), "end": at(11, days=number).isoformat()}
        for number, event in enumerate(events)
    ]  # fmt: skip

    stage.crm.ok("POST", "/v1/tasks/batch", {"tasks": tasks})

    assert [event_id(stage.crm.synced(f"t{number}")) for number in range(4)] == [event["id"] for event in events]
    assert summaries(anna) == [f"Call {number}" for number in range(4)]
    stage.crm.put("t0", title="Visit")
    anna.person.edit(events[1]["id"], summary="Lunch")
    stage.crm.synced("t0", title="Visit")
    stage.crm.synced("t1", title="Lunch")
    assert summaries(anna) == ["Call 2", "Call 3", "Lunch", "Visit"]


def test_a34_what_differs_between_a_task_and_its_adopted_event_is_for_a_person(stage: Stage) -> None:
    anna = stage.connect()
    event = anna.person.create("Call Robert", at(10), at(11), location="Oslo")

    stage.crm.put("t1", **CALL, event_id=event["id"])

    task = stage.crm.synced("t1", "conflict")
    assert set(task["sync_state"]["conflict"]["fields"]) == {"title"}
    assert task["location"] == "Oslo"
    assert summaries(anna) == ["Call Robert"]


def test_a34_one_event_has_one_task(stage: Stage) -> None:
    anna = stage.connect(settings={"import_external": "all"})
    free, taken = anna.person.create("Call Bob", at(10)), anna.person.create("Board", at(9))
    eventually(lambda: len(stage.crm.ok("GET", "/v1/tasks")["data"]) == 2, what="both came in")

    answer = stage.crm.call("PUT", "/v1/tasks/t1", {**CALL, "event_id": free["id"]})
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert "claim" in answer.json()["detail"]

    both = [{**CALL, "id": name, "event_id": "nowhere1"} for name in ("t2", "t3")]
    results = stage.crm.ok("POST", "/v1/tasks/batch", {"tasks": both})["results"]
    assert [each.get("status") for each in results] == [201, None]
    assert results[1]["problem"]["code"] == "conflict"
    assert stage.crm.synced("t2", "error")["sync_state"]["error"]["code"]
    assert anna.person.get(taken["id"])["status"] == "confirmed"
