"""A connection ends: events stay or go, copies take over, the grant goes last."""

import pytest

from infra.simulator.model import Fault
from shared.model.content import Content
from shared.model.ids import EventId, TaskId, UserId
from shared.ports import Query
from shared.usecases.connecting.connect import create_connection
from shared.usecases.tasks.put_task import TaskWrite, put_tasks
from tests.simulation.sim import ANNA, BEN
from tests.simulation.story import END, START
from tests.unit.usecases.runs.stage import Stage

GUESTS = [{"email": BEN}]


def _synced(stage: Stage, number: int = 3) -> None:
    stage.connect(import_external="all")
    for each in range(number):
        stage.put(f"t{each}")
    stage.drain()


def test_kept_events_stay_and_their_tasks_are_off(stage: Stage) -> None:
    _synced(stage)

    run = stage.run("disconnect", events="keep")

    assert (run.state, stage.titles()) == ("done", ["t0", "t1", "t2"])
    assert {stage.state(task.id) for task in stage.sim.tasks()} == {("off", "no_connection")}


def test_deleted_events_go_before_the_grant_does(stage: Stage) -> None:
    _synced(stage)

    run = stage.run("disconnect", events="delete")

    assert (run.state, stage.titles(), run.totals["google"]["delete"]) == ("done", [], 3)


def test_the_connection_takes_no_new_work_from_the_moment_it_is_to_end(stage: Stage) -> None:
    _synced(stage)

    stage.start("disconnect", events="keep")

    assert stage.connection().status == "disconnecting"


def test_the_end_is_told_once_and_leaves_no_token(stage: Stage) -> None:
    _synced(stage)

    stage.run("disconnect", events="keep")

    link = stage.connection()
    assert (link.status, link.refresh_token, link.access_token) == ("disconnected", None, None)
    assert len(stage.changes("connection.disconnected")) == 1


def test_the_grant_is_revoked_at_google(stage: Stage) -> None:
    _synced(stage)

    stage.run("disconnect", events="keep")

    assert stage.sim.google.ctx.world.refresh_tokens == {}


def test_a_grant_that_another_connection_lives_on_is_not_revoked(stage: Stage) -> None:
    _synced(stage)
    stage.sim.connect(stage.tenant, "second", ANNA, name="c-second")

    stage.run("disconnect", events="keep")

    assert stage.counted().get("oauth.revoke") is None
    assert stage.run("sync", "c-second").state == "done"


def test_events_that_people_made_in_google_are_never_deleted(stage: Stage) -> None:
    _synced(stage, 1)
    stage.anna.create("dentist", "2026-07-03T15:00:00+02:00")
    stage.run("sync")

    run = stage.run("disconnect", events="delete")

    assert stage.titles() == ["dentist"]
    assert [item.reason for item in run.items if item.title == "dentist"] == ["made in Google"]


def test_an_adopted_event_stays_a_persons_own_when_a_new_connection_finds_it(stage: Stage) -> None:
    stage.connect()
    made = stage.anna.create("Hers", START, END)["id"]
    write = TaskWrite(
        id=TaskId("t0"), content=Content(user_id="anna", title="Hers", start=START, end=END), event_id=EventId(made)
    )
    (put,) = put_tasks(stage.world, stage.tenant, [write], now=stage.clock.now())
    assert put.error is None, put.error
    stage.drain()
    stage.run("disconnect", events="keep")
    stage.sim.connect(stage.tenant, "anna", ANNA, name="c-again")
    stage.run("sync", "c-again")
    assert stage.sim.task("t0").sync.event_id == made

    stage.run("disconnect", "c-again", events="delete")

    assert stage.titles() == ["Hers"]


def test_an_edit_that_nobody_saw_reaches_the_task_before_its_event_goes(stage: Stage) -> None:
    _synced(stage, 1)
    stage.later(60)
    stage.anna.edit(str(stage.sim.task("t0").sync.event_id), summary="edited in Google")

    stage.run("disconnect", events="delete")

    assert (stage.titles(), stage.sim.task("t0").content.title) == ([], "edited in Google")


def test_channels_stop_and_nothing_is_due_any_more(stage: Stage) -> None:
    _synced(stage)
    stage.sim.open_channels()
    assert stage.sim.google.ctx.world.channels

    stage.run("disconnect", events="keep")

    assert stage.sim.google.ctx.world.channels == {}
    due = [shelf.data.get("due_at") for shelf in stage.store.query(Query(collection="calendars", group=True))]
    assert due == [None]


def test_a_meeting_goes_on_with_the_guests_copy(stage: Stage) -> None:
    stage.connect("ben", BEN)
    _synced(stage, 0)
    stage.put("meeting", attendees=GUESTS)
    stage.drain()
    stage.run("sync", "c-ben")
    assert "c-ben" in stage.sim.task("meeting").sync.views

    stage.run("disconnect", events="keep")

    sync = stage.sim.task("meeting").sync
    assert (sync.connection, sync.state) == ("c-ben", "synced")


def test_a_copy_of_a_connection_that_ended_is_no_longer_known(stage: Stage) -> None:
    stage.connect("ben", BEN)
    _synced(stage, 0)
    stage.put("meeting", attendees=GUESTS)
    stage.drain()
    stage.run("sync", "c-ben")

    stage.run("disconnect", "c-ben", events="keep")

    sync = stage.sim.task("meeting").sync
    assert (sync.views, sync.connection) == ({}, "c-anna")
    assert not [key for key in sync.keys if "c-ben" in key]


def test_a_connection_whose_grant_is_gone_ends_too_and_its_events_stay(stage: Stage) -> None:
    _synced(stage)
    stage.sim.google.revoke_grant(ANNA)
    stage.sim.google.expire_access_tokens()
    stage.run("sync")
    assert stage.connection().status == "needs_reconnect"

    run = stage.run("disconnect", events="delete")

    assert (run.state, stage.connection().status, len(stage.titles())) == ("done", "disconnected", 3)
    assert {item.reason for item in run.items} <= {"Google no longer accepts the connection"}


def test_an_end_waits_while_google_is_down(stage: Stage) -> None:
    _synced(stage)
    stage.sim.google.add_fault(Fault(effect="backendError503", method="DELETE", count=3))

    run = stage.run("disconnect", events="delete")

    assert (run.state, stage.titles(), stage.connection().status) == ("done", [], "disconnected")


def test_a_deletion_that_the_crm_asked_for_is_done_before_the_connection_ends(stage: Stage) -> None:
    _synced(stage)
    stage.sim.crm(stage.tenant).delete("t1")

    stage.run("disconnect", events="keep")

    assert stage.titles() == ["t0", "t2"]


def test_a_task_written_after_the_end_waits_for_a_new_connection(stage: Stage) -> None:
    _synced(stage)
    stage.run("disconnect", events="keep")

    stage.put("new")
    stage.drain()

    assert stage.state("new") == ("off", "no_connection")


def test_a_connection_that_nobody_ever_opened_ends(stage: Stage) -> None:
    opened = create_connection(stage.world, stage.tenant, user_id=UserId("carl")).connection

    run = stage.run("disconnect", opened.id, events="delete")

    assert (run.state, stage.connection(opened.id).status) == ("done", "disconnected")


def test_a_task_on_its_way_to_another_connection_arrives_there(stage: Stage) -> None:
    _synced(stage, 1)
    stage.sim.connect(stage.tenant, "anna", BEN, name="c-other")
    stage.put("t0", connection_id="c-other", send=False)

    stage.run("disconnect", events="keep")

    assert (stage.titles(ANNA), stage.titles(BEN)) == ([], ["t0"])
    assert stage.sim.task("t0").sync.connection == "c-other"


@pytest.mark.parametrize("events", ["keep", "delete"])
def test_what_is_let_go_goes_to_another_connection_of_its_user(stage: Stage, events: str) -> None:
    _synced(stage, 2)
    stage.sim.connect(stage.tenant, "anna", BEN, name="c-other")

    stage.run("disconnect", events=events)

    assert stage.titles(BEN) == ["t0", "t1"]
    assert {stage.state(task.id) for task in stage.sim.tasks()} == {("synced", None)}


def test_a_mass_of_tasks_that_an_ended_connection_lets_go_is_held_for_a_word(stage: Stage) -> None:
    stage.connect()
    for number in range(201):
        stage.put(f"t{number:03d}", send=False)
    stage.run("export")
    stage.sim.connect(stage.tenant, "anna", BEN, name="c-other")

    stage.run("disconnect", events="keep")

    assert (stage.titles(BEN), stage.connection("c-other").status) == ([], "needs_review")


def test_an_event_that_only_its_organizer_may_delete_stays_and_says_so(stage: Stage) -> None:
    _synced(stage, 1)
    stage.sim.google.add_fault(Fault(effect="forbidden", method="DELETE"))

    run = stage.run("disconnect", events="delete")

    assert (run.state, stage.titles()) == ("done", ["t0"])
    assert [item.reason for item in run.items] == ["event_forbidden"]


def test_a_run_of_many_events_ends_a_connection_in_several_jobs(stage: Stage) -> None:
    _synced(stage, 3)
    run = stage.start("disconnect", events="delete")
    stage.slow_google(seconds=30)

    stage.do(stage.sim.queue.due()[0])

    assert (stage.view(run).state, len(stage.titles())) == ("running", 1)
    stage.drain()
    assert (stage.view(run).state, stage.titles()) == ("done", [])
