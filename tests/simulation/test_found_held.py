"""What the random walks found where the brake meets a pause or an end, and what had to wait for a decision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

import pytest

from shared.usecases.connecting.change_connection import change_connection
from shared.usecases.runs.connection_runs import review
from shared.usecases.runs.runs import start_run
from tests.simulation.story import END, START, Story

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.model.connection import Connection

MANY = 12
Decision: TypeAlias = Literal["confirm", "discard"]


def full() -> Story:
    """A dozen tasks and one, in step with their events."""
    story = Story()
    for number in range(MANY + 1):
        story.crm.put(f"t{number}", title=f"a{number}", start=START, end=END)
    story.settle()
    return story


def emptied(story: Story) -> None:
    """A person deletes a dozen events."""
    for number in range(1, MANY + 1):
        story.deletes(f"t{number}")


def connection(story: Story) -> Connection:
    (found,) = story.sim.connections(story.tenant)
    return found


def paused(story: Story) -> None:
    change_connection(story.sim.world, story.tenant, story.connection, settings={}, paused=True)


def ended(story: Story) -> None:
    start_run(story.sim.world, story.tenant, kind="disconnect", connection=story.connection, options={"events": "keep"})


@pytest.mark.parametrize(("changed", "status"), [(paused, "paused"), (ended, "disconnecting")])
def test_a_connection_that_rests_or_ends_while_a_list_is_read_is_not_brought_back_by_the_brake(
    changed: Callable[[Story], None], status: str
) -> None:
    story = full()
    emptied(story)
    late = story.pulling().run_past("google.list")
    changed(story)

    late.finish()

    assert (connection(story).status, connection(story).review) == (status, None)


@pytest.mark.parametrize("decision", ["confirm", "discard"])
def test_what_rested_during_a_pause_goes_out_though_the_brake_held_before_it_could(decision: Decision) -> None:
    story = full()
    paused(story)
    story.crm.put("t0", title="c0")
    story.sim.runner.run_all()
    emptied(story)
    change_connection(story.sim.world, story.tenant, story.connection, settings={}, paused=False)
    story.pulls()
    story.sim.runner.run_all()

    review(story.sim.world, story.tenant, story.connection, decision)
    story.settle()

    assert story.titles("t0") == ("c0", "c0")


def test_an_unlinked_task_plans_no_next_event_before_one_is_wanted_again() -> None:
    story = Story(on_google_delete="unlink")
    story.synced()
    story.deletes()
    story.settle()
    story.restores()
    story.pulls()

    story.crm.put("t1", title="c1")
    story.settle()

    assert (story.task().sync.state, story.task().sync.generation) == ("off", 0)
    assert [each["summary"] for each in story.anna.events()] == ["a0"]
