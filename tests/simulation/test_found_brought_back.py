"""What the random walks found of events that are there again."""

from __future__ import annotations

from tests.simulation.story import END, START, Story


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
