"""A rule that the CRM changed while a person split the series: which dates each half has then, told as stories."""

import pytest

from shared.usecases.feed import read_changes
from tests.simulation.split_story import RULE, SplitStory

EVERY_OTHER = "RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=5"
FIRST_DATES, LATER_DATES = ["2026-07-02", "2026-07-16"], ["2026-07-30", "2026-08-13", "2026-08-27"]
GOOGLES = ["2026-07-23", "2026-07-30", "2026-08-06"]


def split_under_a_new_rule(
    rule: str | None, *, job_first: bool = False, own: str = RULE, conflict: str = "manual"
) -> SplitStory:
    """The CRM has changed the rule, and a person the later half, from 23 July; nothing was sent in between."""
    story = SplitStory(conflict=conflict)
    story.series(recurrence=[own])
    story.crm.put("t1", recurrence=rule and [rule])
    story.splits(3, description="g0")
    if not job_first:
        story.pulls()
    story.settle()
    return story


def dates(story: SplitStory) -> tuple[list[str], list[str]]:
    """In Google, of the first half and of the later one."""
    return story.dates_of(story.task()), story.dates_of(story.half())


@pytest.mark.parametrize("job_first", [True, False])
def test_a_rule_that_leaves_out_the_cut_goes_on_in_the_later_half_with_its_next_date(*, job_first: bool) -> None:
    story = split_under_a_new_rule(EVERY_OTHER, job_first=job_first, conflict="crm_wins")

    assert dates(story) == (FIRST_DATES, LATER_DATES)
    half = story.half().content
    assert (half.start, half.description) == ("2026-07-30T10:00:00+02:00", "g0")


def test_a_rule_that_the_crm_wrote_between_the_news_of_both_halves_is_for_both() -> None:
    story = SplitStory()
    story.google(halves_told="later")
    story.series()
    story.splits(3, description="g0")
    story.pulls()

    story.crm.put("t1", recurrence=[EVERY_OTHER])
    story.settle()

    assert dates(story) == (FIRST_DATES, LATER_DATES)


@pytest.mark.parametrize("own", [RULE, "RRULE:FREQ=WEEKLY"])
def test_a_person_who_chooses_the_crms_rule_for_the_later_half_chooses_its_first_date_with_it(own: str) -> None:
    story = split_under_a_new_rule(EVERY_OTHER, own=own)

    assert sorted(story.half().sync.conflict) == ["recurrence", "time"]
    for task in ("t1", story.half().id):
        story.crm.settle(task, "crm")
    story.settle()
    assert dates(story) == (FIRST_DATES, LATER_DATES)


def test_a_person_who_chooses_googles_rule_for_the_later_half_has_the_dates_that_were_split() -> None:
    story = split_under_a_new_rule(EVERY_OTHER)

    for task in ("t1", story.half().id):
        story.crm.settle(task, "google")
    story.settle()

    assert dates(story) == (["2026-07-02", "2026-07-09", "2026-07-16"], GOOGLES)


@pytest.mark.parametrize("job_first", [True, False])
@pytest.mark.parametrize("rule", ["RRULE:FREQ=WEEKLY;COUNT=2", None])
def test_a_later_half_that_a_person_edited_outlives_a_rule_that_ends_before_it(
    rule: str | None, *, job_first: bool
) -> None:
    story = split_under_a_new_rule(rule, job_first=job_first, conflict="crm_wins")

    assert story.dates_of(story.half()) == GOOGLES
    assert story.half().content.recurrence == ("RRULE:FREQ=WEEKLY;COUNT=3",)


@pytest.mark.parametrize("conflict", ["crm_wins", "google_wins", "manual"])
def test_an_endless_later_half_stays_endless_though_the_crm_had_ended_the_series_before(conflict: str) -> None:
    story = split_under_a_new_rule("RRULE:FREQ=WEEKLY;COUNT=2", own="RRULE:FREQ=WEEKLY", conflict=conflict)

    assert story.half().content.recurrence == ("RRULE:FREQ=WEEKLY",)
    assert len(story.dates_of(story.half())) == 10


def test_the_crm_is_told_where_its_series_goes_on() -> None:
    story = split_under_a_new_rule(EVERY_OTHER, conflict="crm_wins")

    told = read_changes(story.sim.world, story.tenant, limit=100).changes
    made = [each.task for each in told if each.task_id == story.half().id and each.kind == "task.created"]
    assert [task["start"] for task in made if task] == ["2026-07-30T10:00:00+02:00"]


@pytest.mark.parametrize(
    ("rule", "first", "later"),
    [
        ("RRULE:FREQ=WEEKLY;COUNT=5", ["2026-07-02", "2026-07-09", "2026-07-16"], ["2026-07-24", "2026-07-31"]),
        (EVERY_OTHER, FIRST_DATES, ["2026-07-31", "2026-08-14", "2026-08-28"]),
    ],
)
def test_a_later_half_that_a_person_also_moved_stays_as_much_later_under_the_crms_rule(
    rule: str, first: list[str], later: list[str]
) -> None:
    story = SplitStory(conflict="crm_wins")
    story.series(recurrence=["RRULE:FREQ=WEEKLY"])
    story.crm.put("t1", recurrence=[rule])
    event = story.splits(3, description="g0")

    story.anna.edit(event, start="2026-07-24T10:00:00+02:00", end="2026-07-24T11:00:00+02:00")
    story.settle()

    assert dates(story) == (first, later)
