"""What a first sync would do, and not a word written to either side."""

from shared.model.ids import connection_path
from shared.ports import Patch
from tests.simulation.sim import ANNA
from tests.unit.usecases.runs.stage import Stage


def _ready(stage: Stage, **settings: str) -> None:
    stage.connect(pull=False, **settings)
    stage.store.commit([Patch(path=connection_path(stage.tenant, stage.connection().id), fields={"status": "ready"})])


def test_a_preview_says_what_would_be_made_on_each_side(stage: Stage) -> None:
    stage.put("call")
    _ready(stage, import_external="all")
    stage.anna.create("dentist", "2026-07-03T15:00:00+02:00")

    run = stage.run("preview")

    assert (run.totals["google"]["create"], run.totals["crm"]["create"]) == (1, 1)


def test_a_preview_writes_nothing_to_google_and_no_task(stage: Stage) -> None:
    stage.put("call")
    _ready(stage, import_external="all")
    stage.anna.create("dentist", "2026-07-03T15:00:00+02:00")
    before = stage.sim.task("call")
    stage.counted()

    stage.run("preview")

    calls = {call for call in stage.counted() if call.startswith("google.")}
    assert calls <= {"google.list", "google.calendars", "google.get"}
    assert stage.sim.tasks() == [before]


def test_what_a_preview_promises_is_what_the_first_sync_does(stage: Stage) -> None:
    for number in range(3):
        stage.put(f"t{number}")
    stage.put("old", start="2026-05-01", end="2026-05-02")
    _ready(stage, import_external="marked")
    stage.anna.create("with #crm", "2026-07-03T15:00:00+02:00")
    stage.anna.create("without", "2026-07-03T15:00:00+02:00")

    promised = stage.run("preview").totals
    done = stage.run("first_sync").totals

    assert {side: promised[side]["create"] for side in promised} == {side: done[side]["create"] for side in done}


def test_what_stays_is_listed_with_the_reason(stage: Stage) -> None:
    stage.put("unwanted", sync=False)
    _ready(stage)
    stage.anna.create("private thing", "2026-07-03T15:00:00+02:00")

    run = stage.run("preview")

    assert {(item.side, item.reason) for item in run.items} == {("google", "not_selected"), ("crm", "import_off")}


def test_the_same_title_at_the_same_time_is_told_as_a_likely_duplicate(stage: Stage) -> None:
    stage.put("Visit  Elm Street", start="2026-07-03T15:00:00+02:00", end="2026-07-03T16:00:00+02:00")
    _ready(stage)
    event = stage.anna.create("visit elm street", "2026-07-03T13:00:00+00:00")

    run = stage.run("preview")

    (twin,) = [item for item in run.items if item.action == "duplicate"]
    assert (twin.task_id, twin.event_id) == ("Visit  Elm Street", event["id"])


def test_the_same_title_at_another_time_is_no_duplicate(stage: Stage) -> None:
    stage.put("visit", start="2026-07-03T15:00:00+02:00", end="2026-07-03T16:00:00+02:00")
    _ready(stage)
    stage.anna.create("visit", "2026-07-04T15:00:00+02:00")

    assert stage.run("preview").totals["google"]["duplicate"] == 0


def test_a_task_whose_own_event_stands_is_neither_made_nor_doubled_by_a_copy_of_it(stage: Stage) -> None:
    stage.connect(import_external="all")
    event = stage.anna.create("visit", "2026-07-03T15:00:00+02:00")
    stage.sim.pull(ANNA, "c-anna")
    stage.run("disconnect", events="keep")
    stage.anna.create("visit", "2026-07-03T15:00:00+02:00")
    _ready(stage)

    run = stage.run("preview")

    assert event["id"] in {item.event_id for item in run.items if item.side == "crm"}
    assert run.totals["google"] == {"create": 0, "update": 0, "delete": 0, "skip": 1, "duplicate": 0}


def test_the_settings_calendar_is_looked_at_before_it_is_watched(stage: Stage) -> None:
    stage.sim.connect(stage.tenant, "anna", ANNA, watch=[], import_external="all")
    stage.anna.create("dentist", "2026-07-03T15:00:00+02:00")

    run = stage.run("preview")

    assert run.totals["crm"]["create"] == 1
    assert stage.sim.watched() == []


def test_totals_count_all_and_the_list_shows_samples(stage: Stage) -> None:
    _ready(stage, import_external="all")
    for number in range(260):
        stage.anna.create(f"e{number}", f"2026-07-{2 + number % 20:02d}T15:00:00+02:00")

    run = stage.run("preview")

    assert (run.totals["crm"]["create"], len(run.items)) == (260, 200)


def test_a_task_in_step_is_neither_made_nor_changed(stage: Stage) -> None:
    stage.connect()
    stage.put("call")
    stage.drain()

    totals = stage.run("preview").totals

    assert (totals["google"]["create"], totals["google"]["update"], totals["crm"]["create"]) == (0, 0, 0)
