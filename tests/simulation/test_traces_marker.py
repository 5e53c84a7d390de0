"""Traces 1 and 11 to 15: what both sides last agreed on, the marker, and conflicts."""

from tests.simulation.sim import ANNA
from tests.simulation.story import END, START, Story


def test_trace_01_our_own_patch_is_not_taken_for_an_edit_in_google(story: Story) -> None:
    story.synced(title="a0")
    story.crm.put("t1", title="c0")
    story.next_sync().run_past("google.patch").die()
    story.crm.put("t1", title="a0")

    story.pulls()
    story.settle()

    assert story.titles() == ("a0", "a0")
    assert not story.task().sync.conflict


def test_trace_01_an_edit_over_our_own_unconfirmed_patch_is_no_conflict(story: Story) -> None:
    story.synced(title="a0")
    story.crm.put("t1", title="c0")
    story.next_sync().run_past("google.patch").die()
    story.crm.put("t1", title="c1")

    story.pulls()
    story.settle()

    assert story.titles() == ("c1", "c1")
    assert "task.conflict" not in story.kinds()


def test_trace_01_an_edit_made_while_a_job_writes_to_google_outlives_its_commit(story: Story) -> None:
    story.synced(title="a0")
    story.crm.put("t1", title="c0")
    job = story.next_sync().run_past("google.patch")
    story.crm.put("t1", title="c1")

    job.finish()
    story.settle()

    assert story.titles() == ("c1", "c1")
    assert "task.conflict" not in story.kinds()


def test_trace_11_a_pull_does_not_call_an_unsent_edit_synced(story: Story) -> None:
    story.synced(title="a0")
    story.crm.put("t1", title="c0")
    story.edits(location="g1")

    story.pulls()
    left = story.task().sync.state
    story.settle()

    assert left == "pending"
    assert story.titles() == ("c0", "c0")
    assert (story.task().content.location, story.event()["location"]) == ("g1", "g1")


def test_trace_12_an_unseen_edit_survives_a_move_to_another_calendar() -> None:
    story = Story(second=True)
    story.synced(title="a0")
    story.edits(summary="g1")
    story.crm.put("t1", calendar_id=story.second)

    story.settle()

    assert story.titles() == ("g1", "g1")
    assert story.task().sync.calendar == story.second


def test_trace_12_an_unseen_edit_survives_a_move_to_another_account(story: Story) -> None:
    story.sim.connect(story.tenant, "ben", "ben@example.com")
    story.synced(title="a0")
    story.edits(summary="g1")
    story.crm.put("t1", user_id="ben")

    story.settle()

    assert story.titles() == ("g1", "g1")
    assert story.task().sync.connection == "c-ben"
    assert story.anna.events(calendar=ANNA) == []


def test_trace_12_a_task_on_its_way_to_another_account_is_not_cancelled_by_the_end_of_the_event_that_it_leaves(
    story: Story,
) -> None:
    story.sim.connect(story.tenant, "ben", "ben@example.com")
    story.synced(title="a0")
    story.crm.put("t1", user_id="ben")
    story.next_sync().run_past("google.delete").die()

    story.pulls()
    story.settle()

    assert (story.task().content.status, story.task().sync.connection) == ("open", "c-ben")
    assert story.titles() == ("a0", "a0")


def test_trace_13_a_value_put_back_after_the_policy_decided_reaches_google() -> None:
    story = Story(conflict="crm_wins")
    story.synced(title="a0")
    story.crm.put("t1", title="c0")
    story.edits(summary="g1")
    story.pulls()
    story.crm.put("t1", title="a0")

    story.settle()

    assert story.titles() == ("a0", "a0")


def test_trace_14_a_deletion_with_an_open_conflict_is_carried_out_when_the_job_has_to_get(story: Story) -> None:
    story.synced(title="a0")
    story.crm.put("t1", title="c0")
    story.edits(summary="g1")
    story.settle()
    event_id = str(story.task().sync.event_id)
    story.crm.delete("t1")
    story.edits(summary="g1")  # another etag, nothing new

    story.settle()

    assert story.task().deleted_at is not None
    assert story.sim.seen(ANNA, ANNA, event_id) is None


def test_trace_14_a_deletion_with_an_open_conflict_is_carried_out_at_once(story: Story) -> None:
    story.synced(title="a0")
    story.crm.put("t1", title="c0")
    story.edits(summary="g1")
    story.settle()
    event_id = str(story.task().sync.event_id)
    story.crm.delete("t1")

    story.settle()

    assert story.task().deleted_at is not None
    assert story.sim.seen(ANNA, ANNA, event_id) is None


def test_trace_15_a_deletion_after_our_patch_whose_commit_was_lost_stays_a_deletion(story: Story) -> None:
    story.synced(title="a0")
    story.crm.put("t1", title="c0")
    story.next_sync().run_past("google.patch").die()
    story.deletes()

    story.settle()

    assert story.task().content.status == "cancelled"
    assert story.event() == {}


def test_trace_15_a_deletion_after_our_insert_whose_commit_was_lost_stays_a_deletion(story: Story) -> None:
    story.crm.put("t1", title="a0", start=START, end=END)
    story.next_sync().run_past("google.insert").die()
    story.deletes()

    story.sim.runner.run_all()  # the queue alone: the insert is tried again, and nothing has pulled
    seen = story.task().content.status
    story.settle()

    assert (seen, story.task().content.status) == ("cancelled", "cancelled")
    assert story.anna.events() == []


def test_trace_15_an_edit_after_our_insert_whose_commit_was_lost_beats_the_deletion(story: Story) -> None:
    story.crm.put("t1", title="a0", start=START, end=END)
    story.next_sync().run_past("google.insert").die()
    story.crm.put("t1", title="c1")
    story.deletes()

    story.settle()

    assert story.titles() == ("c1", "c1")
    assert len(story.anna.events()) == 1
