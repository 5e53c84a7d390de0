"""What the random walks found between two users at one meeting, and between a move and a lost answer."""

from typing import Any

import pytest

from infra.simulator.model import Fault
from shared.model.ids import CalendarId
from shared.model.task import Task
from shared.usecases.connecting.calendars import watch_calendar
from shared.usecases.runs.runs import start_run
from tests.simulation.sim import ANNA, BEN
from tests.simulation.story import END, START, Story

KEEP = {"events": "keep"}
GUEST: dict[str, Any] = {"attendees": [{"email": BEN}]}


def test_a_guests_copy_seen_before_our_insert_is_confirmed_is_no_task_of_its_own() -> None:
    story = Story(import_external="all")
    story.sim.connect(story.tenant, "ben", BEN)
    story.crm.put("t1", title="a0", start=START, end=END, **GUEST)
    story.next_sync().run_past("google.insert").die()

    story.sim.pull(BEN, "c-ben")
    story.settle()

    assert [each.id for each in story.sim.tasks()] == ["t1"]
    assert list(story.task().sync.views) == ["c-ben"]


def test_a_task_put_again_whose_move_was_not_answered_keeps_its_one_event() -> None:
    story = Story(second=True)
    before = story.synced(title="a0").sync.event_id
    story.crm.delete("t1")
    story.crm.put("t1", title="b0", start=START, end=END, calendar_id=story.second)
    story.sim.google.add_fault(Fault(effect="cut_after", method="POST", path="/move", count=1))
    story.next_sync().finish()

    story.pulls()
    story.settle()

    assert story.titles() == ("b0", "b0")
    assert story.task().sync.event_id == before


def test_an_event_restored_while_our_deletion_is_committed_is_not_left_living(story: Story) -> None:
    story.synced(title="a0")
    story.deletes()
    story.crm.delete("t1")
    job = story.next_sync().run_past("google.get")
    story.restores()
    story.pulls()

    job.finish()
    story.settle()

    assert story.anna.events() == []


def test_the_organizers_living_event_takes_its_task_back_from_a_copy_that_went() -> None:
    story = Story(import_external="all", on_google_delete="recreate")
    story.sim.connect(story.tenant, "ben", BEN)
    ben = story.sim.google.person(BEN)
    made = ben.create("g1", START, END, attendees=[{"email": ANNA}])
    story.pulls()
    story.sim.pull(BEN, "c-ben")
    (task,) = story.sim.tasks()
    story.later()
    ben.delete(made["id"])
    job = story.next_sync(task.id).run_past("google.get")
    ben.restore(made["id"])
    job.finish()
    story.later()
    ben.edit(made["id"], summary="g3")

    story.settle()

    assert story.titles(task.id) == ("g3", "g3")
    assert story.sim.task(task.id).sync.connection == "c-ben"


def test_a_task_that_ended_with_a_guests_copy_comes_back_with_its_own_event() -> None:
    story = Story()
    story.sim.connect(story.tenant, "ben", BEN)
    story.synced(title="a0", **GUEST)
    story.crm.put("t1", attendees=[])
    story.deletes()
    story.next_sync().finish()
    story.crm.delete("t1")
    story.anna.restore(str(story.task().sync.event_id))

    story.settle()

    assert story.task().deleted_at is None
    assert story.titles() == ("a0", "a0")
    assert story.task().sync.connection == "c-anna"


def test_a_task_that_is_deleted_before_the_organizers_copy_was_read_stays_deleted() -> None:
    story = Story(import_external="all")
    story.sim.connect(story.tenant, "ben", BEN)
    story.anna.create("g0", START, END, attendees=[{"email": BEN}])
    story.sim.pull(BEN, "c-ben")
    story.pulls()
    (born,) = story.sim.tasks()
    story.crm.read_whole_feed()

    story.crm.delete(born.id)
    story.settle()

    assert story.task(born.id).deleted_at is not None
    assert story.anna.events() == []


def test_what_a_private_event_says_is_not_emptied_by_a_list_that_may_only_read() -> None:
    story = Story(second=True, import_external="all")
    made = story.anna.create("g0", START, END, calendar=story.second)
    story.pulls(story.second)
    story.later()
    story.anna.edit(made["id"], calendar=story.second, visibility="private", location="g1")

    story.sim.google.share(story.second, ANNA, "reader")
    story.pulls(story.second)
    (task,) = story.sim.tasks()
    as_reader = task.content.title
    story.sim.google.share(story.second, ANNA, "owner")
    watch_calendar(story.sim.world, story.tenant, story.connection, CalendarId(story.second))
    story.settle()
    (task,) = story.sim.tasks()

    assert (as_reader, task.content.title, task.content.location) == ("g0", "g0", "g1")


def test_the_organizers_copy_takes_over_from_an_adopted_one_that_nobody_has_read() -> None:
    story = Story(second=True)
    story.sim.connect(story.tenant, "ben", BEN)
    made = story.sim.google.person(BEN).create("g0", START, END, attendees=[{"email": ANNA}])
    story.crm.adopt("t1", made["id"], title="g0", start=START, user_id="anna")
    story.crm.put("t1", calendar_id=story.second)

    story.sim.pull(BEN, "c-ben")
    story.settle()

    assert story.task().sync.connection == "c-ben"
    assert list(story.task().sync.views) == [story.connection]


def test_a_task_that_is_to_move_a_meeting_of_somebody_else_says_so_and_goes_on_once_it_is_to_stay() -> None:
    story = Story(second=True, import_external="all")
    story.sim.google.person(BEN).create("g0", START, END, attendees=[{"email": ANNA}])
    story.pulls()
    (task,) = story.sim.tasks()
    story.crm.read_whole_feed()

    story.crm.put(task.id, calendar_id=story.second)
    story.sim.runner.settle()
    refused = story.task(task.id).sync
    story.crm.put(task.id, calendar_id=ANNA)
    story.settle()

    assert (refused.state, refused.error and refused.error.code) == ("error", "not_organizer")
    assert story.titles(task.id) == ("g0", "g0")


def test_a_private_event_that_a_person_moved_where_it_may_only_be_read_keeps_what_its_task_says() -> None:
    story = Story(second=True)
    story.synced(title="a0")
    story.moves(story.second)
    event_id = str(story.task().sync.event_id)
    story.anna.edit(event_id, calendar=story.second, visibility="private", summary="g1")
    story.sim.google.share(story.second, ANNA, "reader")

    story.pulls()
    story.sim.runner.run_all()
    task = story.task()
    story.sim.google.share(story.second, ANNA, "owner")
    watch_calendar(story.sim.world, story.tenant, story.connection, CalendarId(story.second))
    story.settle()

    error = task.sync.error
    assert error is not None
    assert (task.content.title, error.code) == ("a0", "no_write_access")
    assert story.titles() == ("g1", "g1")


def test_what_a_calendar_that_may_only_be_read_withholds_by_now_stays_in_its_task_until_it_is_shown_again() -> None:
    story = Story(import_external="all", direction="from_google")
    ben = story.sim.google.person(BEN)
    story.sim.google.share(BEN, ANNA, "reader")
    story.sim.watch(BEN, story.connection, story.tenant)
    made = ben.create("g0", START, END)
    story.pulls(BEN)
    story.later()

    ben.edit(made["id"], visibility="private", summary="g1", start="2026-07-02T10:30:00+02:00")
    story.pulls(BEN)
    (withheld,) = story.sim.tasks()
    story.sim.google.share(BEN, ANNA, "writer")
    story.sim.google.expire_sync_tokens(BEN)
    story.pulls(BEN)
    (shown,) = story.sim.tasks()

    assert (withheld.content.title, withheld.content.start) == ("g0", "2026-07-02T10:30:00+02:00")
    assert shown.content.title == "g1"


@pytest.mark.parametrize("first", ["anna", "ben"])
def test_a_date_that_both_users_calendars_are_read_for_at_once_is_in_its_series_alone(first: str) -> None:
    story, _ = _asked_to_one_date()
    hers = story.pulling().run_until("store.commit")
    his = story.sim.pulling(BEN, "c-ben", story.tenant).run_until("store.commit")

    for job in (hers, his) if first == "anna" else (his, hers):
        job.finish()
    story.sim.runner.run_all()

    (series,) = _tasks(story)
    assert bool(series.content.recurrence)
    assert list(series.sync.views) == ["c-ben"]


def test_a_date_to_which_somebody_was_asked_while_its_series_was_taken_in_is_in_that_alone() -> None:
    story, master = _asked_to_one_date(asked=False)
    hers = story.pulling().run_past("google.list")
    story.later()
    story.anna.edit(f"{master}_20260709T080000Z", **GUEST)
    story.sim.pull(BEN, "c-ben")
    hers.finish()

    story.settle()

    (series,) = _tasks(story)
    assert bool(series.content.recurrence)
    assert list(series.sync.views) == ["c-ben"]


def test_the_copy_of_one_date_does_not_own_a_series_whose_own_user_has_left() -> None:
    story, master = _asked_to_one_date(asked=False)
    story.pulls()
    (before,) = story.sim.tasks()
    start_run(story.sim.world, story.tenant, kind="disconnect", connection=story.connection, options=KEEP)
    story.sim.runner.run_all()

    story.anna.edit(f"{master}_20260709T080000Z", **GUEST)
    story.sim.pull(BEN, "c-ben")
    story.sim.runner.run_all()

    (series,) = _tasks(story)
    assert series.content.recurrence == before.content.recurrence
    assert series.sync.event_id is None


def _asked_to_one_date(*, asked: bool = True) -> tuple[Story, str]:
    """Anna's series, to one date of which Ben is asked; both are users, and nothing of it was read yet. Its id."""
    story = Story(import_external="all")
    story.sim.connect(story.tenant, "ben", BEN)
    story.settle()
    made = story.anna.create("g0", START, END, recurrence=["RRULE:FREQ=WEEKLY;COUNT=4"])
    story.later()
    if asked:
        story.anna.edit(f"{made['id']}_20260709T080000Z", **GUEST)
    return story, str(made["id"])


def _tasks(story: Story) -> list[Task]:
    return [each for each in story.sim.tasks() if each.moved_to is None and each.deleted_at is None]


@pytest.mark.parametrize("edited", [False, True])
def test_an_event_that_was_restored_is_its_tasks_again_that_was_put_again_for_somebody_who_is_not_connected(
    *, edited: bool
) -> None:
    story = Story()
    event = str(story.synced().sync.event_id)
    story.crm.delete("t1")
    story.settle()
    story.crm.put("t1", title="b0", start=START, user_id="ben")
    story.restores()
    if edited:
        story.edits(location="g1")

    story.pulls()
    story.settle()

    (living,) = story.anna.events()
    assert (living["id"], living["summary"], living.get("location")) == (event, "b0", "g1" if edited else None)
    assert (story.task().sync.event_id, story.task().content.location or None) == (event, "g1" if edited else None)
