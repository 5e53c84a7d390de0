"""What the random walks found of series, and of what is agreed about them, told as stories: each went wrong once."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from shared.model.ids import TaskId
from shared.usecases.feed import read_changes
from shared.usecases.tasks.occurrences import get_occurrence
from tests.simulation.split_story import RULE, STARTS, ZONE, SplitStory
from tests.simulation.story import END, START, Story


def test_a_conflict_shows_what_both_sides_had_though_the_job_that_sent_it_died() -> None:
    story = Story()
    story.synced()
    story.crm.put("t1", title="c0")
    story.next_sync().run_past("google.patch").die()
    story.settle()
    story.crm.put("t1", title="c1")
    story.edits(summary="g1")

    story.settle()

    assert story.task().sync.conflict["title"].base == "c0"


def test_a_later_half_moves_as_the_crm_moved_its_series_though_the_job_that_made_it_died() -> None:
    story = SplitStory(conflict="crm_wins")
    story.crm.put("t1", title="a0", start=START, end=END, recurrence=[RULE], time_zone=ZONE)
    story.next_sync().run_past("google.insert").die()
    story.settle()
    story.crm.put("t1", start="2026-07-02T12:00:00+02:00", end="2026-07-02T13:00:00+02:00")

    story.splits(3, summary="g0")
    story.settle()

    assert story.half().content.start == "2026-07-23T12:00:00+02:00"
    assert story.shown(story.half())["start"]["dateTime"] == "2026-07-23T12:00:00+02:00"


def test_an_occurrence_whose_own_place_the_crm_takes_back_has_none_in_google() -> None:
    story = SplitStory()
    story.series()
    story.writes_one(1, location="c1")
    story.settle()

    story.writes_one(1, location=None)
    story.settle()

    assert "location" not in story.shown_of(1)


def test_what_google_kept_of_an_occurrence_counts_again_with_its_rule_though_tandem_wrote_it() -> None:
    story = SplitStory(conflict="google_wins")
    story.series()
    story.writes_one(1, location="c1")
    story.settle()
    story.crm.put("t1", recurrence=["RRULE:FREQ=MONTHLY;COUNT=2"])

    story.splits(4, summary="g0")
    story.settle()

    assert story.shown_of(1)["location"] == "c1"
    assert get_occurrence(story.sim.world, story.tenant, TaskId("t1"), STARTS[1]).content.location == "c1"


def test_an_unsent_edit_is_told_as_dropped_where_a_new_rule_meets_a_split_that_nobody_had_seen() -> None:
    story = SplitStory(conflict="crm_wins")
    story.series()
    story.splits(3, description="g0")
    story.writes_one(4, title="c1")

    story.crm.put("t1", recurrence=["RRULE:FREQ=WEEKLY;COUNT=2"])
    story.settle()

    assert story.title_of(4, story.half()) == "a0"
    told = read_changes(story.sim.world, story.tenant, limit=100).changes
    assert [(each.occurrence, each.changed) for each in told if each.occurrence] == [
        (STARTS[4], {"title": ("c1", None)})
    ]


@pytest.mark.parametrize("start", ["2026-07-01T10:00:00+02:00", "2026-07-03T12:00:00+02:00"])
def test_a_series_that_the_crm_moved_to_another_day_has_every_date_once_after_a_split(start: str) -> None:
    story = SplitStory()
    story.series(recurrence=["RRULE:FREQ=DAILY;COUNT=30"])
    story.crm.put("t1", start=start, end=None)

    story.splits(2, summary="g0")
    story.settle()

    dates = [date for task in (story.task(), story.half()) for date in story.dates_of(task)]
    first = datetime.fromisoformat(start).date()
    assert dates == [(first + timedelta(days=number)).isoformat() for number in range(30)]


@pytest.mark.parametrize("job_first", [True, False])
def test_a_longer_rule_that_wins_against_a_split_goes_on_in_the_later_half_alone(job_first: bool) -> None:  # noqa: FBT001
    story = SplitStory(conflict="crm_wins")
    story.series()
    story.crm.put("t1", recurrence=["RRULE:FREQ=WEEKLY;COUNT=8"])
    story.splits(3, description="g0")

    if not job_first:
        story.pulls()
    story.settle()

    assert story.task().content.recurrence == ("RRULE:FREQ=WEEKLY;UNTIL=20260722T215959Z",)
    assert story.half().content.recurrence == ("RRULE:FREQ=WEEKLY;COUNT=5",)
    dates = story.dates_of(story.task()) + story.dates_of(story.half())
    assert len(dates) == len(set(dates)) == 8


def test_a_person_chooses_only_for_the_later_half_which_rule_it_has() -> None:
    story = SplitStory()
    story.series()
    story.crm.put("t1", recurrence=["RRULE:FREQ=WEEKLY;COUNT=8"])
    story.splits(3, description="g0")

    story.settle()

    assert story.task().sync.state == "synced"
    assert list(story.half().sync.conflict) == ["recurrence"]
    story.crm.settle(story.half().id, "crm")
    story.settle()
    assert len(story.dates_of(story.task()) + story.dates_of(story.half())) == 8


def test_an_edit_sent_to_a_date_that_the_later_half_has_reaches_that_half() -> None:
    story = SplitStory(conflict="crm_wins")
    story.series()
    story.crm.put("t1", recurrence=["RRULE:FREQ=WEEKLY;COUNT=8"])
    story.splits(3, description="g0")
    story.writes_one(4, title="c1")

    story.sim.runner.run_all()
    story.settle()

    assert (story.title_of(4, story.half()), story.shown_of(4)["summary"]) == ("c1", "c1")


def test_a_series_that_is_split_twice_at_once_keeps_the_days_of_all_its_parts() -> None:
    story = SplitStory()
    story.series(recurrence=["RRULE:FREQ=DAILY;COUNT=30"])
    story.crm.put("t1", end="2026-07-02T10:30:00+02:00")
    master = story.task().sync.event_id
    for day in (5, 8):
        story.later()
        story.anna.edit_following(f"{master}_202607{day:02d}T080000Z", summary=f"g{day}")

    story.settle()

    begins = sorted(str(task.content.start)[:10] for task in story.sim.tasks())
    assert begins == ["2026-07-02", "2026-07-05", "2026-07-08"]


def test_a_rule_that_a_person_chooses_leaves_no_occurrence_that_it_does_not_make() -> None:
    story = SplitStory()
    story.series()
    story.writes_one(4, title="c1")
    story.settle()
    story.crm.put("t1", recurrence=["RRULE:FREQ=WEEKLY;COUNT=8"])
    story.edits(recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"])
    story.settle()
    story.writes_one(4, title="c2")

    story.crm.settle("t1", "google")

    assert story.task().occurrences == {}
    told = read_changes(story.sim.world, story.tenant, limit=100).changes
    assert [each.changed for each in told if each.occurrence] == [{"title": ("c2", None)}]


def test_a_later_half_keeps_its_rule_when_the_first_one_was_deleted_and_an_edit_brought_it_back() -> None:
    story = SplitStory()
    story.series()
    story.writes_one(1, title="c1")
    story.later()
    story.anna.delete_following(story.address(3))
    story.splits(2, summary="g0")
    story.later()
    story.anna.delete(str(story.task().sync.event_id))

    story.settle()

    assert story.half().content.recurrence == ("RRULE:FREQ=WEEKLY;UNTIL=20260722T215959Z",)
    assert story.dates_of(story.task()) == ["2026-07-02", "2026-07-09"]


def test_a_conflict_about_an_occurrence_stays_open_when_another_field_of_it_is_sent() -> None:
    story = SplitStory()
    story.series()
    story.writes_one(1, title="c1", location="c1")
    story.edits_one(1, location="g1")

    story.settle()
    story.edits(description="g2")
    story.settle()

    assert list(story.task().occurrences[STARTS[1]].conflict) == ["location"]
    assert (story.shown_of(1)["summary"], story.shown_of(1)["location"]) == ("c1", "g1")
