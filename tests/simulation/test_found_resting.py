"""What the random walks found that never came to rest: tried and told again and again, and nothing could come of it."""

from __future__ import annotations

from shared.model.ids import TaskId, UserId, connection_path, task_path, user_path
from shared.ports import Delete, Patch
from tests.simulation.chance import Step
from tests.simulation.explore import explore
from tests.simulation.story import Story


def test_a_task_whose_event_may_not_be_read_is_not_told_and_tried_again_by_every_comparison() -> None:
    """Anna's meeting is private and in a calendar that she may only read when she connects again."""
    steps = [
        Step("google_invites", 149784),
        Step("google_moves", 879422),
        Step("google_edits", 930138),
        Step("disconnects", 926132),
        Step("connects_anew", 996286),
        Step("loses_a_calendar", 203455),
    ]

    assert explore(814, steps) is None


def test_a_task_that_a_late_job_gave_to_a_connection_of_an_erased_person_is_let_go(story: Story) -> None:
    story.synced()
    now = story.sim.clock.now()
    late = Patch(path=task_path(story.tenant, TaskId("t1")), fields={"sync.state": "pending", "due_at": now})
    erased = connection_path(story.tenant, story.connection), user_path(story.tenant, UserId("anna"))
    story.sim.store.commit([*(Delete(path=each) for each in erased), late])

    story.sim.runner.settle()

    sync = story.task().sync
    assert (sync.state, sync.reason, sync.connection) == ("off", "no_connection", None)
