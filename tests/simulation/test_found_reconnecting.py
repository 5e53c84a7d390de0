"""What the random walks found where an account is connected anew and its calendar still holds what was left there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from shared.usecases.runs.runs import start_run
from tests.simulation.consenting import connect_anew
from tests.simulation.sim import ANNA, BEN
from tests.simulation.stepping import Job
from tests.simulation.story import END, START, Story

if TYPE_CHECKING:
    from shared.model.ids import ConnectionId


def ended(story: Story, *, events: str = "keep") -> None:
    """Anna's first connection is on its way out."""
    start_run(story.sim.world, story.tenant, kind="disconnect", connection=story.connection, options={"events": events})


def anew(story: Story) -> ConnectionId:
    """Anna's account has another connection, whose first sync waits in the queue."""
    connection, _ = connect_anew(story.sim.world, story.sim.google, story.tenant, "anna", ANNA)
    story.sim.accounts[connection] = ANNA
    return connection


@pytest.fixture(params=[False, True], ids=["as it was", "edited before"])
def reconnected(request: pytest.FixtureRequest) -> Story:
    """A task whose event was kept when its connection ended, and a new connection that has read nothing yet."""
    story = Story()
    story.synced()
    if request.param:
        story.crm.put("t1", title="a1")
        story.settle()
    ended(story)
    story.settle()
    anew(story)
    return story


def test_an_event_that_was_kept_goes_when_its_task_was_cancelled_before_the_new_connection_read_it(
    reconnected: Story,
) -> None:
    reconnected.crm.put("t1", status="cancelled")

    reconnected.settle()

    assert reconnected.task().content.status == "cancelled"
    assert reconnected.anna.events() == []


def test_an_event_that_was_kept_goes_when_its_task_was_deleted_before_the_new_connection_read_it(
    reconnected: Story,
) -> None:
    reconnected.crm.delete("t1")

    reconnected.settle()

    assert reconnected.task().deleted_at is not None
    assert reconnected.anna.events() == []


@pytest.mark.parametrize("how", ["deleted", "cancelled"])
def test_an_event_that_was_made_again_for_a_task_from_google_goes_when_that_is_over_before_it_is_read(how: str) -> None:
    story = Story(import_external="all", on_google_delete="recreate")
    made = story.anna.create("g0", START, END)
    story.pulls()
    (born,) = story.sim.tasks()
    story.anna.delete(made["id"])
    story.settle()
    ended(story)
    story.settle()
    anew(story)
    if how == "deleted":
        story.crm.delete(born.id)
    else:
        story.crm.put(born.id, status="cancelled")

    story.settle()

    assert story.anna.events() == []


def left_behind() -> Story:
    """The task went to Ben when Anna had taken away the access to her calendar, where its first event still stands."""
    story = Story()
    story.sim.connect(story.tenant, "ben", BEN)
    story.synced()
    story.sim.google.revoke_grant(ANNA)
    story.crm.put("t1", user_id="ben")
    ended(story, events="delete")
    story.sim.runner.run_all()
    return story


def test_an_event_that_was_left_behind_goes_once_its_account_is_connected_anew() -> None:
    story = left_behind()
    anew(story)

    story.settle()

    assert story.task().sync.connection == "c-ben"
    assert story.anna.events() == []


def test_an_event_that_was_left_behind_and_edited_is_its_persons_own_and_touched_once() -> None:
    story = left_behind()
    (event,) = story.anna.events()
    story.anna.edit(event["id"], summary="g1")
    anew(story)

    story.settle()

    (kept,) = story.anna.events()
    assert (kept["summary"], "extendedProperties" in kept, story.titles()) == ("g1", False, ("a0", "a0"))


def test_an_event_whose_task_is_leaving_goes_though_the_connection_that_read_it_meanwhile_is_another_one() -> None:
    story = Story()
    story.sim.connect(story.tenant, "ben", BEN)
    story.synced()
    story.sim.google.revoke_grant(ANNA)
    story.crm.put("t1", user_id="ben")
    ended(story, events="delete")
    leaving = story.sim.runner.take("run_step")
    connection = anew(story)
    story.sim.pull(ANNA, connection)

    leaving.finish()
    story.settle()

    assert story.task().sync.connection == "c-ben"
    assert story.anna.events() == []


def test_a_task_that_is_written_while_its_user_connects_goes_out_though_no_run_has_seen_it() -> None:
    story = Story()
    put = Job(story.sim.stage, "put", story.crm.writing("t1", title="a0", start=START, user_id="ben"))
    put.run_until("store.commit")
    connection, _ = connect_anew(story.sim.world, story.sim.google, story.tenant, "ben", BEN)
    story.sim.accounts[connection] = BEN
    story.sim.runner.run_all()

    put.finish()
    story.settle()

    assert story.titles() == ("a0", "a0")


def test_a_task_of_somebody_who_never_connects_is_looked_at_once() -> None:
    story = Story()
    story.crm.put("t1", title="a0", start=START, user_id="ben")
    waiting = story.task().due_at

    story.settle()

    assert (waiting is not None, story.task().due_at, story.task().sync.state) == (True, None, "off")
    assert story.sim.runs(story.tenant) == []


def test_a_task_that_was_written_for_a_connection_goes_out_by_the_next_though_that_began_meanwhile() -> None:
    story = Story()
    put = Job(story.sim.stage, "put", story.crm.writing("t1", title="a0", start=START))
    put.run_until("store.commit")
    ended(story)
    story.sim.runner.run_all()
    connection = anew(story)
    story.sim.runner.run_all()

    put.finish()
    story.settle()

    assert (story.task().sync.connection, story.titles()) == (connection, ("a0", "a0"))


def taken_too_late(story: Story, *, guests: tuple[str, ...] = ()) -> tuple[str, str]:
    """A task whose event a pull of a connection that had ended took in again, and the event."""
    made = story.anna.create("g0", START, END, attendees=[{"email": each} for each in guests])
    story.pulls()
    (born,) = story.sim.tasks()
    story.edits(born.id, location="g1")
    late = story.pulling().run_until("store.query")
    ended(story)
    story.sim.runner.run_due()
    late.finish()
    return born.id, made["id"]


def test_a_task_that_a_connection_took_too_late_goes_on_with_the_event_that_the_next_one_sees() -> None:
    story = Story(import_external="all")
    task, event = taken_too_late(story)
    connection = anew(story)
    story.sim.runner.take("run_step").finish()

    story.sim.runner.run_all()

    assert (story.task(task).sync.connection, story.task(task).sync.event_id) == (connection, event)


def test_a_task_that_a_connection_took_too_late_goes_on_with_the_copy_of_its_guest() -> None:
    story = Story(import_external="all")
    task, _ = taken_too_late(story, guests=(BEN,))
    story.sim.connect(story.tenant, "ben", BEN)
    story.sim.pull(BEN, "c-ben")

    story.sim.runner.run_all()

    assert (story.task(task).sync.connection, story.task(task).sync.state) == ("c-ben", "synced")
