"""A series whose later half a guest's calendar showed before the organizer's did; told as stories."""

import pytest

from tests.simulation.laws_of_splits import no_date_twice
from tests.simulation.sim import BEN
from tests.simulation.split_story import SplitStory

FIRST_DATES = ["2026-07-02", "2026-07-09", "2026-07-16"]


def split_as_a_guest_saw_first(rule: str, conflict: str) -> SplitStory:
    """The CRM has changed the rule, and Anna the dates from 23 July; Ben's calendar was pulled before hers."""
    story = SplitStory(conflict=conflict)
    story.series()
    story.sim.connect(story.tenant, "ben", BEN)
    story.edits(attendees=[{"email": BEN}])
    story.settle()
    assert list(story.task().sync.views) == ["c-ben"]
    story.crm.put("t1", recurrence=[rule])
    story.splits(3, description="g0")
    story.sim.pull(BEN, "c-ben")
    assert story.half().sync.connection == "c-ben"
    story.settle()
    return story


@pytest.mark.parametrize(
    ("rule", "first", "later"),
    [
        ("RRULE:FREQ=WEEKLY;COUNT=5", FIRST_DATES, ["2026-07-23", "2026-07-30"]),
        ("RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=4", ["2026-07-02", "2026-07-16"], ["2026-07-30", "2026-08-13"]),
    ],
)
def test_the_crms_rule_ends_where_the_later_half_begins_and_goes_on_there(
    rule: str, first: list[str], later: list[str]
) -> None:
    story = split_as_a_guest_saw_first(rule, "crm_wins")

    assert (story.dates_of(story.task()), story.dates_of(story.half())) == (first, later)


@pytest.mark.parametrize("conflict", ["crm_wins", "google_wins", "manual", "latest_wins"])
def test_no_date_is_in_both_halves(conflict: str) -> None:
    story = split_as_a_guest_saw_first("RRULE:FREQ=WEEKLY;COUNT=5", conflict)

    assert not {*story.dates_of(story.task())} & {*story.dates_of(story.half())}
    assert not list(no_date_twice(story.sim))
    assert story.half().content.description == "g0"


def test_googles_rule_goes_on_in_the_later_half_where_google_wins() -> None:
    story = split_as_a_guest_saw_first("RRULE:FREQ=WEEKLY;COUNT=5", "google_wins")

    assert story.dates_of(story.half()) == ["2026-07-23", "2026-07-30", "2026-08-06"]
