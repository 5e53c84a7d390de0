"""A person changes or deletes "this and following events" of a series, or all; the CRM has two tasks of it, or one."""

from shared.model.content import Content
from shared.model.ids import TaskId
from shared.usecases.tasks.put_occurrence import put_occurrence
from tests.simulation.sim import BEN
from tests.simulation.split_story import RULE, SplitStory

FIRST_THREE = ("RRULE:FREQ=WEEKLY;UNTIL=20260722T215959Z",)


def test_a_split_series_is_two_tasks_and_the_later_one_says_where_it_comes_from() -> None:
    story = SplitStory()
    story.series(notes="n0")

    event = story.splits(3, summary="g0")
    story.settle()

    half = story.half()
    assert (half.split_from, half.sync.event_id) == ("t1", event)
    assert (half.content.title, half.content.notes, half.content.start) == ("g0", "n0", "2026-07-23T10:00:00+02:00")
    assert (story.task().content.title, story.task().content.recurrence) == ("a0", FIRST_THREE)
    assert half.content.recurrence == ("RRULE:FREQ=WEEKLY;COUNT=3",)
    assert sorted(story.kinds()[-2:]) == ["task.created", "task.updated"]


def test_the_later_half_becomes_a_task_though_nothing_is_imported() -> None:
    story = SplitStory(import_external="off")
    story.series()

    story.splits(3, summary="g0")
    story.settle()

    assert story.half().created_in == "google"


def test_the_later_half_is_edited_from_both_sides_as_any_task() -> None:
    story = SplitStory()
    story.series()
    story.splits(3, summary="g0")
    story.settle()
    half = story.half()

    story.crm.put(half.id, location="c1")
    story.edits(half.id, description="g1")
    story.settle()

    shown = story.shown(half)
    assert (shown["location"], shown["description"]) == ("c1", "g1")
    assert story.half().content.description == "g1"


def test_a_second_split_comes_from_the_half_that_it_cuts() -> None:
    story = SplitStory()
    story.series()
    story.splits(2, summary="g0")
    story.settle()
    middle = story.half()

    story.splits(4, summary="g1")
    story.settle()

    last = next(task for task in story.sim.tasks() if task.split_from == middle.id)
    assert [story.task().content.title, story.task(middle.id).content.title, last.content.title] == ["a0", "g0", "g1"]
    assert story.task(middle.id).content.recurrence == ("RRULE:FREQ=WEEKLY;UNTIL=20260729T215959Z",)


def test_a_split_before_an_earlier_split_comes_from_the_first_half() -> None:
    story = SplitStory()
    story.series()
    story.splits(4, summary="g0")
    story.settle()
    last = story.half()

    story.splits(2, summary="g1")
    story.settle()

    middle = next(task for task in story.sim.tasks() if task.split_from == "t1" and task.id != last.id)
    assert middle.content.title == "g1"
    assert story.task(last.id).content.title == "g0"


def test_a_half_that_was_also_moved_is_a_task_that_says_where_it_comes_from() -> None:
    story = SplitStory()
    story.series(notes="n0")

    event = story.splits(3, start="2026-07-23T15:00:00+02:00", end="2026-07-23T16:00:00+02:00")
    story.settle()

    half = story.half()
    assert "_" not in event
    assert (half.split_from, half.sync.event_id, half.content.notes) == ("t1", event, "n0")
    assert half.content.start == "2026-07-23T15:00:00+02:00"
    assert story.task().content.recurrence == FIRST_THREE


def test_a_copy_that_a_person_made_of_a_series_is_no_half_of_it() -> None:
    story = SplitStory(import_external="off")
    story.series()
    kept = {name: story.event()[name] for name in ("extendedProperties", "recurrence", "start", "end")}

    story.anna.create("copy", **kept)
    story.settle()

    assert [task.id for task in story.sim.tasks()] == ["t1"]


def test_a_crm_edit_of_the_time_moves_both_halves_alike() -> None:
    story = SplitStory()
    story.series()
    story.crm.put("t1", start="2026-07-02T12:00:00+02:00", end="2026-07-02T12:30:00+02:00")

    story.splits(3, summary="g0")
    story.pulls()
    story.settle()

    half = story.shown(story.half())
    assert story.event()["start"]["dateTime"] == "2026-07-02T12:00:00+02:00"
    assert half["start"]["dateTime"] == "2026-07-23T12:00:00+02:00"
    assert half["end"]["dateTime"] == "2026-07-23T12:30:00+02:00"


def test_a_conflict_stands_in_both_halves() -> None:
    story = SplitStory()
    story.series()
    story.crm.put("t1", title="c0")
    story.edits(summary="g0")
    story.pulls()

    story.splits(3, location="g1")
    story.settle()

    assert story.task().sync.conflict.keys() == story.half().sync.conflict.keys() == {"title"}


def test_a_series_ended_by_a_person_ends_in_the_crm_and_nothing_follows() -> None:
    story = SplitStory()
    story.series()

    story.later()
    story.anna.delete_following(story.address(3))
    story.settle()

    assert [task.id for task in story.sim.tasks()] == ["t1"]
    assert (story.task().content.recurrence, story.task().cut) == (FIRST_THREE, None)
    assert story.task().sync.state == "synced"


def test_a_series_changed_as_a_whole_after_a_split_changes_both_tasks() -> None:
    story = SplitStory()
    story.series()
    story.splits(3, location="g0")
    story.settle()

    story.later()
    story.anna.edit_all(story.address(4), summary="g1")
    story.settle()

    assert (story.task().content.title, story.half().content.title) == ("g1", "g1")


def test_a_series_deleted_as_a_whole_after_a_split_cancels_both_tasks() -> None:
    story = SplitStory()
    story.series()
    story.splits(3, location="g0")
    story.settle()

    story.later()
    story.anna.delete_all(story.address(4))
    story.settle()

    assert (story.task().content.status, story.half().content.status) == ("cancelled", "cancelled")


def test_a_half_deleted_by_the_crm_leaves_the_other() -> None:
    story = SplitStory()
    story.series()
    story.splits(3, location="g0")
    story.settle()
    half = story.half()

    story.crm.delete(half.id)
    story.settle()

    assert story.sim.event(half.id) is None
    assert story.event()["recurrence"] == [*FIRST_THREE]


def test_a_series_deleted_by_the_crm_while_a_person_splits_it_lives_on_in_its_later_half() -> None:
    story = SplitStory()
    story.series()
    story.crm.delete("t1")

    story.splits(3, summary="g0")
    story.settle()

    assert story.half().content.title == "g0"
    assert story.shown(story.half())["status"] == "confirmed"


def test_a_series_moved_to_another_weekday_keeps_its_task_and_event() -> None:
    story = SplitStory()
    before = story.series(recurrence=["RRULE:FREQ=WEEKLY;BYDAY=TH;COUNT=6"])

    story.later()
    story.anna.edit_all(story.address(1), start="2026-07-10T10:00:00+02:00", end="2026-07-10T11:00:00+02:00")
    story.settle()

    after = story.task()
    assert after.content.start == "2026-07-03T10:00:00+02:00"
    assert after.content.recurrence == ("RRULE:FREQ=WEEKLY;COUNT=6;BYDAY=FR",)
    assert (after.sync.event_id, after.sync.generation) == (before.sync.event_id, before.sync.generation)


def test_a_single_event_becomes_a_series_and_single_again_as_the_same_task() -> None:
    story = SplitStory()
    before = story.synced()

    story.edits(recurrence=[RULE])
    story.settle()
    series = story.task()
    story.edits(recurrence=None)
    story.settle()

    assert series.content.recurrence == (RULE,)
    after = story.task()
    assert not after.content.recurrence
    assert (after.sync.event_id, after.sync.ical_uid) == (before.sync.event_id, before.sync.ical_uid)
    assert after.sync.generation == before.sync.generation


def test_occurrences_wait_while_a_person_has_to_choose_when_the_series_takes_place() -> None:
    story = SplitStory()
    story.series()
    story.crm.put("t1", start="2026-07-02T12:00:00+02:00", end="2026-07-02T13:00:00+02:00")
    story.later()
    story.anna.edit_all(story.address(1), start="2026-07-09T15:00:00+02:00", end="2026-07-09T16:00:00+02:00")
    story.pulls()
    starts = "20260709T100000Z"
    put_occurrence(story.sim.world, story.tenant, TaskId("t1"), starts, Content(title="c1"), if_match=None)

    story.settle()

    assert (story.task().sync.state, story.task().sync.error) == ("conflict", None)
    story.crm.settle("t1", "crm")
    story.settle()
    shown = story.anna.get(f"{story.task().sync.event_id}_{starts}")
    assert (shown["summary"], story.task().sync.state) == ("c1", "synced")


def test_a_date_of_the_later_half_that_its_guests_calendar_showed_first_is_in_that_half_alone() -> None:
    story = SplitStory(import_external="all")
    story.sim.connect(story.tenant, "ben", BEN)
    story.series()
    story.splits(3, summary="g0")
    story.edits_one(4, attendees=[{"email": BEN}])
    story.sim.pull(BEN, "c-ben")
    before = [task.id for task in story.sim.tasks()]

    story.pulls()

    assert len(before) == 2
    assert sorted(task.id for task in story.sim.tasks() if task.moved_to is None) == sorted(["t1", story.half().id])
    assert list(story.half().sync.views) == ["c-ben"]
