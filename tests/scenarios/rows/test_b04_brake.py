"""B4: a mass change that nobody asked for stops, with a list that a person confirms or discards."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.scenarios.stage import Connected, Stage, eventually

DAY = (datetime.now(UTC) + timedelta(days=3)).date()
TASKS = [f"t{number}" for number in range(14)]


def emptied(stage: Stage) -> tuple[Connected, Any]:
    """Fourteen tasks stood in the calendar, and all their events were deleted; with the run that holds the list."""
    anna = stage.connect()
    tasks = [{"id": name, "user_id": "anna", "title": f"Call {name}", "start": str(DAY)} for name in TASKS]
    stage.crm.ok("POST", "/v1/tasks/batch", {"tasks": tasks})
    events = [stage.crm.synced(name)["sync_state"]["event_id"] for name in TASKS]
    with stage.google() as google:
        person = google.person(anna.account)
        for event in events:
            person.delete(event)
    run = stage.crm.told("connection.needs_review", connection_id=anna.id)["run_id"]
    return anna, stage.crm.ok("GET", f"/v1/runs/{run}")


def titles(anna: Connected) -> set[str]:
    return {event["summary"] for event in anna.person.events()}


def test_b04_a_mass_deletion_changes_nothing_and_says_what_it_would_do(stage: Stage) -> None:
    anna, run = emptied(stage)

    assert anna.now()["status"] == "needs_review"
    assert anna.now()["problem"]["code"] == "brake_held"
    assert (run["state"], run["connection_id"]) == ("held", anna.id)
    assert {item["task_id"] for item in run["items"]} == set(TASKS)
    assert {stage.crm.task(name)["status"] for name in TASKS} == {"open"}


def test_b04_a_confirmed_list_is_carried_out(stage: Stage) -> None:
    anna, _ = emptied(stage)

    run = stage.crm.finished(
        stage.crm.ok("POST", f"/v1/connections/{anna.id}/review", {"decision": "confirm"})["run_id"]
    )
    assert run["state"] == "done", run

    eventually(lambda: {stage.crm.task(name)["status"] for name in TASKS} == {"cancelled"}, what="all cancelled")
    assert anna.now()["status"] == "active"


def test_b04_a_discarded_list_is_undone_where_it_came_from(stage: Stage) -> None:
    anna, _ = emptied(stage)

    run = stage.crm.finished(
        stage.crm.ok("POST", f"/v1/connections/{anna.id}/review", {"decision": "discard"})["run_id"]
    )
    assert run["state"] == "done", run

    eventually(lambda: titles(anna) == {f"Call {name}" for name in TASKS}, what="all events made again")
    assert {stage.crm.synced(name)["status"] for name in TASKS} == {"open"}
    assert anna.now()["status"] == "active"


def test_b04_what_the_crm_deletes_by_name_is_no_mass_change(stage: Stage) -> None:
    anna = stage.connect()
    tasks = [{"id": name, "user_id": "anna", "title": f"Call {name}", "start": str(DAY)} for name in TASKS]
    stage.crm.ok("POST", "/v1/tasks/batch", {"tasks": tasks})
    for name in TASKS:
        stage.crm.synced(name)

    for name in TASKS:
        stage.crm.delete(name)

    eventually(lambda: not titles(anna), what="an empty calendar")
    assert anna.now()["status"] == "active"
