"""A18: all future events that exist come in, by policy, on connecting or when asked; nothing in between is lost."""

from __future__ import annotations

import pytest

from infra.simulator.model import Fault
from tests.scenarios.rows.scene import at, changed
from tests.scenarios.stage import Stage, eventually


def titles(stage: Stage) -> list[str]:
    return sorted(task["title"] for task in stage.crm.ok("GET", "/v1/tasks")["data"])


@pytest.mark.parametrize(
    ("policy", "comes_in"), [("off", []), ("all", ["Board", "Lunch #CRM"]), ("marked", ["Lunch #CRM"])]
)
def test_a18_events_come_in_by_policy_and_past_ones_do_not(stage: Stage, policy: str, comes_in: list[str]) -> None:
    account = stage.account()
    person = stage.person(account)
    person.create("Board", at(9))
    person.create("Lunch #CRM", at(12))
    person.create("Years ago #crm", at(9, days=-2000))

    anna = stage.connect("anna", account, settings={"import_external": policy})
    anna.sync()

    assert titles(stage) == comes_in


def test_a18_a_series_of_long_ago_comes_in_only_as_long_as_it_goes_on(stage: Stage) -> None:
    account = stage.account()
    begun = at(9, days=-350)
    for title, end in {"Choir": "", "Yoga course": ";COUNT=80", "Dance course": ";COUNT=3"}.items():
        stage.person(account).create(title, begun, recurrence=[f"RRULE:FREQ=WEEKLY{end}"])

    anna = stage.connect("anna", account, settings={"import_external": "all"})
    anna.sync()

    assert titles(stage) == ["Choir", "Yoga course"]


def test_a18_an_import_brings_in_what_the_policy_left_out(stage: Stage) -> None:
    anna = stage.connect()
    anna.person.create("Board", at(9))
    anna.sync()
    assert titles(stage) == []

    run = stage.crm.finished(stage.crm.ok("POST", f"/v1/connections/{anna.id}/import")["run_id"])

    assert (run["state"], run["totals"]["crm"]["create"]) == ("done", 1)
    assert titles(stage) == ["Board"]


def test_a18_a_changed_policy_counts_for_what_is_made_or_changed_from_then_on(stage: Stage) -> None:
    anna = stage.connect()
    board = anna.person.create("Board", at(9))
    anna.sync()

    changed(anna, import_external="marked", mark="!crm")
    assert titles(stage) == []
    anna.person.edit(board["id"], description="for the !CRM")

    assert stage.crm.told("task.created", origin="google")["task"]["title"] == "Board"
    anna.person.edit(board["id"], description="", summary="Council")
    assert stage.crm.told("task.updated", origin="google")["task"]["title"] == "Council"


def test_a18_what_happens_while_the_calendar_is_read_the_first_time_is_not_lost(stage: Stage) -> None:
    account = stage.account()
    board = stage.person(account).create("Board", at(9))
    with stage.google() as google:
        fault = Fault(effect="slow", account=account, method="GET", path="/events$", count=1, seconds=0.8)
        slow = google.add_fault(fault)
    made = stage.crm.ok("POST", "/v1/connections", {"user_id": "anna", "settings": {"import_external": "all"}})
    stage.consent(made["authorize_url"], account)
    eventually(lambda: slow.hits, what="the first list is being read")

    stage.person(account).edit(board["id"], summary="Council")
    stage.person(account).create("Lunch", at(12))

    eventually(lambda: titles(stage) == ["Council", "Lunch"], what="both arrived")


def test_a18_an_event_that_became_a_task_is_given_the_crms_own_id(stage: Stage) -> None:
    anna = stage.connect(settings={"import_external": "all"})
    board = anna.person.create("Board", at(9))
    born = stage.crm.told("task.created", origin="google")["task"]["id"]

    results = stage.crm.ok("POST", "/v1/tasks/claim", {"claims": [{"from": born, "to": "crm-7"}]})["results"]
    anna.person.edit(board["id"], summary="Council")

    assert results == [{"from": born, "to": "crm-7", "status": 200}]
    assert stage.crm.told("task.updated", origin="google", task_id="crm-7")["task"]["title"] == "Council"


def test_a18_a_wider_window_lets_the_next_import_bring_in_what_lay_outside(stage: Stage) -> None:
    account = stage.account()
    stage.person(account).create("Fair", at(9, days=90))
    anna = stage.connect("anna", account, settings={"import_external": "all", "window": {"future_days": 30}})
    assert titles(stage) == []

    changed(anna, window={"future_days": 365})
    assert titles(stage) == []
    stage.crm.finished(stage.crm.ok("POST", f"/v1/connections/{anna.id}/import")["run_id"])

    assert titles(stage) == ["Fair"]
