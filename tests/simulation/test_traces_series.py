"""Traces 23 to 31: a series and its occurrences are one, inherit, and are judged together."""

from msgspec import UNSET

from tests.simulation.series_story import FIRST, SECOND, THIRD, SeriesStory


def test_trace_23_an_exception_that_comes_before_its_renamed_series_goes_on_following_it() -> None:
    story = SeriesStory(google={"page_size_cap": 1})
    story.edits_one(THIRD, location="Rome")
    story.settle()
    story.edits(summary="g1")
    story.edits_one(THIRD, location="Oslo")
    story.settle()
    own = story.one(THIRD).occurrence.content

    story.crm.put("t1", title="c2")
    story.settle()

    assert (own.title, own.location) == (UNSET, "Oslo")
    assert story.titles_of(THIRD) == ("c2", "c2")


def test_trace_24_an_edit_of_an_occurrence_made_while_a_pull_judges_the_series_is_not_lost() -> None:
    story = SeriesStory()
    story.deletes()
    pull = story.pulling().run_until("store.commit")
    story.writes_one(SECOND, title="c1")

    pull.finish()
    story.settle()

    assert story.task().content.status == "open"
    assert story.titles_of(SECOND) == ("c1", "c1")


def test_trace_25_a_marker_copied_from_the_series_is_no_marker_of_an_occurrence() -> None:
    story = SeriesStory()
    story.edits_one(SECOND, location="Rome")
    story.settle()
    story.crm.put("t1", title="c0")
    story.next_sync().run_past("google.patch").die()
    story.edits_one(SECOND, summary="g1")

    story.settle()

    assert story.titles_of(SECOND) == ("g1", "g1")
    assert story.titles_of(FIRST) == ("c0", "c0")
    assert "task.conflict" not in story.kinds()


def test_trace_26_a_conflict_about_the_series_is_none_about_its_occurrences() -> None:
    story = SeriesStory()
    story.edits_one(THIRD, location="Rome")
    story.settle()
    story.crm.put("t1", title="c1")
    story.edits(summary="g1")

    story.settle()

    assert list(story.task().sync.conflict) == ["title"]
    assert not story.task().occurrences[THIRD].conflict


def test_trace_27_a_renamed_series_renames_exceptions_that_keep_their_own_copy() -> None:
    story = SeriesStory(google={"exceptions_follow": "never"})
    story.edits_one(THIRD, location="Rome")
    story.settle()

    story.edits(summary="g1")
    story.settle()

    assert story.titles_of(THIRD) == ("g1", "g1")


def test_trace_28_an_unseen_edit_of_an_occurrence_beats_the_deletion_of_its_series() -> None:
    story = SeriesStory()
    story.crm.delete("t1")
    story.edits_one(SECOND, summary="g1")

    story.settle()

    assert story.task().deleted_at is None
    assert story.titles_of(SECOND) == ("g1", "g1")


def test_trace_29_a_series_that_comes_back_has_all_its_occurrences() -> None:
    story = SeriesStory(google={"series_tombstones": True})
    story.edits_one(SECOND, location="Rome")
    story.settle()
    story.crm.put("t1", title="c1")
    story.deletes()
    story.pulls()

    story.settle()

    assert story.titles_of(SECOND) == ("c1", "c1")


def test_trace_30_an_unsent_edit_of_an_occurrence_brings_its_deleted_series_back() -> None:
    story = SeriesStory()
    story.deletes()
    story.writes_one(SECOND, title="c1")

    story.settle()

    assert story.titles_of(SECOND) == ("c1", "c1")


def test_trace_30_an_occurrence_that_was_cancelled_does_not_keep_a_series_from_being_deleted() -> None:
    story = SeriesStory()
    story.deletes_one(SECOND)
    story.crm.delete("t1")

    story.settle()

    assert story.task().deleted_at is not None
    assert story.event() == {}


def test_trace_31_the_next_generation_of_a_series_has_what_its_occurrences_had() -> None:
    story = SeriesStory()
    story.writes_one(SECOND, title="c1")
    story.settle()
    story.crm.put("t1", location="Rome")
    story.deletes()

    story.settle()

    assert story.task().sync.generation == 1
    assert story.titles_of(SECOND) == ("c1", "c1")


def test_what_a_person_wrote_into_a_cancelled_occurrence_is_seen_when_it_takes_place_again() -> None:
    story = SeriesStory()
    story.deletes_one(SECOND)
    story.edits_one(SECOND, location="Rome")
    story.writes_one(SECOND, title="c1")

    story.settle()

    assert story.titles_of(SECOND) == ("c1", "c1")
    assert story.one(SECOND).content.location == "Rome"


def test_an_exception_with_an_etag_of_its_own_is_still_written() -> None:
    story = SeriesStory(google={"exceptions_follow": "untold"})
    story.edits_one(SECOND, location="Rome")
    story.settle()
    story.edits(summary="g1")
    story.writes_one(SECOND, title="c1")

    story.settle()

    assert story.titles_of(SECOND) == ("c1", "c1")
    assert story.titles_of(THIRD) == ("g1", "g1")
