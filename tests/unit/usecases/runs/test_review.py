"""What the brake held, confirmed or discarded: each item decided anew from a get (rule 42)."""

from shared.model.ids import ConnectionId
from shared.usecases.connecting.change_connection import change_connection
from shared.usecases.runs.connection_runs import review
from shared.usecases.runs.runs import RunView
from tests.simulation.sim import ANNA
from tests.unit.usecases.runs.stage import Stage

MANY = 12
LINK = ConnectionId("c-anna")


def _deleted(stage: Stage) -> None:
    """A dozen events were deleted in Google, and the pull was held."""
    stage.connect()
    for number in range(MANY):
        stage.put(f"t{number:02d}")
    stage.drain()
    for task in stage.sim.tasks():
        stage.anna.delete(str(task.sync.event_id))
    stage.run("sync")
    assert stage.connection().status == "needs_review"


def _flooded(stage: Stage) -> None:
    """More than 200 foreign events came at once, and the pull was held."""
    stage.connect(import_external="all")
    for number in range(201):
        stage.anna.create(f"e{number:03d}", f"2026-07-{2 + number % 20:02d}T15:00:00+02:00")
    stage.run("sync")
    assert stage.connection().status == "needs_review"


def _decide(stage: Stage, decision: str) -> RunView:
    run = review(stage.world, stage.tenant, LINK, decision)  # type: ignore[arg-type]
    stage.drain()
    return stage.view(run)


def _statuses(stage: Stage) -> set[object]:
    return {task.content.status for task in stage.sim.tasks()}


def test_confirmed_deletions_cancel_their_tasks(stage: Stage) -> None:
    _deleted(stage)

    run = _decide(stage, "confirm")

    assert (run.state, _statuses(stage)) == ("done", {"cancelled"})
    assert (stage.connection().status, stage.connection().review) == ("active", None)


def test_a_task_whose_event_was_restored_meanwhile_is_not_cancelled(stage: Stage) -> None:
    _deleted(stage)
    stage.anna.restore(str(stage.sim.task("t03").sync.event_id))

    run = _decide(stage, "confirm")

    assert stage.sim.task("t03").content.status == "open"
    assert (run.totals["crm"]["delete"], run.totals["crm"]["skip"]) == (MANY - 1, 1)


def test_a_task_that_the_crm_edited_meanwhile_is_not_cancelled(stage: Stage) -> None:
    _deleted(stage)
    stage.put("t03", title="still wanted", send=False)

    _decide(stage, "confirm")

    assert stage.sim.task("t03").content.status == "open"
    assert stage.titles() == ["still wanted"]


def test_what_was_deleted_after_the_list_was_seen_is_counted_by_the_brake_afresh(stage: Stage) -> None:
    _deleted(stage)
    for number in range(MANY):
        stage.put(f"u{number:02d}")
    stage.drain()
    for number in range(MANY):
        stage.anna.delete(str(stage.sim.task(f"u{number:02d}").sync.event_id))

    _decide(stage, "confirm")

    assert stage.connection().status == "needs_review"
    assert {stage.sim.task(f"u{number:02d}").content.status for number in range(MANY)} == {"open"}


def test_discarded_deletions_make_the_events_again(stage: Stage) -> None:
    _deleted(stage)

    run = _decide(stage, "discard")

    assert run.state == "done"
    assert (len(stage.titles()), _statuses(stage)) == (MANY, {"open"})
    assert {task.sync.generation for task in stage.sim.tasks()} == {1}


def test_an_event_restored_meanwhile_is_not_made_twice_by_a_discard(stage: Stage) -> None:
    _deleted(stage)
    stage.anna.restore(str(stage.sim.task("t03").sync.event_id))

    _decide(stage, "discard")

    assert len(stage.titles()) == MANY


def test_confirmed_creations_become_tasks(stage: Stage) -> None:
    _flooded(stage)

    _decide(stage, "confirm")

    assert (len(stage.sim.tasks()), stage.connection().status) == (201, "active")


def test_discarded_creations_stay_foreign_and_the_cursor_moves_past_them(stage: Stage) -> None:
    _flooded(stage)
    before = stage.sim.shelf(ANNA, "c-anna").sync_token

    _decide(stage, "discard")
    stage.run("sync")

    assert (stage.sim.tasks(), stage.connection().status) == ([], "active")
    assert stage.sim.shelf(ANNA, "c-anna").sync_token != before


def test_the_held_run_says_what_became_of_it(stage: Stage) -> None:
    _deleted(stage)
    held = stage.connection().review
    assert held is not None

    _decide(stage, "discard")

    assert (stage.view(held).state, stage.view(held).detail) == ("done", "discarded")


def test_a_confirmed_change_of_settings_removes_what_no_longer_qualifies(stage: Stage) -> None:
    _unqualified(stage)

    _decide(stage, "confirm")

    assert (stage.titles(), stage.connection().status) == ([], "active")
    assert {task.sync.reason for task in stage.sim.tasks()} == {"hours"}


def test_an_event_edited_before_a_confirmed_removal_is_merged_into_its_task(stage: Stage) -> None:
    _unqualified(stage)
    stage.later(60)
    stage.anna.edit(str(stage.sim.task("t03").sync.event_id), summary="moved on")

    _decide(stage, "confirm")

    assert stage.sim.task("t03").content.title == "moved on"


def test_a_discarded_change_of_settings_is_taken_back(stage: Stage) -> None:
    _unqualified(stage)

    _decide(stage, "discard")

    assert (len(stage.titles()), stage.connection().status) == (MANY, "active")
    assert {task.sync.state for task in stage.sim.tasks()} == {"synced"}
    assert stage.connection().settings.get("hours") is None


def test_a_confirmed_flood_of_tasks_goes_out(stage: Stage) -> None:
    stage.connect(auto_sync=False)
    for number in range(201):
        stage.put(f"t{number:03d}")
    stage.drain()
    change_connection(stage.world, stage.tenant, LINK, settings={"auto_sync": True}, paused=None)
    stage.drain()
    assert stage.connection().status == "needs_review"

    _decide(stage, "confirm")

    assert (len(stage.titles()), stage.connection().status) == (201, "active")


def test_a_decision_about_a_list_that_is_no_longer_held_fails(stage: Stage) -> None:
    _deleted(stage)
    held = stage.connection().review
    _decide(stage, "discard")

    run = stage.run("review", decision="confirm", held=held)

    assert (run.state, _statuses(stage)) == ("failed", {"open"})


def _unqualified(stage: Stage) -> None:
    """A dozen events no longer qualify, and the change was held."""
    stage.connect()
    for number in range(MANY):
        stage.put(f"t{number:02d}")
    stage.drain()
    hours = {"hours": {"from": "08:00", "to": "09:00"}}
    change_connection(stage.world, stage.tenant, LINK, settings=hours, paused=None)
    stage.drain()
    assert stage.connection().status == "needs_review"
