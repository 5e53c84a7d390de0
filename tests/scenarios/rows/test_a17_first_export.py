"""A17: all future tasks that exist go out once a user connects, with progress, resumable, and nothing is doubled."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.simulator.model import Fault
from infra.simulator.server import RunningSimulator
from tests.scenarios.rows.scene import CALL, at, changed, ended, event_id, summaries
from tests.scenarios.stage import Connected, Server, Stage, eventually


def test_a17_future_tasks_go_out_and_past_ones_stay(stage: Stage) -> None:
    for number in range(5):
        stage.crm.put(f"t{number}", **CALL | {"title": f"Call {number}"})
    stage.crm.put("old", **CALL | {"title": "Old", "start": "2020-03-02T10:00:00Z", "end": "2020-03-02T11:00:00Z"})

    anna = stage.connect()

    run = ended(anna, "first_sync")
    assert summaries(anna) == [f"Call {number}" for number in range(5)]
    assert (run["state"], run["done"], run["eta_s"]) == ("done", run["total"], 0)
    counted = run["totals"]["google"]
    assert counted["create"] + counted["skip"] == 6  # on a slow machine one is sent by its own job and skipped here
    assert stage.crm.task("old")["sync_state"]["reason"] == "window"


def test_a17_a_series_of_long_ago_goes_out_only_as_long_as_it_goes_on(stage: Stage) -> None:
    begun = {"start": at(10, days=-350).isoformat(), "end": at(11, days=-350).isoformat(), "time_zone": "Europe/Berlin"}
    rules = {"open": "", "long": ";COUNT=80", "over": ";COUNT=3", "ended": f";UNTIL={at(0, days=-70):%Y%m%d}"}
    for name, end in rules.items():
        stage.crm.put(name, user_id="anna", title=f"Course {name}", **begun, recurrence=[f"RRULE:FREQ=WEEKLY{end}"])

    anna = stage.connect()

    ended(anna, "first_sync")
    reasons = {name: stage.crm.task(name)["sync_state"]["reason"] for name in rules}
    assert reasons == {"open": None, "long": None, "over": "window", "ended": "window"}
    assert {stage.crm.synced(name)["sync_state"]["state"] for name in ("open", "long")} == {"synced"}


def test_a17_an_export_sends_what_the_settings_left_behind(stage: Stage) -> None:
    anna = stage.connect()
    ended(anna, "first_sync")
    stage.crm.put("t1", **CALL)
    stage.crm.synced("t1")

    run = stage.crm.finished(stage.crm.ok("POST", f"/v1/connections/{anna.id}/export")["run_id"])

    assert (run["state"], run["totals"]["google"]["create"]) == ("done", 0)
    assert summaries(anna) == ["Call Bob"]


@pytest.fixture
def own(simulator: RunningSimulator, tmp_path: Path) -> Iterator[Server]:
    """A server that may be killed."""
    server = Server(tmp_path / "data", simulator.addresses)
    yield server
    server.stop()


def test_a17_an_export_that_is_killed_goes_on_where_it_was(own: Server, simulator: RunningSimulator) -> None:
    stage = Stage(own, simulator, "export-killed")
    tasks = [{"id": f"t{number}", **CALL, "title": f"Call {number}"} for number in range(60)]
    stage.crm.ok("POST", "/v1/tasks/batch", {"tasks": tasks})
    anna = stage.connect()
    eventually(lambda: len(summaries(anna)) > 5, what="some are out")

    own.kill()
    own.start()

    for task in tasks:
        stage.crm.synced(str(task["id"]))
    assert len(summaries(anna)) == 60


def test_a17_a_task_like_an_event_that_stands_already_waits_for_a_word(stage: Stage) -> None:
    account = stage.account()
    twin = stage.person(account).create("  call BOB ", at(10))
    for name in ("t1", "t2", "t3"):
        stage.crm.put(name, **CALL)
    stage.crm.put("visit", **CALL | {"title": "Visit Eva"})

    anna = stage.connect("anna", account, settings={"import_external": "all"})

    run = ended(anna, "first_sync")
    assert run["totals"]["google"]["duplicate"] == 3
    assert {item["event_id"] for item in run["items"] if item["action"] == "duplicate"} == {twin["id"]}
    assert summaries(anna) == ["  call BOB ", "Visit Eva"]
    assert len(stage.crm.ok("GET", "/v1/tasks")["data"]) == 4
    error = stage.crm.task("t1")["sync_state"]["error"]
    assert error["code"] == "likely_duplicate"
    assert twin["id"] in error["detail"]

    stage.crm.put("t1", event_id=twin["id"])
    stage.crm.put("t2", sync=True)
    stage.crm.put("t3", location="Verona")

    assert event_id(eventually(lambda: settled(stage, "t1"))) == twin["id"]
    stage.crm.synced("t2")
    assert stage.crm.task("t3")["sync_state"]["error"]["code"] == "likely_duplicate"
    assert len(summaries(anna)) == 3
    anna.person.edit(twin["id"], description="Bring the plans")
    assert stage.crm.told("task.updated", origin="google")["task_id"] == "t1"


def settled(stage: Stage, task: str) -> Any:  # noqa: ANN401 - JSON
    now = stage.crm.task(task)
    return now if now["sync_state"]["state"] in {"synced", "conflict"} else None


@pytest.mark.parametrize("written", ["before connecting", "while it is held"])
def test_a17_what_a_preview_named_is_adopted_before_the_start(stage: Stage, written: str) -> None:
    account = stage.account()
    twin = stage.person(account).create("Call Bob", at(10), at(11), location="Oslo")
    if written == "before connecting":
        stage.crm.put("t1", **CALL)
    anna = stage.connect("anna", account, first_sync="hold")
    if written == "while it is held":
        stage.crm.put("t1", **CALL)
    preview = run_of(anna, "preview")
    (named,) = (item for item in preview["items"] if item["action"] == "duplicate")

    stage.crm.put(named["task_id"], event_id=named["event_id"])
    run_of(anna, "start")

    task = stage.crm.synced("t1")
    assert (event_id(task), task["location"]) == (twin["id"], "Oslo")
    assert summaries(anna) == ["Call Bob"]


def test_a17_a_start_that_nobody_has_previewed_doubles_nothing(stage: Stage) -> None:
    account = stage.account()
    twin = stage.person(account).create("Call Bob", at(10), at(11))
    stage.crm.put("t1", **CALL)
    anna = stage.connect("anna", account, first_sync="hold", settings={"import_external": "all"})
    stage.crm.put("t2", **CALL)
    stage.crm.put("visit", **CALL | {"title": "Visit Eva"})

    run = run_of(anna, "start")

    assert run["totals"]["google"]["duplicate"] == 2
    for name in ("t1", "t2"):
        assert stage.crm.synced(name, "error")["sync_state"]["error"]["code"] == "likely_duplicate"
    stage.crm.synced("visit")
    anna.sync()
    assert summaries(anna) == ["Call Bob", "Visit Eva"]
    assert len(stage.crm.ok("GET", "/v1/tasks")["data"]) == 3

    stage.crm.put("t2", event_id=twin["id"])
    stage.crm.put("t1", sync=True)

    assert event_id(stage.crm.synced("t2")) == twin["id"]
    stage.crm.synced("t1")
    assert summaries(anna) == ["Call Bob", "Call Bob", "Visit Eva"]


def run_of(anna: Connected, call: str) -> Any:  # noqa: ANN401 - JSON
    crm = anna.stage.crm
    return crm.finished(crm.ok("POST", f"/v1/connections/{anna.id}/{call}")["run_id"])


def test_a17_an_edit_between_import_and_export_is_kept(stage: Stage) -> None:
    account = stage.account()
    stage.person(account).create("Board", at(9))
    for name in ("t1", "t2"):
        stage.crm.put(name, **CALL | {"title": name})
    with stage.google() as google:
        google.add_fault(Fault(effect="slow", account=account, method="POST", path="/events$", count=1, seconds=0.6))
    anna = stage.connect("anna", account, settings={"import_external": "all"})

    stage.crm.told("task.created", origin="google")
    stage.crm.put("t2", title="renamed meanwhile")
    anna.person.create("Lunch", at(12))

    assert stage.crm.told("task.created", origin="google")["task"]["title"] == "Lunch"
    stage.crm.synced("t1")
    stage.crm.synced("t2")
    assert summaries(anna) == ["Board", "Lunch", "renamed meanwhile", "t1"]


def test_a17_a_wider_window_sends_what_waited_outside_and_a_narrower_one_takes_nothing_back(stage: Stage) -> None:
    far = {"start": at(10, days=90).isoformat(), "end": at(11, days=90).isoformat()}
    stage.crm.put("t1", **CALL | far)
    anna = stage.connect(settings={"window": {"future_days": 30}})
    ended(anna, "first_sync")
    assert stage.crm.synced("t1", "off")["sync_state"]["reason"] == "window"

    changed(anna, window={"future_days": 365})
    stage.crm.synced("t1")
    assert summaries(anna) == ["Call Bob"]

    changed(anna, window={"future_days": 30})
    stage.crm.put("t1", title="Visit Bob")
    stage.crm.synced("t1", title="Visit Bob")
    assert summaries(anna) == ["Visit Bob"]
