"""A run that dies at any moment, before or after any call, ends like one that did not: nothing lost or doubled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from shared.model.ids import ConnectionId, RunId
from shared.model.run import RunKind
from shared.usecases.runs.connection_runs import review
from tests.simulation.sim import ANNA, BEN
from tests.unit.usecases.runs.stage import Killed, Stage

Prepare = Callable[[Stage], None]
Begin = Callable[[Stage], RunId]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tale:
    """A run, and what must be there when it starts."""

    prepare: Prepare
    begin: Begin


def _begins(kind: RunKind, connection: str | None = "c-anna", **options: str) -> Begin:
    return lambda stage: stage.start(kind, connection, **options)


def _tasks_without_connection(stage: Stage) -> None:
    stage.put("call")
    stage.put("visit", day=3)
    stage.put("old", start="2026-06-01", end="2026-06-02")
    stage.connect(pull=False, import_external="all")
    stage.anna.create("dentist", "2026-07-03T15:00:00+02:00")


def _events(stage: Stage) -> None:
    stage.connect()
    for number in range(3):
        stage.anna.create(f"e{number}", f"2026-07-{2 + number:02d}T15:00:00+02:00")


def _batch(stage: Stage) -> None:
    stage.connect()
    stage.put("gone")
    stage.drain()
    stage.put("call", send=False)
    stage.put("gone", send=False, status="cancelled")


def _meeting(stage: Stage) -> None:
    stage.connect("ben", BEN)
    stage.connect()
    stage.put("call")
    stage.put("meeting", attendees=[{"email": BEN}])
    stage.drain()
    stage.run("sync", "c-ben")


def _deleted(stage: Stage) -> None:
    stage.connect()
    for number in range(11):
        stage.put(f"t{number:02d}")
    stage.drain()
    for number in range(11):
        stage.anna.delete(str(stage.sim.task(f"t{number:02d}").sync.event_id))
    stage.run("sync")


def _reviewed(decision: str) -> Begin:
    return lambda stage: review(stage.world, stage.tenant, ConnectionId("c-anna"), decision)  # type: ignore[arg-type]


TALES = {
    "export": Tale(prepare=_tasks_without_connection, begin=_begins("export")),
    "first_sync": Tale(prepare=_tasks_without_connection, begin=_begins("first_sync")),
    "import": Tale(prepare=_events, begin=_begins("import")),
    "backlog of a batch": Tale(prepare=_batch, begin=_begins("backlog", reason="batch")),
    "backlog of a setting": Tale(prepare=_batch, begin=_begins("backlog", reason="settings")),
    "disconnect, keep": Tale(prepare=_meeting, begin=_begins("disconnect", events="keep")),
    "disconnect, delete": Tale(prepare=_meeting, begin=_begins("disconnect", events="delete")),
    "erase": Tale(prepare=_meeting, begin=lambda stage: stage.start("erase", None, user="anna", events="delete")),
    "confirm": Tale(prepare=_deleted, begin=_reviewed("confirm")),
    "discard": Tale(prepare=_deleted, begin=_reviewed("discard")),
}
EVERY = {"confirm": 7, "discard": 7}
"""Long ones die at each so-manieth moment only."""


@pytest.mark.parametrize("name", TALES)
def test_a_run_killed_at_any_moment_ends_as_if_it_had_not_been(name: str) -> None:
    tale = TALES[name]
    whole = _played(tale, None)
    moments = whole.moments
    expected = _outcome(whole)

    for moment in range(1, moments + 1, EVERY.get(name, 1)):
        assert _outcome(_played(tale, moment)) == expected, f"killed at moment {moment} of {moments}"


def _played(tale: Tale, dies_at: int | None) -> Stage:
    """The tale, the process dying at one moment and going on by what is due."""
    stage = Stage()
    tale.prepare(stage)
    run = tale.begin(stage)
    stage.moments, stage.dies_at = 0, dies_at
    try:
        stage.drain()
    except Killed:
        stage.dies_at = None
    moments = stage.moments
    stage.recover()
    assert stage.view(run).state == "done"
    stage.moments = moments
    return stage


def _outcome(stage: Stage) -> object:
    """What a person and the CRM see in the end."""
    tasks = {
        task.id if task.created_in == "crm" else task.content.title: (
            task.content.title,
            task.content.status,
            task.sync.state,
            task.sync.reason,
            task.sync.connection,
            sorted(task.sync.views),
            task.deleted_at is not None,
        )
        for task in stage.sim.tasks()
    }
    links = {
        str(document.path).rpartition("/")[2]: document.data["status"]
        for document in stage.store.query(stage.all_of("connections"))
    }
    finished = len(stage.changes("run.finished"))
    ended = len(stage.changes("connection.disconnected"))
    return tasks, stage.titles(ANNA), stage.titles(BEN), links, finished, ended
