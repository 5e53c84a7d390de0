"""All future events in, once, whatever the settings say of imports."""

from infra.simulator.model import Fault
from infra.simulator.settings import SimSettings
from shared.usecases.runs.run_step import RunPayload, run_step
from tests.unit.usecases.runs.stage import Stage


def _titles(stage: Stage) -> list[str]:
    return sorted(task.content.title or "" for task in stage.sim.tasks())


def test_future_events_become_tasks_though_imports_are_off(stage: Stage) -> None:
    stage.connect()
    stage.anna.create("dentist", "2026-07-03T15:00:00+02:00")

    run = stage.run("import")

    assert (run.state, _titles(stage), run.totals["crm"]["create"]) == ("done", ["dentist"], 1)


def test_past_events_stay_in_google(stage: Stage) -> None:
    stage.connect()
    stage.anna.create("over", "2026-06-03T15:00:00+02:00")

    stage.run("import")

    assert _titles(stage) == []


def test_a_second_import_makes_nothing_twice(stage: Stage) -> None:
    stage.connect()
    stage.anna.create("dentist", "2026-07-03T15:00:00+02:00")
    stage.run("import")

    run = stage.run("import")

    assert (len(stage.sim.tasks()), run.totals["crm"]["create"]) == (1, 0)


def test_an_import_leaves_the_cursor_of_the_pull_where_it_was(stage: Stage) -> None:
    stage.connect()
    before = stage.sim.shelf("anna@example.com", "c-anna").sync_token
    stage.anna.create("dentist", "2026-07-03T15:00:00+02:00")

    stage.run("import")

    assert stage.sim.shelf("anna@example.com", "c-anna").sync_token == before


def test_an_explicit_import_of_many_events_is_not_held(stage: Stage) -> None:
    stage.connect()
    for number in range(230):
        stage.anna.create(f"e{number}", f"2026-07-{2 + number % 20:02d}T15:00:00+02:00")

    run = stage.run("import")

    assert (stage.connection().status, run.totals["crm"]["create"]) == ("active", 230)


def test_an_import_goes_on_page_by_page_and_in_a_later_job(stage: Stage) -> None:
    stage.connect()
    stage.sim.google.settings = SimSettings(page_size_cap=2)
    for number in range(6):
        stage.anna.create(f"e{number}", f"2026-07-{2 + number:02d}T15:00:00+02:00")
    run = stage.start("import")
    stage.slow_google(seconds=30)

    outcome = run_step(stage.world, RunPayload(tenant=stage.tenant, run=run))

    assert (outcome, len(stage.sim.tasks())) == ("goes_on", 4)
    stage.drain()
    assert len(stage.sim.tasks()) == 6


def test_an_import_whose_list_expires_in_the_middle_begins_that_calendar_again(stage: Stage) -> None:
    stage.connect()
    stage.sim.google.settings = SimSettings(page_size_cap=2)
    for number in range(6):
        stage.anna.create(f"e{number}", f"2026-07-{2 + number:02d}T15:00:00+02:00")
    stage.sim.google.add_fault(Fault(effect="fullSyncRequired", method="GET", path="/events", after=1, count=1))

    run = stage.run("import")

    assert (run.state, len(stage.sim.tasks())) == ("done", 6)


def test_items_name_the_task_and_the_event(stage: Stage) -> None:
    stage.connect()
    event = stage.anna.create("dentist", "2026-07-03T15:00:00+02:00")

    run = stage.run("import")

    (item,) = run.items
    assert (item.side, item.action, item.event_id, item.title) == ("crm", "create", event["id"], "dentist")
    assert item.task_id == stage.sim.tasks()[0].id


def test_an_imported_series_has_the_exceptions_that_the_window_does_not_list(stage: Stage) -> None:
    stage.connect()
    made = stage.anna.create("theirs", "2026-06-03T15:00:00+02:00", recurrence=["RRULE:FREQ=WEEKLY;COUNT=8"])
    stage.anna.edit(f"{made['id']}_20260610T130000Z", summary="their own")

    stage.run("import")

    (task,) = stage.sim.tasks()
    assert task.occurrences["20260610T130000Z"].content.title == "their own"
