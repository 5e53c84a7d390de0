"""Traces 21, 22 and 45: clocks that differ, channels renewed, and who was last."""

from shared.model.ids import tenant_path
from shared.ports import Patch
from shared.usecases.world import Options
from tests.simulation.sim import ANNA, BEN
from tests.simulation.story import Story


def test_trace_21_a_notification_at_a_slow_instance_is_still_followed_by_a_pull(story: Story) -> None:
    _told_late(story)

    assert story.task().content.title == "g2"


def _told_late(story: Story) -> None:
    """The second change is told by an instance whose clock is 0.95 s slow, so it falls into the first one's bucket."""
    sim = story.sim
    story.synced(title="a0")
    sim.open_channels()
    sim.runner.run_all()
    bucket = sim.world.options.coalesce_s
    sim.clock.advance(bucket - sim.clock.now().timestamp() % bucket)
    story.anna.edit(str(story.task().sync.event_id), summary="g1")
    sim.deliver_notifications()
    _run_until(story, bucket + 0.9)
    story.anna.edit(str(story.task().sync.event_id), summary="g2")
    sim.deliver_notifications(slow_s=0.95)
    sim.runner.run_all()


def _run_until(story: Story, seconds: float) -> None:
    """So much time passes, and what is due on the way runs when it is due."""
    sim = story.sim
    end = sim.clock.now().timestamp() + seconds
    while (at := sim.queue.next_at()) is not None and at.timestamp() <= end:
        sim.clock.time = max(sim.clock.time, at)
        for entry in sim.queue.due():
            sim.runner.begun(entry).finish()
    sim.clock.advance(end - sim.clock.now().timestamp())


def test_trace_22_a_change_between_the_last_pull_and_the_watch_is_seen_at_once(story: Story) -> None:
    story.synced(title="a0")
    renewal = story.sim.opening(ANNA, story.connection).run_until("google.watch")
    story.edits(summary="g1")
    renewal.finish()

    story.sim.runner.run_all()  # the queue alone: no schedule pulls

    assert story.titles() == ("g1", "g1")


def test_trace_45_a_guests_answer_does_not_make_an_older_edit_in_google_the_last() -> None:
    story = Story(options=Options(pending_after_s=10.0))
    story.synced(title="a0", attendees=[{"email": BEN}])
    event_id = str(story.task().sync.event_id)
    story.edits(summary="g1")
    story.later(10)
    story.crm.put("t1", title="c2")
    story.next_sync().finish()
    story.later(10)
    ben = story.sim.google.person(BEN)
    ben.answer(event_id, "accepted", notify=False)
    story.sim.store.commit([Patch(path=tenant_path(story.tenant), fields={"settings.conflict": "latest_wins"})])

    story.settle()

    assert story.titles() == ("c2", "c2")
    assert story.task().sync.responses == {BEN: "accepted"}


def test_an_edit_in_google_that_follows_an_overruled_one_is_as_new_as_itself() -> None:
    story = Story(options=Options(pending_after_s=10.0), conflict="latest_wins")
    story.synced(title="a0")
    story.edits(summary="g1")
    story.later()
    story.crm.put("t1", title="c2")
    story.pulls()
    story.edits(summary="g3")

    story.settle()

    assert story.titles() == ("g3", "g3")
