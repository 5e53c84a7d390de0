"""Traces 9, 10 and 17: full lists after a lost token, and imports."""

from shared.model.ids import TaskId
from shared.usecases.tasks.claim import Claim, claim_tasks
from tests.simulation.sim import ANNA, BEN
from tests.simulation.story import END, START, Story


def test_trace_09_a_task_whose_insert_is_still_to_come_is_not_cancelled_by_a_full_list(story: Story) -> None:
    story.crm.put("t1", title="a0", start=START, end=END)
    job = story.next_sync().run_until("google.insert")
    story.sim.google.expire_sync_tokens(ANNA)
    story.pulls()

    job.finish()
    story.settle()

    assert story.titles() == ("a0", "a0")
    assert "task.cancelled" not in story.kinds()


def test_trace_10_a_deletion_that_only_a_full_list_could_show_is_seen(story: Story) -> None:
    event_id = str(story.crm.put("t1", title="a0", start=START, end=END).sync.event_id)
    story.next_sync().run_past("google.insert").die()
    story.anna.delete(event_id)
    story.sim.google.expire_sync_tokens(ANNA)

    story.pulls()
    seen = story.task().content.status
    story.settle()

    assert seen == "cancelled"
    assert story.task().content.status == "cancelled"
    assert story.anna.events() == []


def test_trace_10_a_confirmed_event_deleted_while_the_token_expired_is_judged(story: Story) -> None:
    story.synced(title="a0")
    story.deletes()
    story.sim.google.expire_sync_tokens(ANNA)

    story.pulls()
    story.settle()

    assert story.task().content.status == "cancelled"


def test_trace_17_two_pulls_import_one_event_once() -> None:
    story = Story(import_external="all")
    story.anna.create("g0", START, END)
    late = story.pulling().run_until("store.commit")
    story.pulls()

    late.finish()
    story.settle()

    (task,) = story.sim.tasks()
    assert task.content.title == "g0"
    assert story.kinds() == ["task.created"]


def test_trace_17_two_users_pulls_import_one_meeting_once() -> None:
    story = Story(import_external="all")
    story.sim.connect(story.tenant, "ben", BEN)
    story.anna.create("g0", START, END, attendees=[{"email": BEN}])
    late = story.pulling().run_until("store.commit")
    story.sim.pull(BEN, "c-ben")

    late.finish()
    story.settle()

    (task,) = story.sim.tasks()
    assert task.sync.connection == story.connection
    assert list(task.sync.views) == ["c-ben"]


def test_trace_17_a_claim_between_query_and_create_leaves_one_task() -> None:
    story = Story(import_external="all")
    story.anna.create("g0", START, END)
    late = story.pulling().run_until("store.commit")
    story.pulls()
    (born,) = story.sim.tasks()
    claim_tasks(story.sim.world, story.tenant, [Claim(old=born.id, new=TaskId("k1"))])

    late.finish()
    story.settle()

    assert [each.id for each in story.sim.tasks()] == ["k1"]
