"""What the random walks found of events that are there again: a person restored them, or Tandem made them anew."""

from __future__ import annotations

import pytest

from tests.simulation.sim import ANNA
from tests.simulation.story import END, START, Story
from tests.simulation.test_found_reconnecting import anew, ended


def test_an_event_that_a_person_restored_is_its_tasks_again_though_that_was_put_again_for_who_is_not_connected() -> (
    None
):
    story = Story()
    event = str(story.synced().sync.event_id)
    story.crm.delete("t1")
    story.settle()
    story.crm.put("t1", title="b0", start=START, end=END, user_id="ben")
    story.anna.restore(event)

    story.pulls()
    story.settle()

    assert [each["id"] for each in story.anna.events()] == [event]
    assert (story.task().sync.event_id, story.titles()) == (event, ("b0", "b0"))


@pytest.fixture
def recreated() -> Story:
    """A person deleted an event, and its task has another one by now, which Tandem made."""
    story = Story(import_external="all", on_google_delete="recreate")
    made = story.anna.create("g0", START, END)
    story.pulls()
    story.later()
    story.anna.delete(made["id"])
    story.settle()
    return story


def test_an_event_that_was_made_anew_goes_though_its_task_is_deleted_while_the_connection_ends(
    recreated: Story,
) -> None:
    (task,) = recreated.sim.tasks()
    recreated.crm.read_whole_feed()
    ended(recreated)
    recreated.crm.delete(task.id)
    connection = anew(recreated)
    recreated.sim.pull(ANNA, connection)

    recreated.settle()

    assert recreated.anna.events() == []


def test_an_event_that_was_made_anew_goes_when_its_connection_ends_and_deletes_what_tandem_made(
    recreated: Story,
) -> None:
    ended(recreated, events="delete")

    recreated.settle()

    assert recreated.anna.events() == []
