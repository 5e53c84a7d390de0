"""What is overdue is under way again; nothing due costs one query."""

import pytest

from shared.model.ids import CalendarId, calendar_path, connection_path
from shared.ports import Patch
from shared.usecases import sweep as swept
from shared.usecases.sweep import SweepKind
from tests.simulation.sim import ANNA
from tests.unit.usecases.runs.stage import Killed, Stage

DUE_KINDS: tuple[SweepKind, ...] = ("tasks", "calendars", "runs")


def _lost(stage: Stage) -> None:
    """Every job that waits is lost."""
    stage.sim.queue.waiting.clear()


@pytest.mark.parametrize("kind", DUE_KINDS)
def test_nothing_due_costs_one_query_and_nothing_else(stage: Stage, kind: SweepKind) -> None:
    stage.connect()
    stage.put("call")
    stage.drain()
    stage.run("export")
    stage.counted()

    stage.sweep(kind)

    assert stage.counted() == {"store.query": 1}


@pytest.mark.parametrize("kind", DUE_KINDS)
def test_a_sweep_reads_an_index_and_scans_nothing(stage: Stage, kind: SweepKind) -> None:
    stage.store.scanned.clear()  # type: ignore[attr-defined]

    stage.sweep(kind)

    assert stage.store.scanned == set()  # type: ignore[attr-defined]


def test_a_task_whose_job_was_lost_goes_out(stage: Stage) -> None:
    stage.connect()
    stage.put("call")
    _lost(stage)
    stage.later(121)

    stage.sweep("tasks")
    stage.drain()

    assert stage.titles() == ["call"]


def test_a_task_is_not_enqueued_again_before_it_is_overdue(stage: Stage) -> None:
    stage.connect()
    stage.put("call")
    _lost(stage)

    stage.sweep("tasks")

    assert stage.sim.queue.waiting == []


def test_what_was_swept_is_due_later_and_not_at_the_next_sweep(stage: Stage) -> None:
    stage.connect()
    stage.put("call")
    stage.later(121)
    stage.sweep("tasks")
    stage.counted()

    stage.sweep("tasks")

    assert stage.counted() == {"store.query": 1}


def test_a_sweep_that_dies_before_its_commit_enqueues_nothing_twice(stage: Stage) -> None:
    stage.connect()
    stage.put("call")
    _lost(stage)
    stage.later(121)
    stage.moments, stage.dies_at = 0, 5  # after the query and the enqueue, before the commit
    with pytest.raises(Killed):
        stage.sweep("tasks")
    stage.dies_at = None

    stage.sweep("tasks")

    assert stage.waiting("sync_task") == 1


def test_many_overdue_tasks_of_one_connection_go_out_as_one_paced_run(stage: Stage) -> None:
    stage.connect()
    for number in range(swept.MANY):
        stage.put(f"t{number:02d}")
    _lost(stage)
    stage.later(121)

    stage.sweep("tasks")

    assert (stage.waiting("run_step"), stage.waiting("sync_task")) == (1, 0)
    stage.drain()
    assert len(stage.titles()) == swept.MANY


def test_a_deleted_task_among_many_overdue_ones_loses_its_event(stage: Stage) -> None:
    stage.connect()
    stage.put("gone")
    stage.drain()
    stage.sim.crm(stage.tenant).delete("gone")
    for number in range(swept.MANY):
        stage.put(f"t{number:02d}")
    _lost(stage)
    stage.later(121)

    stage.sweep("tasks")
    stage.drain()

    assert "gone" not in stage.titles()


def test_a_task_of_a_connection_that_needs_its_user_is_due_once_and_then_rests(stage: Stage) -> None:
    stage.connect()
    stage.put("call")
    _lost(stage)
    path = connection_path(stage.tenant, stage.connection().id)
    stage.store.commit([Patch(path=path, fields={"status": "needs_reconnect"})])
    stage.later(121)

    stage.sweep("tasks")
    stage.drain()

    assert stage.sim.task("call").due_at is None
    assert stage.state("call") == ("pending", None)


def test_a_calendar_that_nobody_notified_is_pulled(stage: Stage) -> None:
    stage.connect(import_external="all")
    stage.anna.create("silent", "2026-07-03T15:00:00+02:00")
    stage.later(30_000)

    stage.sweep("calendars")
    stage.drain()

    assert [task.content.title for task in stage.sim.tasks()] == ["silent"]


def test_a_calendar_of_a_paused_connection_rests(stage: Stage) -> None:
    stage.connect()
    path = connection_path(stage.tenant, stage.connection().id)
    stage.store.commit([Patch(path=path, fields={"status": "paused"})])
    stage.later(30_000)

    stage.sweep("calendars")

    assert (stage.sim.queue.waiting, stage.sim.shelf(ANNA, "c-anna").due_at) == ([], None)


def test_a_run_whose_job_was_lost_goes_on(stage: Stage) -> None:
    stage.put("call")
    stage.connect()
    run = stage.start("export")
    _lost(stage)
    stage.later(300)

    stage.sweep("runs")
    stage.drain()

    assert (stage.view(run).state, stage.titles()) == ("done", ["call"])


def test_a_run_that_works_is_not_started_a_second_time(stage: Stage) -> None:
    stage.connect()
    stage.start("export")
    stage.later(60)

    stage.sweep("runs")

    assert stage.waiting("run_step") == 1


def test_a_full_page_is_continued_behind_its_last(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(swept, "PAGE", 2)
    stage.connect()
    for number in range(5):
        stage.put(f"t{number}")
        stage.later(1)
    _lost(stage)
    stage.later(121)

    stage.sweep("tasks")
    stage.drain()

    assert len(stage.titles()) == 5


def test_a_task_that_was_edited_while_it_was_swept_keeps_its_own_due_time(stage: Stage) -> None:
    stage.connect()
    stage.put("call")
    stage.later(121)
    job = stage.sim.job("sweep", kind="tasks").run_until("store.commit")
    stage.put("call", title="edited")
    edited = stage.sim.task("call").due_at

    job.finish()

    assert stage.sim.task("call").due_at == edited


def test_a_calendar_that_nobody_watches_rests(stage: Stage) -> None:
    stage.connect()
    path = calendar_path(stage.tenant, stage.connection().id, CalendarId(ANNA))
    stage.later(30_000)
    stage.store.commit([Patch(path=path, fields={"watched": False})])

    stage.sweep("calendars")

    assert (stage.sim.queue.waiting, stage.sim.shelf(ANNA, "c-anna").due_at) == ([], None)
