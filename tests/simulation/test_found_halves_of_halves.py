"""A later half that a person split again, or that ended, before anybody had read of it; told as stories."""

import pytest

from shared.model.task import Task
from tests.simulation.split_story import SplitStory

DAILY = "RRULE:FREQ=DAILY;COUNT=20"


def splits_at(story: SplitStory, event_id: str, day: int, hour: int | None) -> str:
    """Anna changes a series from one day on, its title, or its time when an hour is given; the later half's event."""
    story.later()
    (first,) = [
        each["id"]
        for each in story.anna.events()
        if each.get("recurringEventId") == event_id and each["start"]["dateTime"].startswith(f"2026-07-{day:02d}")
    ]
    if hour is None:
        return str(story.anna.edit_following(first, summary=f"g{day}")["id"])
    start, end = (f"2026-07-{day:02d}T{at}:00:00+02:00" for at in (hour, hour + 1))
    return str(story.anna.edit_following(first, start=start, end=end)["id"])


def in_order(story: SplitStory) -> list[Task]:
    """The tasks by when they begin."""
    return sorted(story.sim.tasks(), key=lambda task: str(task.content.start))


@pytest.mark.parametrize("seen_between", [True, False])
@pytest.mark.parametrize("second", [None, 17])
@pytest.mark.parametrize("first", [None, 15])
def test_a_later_half_that_is_split_again_gives_a_task_of_its_own_to_its_own_later_half(
    first: int | None, second: int | None, *, seen_between: bool
) -> None:
    story = SplitStory(import_external="off")
    story.series(recurrence=[DAILY], notes="n0")

    middle = splits_at(story, str(story.task().sync.event_id), 6, first)
    if seen_between:
        story.settle()
    last = splits_at(story, middle, 12, second)
    story.settle()

    tasks = in_order(story)
    assert [task.sync.event_id for task in tasks] == [story.task().sync.event_id, middle, last]
    assert [task.split_from for task in tasks] == [None, "t1", tasks[1].id]
    assert [task.content.notes for task in tasks] == ["n0"] * 3
    assert [len(story.dates_of(task)) for task in tasks] == [4, 6, 10]


def test_what_the_crm_had_not_sent_reaches_the_half_of_a_half() -> None:
    story = SplitStory(import_external="off")
    story.series(recurrence=[DAILY])
    story.crm.put("t1", location="c1")

    splits_at(story, splits_at(story, str(story.task().sync.event_id), 6, 15), 12, 17)
    story.pulls()
    story.settle()

    assert [story.shown(task).get("location") for task in in_order(story)] == ["c1"] * 3


def test_a_later_half_whose_end_a_faster_pull_has_seen_ends_in_the_crm_too() -> None:
    story = SplitStory()
    story.series()
    event = story.splits(3, summary="g0")
    slow = story.pulling().run_past("google.list")
    story.later()
    story.anna.delete(event)
    story.pulls()

    slow.finish()
    story.settle()

    assert story.half().content.status == "cancelled"
