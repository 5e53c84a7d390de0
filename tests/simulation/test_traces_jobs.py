"""Traces 2 to 4 and 16: old pages, doubled jobs, names used up."""

from infra.simulator.model import Fault
from tests.simulation.story import END, START, Story


def test_trace_02_an_old_page_does_not_undo_what_a_job_wrote_since(story: Story) -> None:
    story.synced(title="a0")
    story.edits(summary="g0")
    story.settle()
    story.edits(location="g1")
    pull = story.pulling().run_past("google.list")
    story.crm.put("t1", title="c0")
    story.next_sync().finish()

    pull.finish()
    story.settle()

    assert story.titles() == ("c0", "c0")
    assert story.event()["location"] == "g1"
    assert "task.conflict" not in story.kinds()


def test_trace_02_an_old_page_does_not_undo_a_newer_edit_that_another_pull_took(story: Story) -> None:
    story.synced(title="a0")
    story.edits(summary="g1")
    late = story.pulling().run_past("google.list")
    story.edits(summary="g2")
    story.pulls()

    late.finish()
    story.settle()

    assert story.titles() == ("g2", "g2")


def test_trace_03_a_tombstone_on_an_old_page_does_not_delete_under_a_restored_event(story: Story) -> None:
    story.synced(title="a0")
    story.deletes()
    late = story.pulling().run_past("google.list")
    story.restores()
    story.pulls()

    late.finish()
    story.settle()

    assert story.task().content.status == "open"
    assert story.titles() == ("a0", "a0")


def test_trace_03_an_old_page_does_not_revive_what_was_deleted_since(story: Story) -> None:
    story.synced(title="a0")
    story.deletes()
    story.pulls()
    story.restores()
    late = story.pulling().run_past("google.list")
    story.deletes()
    story.pulls()

    late.finish()
    story.settle()

    assert story.task().content.status == "cancelled"
    assert story.event() == {}


def test_trace_04_a_late_job_does_not_delete_a_task_that_was_put_again(story: Story) -> None:
    story.synced(title="a0")
    story.crm.delete("t1")
    late = story.next_sync().run_until("google.delete")
    story.crm.put("t1", title="b0", start=START, end=END)
    story.next_sync().finish()

    late.finish()
    before_anything_mends_it = story.titles()
    story.settle()

    assert before_anything_mends_it == ("b0", "b0")
    assert story.titles() == ("b0", "b0")
    assert story.task().deleted_at is None


def test_trace_16_a_delayed_try_is_not_coalesced_with_the_try_that_asked_for_it(story: Story) -> None:
    story.synced(title="a0")
    story.crm.put("t1", title="c0")
    story.sim.google.add_fault(Fault(effect="userRateLimitExceeded", method="PATCH", count=2))

    story.sim.runner.run_all()  # the queue alone, nothing that sweeps

    assert story.titles() == ("c0", "c0")
    assert story.task().sync.state == "synced"
