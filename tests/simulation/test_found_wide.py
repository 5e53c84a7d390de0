"""What the random walks found once connections came and went, and tasks were made of events that exist."""

from typing import Any

import pytest

from shared.errors import Conflicting
from shared.model.ids import ConnectionId
from shared.usecases.runs.runs import start_run
from tests.simulation.consenting import connect_anew
from tests.simulation.sim import ANNA, BEN
from tests.simulation.story import END, START, Story

GUEST: dict[str, Any] = {"attendees": [{"email": BEN}]}


def test_an_event_that_has_its_task_is_not_given_to_a_second_one() -> None:
    story = Story(import_external="all")
    made = story.anna.create("g0", START, END)
    story.pulls()

    with pytest.raises(Conflicting, match="claim"):
        story.crm.adopt("t1", made["id"], title="a0", start=START, user_id="anna")

    assert [task.id for task in story.sim.tasks()] != ["t1"]


def test_a_meeting_that_has_its_task_through_a_guest_is_not_given_to_a_second_one() -> None:
    story = Story(import_external="all")
    story.sim.connect(story.tenant, "ben", BEN)
    made = story.anna.create("g0", START, END, **GUEST)
    story.sim.pull(BEN, "c-ben")

    with pytest.raises(Conflicting, match="claim"):
        story.crm.adopt("t1", made["id"], title="a0", start=START, user_id="anna")

    assert [task.id for task in story.sim.tasks()] != ["t1"]


def test_an_event_that_a_connection_kept_goes_when_its_task_was_deleted_before_the_next_one() -> None:
    story = Story()
    sim = story.sim
    sim.connect(story.tenant, "ben", BEN)
    story.synced(title="a0", **GUEST)
    start_run(sim.world, story.tenant, kind="disconnect", connection=story.connection, options={"events": "keep"})
    story.settle()
    story.crm.delete("t1")
    story.settle()

    connection, _ = connect_anew(sim.world, sim.google, story.tenant, "anna", ANNA)
    sim.accounts[connection] = ANNA
    story.settle()

    assert story.anna.events() == []


def test_a_task_whose_copy_was_purged_ends_by_policy() -> None:
    story = Story(import_external="all")
    story.sim.connect(story.tenant, "ben", BEN)
    made = story.anna.create("g0", START, END, **GUEST)
    story.pulls()
    story.sim.pull(BEN, "c-ben")
    story.anna.delete(made["id"])
    story.pulls()
    story.sim.google.empty_trash(BEN)

    story.settle()

    assert [task.content.status for task in story.sim.tasks()] == ["cancelled"]


def test_a_deleted_task_whose_event_google_has_forgotten_is_not_looked_for_again_and_again() -> None:
    story = Story(import_external="all")
    made = story.anna.create("g0", START, END)
    story.pulls()
    (task,) = story.sim.tasks()
    story.anna.delete(made["id"])
    story.sim.google.empty_trash(ANNA)
    story.crm.records[task.id] = {}
    story.sim.runner.sweep("orphans")
    story.crm.delete(task.id)

    story.sim.runner.settle(orphans=True)

    assert story.task(task.id).sync.state == "off"


def test_a_task_given_to_a_user_whose_connection_ends_waits_for_that_users_next_one() -> None:
    story = Story()
    sim = story.sim
    sim.connect(story.tenant, "ben", BEN)
    story.synced(title="a0")
    story.crm.put("t1", user_id="ben", calendar_id=None)
    start_run(sim.world, story.tenant, kind="disconnect", connection=ConnectionId("c-ben"), options={"events": "keep"})

    story.settle()
    waiting = story.task().sync
    connection, _ = connect_anew(sim.world, sim.google, story.tenant, "ben", BEN)
    sim.accounts[connection] = BEN
    story.settle()

    assert (waiting.state, waiting.reason, story.anna.events()) == ("off", "no_connection", [])
    assert story.titles() == ("a0", "a0")


def test_a_task_that_leaves_for_a_user_whose_connection_ends_in_that_moment_waits_for_that_users_next_one() -> None:
    story = Story()
    sim = story.sim
    sim.connect(story.tenant, "ben", BEN)
    story.synced(title="a0")
    story.crm.put("t1", user_id="ben", calendar_id=None)
    leaving = story.next_sync().run_until("google.delete")
    start_run(sim.world, story.tenant, kind="disconnect", connection=ConnectionId("c-ben"), options={"events": "keep"})
    sim.runner.take("run_step").finish()

    leaving.finish()
    story.settle()
    waiting = story.task().sync
    connection, _ = connect_anew(sim.world, sim.google, story.tenant, "ben", BEN)
    sim.accounts[connection] = BEN
    story.settle()

    assert (waiting.state, waiting.reason, story.anna.events()) == ("off", "no_connection", [])
    assert story.titles() == ("a0", "a0")


def test_a_task_of_a_connection_on_its_way_out_waits_for_the_end_without_being_tried() -> None:
    story = Story()
    story.crm.put("t1", title="a0", start=START)
    start_run(
        story.sim.world, story.tenant, kind="disconnect", connection=story.connection, options={"events": "delete"}
    )
    story.sim.runner.take("run_step")  # which then is lost, until a sweep

    tries = story.sim.runner.run_due()
    waiting = [each.job.function for each in story.sim.queue.waiting]
    story.settle()

    assert (tries, waiting) == (1, [])
    assert (story.task().sync.state, story.task().sync.reason) == ("off", "no_connection")
