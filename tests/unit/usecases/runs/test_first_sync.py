"""Watched, pulled, then out: nothing in between is lost. And 'sync now'."""

from infra.simulator.model import Fault
from shared.model.ids import connection_path
from shared.ports import Patch
from tests.simulation.sim import ANNA
from tests.unit.usecases.runs.stage import Stage


def test_events_come_in_and_tasks_go_out(stage: Stage) -> None:
    stage.put("call")
    stage.connect(pull=False, import_external="all")
    stage.anna.create("dentist", "2026-07-03T15:00:00+02:00")

    run = stage.run("first_sync")

    assert (run.state, stage.titles()) == ("done", ["call", "dentist"])
    assert sorted(task.content.title or "" for task in stage.sim.tasks()) == ["call", "dentist"]


def test_what_the_run_imported_and_made_is_counted_on_each_side(stage: Stage) -> None:
    stage.put("call")
    stage.connect(pull=False, import_external="all")
    stage.anna.create("dentist", "2026-07-03T15:00:00+02:00")

    run = stage.run("first_sync")

    assert (run.totals["crm"]["create"], run.totals["google"]["create"]) == (1, 1)


def test_a_held_connection_becomes_active(stage: Stage) -> None:
    stage.connect(pull=False)
    _set(stage, status="ready", first_sync="hold")

    stage.run("first_sync")

    assert (stage.connection().status, stage.connection().first_sync) == ("active", "auto")


def test_the_settings_calendar_is_watched_when_it_was_not(stage: Stage) -> None:
    stage.sim.connect(stage.tenant, "anna", ANNA, watch=[])

    stage.run("first_sync")

    shelf = stage.sim.shelf(ANNA, "c-anna")
    assert (shelf.watched, shelf.state, shelf.sync_token is not None) == (True, "push", True)


def test_a_first_import_of_many_events_is_not_held_by_the_brake(stage: Stage) -> None:
    stage.connect(pull=False, import_external="all")
    for number in range(220):
        stage.anna.create(f"e{number}", f"2026-07-{2 + number % 20:02d}T15:00:00+02:00")

    run = stage.run("first_sync")

    assert (stage.connection().status, run.totals["crm"]["create"]) == ("active", 220)


def test_an_event_made_while_tasks_go_out_is_imported_by_the_next_pull(stage: Stage) -> None:
    for number in range(3):
        stage.put(f"t{number}")
    stage.connect(pull=False, import_external="all")
    stage.start("first_sync")
    stage.do(stage.sim.queue.due()[0])
    stage.anna.create("late", "2026-07-03T15:00:00+02:00")

    stage.run("sync")

    assert "late" in {task.content.title for task in stage.sim.tasks()}


def test_the_events_of_an_earlier_connection_to_the_account_are_adopted_and_not_doubled(stage: Stage) -> None:
    stage.put("call")
    stage.connect()
    stage.run("export")
    stage.run("disconnect", events="keep")
    stage.sim.connect(stage.tenant, "anna", ANNA, name="c-again", pull=False)

    stage.run("first_sync", "c-again")

    assert (stage.titles(), stage.state("call")) == (["call"], ("synced", None))
    assert stage.sim.task("call").sync.connection == "c-again"


def test_a_sync_pulls_every_watched_calendar(stage: Stage) -> None:
    second = next(
        each for each in stage.sim.google.ctx.world.calendars.values() if each.owner == ANNA and each.id != ANNA
    )
    stage.sim.connect(stage.tenant, "anna", ANNA, watch=[ANNA, second.id], import_external="all")
    stage.anna.create("here", "2026-07-03T15:00:00+02:00")
    stage.anna.create("there", "2026-07-03T15:00:00+02:00", calendar=second.id)

    run = stage.run("sync")

    assert (run.done, run.total, run.totals["crm"]["create"]) == (2, 2, 2)


def test_a_sync_waits_while_google_is_down_and_ends(stage: Stage) -> None:
    stage.connect(import_external="all")
    stage.anna.create("here", "2026-07-03T15:00:00+02:00")
    stage.sim.google.add_fault(Fault(effect="backendError503", method="GET", path="/events", count=2))

    run = stage.run("sync")

    assert (run.state, len(stage.sim.tasks())) == ("done", 1)


def test_a_first_sync_of_a_paused_connection_fails_and_says_why(stage: Stage) -> None:
    stage.connect()
    _set(stage, status="paused")

    run = stage.run("first_sync")

    assert (run.state, run.detail) == ("failed", "the connection is paused")


def _set(stage: Stage, **fields: object) -> None:
    stage.store.commit([Patch(path=connection_path(stage.tenant, stage.connection().id), fields=fields)])
