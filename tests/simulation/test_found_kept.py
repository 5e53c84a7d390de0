"""What the random walks found of events that an ended connection kept, and that are somebody's again."""

from __future__ import annotations

from typing import Any

import pytest

from shared.errors import Conflicting
from shared.model.content import Content
from shared.model.ids import EventId, TaskId, UserId
from shared.usecases.tasks.put_task import TaskWrite, put_tasks
from tests.simulation.sim import ANNA, BEN
from tests.simulation.split_story import SplitStory
from tests.simulation.story import END, START, Story
from tests.simulation.test_found_reconnecting import anew, ended


def imported(story: Story) -> tuple[str, str]:
    """The task that was made of an event of Anna's, and the event, which her first connection has let go since."""
    made = story.anna.create("g0", START, END)
    story.pulls()
    (born,) = story.sim.tasks()
    ended(story)
    story.settle()
    return born.id, made["id"]


@pytest.mark.parametrize("sent_first", [False, True])
def test_an_event_that_people_made_is_its_tasks_again_though_the_task_is_written_before_the_calendar_is_read(
    *, sent_first: bool
) -> None:
    story = Story(import_external="all")
    task, event = imported(story)
    anew(story)
    story.crm.put(task, notes="a1")
    if sent_first:
        story.next_sync(task).finish()

    story.settle()

    assert [each["id"] for each in story.anna.events()] == [event]
    assert story.task(task).sync.event_id == event


def test_an_event_that_is_made_when_its_task_has_its_own_again_goes() -> None:
    story = Story(import_external="all")
    task, event = imported(story)
    story.anna.delete(event)
    connection = anew(story)
    story.sim.pull(ANNA, connection)
    story.crm.put(task, notes="a1")
    late = story.next_sync(task).run_until("google.insert")
    story.anna.restore(event)
    story.sim.pull(ANNA, connection)
    late.finish()

    story.settle()

    assert [each["id"] for each in story.anna.events()] == [event]


def test_an_event_that_people_made_stays_theirs_though_its_task_is_deleted_while_the_connection_ends() -> None:
    story = Story(import_external="all")
    made = story.anna.create("g0", START, END)
    story.pulls()
    (born,) = story.sim.tasks()
    ended(story)
    story.crm.delete(born.id)
    anew(story)

    story.settle()

    assert [each["id"] for each in story.anna.events()] == [made["id"]]
    assert story.task(born.id).deleted_at is not None


def let_go_and_adopted(how: str) -> Story:
    """Ben's copy of Anna's meeting is another task's, since hers was let go; her account is connected anew."""
    story = Story()
    story.sim.connect(story.tenant, "ben", BEN)
    story.crm.put("t1", title="a0", start=START, end=END, attendees=[{"email": BEN}])
    story.next_sync().finish()
    if how == "cancelled":
        story.crm.put("t1", status="cancelled")
    ended(story)
    story.sim.runner.run_all()
    if how == "deleted":
        story.crm.delete("t1")
    (copy,) = story.sim.google.person(BEN).events()
    story.crm.adopt("t2", copy["id"], title="b0", start=START, user_id="ben")
    story.settle()
    anew(story)
    return story


def test_a_meeting_that_was_let_go_and_adopted_is_not_its_first_tasks_again_when_its_account_is_connected_anew() -> (
    None
):
    story = let_go_and_adopted("open")

    story.settle()

    first, second = story.task("t1").sync, story.task("t2").sync
    assert sorted(each["id"] for each in story.anna.events()) == sorted([str(first.event_id), str(second.event_id)])
    assert set(second.views) == {"c-ben"}


@pytest.mark.parametrize("how", ["cancelled", "deleted"])
def test_a_meeting_that_was_let_go_and_adopted_outlives_its_first_task(how: str) -> None:
    story = let_go_and_adopted(how)
    (event,) = story.anna.events()

    story.settle()

    assert [each["id"] for each in story.anna.events()] == [event["id"]]
    assert (story.task("t2").content.status, story.task("t2").sync.event_id) == ("open", event["id"])


def test_an_invitation_from_elsewhere_that_was_let_go_and_adopted_has_one_task_when_its_account_is_connected_anew() -> (
    None
):
    story = Story(import_external="all")
    made = story.anna.create("g0", START, END, iCalUID="040000008200@outlook.example", attendees=[{"email": BEN}])
    story.pulls()
    (born,) = story.sim.tasks()
    ended(story)
    story.settle()
    story.sim.connect(story.tenant, "ben", BEN, pull=False)
    story.crm.adopt("t2", made["id"], title="g0", start=START, user_id="ben")
    story.next_sync("t2").finish()
    anew(story)

    story.settle()

    assert story.task("t2").sync.event_id == made["id"]
    assert story.task(born.id).sync.event_id != made["id"]


def test_a_batch_that_writes_a_task_and_gives_the_event_it_had_let_go_to_another_is_refused_the_second() -> None:
    story = Story()
    story.sim.connect(story.tenant, "ben", BEN)
    story.crm.put("t1", title="a0", start=START, end=END, attendees=[{"email": BEN}])
    story.next_sync().finish()
    ended(story)
    story.sim.runner.run_all()
    event = story.sim.google.person(BEN).events()[0]["id"]
    new = Content(title="b0", start=START, user_id=UserId("ben"))
    writes = [
        TaskWrite(id=TaskId("t1"), content=Content(title="a1")),
        TaskWrite(id=TaskId("t2"), content=new, event_id=EventId(event)),
    ]

    first, second = put_tasks(story.sim.world, story.tenant, writes, now=story.sim.clock.now())

    assert first.error is None
    assert isinstance(second.error, Conflicting)


@pytest.mark.parametrize("first", ["t8", "t9"])
def test_an_event_that_was_restored_and_adopted_is_the_last_tasks_again_when_its_account_is_connected_anew(
    first: str,
) -> None:
    story = Story()
    made = story.anna.create("g0", START, END)
    story.crm.adopt(first, made["id"], title="g0", start=START)
    story.settle()
    story.crm.delete(first)
    story.settle()
    story.later()
    story.anna.restore(made["id"])
    story.crm.adopt("t1", made["id"], title="g0", start=START)
    story.settle()
    ended(story)
    story.settle()
    anew(story)

    story.settle()

    assert story.task("t1").sync.event_id == made["id"]


@pytest.mark.parametrize("task", ["t1", "t2"])
def test_the_halves_of_a_series_that_share_their_icaluid_are_each_their_own_tasks_again(task: str) -> None:
    story = SplitStory()
    story.google(split_uid="shared")
    first = story.series(task).sync.event_id
    story.later()
    later = story.anna.edit_following(story.address(3, task), summary="g0")["id"]
    story.settle()
    ended(story)
    story.settle()
    anew(story)

    story.settle()

    assert (story.task(task).sync.event_id, story.half().sync.event_id) == (first, later)


def test_an_event_that_a_second_connection_of_the_account_has_not_read_yet_is_its_tasks_again() -> None:
    story = Story(import_external="all")
    anew(story)
    story.settle()
    made = story.anna.create("g0", START, END)
    story.pulls()
    (born,) = story.sim.tasks()
    ended(story)
    story.sim.runner.take("run_step").finish()

    story.settle()

    assert story.task(born.id).sync.event_id == made["id"]
    assert [each["id"] for each in story.anna.events()] == [made["id"]]


@pytest.mark.parametrize("read_first", [False, True])
def test_an_event_that_was_kept_is_moved_where_its_task_is_to_go_when_its_account_is_connected_anew(
    *, read_first: bool
) -> None:
    story = Story()
    kept = story.synced().sync.event_id
    ended(story)
    story.sim.runner.run_all()
    connection = anew(story)
    story.crm.put("t1", calendar_id=story.second)
    if read_first:
        story.sim.pull(ANNA, connection)

    story.settle()

    assert story.anna.events() == []
    assert [each["id"] for each in story.anna.events(calendar=story.second)] == [kept]
    assert story.task().content.calendar_id == story.second


def deleted_and_restored(story: Story) -> str:
    """The event of t1, deleted with its connection; a person has brought it back."""
    event = str(story.task().sync.event_id)
    ended(story, events="delete")
    story.settle()
    story.later()
    story.anna.restore(event)
    return event


def test_an_event_that_was_deleted_with_its_connection_and_restored_keeps_no_written_task_waiting() -> None:
    story = Story()
    story.synced(location="Rome")
    story.crm.put("t1", title="a1")
    story.settle()
    restored = deleted_and_restored(story)
    anew(story)
    story.crm.put("t1", notes="a2")

    story.settle()

    (event,) = story.anna.events()
    assert event["id"] == story.task().sync.event_id != restored


@pytest.mark.parametrize("field", ["summary", "location", "description"])
def test_what_a_person_wrote_into_an_event_that_was_restored_stays_though_its_task_has_another(
    field: str,
) -> None:
    story = Story()
    story.synced()
    restored = deleted_and_restored(story)
    theirs: dict[str, Any] = {field: "g1"}
    story.anna.edit(restored, **theirs)
    anew(story)
    story.crm.put("t1", notes="a1")

    story.settle()

    assert {each["id"] for each in story.anna.events()} == {restored, story.task().sync.event_id}
    assert story.anna.get(restored)[field] == "g1"
