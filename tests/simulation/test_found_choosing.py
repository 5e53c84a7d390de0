"""Stories of tasks that were refused the calendar that they asked for, and ask for another one."""

from __future__ import annotations

from tests.simulation.sim import ANNA
from tests.simulation.story import END, START, Story


def test_a_task_for_a_calendar_that_is_not_there_goes_to_the_one_that_is_chosen_next() -> None:
    story = Story(second=True)
    story.crm.put("t1", title="a0", start=START, end=END, calendar_id="nowhere@group.calendar.google.com")
    story.sim.runner.settle()
    refused = story.task().sync.error

    story.crm.put("t1", calendar_id=story.second)
    story.settle()

    assert refused is not None
    assert (refused.code, story.task().sync.calendar) == ("calendar_gone", story.second)
    assert story.titles() == ("a0", "a0")


def test_a_task_for_a_calendar_that_was_taken_away_goes_to_the_default_when_none_is_asked_for() -> None:
    story = Story()
    story.sim.google.share(story.second, ANNA, None)
    story.crm.put("t1", title="a0", start=START, end=END, calendar_id=story.second)
    story.sim.runner.settle()

    story.crm.put("t1", calendar_id=None)
    story.settle()

    assert story.task().sync.calendar == ANNA
    assert story.titles() == ("a0", "a0")
