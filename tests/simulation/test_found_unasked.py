"""What the random walks found of calendars that were polled for long, since nobody had asked Google for a channel."""

from __future__ import annotations

from tests.simulation.consenting import connect_anew
from tests.simulation.sim import BEN
from tests.simulation.stepping import Job
from tests.simulation.story import START, Story


def connected(story: Story) -> None:
    """Ben has connected, and no job of his has begun."""
    connection, _ = connect_anew(story.sim.world, story.sim.google, story.tenant, "ben", BEN)
    story.sim.accounts[connection] = BEN


def state(story: Story) -> str:
    """How Ben's calendar is followed."""
    return next(each.state for each in story.sim.watched() if each.calendar_id == BEN)


def test_a_channel_that_is_due_by_a_clock_that_is_ahead_is_opened_at_once() -> None:
    story = Story()
    connecting = Job(story.sim.stage, "connect", lambda: connected(story))
    connecting.skew_s = 0.9

    connecting.finish()
    story.sim.runner.run_due()

    assert state(story) == "push"


def test_a_calendar_that_was_pulled_before_its_first_sync_began_is_pushed_all_the_same() -> None:
    story = Story()
    story.crm.put("t1", title="a0", start=START, user_id="ben")  # it may double what stands there: nothing is read yet
    connected(story)
    story.sim.pull(BEN, next(each.id for each in story.sim.connections(story.tenant) if each.user == "ben"))

    story.sim.runner.run_all()

    assert state(story) == "push"
