"""What the random walks found of series and their exceptions, told as stories: each went wrong once."""

from tests.simulation.series_story import SECOND, SeriesStory
from tests.simulation.split_story import SplitStory


def test_an_exception_without_what_a_person_wrote_into_the_generated_lines_of_its_series_is_left_as_it_is() -> None:
    story = SeriesStory(google={"exceptions_follow": "never"})
    story.crm.put("t1", deal="v1")
    story.edits_one(SECOND, summary="g1")
    story.settle()
    before = story.anna.get(story.id_of(SECOND))
    story.edits(description=story.event()["description"].replace("v1", "g2"))

    story.settle()

    assert "g2" in story.event()["description"]
    assert story.anna.get(story.id_of(SECOND))["description"] == before["description"]


def test_a_date_that_ended_with_the_first_half_takes_place_in_the_later_one_that_moved_there() -> None:
    story = SplitStory()
    story.series()
    story.crm.put("t1", start="2026-07-01T10:00:00", end=None)
    story.splits(3, description="g0")
    story.sim.runner.run_all()
    extra = f"{story.task().sync.event_id}_20260722T080000Z"
    story.anna.edit(extra, visibility="private")

    story.crm.put("t1", recurrence=None)
    story.settle()

    assert str(story.half().content.start).startswith("2026-07-22T10:00")
    shown = [each for each in story.anna.events() if each["id"] == extra]
    assert [each["recurringEventId"] for each in shown] == [story.half().sync.event_id]
