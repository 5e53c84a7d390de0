"""What the random walks found where a job dies that wrote to a series, and a person splits it; told as stories."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulation.split_story import SplitStory

LATER: dict[str, Any] = {"start": "2026-07-23T15:00:00+02:00", "end": "2026-07-23T16:00:00+02:00"}
LATEST: dict[str, Any] = {"start": "2026-07-30T15:00:00+02:00", "end": "2026-07-30T16:00:00+02:00"}


@pytest.mark.parametrize("edit", [{"summary": "g0"}, LATER], ids=["renamed", "at another time"])
def test_what_was_sent_to_the_first_half_alone_reaches_the_later_one_though_the_job_died(edit: dict[str, str]) -> None:
    story = SplitStory()
    story.series()
    story.crm.put("t1", location="c1")
    story.splits(3, **edit)

    story.next_sync().run_until("store.commit").die()
    story.settle()

    half = story.half()
    assert story.event()["location"] == "c1"
    assert (half.content.location, story.shown(half).get("location")) == ("c1", "c1")


@pytest.mark.parametrize("edit", [{"summary": "g0"}, LATER], ids=["renamed", "at another time"])
@pytest.mark.parametrize("deleted", [False, True])
def test_what_was_sent_before_the_split_and_taken_back_is_in_neither_half_though_the_job_died(
    edit: dict[str, str], *, deleted: bool
) -> None:
    story = SplitStory()
    story.series()
    story.crm.put("t1", location="c1")
    story.next_sync().run_until("store.commit").die()
    story.crm.put("t1", location=None)

    story.splits(3, **edit)
    if deleted:
        story.crm.delete("t1")
    story.settle()

    half = story.half()
    assert (half.content.location, story.shown(half).get("location")) == (None, None)
    assert story.event().get("location") is None


@pytest.mark.parametrize(("edit", "begins"), [({"summary": "g0"}, "12:00"), (LATER, "15:00")], ids=["renamed", "moved"])
@pytest.mark.parametrize("cut_first", [False, True])
def test_a_later_half_is_not_moved_again_by_what_was_sent_before_the_split_though_the_job_died(
    edit: dict[str, Any], begins: str, *, cut_first: bool
) -> None:
    story = SplitStory()
    story.series()
    story.crm.put("t1", start="2026-07-02T12:00:00+02:00", end="2026-07-02T13:00:00+02:00")
    story.next_sync().run_past("google.patch").die()

    story.later()
    story.anna.edit_following(f"{story.task().sync.event_id}_20260723T100000Z", **edit)
    if cut_first:
        story.next_sync().finish()
    else:
        story.pulls()
    story.settle()

    half = story.half()
    assert (str(half.content.start)[11:16], story.shown(half)["start"]["dateTime"][11:16]) == (begins, begins)


def test_a_second_later_half_has_what_was_sent_after_the_first_split_though_the_job_died() -> None:
    story = SplitStory()
    story.series()
    story.crm.put("t1", title="c0")
    story.splits(4, **LATEST)
    story.next_sync().finish()
    story.crm.put("t1", location="c1")
    story.next_sync().run_past("google.patch").die()
    story.crm.put("t1", recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"])

    story.splits(2, description="g0")
    story.settle()

    halves = sorted((each for each in story.sim.tasks() if each.split_from), key=lambda half: str(half.content.start))
    assert [half.content.location for half in halves] == [story.shown(half).get("location") for half in halves]
    assert halves[0].content.location == "c1"
