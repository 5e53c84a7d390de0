"""What the random walks found of series and their exceptions, told as stories: each went wrong once."""

from tests.simulation.series_story import SECOND, SeriesStory


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
