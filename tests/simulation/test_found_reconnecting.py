"""What the random walks found where an account is connected anew and its calendar still holds what was left there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from shared.usecases.runs.runs import start_run
from tests.simulation.consenting import connect_anew
from tests.simulation.sim import ANNA, BEN
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


def imported(story: Story) -> tuple[str, str]:
    """The task that was made of an event of Anna's, and the event, which her first connection has let go since."""
    made = story.anna.create("g0", START, END)
    story.pulls()
    (born,) = story.sim.tasks()
    ended(story)
    story.settle()
    return born.id, made["id"]


@pytest.mark.parametrize("sent_first", [False, True])
def test_an_event_that_people_made_is_its_tasks_again_though_the_task_is_written_before_the_calendar_is_read(
    *, sent_first: bool
) -> None:
    story = Story(import_external="all")
    task, event = imported(story)
    anew(story)
    story.crm.put(task, notes="a1")
    if sent_first:
        story.next_sync(task).finish()

    story.settle()

    assert [each["id"] for each in story.anna.events()] == [event]
    assert story.task(task).sync.event_id == event


def test_an_event_that_is_made_when_its_task_has_its_own_again_goes() -> None:
    story = Story(import_external="all")
    task, event = imported(story)
    story.anna.delete(event)
    connection = anew(story)
    story.sim.pull(ANNA, connection)
    story.crm.put(task, notes="a1")
    late = story.next_sync(task).run_until("google.insert")
    story.anna.restore(event)
    story.sim.pull(ANNA, connection)
    late.finish()

    story.settle()

    assert [each["id"] for each in story.anna.events()] == [event]


def test_an_event_that_people_made_stays_theirs_though_its_task_is_deleted_while_the_connection_ends() -> None:
    story = Story(import_external="all")
    made = story.anna.create("g0", START, END)
    story.pulls()
    (born,) = story.sim.tasks()
    ended(story)
    story.crm.delete(born.id)
    anew(story)

    story.settle()

    assert [each["id"] for each in story.anna.events()] == [made["id"]]
    assert story.task(born.id).deleted_at is not None
