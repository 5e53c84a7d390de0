"""Traces 32 to 36: a person changes "this and following events", and the series becomes two tasks."""

from tests.simulation.split_story import SplitStory


def test_trace_32_an_edit_the_crm_had_not_sent_reaches_both_halves() -> None:
    story = SplitStory()
    story.series()
    story.crm.put("t1", title="c0")
    story.splits(3, location="g0")

    story.next_sync().finish()
    story.settle()

    half = story.half()
    assert story.titles() == ("c0", "c0")
    assert (half.content.title, story.shown(half)["summary"]) == ("c0", "c0")
    assert half.content.location == "g0"


def test_trace_33_an_occurrence_beyond_the_end_is_not_judged_before_the_later_half_is_known() -> None:
    story = SplitStory()
    story.google(halves_told="later")
    story.series()
    story.writes_one(4, title="c4")
    story.splits(3, location="g0")

    story.pulls()
    story.next_sync().finish()
    story.settle()

    assert story.title_of(4, story.half()) == "c4"
    assert story.shown_of(4)["summary"] == "c4"


def test_trace_34_an_occurrence_of_the_later_half_is_in_one_task_only() -> None:
    story = SplitStory()
    story.series()
    story.writes_one(4, title="c4")
    story.writes_one(1, title="c1")
    story.splits(3, location="g0")

    story.pulls()
    story.settle()

    assert (story.kept(story.task()), story.kept(story.half())) == ({1}, {4})
    assert story.shown_of(4)["summary"] == "c4"


def test_trace_35_a_later_edit_of_an_exception_with_the_old_name_is_the_later_halfs() -> None:
    story = SplitStory()
    story.series()
    story.edits_one(4, summary="g4")
    story.settle()
    story.splits(3, location="g0")
    story.settle()

    story.edits_one(4, summary="g5")
    story.settle()

    assert story.title_of(4, story.half()) == "g5"
    assert story.kept(story.task()) == set()


def test_trace_36_a_half_that_shares_the_uid_of_the_series_has_a_task() -> None:
    story = SplitStory()
    story.google(split_uid="shared")
    story.series()

    story.splits(3, summary="g0")
    story.settle()

    half = story.half()
    assert (half.split_from, half.content.title) == ("t1", "g0")
    assert story.titles() == ("a0", "a0")
    assert story.task().sync.views == {}
