"""What the random walks found of series and their exceptions, told as stories: each went wrong once."""

import msgspec
import pytest

from shared.usecases.tasks.occurrences import get_occurrence
from tests.simulation.series_story import SECOND, SeriesStory
from tests.simulation.sim import ANNA, BEN
from tests.simulation.split_story import RULE, SplitStory
from tests.simulation.story import END, START, Story


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


@pytest.mark.parametrize("habit", ["kept", "dropped", "tombstones"])
@pytest.mark.parametrize("job_first", [True, False])
@pytest.mark.parametrize(
    ("start", "edited", "of_half"),
    [("2026-06-30", "20260705T080000Z", True), ("2026-07-04", "20260707T080000Z", False)],
)
def test_an_edited_date_that_changes_halves_as_the_crm_moved_the_series_keeps_its_edit_on_both_sides(
    start: str, edited: str, habit: str, *, of_half: bool, job_first: bool
) -> None:
    story = SplitStory()
    story.google(moved_series=habit)
    master = story.series(recurrence=["RRULE:FREQ=DAILY;COUNT=8"]).sync.event_id
    story.anna.edit(f"{master}_{edited}", location="g0")
    story.settle()
    story.crm.put("t1", start=f"{start}T10:00:00", end=f"{start}T11:00:00")

    story.anna.edit_following(f"{master}_20260707T080000Z", description="g1")
    if job_first:
        story.sim.runner.run_all()
    story.settle()

    task = story.half() if of_half else story.task()
    shown = story.anna.get(f"{master}_{edited}")
    assert (shown["recurringEventId"], shown.get("location")) == (task.sync.event_id, "g0")
    assert get_occurrence(story.sim.world, story.tenant, task.id, edited).content.location == "g0"


def test_dates_of_a_series_that_stopped_to_repeat_and_repeats_again_are_plain_in_the_crm_as_in_google() -> None:
    story = SplitStory()
    story.series()
    story.edits_one(1, summary="g1")
    story.writes_one(2, title="c2")
    story.anna.delete(story.address(3))
    story.settle()

    story.edits(recurrence=None)
    story.edits(recurrence=[RULE])
    story.settle()

    assert [story.title_of(number, story.task()) for number in range(4)] == ["a0"] * 4
    assert not any(each.cancelled for each in story.task().occurrences.values())


def test_what_people_said_of_a_date_counts_when_the_organizers_copy_takes_the_series_over() -> None:
    story = Story(import_external="all", conflict="crm_wins")
    ben = story.sim.google.person(BEN)
    master = ben.create("g0", START, END, recurrence=["RRULE:FREQ=WEEKLY;COUNT=4"], attendees=[{"email": ANNA}])["id"]
    ben.edit(f"{master}_{SECOND}", summary="g1")
    story.pulls()
    story.later()
    ben.edit(f"{master}_{SECOND}", summary="g2")

    story.sim.connect(story.tenant, "ben", BEN, import_external="all")
    story.settle()

    (task,) = story.sim.tasks()
    assert get_occurrence(story.sim.world, story.tenant, task.id, SECOND).content.title == "g2"
    assert ben.get(f"{master}_{SECOND}")["summary"] == "g2"


def test_a_date_that_only_the_guests_copy_has_by_itself_is_the_series_own_when_the_organizers_copy_takes_over() -> None:
    story = Story(import_external="all")
    story.sim.google.settings = msgspec.structs.replace(story.sim.google.settings, exceptions_follow="never")
    ben = story.sim.google.person(BEN)
    master = ben.create("g0", START, END, recurrence=["RRULE:FREQ=WEEKLY;COUNT=4"], attendees=[{"email": ANNA}])["id"]
    story.anna.answer(f"{master}_{SECOND}", "tentative")
    ben.edit_all(master, summary="g1")
    story.pulls()

    story.sim.connect(story.tenant, "ben", BEN, import_external="all")
    story.settle()

    (task,) = story.sim.tasks()
    assert task.sync.connection == "c-ben"
    assert get_occurrence(story.sim.world, story.tenant, task.id, SECOND).content.title == "g1"
