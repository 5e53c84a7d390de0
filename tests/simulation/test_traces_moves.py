"""Traces 37 to 39: events that people move between the calendars of one account."""

from tests.simulation.sim import ANNA
from tests.simulation.story import Story


def test_trace_37_an_event_moved_by_a_person_is_not_judged_deleted() -> None:
    story = Story(second=True)
    story.synced(title="a0")
    story.crm.put("t1", title="c0")
    story.moves(story.second)

    story.next_sync().finish()
    story.settle()

    assert story.task().content.status == "open"
    assert story.titles() == ("c0", "c0")
    assert story.task().sync.calendar == story.second


def test_trace_37_a_pull_that_sees_only_the_old_calendar_judges_no_deletion() -> None:
    story = Story(second=True)
    story.synced(title="a0")
    story.moves(story.second)

    story.pulls(ANNA)
    story.settle()

    assert story.task().content.status == "open"
    assert story.task().content.calendar_id == story.second
    assert "task.cancelled" not in story.kinds()


def test_trace_38_an_event_that_comes_back_by_way_of_an_unwatched_calendar_is_ours() -> None:
    story = Story(second=True)
    story.synced(title="a0")
    unwatched = story.sim.google.add_calendar(ANNA, "Elsewhere").id
    story.moves(unwatched)
    story.moves(story.second, source=unwatched)

    story.pulls(story.second)
    story.pulls(ANNA)
    story.settle()

    assert story.task().content.status == "open"
    assert story.task().sync.calendar == story.second
    assert story.titles() == ("a0", "a0")


def test_trace_38_while_it_lies_in_an_unwatched_calendar_its_return_brings_it_back() -> None:
    story = Story(second=True)
    story.synced(title="a0")
    unwatched = story.sim.google.add_calendar(ANNA, "Elsewhere").id
    story.moves(unwatched)
    story.settle()
    story.moves(story.second, source=unwatched)

    story.settle()

    assert story.task().content.status == "open"
    assert story.task().sync.calendar == story.second


def test_trace_38_a_short_stay_in_an_unwatched_calendar_is_not_told_as_a_deletion() -> None:
    story = Story(second=True)
    story.synced(title="a0")
    unwatched = story.sim.google.add_calendar(ANNA, "Elsewhere").id
    story.moves(unwatched)
    story.pulls(ANNA)
    story.moves(story.second, source=unwatched)

    story.settle()

    assert "task.cancelled" not in story.kinds()
    assert story.task().sync.calendar == story.second


def test_trace_39_a_mapping_that_follows_a_move_does_not_point_at_what_was_deleted() -> None:
    story = Story(second=True)
    story.synced(title="a0")
    event_id = str(story.task().sync.event_id)
    story.moves(story.second)
    late = story.pulling(ANNA).run_past("google.get").run_past("google.get")
    story.anna.delete(event_id, calendar=story.second)
    story.pulls(story.second)

    late.finish()
    story.settle()

    assert story.task().content.status == "cancelled"
    assert story.event() == {}


def test_trace_39_a_move_by_the_crm_does_not_point_at_what_was_deleted_meanwhile() -> None:
    story = Story(second=True)
    story.synced(title="a0")
    event_id = str(story.task().sync.event_id)
    story.crm.put("t1", calendar_id=story.second)
    job = story.next_sync().run_past("google.move")
    story.later()
    story.anna.delete(event_id, calendar=story.second)
    story.pulls(story.second)

    job.finish()
    story.settle()

    assert story.task().content.status == "cancelled"
    assert story.event() == {}
