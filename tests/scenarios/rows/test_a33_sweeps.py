"""A33: what is overdue is found by regular calls: waiting tasks, silent calendars, channels, orphans of both kinds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from infra.simulator.model import Fault
from infra.simulator.server import RunningSimulator
from tests.scenarios.rows.scene import CALL, MONDAY, at, summaries
from tests.scenarios.stage import Connected, Server, Stage, eventually

TASKS = [f"t{number}" for number in range(14)]


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Connected]]:
    """Four connections after a restart, which makes every regular call once; nothing was pushed since they began."""
    with RunningSimulator() as simulator:
        server = Server(Path(tmp_path_factory.mktemp("swept")), simulator.addresses)
        with simulator.desk.doing() as google:
            quiet = replace(google.settings.notifications, drop=1.0)
            google.settings = replace(google.settings, notifications=quiet)
        try:
            found = {name: connected(Stage(server, simulator, name)) for name in ("gone", "foreign", "many", "back")}
            server.kill()
            for event in found["back"].person.trash():
                found["back"].person.restore(event["id"])
            lose(found["gone"], ["t1"])
            lose(found["many"], TASKS)
            server.start()
            yield found
        finally:
            server.stop()


def connected(stage: Stage) -> Connected:
    """A user with fourteen tasks in the calendar, and a person's copy of the first event."""
    anna = stage.connect()
    tasks = [{"id": name, "user_id": "anna", "title": name, "start": str(MONDAY)} for name in TASKS]
    stage.crm.ok("POST", "/v1/tasks/batch", {"tasks": tasks})
    for name in TASKS:
        stage.crm.synced(name)
    marks = anna.person.event(stage.crm.task("t0"))["extendedProperties"]
    anna.person.create("A copy", MONDAY, extendedProperties=marks)
    anna.sync()
    if stage.name in {"foreign", "back"}:
        task = stage.crm.task("t0")
        stage.crm.delete("t0")
        eventually(lambda: anna.person.event(task)["status"] == "cancelled", what="deleted")
    return anna


def lose(anna: Connected, tasks: list[str]) -> None:
    """A person deletes these tasks' events while nobody listens."""
    events = [event["id"] for event in anna.person.events() if event["summary"] in tasks]
    for event in events:
        anna.person.delete(event)


def test_a33_a_sweep_finds_the_task_whose_event_is_gone(swept: dict[str, Connected]) -> None:
    anna = swept["gone"]

    assert anna.stage.crm.synced("t1", "off")["status"] == "cancelled"
    others = {anna.stage.crm.task(name)["status"] for name in TASKS if name != "t1"}
    assert others == {"open"}


def test_a33_an_event_that_nothing_proves_to_be_ours_is_left_and_told(swept: dict[str, Connected]) -> None:
    anna = swept["foreign"]

    reason = eventually(lambda: anna.now()["calendars"][0]["reason"], what="a reason")
    assert reason.startswith("1 events here carry a mark")
    assert summaries(anna) == sorted(["A copy", *TASKS[1:]])


def test_a33_a_sweep_finds_our_event_whose_task_is_gone_and_brings_that_back(swept: dict[str, Connected]) -> None:
    anna = swept["back"]

    assert anna.stage.crm.told("task.restored", task_id="t0")["task"]["status"] == "open"
    assert anna.stage.crm.synced("t0")["title"] == "t0"


def test_a33_the_brake_holds_a_sweep_that_finds_too_much_gone(swept: dict[str, Connected]) -> None:
    anna = swept["many"]

    anna.stage.crm.told("connection.needs_review", connection_id=anna.id)
    assert {anna.stage.crm.task(name)["status"] for name in TASKS} == {"open"}


def test_a33_what_no_push_tells_is_read_in_time_and_what_waits_is_sent(
    simulator: RunningSimulator, tmp_path: Path
) -> None:
    server = Server(tmp_path / "data", simulator.addresses, TANDEM_SAFETY_PULL_S="1")
    stage = Stage(server, simulator, "silent")
    try:
        anna = stage.connect(settings={"import_external": "all"})
        with stage.google() as google:
            google.ctx.world.channels = {
                name: held for name, held in google.ctx.world.channels.items() if held.account != anna.account
            }
        anna.person.create("Lunch", at(12))

        assert stage.crm.told("task.created", origin="google")["task"]["title"] == "Lunch"
        with stage.google() as google:
            google.add_fault(
                Fault(effect="backendError503", account=anna.account, method="POST", path="/events$", count=1)
            )
        stage.crm.put("t1", **CALL)
        server.kill()
        server.start()
        stage.crm.synced("t1")
        assert summaries(anna) == ["Call Bob", "Lunch"]
    finally:
        server.stop()
