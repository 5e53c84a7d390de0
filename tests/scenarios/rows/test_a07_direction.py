"""A7: a user's events and tasks go both ways, or one; also when that changes while tasks exist."""

from __future__ import annotations

from tests.scenarios.rows.scene import CALL, at, changed, event_id, summaries
from tests.scenarios.stage import Stage, eventually


def test_a07_to_google_sends_and_takes_nothing(stage: Stage) -> None:
    anna = stage.connect(settings={"direction": "to_google", "import_external": "off"})
    stage.crm.put("t1", **CALL)
    task = stage.crm.synced("t1")

    anna.person.edit(event_id(task), summary="Lunch", location="Oslo")
    anna.person.create("Holiday", at(12))
    anna.sync()

    after = stage.crm.task("t1")
    assert (after["title"], after["location"], after["version"]) == ("Call Bob", None, task["version"])
    assert [each["id"] for each in stage.crm.ok("GET", "/v1/tasks")["data"]] == ["t1"]


def test_a07_from_google_takes_and_sends_nothing(stage: Stage) -> None:
    anna = stage.connect(settings={"direction": "from_google", "import_external": "all"})
    made = anna.person.create("Lunch", at(12))
    task = stage.crm.told("task.created", origin="google")["task"]

    stage.crm.put(task["id"], title="Dinner")
    stage.crm.put("t1", **CALL)
    anna.sync()

    assert anna.person.get(made["id"])["summary"] == "Lunch"
    assert summaries(anna) == ["Lunch"]
    assert stage.crm.task("t1")["sync_state"]["reason"] == "direction"


def test_a07_turned_from_google_its_own_events_go_and_a_persons_stay(stage: Stage) -> None:
    anna = stage.connect(settings={"import_external": "all"})
    anna.person.create("Lunch", at(12))
    lunch = stage.crm.told("task.created", origin="google")["task"]["id"]
    stage.crm.put("t1", **CALL)
    stage.crm.synced("t1")

    run = changed(anna, direction="from_google")

    assert run["totals"]["google"]["delete"] == 1
    assert summaries(anna) == ["Lunch"]
    assert stage.crm.synced("t1", "off")["sync_state"]["reason"] == "direction"
    assert stage.crm.task(lunch)["sync_state"]["state"] == "synced"


def test_a07_turned_both_ways_again_the_tasks_go_out(stage: Stage) -> None:
    anna = stage.connect(settings={"direction": "from_google"})
    stage.crm.put("t1", **CALL)
    stage.crm.synced("t1", "off")

    changed(anna, direction="both")

    assert summaries(anna) == ["Call Bob"]
    anna.person.edit(event_id(stage.crm.synced("t1")), summary="Visit Bob")
    assert stage.crm.told("task.updated", origin="google", task_id="t1")["task"]["title"] == "Visit Bob"


def test_a07_turned_both_ways_the_next_edit_in_google_arrives(stage: Stage) -> None:
    anna = stage.connect(settings={"direction": "to_google"})
    stage.crm.put("t1", **CALL)
    event = event_id(stage.crm.synced("t1"))
    anna.person.edit(event, location="Oslo")
    anna.sync()

    changed(anna, direction="both")
    anna.person.edit(event, summary="Visit Bob")

    task = stage.crm.told("task.updated", origin="google", task_id="t1")["task"]
    assert (task["title"], task["location"]) == ("Visit Bob", None)
    eventually(lambda: stage.crm.task("t1")["sync_state"]["state"] == "synced")
    assert anna.person.get(event)["location"] == "Oslo"


def test_a07_turned_to_google_edits_still_go_out_and_nothing_comes_in(stage: Stage) -> None:
    anna = stage.connect(settings={"import_external": "all"})
    made = anna.person.create("Lunch", at(12))
    lunch = stage.crm.told("task.created", origin="google")["task"]["id"]
    stage.crm.put("t1", **CALL)
    stage.crm.synced("t1")

    changed(anna, direction="to_google", import_external="off")
    anna.person.edit(made["id"], summary="Dinner")
    anna.person.create("Holiday", at(15))
    anna.sync()
    stage.crm.put(lunch, location="Verona")
    stage.crm.put("t1", title="Visit Bob")

    stage.crm.synced("t1", title="Visit Bob")
    assert stage.crm.synced(lunch, location="Verona")["title"] == "Lunch"
    assert anna.person.get(made["id"])["location"] == "Verona"
    assert summaries(anna) == ["Dinner", "Holiday", "Visit Bob"]
    assert len(stage.crm.ok("GET", "/v1/tasks")["data"]) == 2
