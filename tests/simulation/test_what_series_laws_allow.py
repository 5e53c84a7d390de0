"""What looks like a loss in a series and is none: each is right by the rules, so that no law may tell it."""

from __future__ import annotations

import pytest
from msgspec import convert

from shared.model.content import Content
from shared.model.ids import TaskId
from shared.usecases.tasks.put_occurrence import put_occurrence
from shared.usecases.tenants import patch_tenant
from tests.simulation.laws import LawBroken
from tests.simulation.series_rules import ZONE
from tests.simulation.series_world import SeriesChance
from tests.simulation.sim import ANNA, BEN
from tests.simulation.story import END, START

SECOND, THIRD = "20260709T080000Z", "20260716T080000Z"


@pytest.fixture
def world() -> SeriesChance:
    """Anna's weekly series `s1`, in step; the CRM wins where both sides change a field."""
    world = SeriesChance(3)
    patch_tenant(world.sim.world, world.tenant, {"settings": {"conflict": "crm_wins"}})
    rule = ["RRULE:FREQ=WEEKLY;COUNT=6"]
    world.crm.put("s1", title="c0", start=START, end=END, time_zone=ZONE, recurrence=rule, user_id="anna")
    world.sim.settle()
    return world


def address(world: SeriesChance, start: str) -> str:
    return f"{world.sim.task('s1').sync.event_id}_{start}"


def crm_says(world: SeriesChance, start: str, location: str) -> None:
    content = convert({"location": location}, Content)
    put_occurrence(world.sim.world, world.tenant, TaskId("s1"), start, content, if_match=None)
    world.occurrences.by_crm("s1", start, {"location": location})


def google_says(world: SeriesChance, start: str, location: str) -> None:
    world.sim.clock.advance(1)
    world.people[ANNA].edit(address(world, start), location=location)
    world.occurrences.by_google(world.people[ANNA].get(address(world, start)), {"location": location})


def test_what_the_crm_said_of_a_date_before_all_of_its_series_was_edited_may_win_afterwards(
    world: SeriesChance,
) -> None:
    crm_says(world, SECOND, "c1")
    world.people[ANNA].edit_all(address(world, SECOND), summary="g0")
    world.occurrences.of_all([], {})
    google_says(world, SECOND, "g1")

    world.end()

    assert world.people[ANNA].get(address(world, SECOND))["location"] == "c1"


def test_a_word_of_which_only_other_dates_had_one_before_is_told_when_it_vanished(world: SeriesChance) -> None:
    crm_says(world, THIRD, "c1")
    world.people[ANNA].edit_all(address(world, SECOND), summary="g0")
    world.occurrences.of_all([], {})
    world.occurrences.by_google(world.people[ANNA].get(address(world, SECOND)), {"location": "g1"})

    with pytest.raises(LawBroken, match=rf"nothing shows what was said last of \('{SECOND}', 'location'\)"):
        world.end()


def test_a_date_that_two_halves_make_is_cancelled_in_one_of_them(world: SeriesChance) -> None:
    world.sim.clock.advance(1)
    world.people[ANNA].edit_following(address(world, SECOND), description="g0")
    world.sim.settle()
    world.crm.read_whole_feed()
    world.crm.put("s1", recurrence=["RRULE:FREQ=WEEKLY;COUNT=4"])
    world.sim.settle()

    world.people[ANNA].delete(address(world, THIRD))
    world.occurrences.gone(THIRD)

    world.end()


def test_a_guests_task_of_a_date_that_the_hosts_series_has_no_more_stands_beside_what_google_kept_there(
    world: SeriesChance,
) -> None:
    patch_tenant(world.sim.world, world.tenant, {"settings": {"import_external": "all"}})
    anna, date = world.people[ANNA], address(world, THIRD)
    anna.edit(date, attendees=[{"email": BEN}])
    anna.edit_following(date, description="g0")
    anna.edit_all(date, start="2026-07-16T11:00:00+02:00", end="2026-07-16T12:00:00+02:00")
    world.occurrences.forgive()
    world.sim.pull(BEN, "c-ben")

    world.end()

    assert [task.sync.calendar for task in world.sim.tasks() if task.sync.event_id == date] == [BEN]


def test_a_date_of_a_later_half_is_ours_though_the_first_half_never_had_a_task(world: SeriesChance) -> None:
    settings = {"import_external": "all", "on_google_delete": "recreate"}
    patch_tenant(world.sim.world, world.tenant, {"settings": settings})
    master = world.people[ANNA].create("g0", START, END, recurrence=["RRULE:FREQ=WEEKLY;COUNT=4"])["id"]
    world.people[ANNA].edit_following(f"{master}_{SECOND}", description="g1")
    world.people[ANNA].delete(master)
    world.sim.settle()
    world.sim.clock.advance(1)
    world.people[ANNA].delete(f"{master}_{THIRD}")

    world.end()

    assert world.people[ANNA].get(f"{master}_{THIRD}")["status"] == "confirmed"
