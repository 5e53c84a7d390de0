"""The simulated CRM takes the newest word on a task for true, whichever way it comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.simulation.stepping import Job

if TYPE_CHECKING:
    from tests.simulation.story import Story


def _deleting(story: Story) -> Job:
    """The CRM's delete of the task is stored; its answer is on its way."""
    return Job(story.sim.stage, "delete t1", lambda: story.crm.delete("t1")).run_past("store.commit")


def test_a_task_that_was_brought_back_before_its_deletion_was_answered_is_still_believed_to_live(story: Story) -> None:
    story.synced()
    story.edits(location="g1")
    deleting = _deleting(story)
    story.pulls()
    story.crm.read_whole_feed()

    deleting.finish()
    story.settle()
    story.crm.read_whole_feed()

    assert story.task().deleted_at is None
    assert story.crm.records["t1"]["location"] == "g1"
