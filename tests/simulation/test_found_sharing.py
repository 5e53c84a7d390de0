"""What the random walks found of calendars that are lost and come back."""

import pytest

from shared.model.ids import CalendarId
from shared.usecases.connecting.calendars import watch_calendar
from tests.simulation.sim import ANNA, BEN
from tests.simulation.story import END, START, Story


def _watched_again(story: Story) -> None:
    story.sim.google.share(story.second, ANNA, "owner")
    watch_calendar(story.sim.world, story.tenant, story.connection, CalendarId(story.second))


def test_a_task_on_its_way_to_another_users_lost_calendar_arrives_once_that_is_watched_again() -> None:
    story = Story(second=True)
    story.sim.connect(story.tenant, "ben", BEN)
    story.synced(title="a0", user_id="ben")
    story.sim.google.share(story.second, ANNA, None)
    story.pulls(story.second)
    story.crm.put("t1", user_id="anna", calendar_id=story.second)
    story.sim.runner.settle()
    refused = story.task().sync

    _watched_again(story)
    story.settle()

    assert (refused.state, refused.error and refused.error.code) == ("error", "calendar_gone")
    assert (story.task().sync.connection, story.task().sync.calendar) == (story.connection, story.second)
    assert story.titles() == ("a0", "a0")


def test_a_task_for_a_calendar_that_was_not_there_goes_out_once_it_is_watched_for_the_first_time(story: Story) -> None:
    story.sim.google.share(story.second, ANNA, None)
    story.crm.put("t1", title="a0", start=START, end=END, calendar_id=story.second)
    story.sim.runner.settle()
    refused = story.task().sync

    _watched_again(story)
    story.settle()

    assert (refused.state, refused.error and refused.error.code) == ("error", "calendar_gone")
    assert story.task().sync.calendar == story.second
    assert story.titles() == ("a0", "a0")


@pytest.mark.parametrize("how", ["watched again", "read"])
def test_what_the_crm_changed_while_the_calendar_could_only_be_read_goes_out_when_the_right_comes(how: str) -> None:
    story = Story(import_external="all")
    made = story.anna.create("g0", START, END, calendar=story.second)
    story.sim.google.share(story.second, ANNA, "reader")
    watch_calendar(story.sim.world, story.tenant, story.connection, CalendarId(story.second))
    story.settle()
    (born,) = story.sim.tasks()
    story.crm.put(born.id, title="a1")
    story.sim.runner.settle()
    before = story.event(born.id)["summary"]

    if how == "read":
        story.sim.google.share(story.second, ANNA, "owner")
        story.pulls(story.second)
    else:
        _watched_again(story)
    story.settle()

    assert (made["id"], before) == (story.task(born.id).sync.event_id, "g0")
    assert story.titles(born.id) == ("a1", "a1")
