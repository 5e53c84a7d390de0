"""What follows when a task and a pull reach for one event at the same moment."""

from __future__ import annotations

import pytest

from shared.errors import Conflicting
from shared.model.ids import TaskId
from shared.usecases.runs.runs import start_run
from tests.simulation.consenting import connect_anew
from tests.simulation.sim import ANNA, BEN
from tests.simulation.split_story import SplitStory
from tests.simulation.stepping import Job
from tests.simulation.story import END, START, Story


def adopting(story: Story, event: str, task: str = "t1") -> Job:
    """The CRM's write that makes a task of the event, not begun."""

    def put() -> None:
        story.crm.adopt(task, event, title="a0", start=START, user_id="anna")

    return Job(story.sim.stage, "adopt", put)


def living(story: Story) -> list[str]:
    """The tasks that there are, without the stubs of other ids."""
    return [task.id for task in story.sim.tasks() if task.moved_to is None]


def test_an_event_that_a_pull_imports_while_it_is_adopted_is_refused_to_the_later_of_them() -> None:
    story = Story(import_external="all")
    made = story.anna.create("g0", START, END)
    adoption = adopting(story, made["id"]).run_until("store.commit")
    story.pulls()

    refusal = adoption.finish()
    story.settle()

    assert isinstance(refusal, Conflicting)
    assert living(story) != ["t1"]
    assert len(living(story)) == 1


def test_an_event_that_is_adopted_while_a_pull_imports_it_gets_no_second_task() -> None:
    story = Story(import_external="all")
    made = story.anna.create("g0", START, END)
    pull = story.pulling().run_until("store.commit")
    adopting(story, made["id"]).finish()

    pull.finish()
    story.settle()

    assert living(story) == ["t1"]


def test_an_event_whose_claimed_task_was_erased_is_imported_again_for_the_next_connection() -> None:
    story = Story(import_external="all")
    story.anna.create("g0", START, END)
    story.pulls()
    (born,) = story.sim.tasks()
    story.crm.read_whole_feed()
    story.crm.claim(TaskId(born.id), TaskId("t1"))
    story.crm.forget("anna", story.sim.of_user(story.tenant, "anna"))
    start_run(story.sim.world, story.tenant, kind="erase", user="anna", options={"events": "keep"})
    story.sim.runner.run_all()

    connection, _ = connect_anew(story.sim.world, story.sim.google, story.tenant, "anna", ANNA)
    story.sim.accounts[connection] = ANNA
    story.settle()

    assert [task.content.title for task in story.sim.tasks() if task.moved_to is None] == ["g0"]


def test_a_task_that_is_deleted_before_its_adopted_event_was_read_stays_deleted() -> None:
    story = Story()
    made = story.anna.create("g0", START, END)
    adopting(story, made["id"]).finish()

    story.crm.delete("t1")
    story.settle()

    assert story.task().deleted_at is not None


def test_a_task_whose_own_event_stands_is_not_asked_about_because_of_a_persons_copy_of_it() -> None:
    story = Story(import_external="all")
    made = story.anna.create("g0", START, END)
    story.pulls()
    (born,) = story.sim.tasks()
    start_run(story.sim.world, story.tenant, kind="disconnect", connection=story.connection, options={"events": "keep"})
    story.sim.runner.run_all()
    story.anna.create("g0", START, END)

    connection, _ = connect_anew(story.sim.world, story.sim.google, story.tenant, "anna", ANNA)
    story.sim.accounts[connection] = ANNA
    story.settle()

    assert story.task(born.id).sync.event_id == made["id"]
    assert len(living(story)) == 2


def test_an_adopted_event_that_was_deleted_in_another_calendar_before_it_was_read_ends_its_task_by_policy() -> None:
    story = Story(second=True)
    made = story.anna.create("g0", START, END)
    story.crm.adopt("t1", made["id"], title="a0", start=START, user_id="anna", calendar_id=story.second)
    story.anna.delete(made["id"])

    story.settle()

    assert (story.task().content.status, story.task().sync.error) == ("cancelled", None)


def test_an_adopted_event_that_no_calendar_has_ever_shown_is_an_error_that_says_what_to_do() -> None:
    story = Story(second=True)
    story.crm.adopt("t1", "no0such0event", title="a0", start=START, user_id="anna")

    story.sim.runner.settle()

    error = story.task().sync.error
    assert error is not None
    assert "send the task without event_id" in error.detail


def test_an_invitation_from_elsewhere_that_is_adopted_while_a_pull_imports_it_gets_no_second_task() -> None:
    story = Story(import_external="all")
    made = story.anna.create("g0", START, END, iCalUID="040000008200@outlook.example")
    pull = story.pulling().run_until("store.commit")
    adopting(story, made["id"]).finish()

    pull.finish()
    story.settle()

    assert living(story) == ["t1"]


def test_an_invitation_from_elsewhere_that_a_pull_imports_while_it_is_adopted_is_refused_to_the_crm() -> None:
    story = Story(import_external="all")
    made = story.anna.create("g0", START, END, iCalUID="040000008200@outlook.example")
    adoption = adopting(story, made["id"]).run_until("store.commit")
    story.pulls()

    refusal = adoption.finish()
    story.settle()

    assert isinstance(refusal, Conflicting)
    assert len(living(story)) == 1


@pytest.mark.parametrize("adopted_first", [True, False])
def test_a_later_half_that_is_adopted_while_a_pull_finds_it_has_one_task(adopted_first: bool) -> None:  # noqa: FBT001
    story = SplitStory()
    story.series()
    half = story.splits(3, summary="g0")
    adoption, pull = adopting(story, half, "t2"), story.pulling().run_until("store.commit")

    first, second = (adoption, pull) if adopted_first else (pull, adoption.run_until("store.commit"))
    first.finish()
    second.finish()
    story.settle()

    assert len(living(story)) == 2
    assert sorted(str(task.sync.event_id) for task in story.sim.tasks() if task.moved_to is None) == sorted(
        [str(story.task().sync.event_id), half]
    )


def test_an_invitation_whose_task_was_erased_is_imported_again() -> None:
    story = Story(import_external="all")
    story.anna.create("g0", START, END, iCalUID="040000008200@outlook.example")
    story.pulls()
    story.crm.forget("anna", story.sim.of_user(story.tenant, "anna"))
    start_run(story.sim.world, story.tenant, kind="erase", user="anna", options={"events": "keep"})
    story.sim.runner.run_all()

    connection, _ = connect_anew(story.sim.world, story.sim.google, story.tenant, "anna", ANNA)
    story.sim.accounts[connection] = ANNA
    story.settle()

    assert [task.content.title for task in story.sim.tasks() if task.moved_to is None] == ["g0"]


def test_an_event_that_is_about_to_go_with_its_deleted_task_is_given_to_no_other() -> None:
    story = Story(import_external="all")
    made = story.anna.create("g0", START, END)
    story.pulls()
    (born,) = story.sim.tasks()
    story.crm.read_whole_feed()
    story.crm.delete(born.id)
    story.later()
    story.anna.edit(made["id"], summary="g1")

    refusal = adopting(story, made["id"]).finish()
    story.settle()

    assert isinstance(refusal, Conflicting)
    assert story.titles(born.id) == ("g1", "g1")


def test_an_event_that_was_restored_and_adopted_stays_with_the_task_that_adopted_it_last() -> None:
    story = Story()
    made = story.anna.create("g0", START, END)
    adopting(story, made["id"], "t9").finish()
    story.settle()
    story.crm.delete("t9")
    story.settle()
    story.later()
    story.anna.restore(made["id"])

    adopting(story, made["id"]).finish()
    story.settle()

    assert story.task("t9").deleted_at is not None
    assert story.task().sync.event_id == made["id"]


def test_a_guests_copy_of_an_event_that_its_task_let_go_belongs_to_the_task_that_adopted_it() -> None:
    story = Story()
    story.sim.connect(story.tenant, "ben", BEN)
    story.crm.put("t1", title="a0", start=START, end=END, attendees=[{"email": BEN}])
    story.next_sync().finish()
    start_run(story.sim.world, story.tenant, kind="disconnect", connection=story.connection, options={"events": "keep"})
    story.sim.runner.run_all()
    (copy,) = story.sim.google.person(BEN).events()

    story.crm.adopt("t2", copy["id"], title="b0", start=START, user_id="ben", type="call")
    story.settle()

    assert story.task("t1").sync.event_id is None
    assert (story.task("t2").sync.connection, story.task("t2").sync.event_id) == ("c-ben", copy["id"])


def test_a_meeting_whose_guest_declined_before_it_was_seen_belongs_to_the_task_that_adopts_the_organizers_copy() -> (
    None
):
    story = Story(import_external="all")
    story.sim.connect(story.tenant, "ben", BEN)
    made = story.anna.create("g0", START, END, attendees=[{"email": BEN}])
    story.sim.pull(BEN, "c-ben")
    (born,) = story.sim.tasks()
    story.sim.google.person(BEN).delete(made["id"])
    story.sim.pull(BEN, "c-ben")

    story.crm.adopt("t1", made["id"], title="g0", start=START, location="a0", user_id="anna")
    story.settle()

    assert story.task(born.id).content.status == "cancelled"
    assert (story.task().sync.connection, story.event()["location"]) == (story.connection, "a0")


def test_a_color_that_the_crm_says_of_an_imported_event_is_sent_though_its_type_has_the_same() -> None:
    story = Story(import_external="all")
    story.anna.create("g0", START, END)
    story.settle()
    (task,) = story.sim.tasks()
    before = story.event(task.id).get("colorId")

    story.crm.put(task.id, color="#10B981")
    story.settle()

    assert (task.content.type, before, story.event(task.id)["colorId"]) == ("task", None, "10")
