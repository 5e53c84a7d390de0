"""What the random walks found of older events of a task that are left to the person who edited them (rule 15)."""

from typing import Any

import pytest

from tests.simulation.story import Story


def restored_and_edited(story: Story, **then: Any) -> str:  # noqa: ANN401 - Google's own fields
    """The first event of t1 was deleted as its task was written, which has another; a person restored and edited it.

    Args:
        then: What they changed in the event that the task has.
    """
    first = str(story.synced().sync.event_id)
    story.crm.put("t1", notes="a1")
    story.deletes()
    story.next_sync().finish()
    story.pulls()
    assert story.task().sync.event_id != first
    story.later()
    story.anna.restore(first)
    if then:
        story.edits(**then)
    story.anna.edit(first, summary="g1")
    return first


def titles_of_its_tasks(story: Story, event: str) -> list[object]:
    """What each task that has the event is called."""
    return [each.content.title for each in story.sim.tasks() if each.sync.event_id == event]


@pytest.mark.parametrize("then", [{}, {"location": "Rome"}], ids=["alone", "beside the task's own"])
def test_an_older_event_that_is_left_to_a_person_is_imported_as_any_other(then: dict[str, Any]) -> None:
    story = Story(import_external="all")
    left = restored_and_edited(story, **then)

    story.settle()

    assert titles_of_its_tasks(story, left) == ["g1"]
    assert story.task().sync.event_id != left


def test_an_older_event_is_imported_though_the_pull_that_took_its_marker_away_dies() -> None:
    story = Story(import_external="all")
    left = restored_and_edited(story)
    pull = story.pulling().run_past("google.patch")
    pull.die()

    story.settle()

    assert titles_of_its_tasks(story, left) == ["g1"]


def test_an_older_event_that_is_left_to_a_person_stays_without_a_task_where_none_is_imported() -> None:
    story = Story(import_external="off")
    left = restored_and_edited(story, location="Rome")

    story.settle()

    assert titles_of_its_tasks(story, left) == []
    assert story.anna.get(left)["summary"] == "g1"
