"""Conferences in the simulation: each law holds, and is broken without the guard that keeps it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from tests.simulation.chance import Chance
from tests.simulation.laws import LawBroken
from tests.simulation.sim import ANNA
from tests.simulation.story import END, START, Story

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from infra.simulator.person import Person
    from shared.google.events import Event
    from shared.model.task import Meet

OUT = "shared.usecases.outbound"


class World(Chance):
    """A world in which nothing has happened but one task of Anna's, in step with its event."""

    def __init__(self) -> None:
        super().__init__(3)
        self.puts(title=self.value("c", self.sites[0]), start=START, end=END, user_id="anna")
        self.end()

    @property
    def anna(self) -> Person:
        return self.people[ANNA]

    @property
    def event(self) -> dict[str, Any]:
        return self.sim.event("t1") or {}

    def puts(self, **fields: object) -> None:
        self.sites[0].crm.put("t1", **fields)
        self.ledger.now += 1
        self.ledger.by_crm(self.sites[0].tenant, "t1", fields)


def another_makers_conference_outlives_a_meet_that_is_asked_for() -> None:
    world = World()
    world.anna.add_zoom(world.event["id"])
    world.puts(conference="google_meet")

    world.end()

    assert "hangoutLink" not in world.event


def another_makers_conference_is_not_taken_off_with_the_meet_that_it_replaced() -> None:
    world = World()
    world.puts(conference="google_meet")
    world.end()
    world.anna.add_zoom(world.event["id"])
    world.end()
    world.puts(conference=None)

    world.end()

    assert world.event["conferenceData"]["conferenceSolution"]["key"]["type"] == "addOn"


def a_refused_meet_refuses_nothing_else() -> None:
    world = World()
    google = world.sim.google
    google.settings = replace(google.settings, conference="invalid")
    world.puts(conference="google_meet", location="Room 7")
    world.sim.runner.run_all()

    world.end()

    assert world.event["location"] == "Room 7"


def a_meet_that_a_person_removed_is_told_no_more() -> None:
    world = World()
    world.puts(conference="google_meet")
    world.end()
    world.anna.remove_meet(world.event["id"])

    world.end()

    assert "hangoutLink" not in world.event


def a_meet_that_takes_its_time_is_told_before_the_next_pull() -> None:
    story = Story()
    google = story.sim.google
    google.settings = replace(google.settings, conference="pending", conference_reads=3)
    story.crm.put("t1", title="a0", start=START, end=END, conference="google_meet")

    story.sim.runner.run_all()  # the queue alone: no schedule pulls

    meet = story.task().sync.meet
    assert meet is not None
    assert (meet.state, meet.url) == ("ready", story.event().get("hangoutLink"))


def every_conference_is_ours(patch: pytest.MonkeyPatch) -> None:
    """Nobody asks who made the conference."""
    patch.setattr("shared.sync.meeting.is_anothers", lambda known: False)
    patch.setattr(f"{OUT}.attempt.is_anothers", lambda known: False)
    patch.setattr(f"{OUT}.trying.request_for", lambda known, first: first)


def a_refusal_is_of_the_whole_write(patch: pytest.MonkeyPatch) -> None:
    """What Google refuses with a Meet is not tried without."""

    def written(write: Callable[[Mapping[str, object]], Any], body: Mapping[str, object]) -> tuple[Any, bool]:
        return write(body), False

    patch.setattr(f"{OUT}.attempt.written_even_without_meet", written)


def what_was_made_stays_made(patch: pytest.MonkeyPatch) -> None:
    """A Meet that the event no longer shows is still the task's."""

    def after(known: Meet | None, event: Event) -> Meet | None:
        del event
        return known

    for module in ("observe", "merged"):
        patch.setattr(f"shared.sync.{module}.meet_after", after)


def nobody_reads_again(patch: pytest.MonkeyPatch) -> None:
    """A Meet that is not ready at once is left to pulls."""
    for module in ("trying", "judging"):
        patch.setattr(f"{OUT}.{module}.next_read_s", lambda meet: None)


CASES: list[tuple[Callable[[], None], Callable[[pytest.MonkeyPatch], None], str]] = [
    (another_makers_conference_outlives_a_meet_that_is_asked_for, every_conference_is_ours, "another maker's"),
    (
        another_makers_conference_is_not_taken_off_with_the_meet_that_it_replaced,
        every_conference_is_ours,
        "another maker's",
    ),
    (a_refused_meet_refuses_nothing_else, a_refusal_is_of_the_whole_write, "shows an error"),
    (a_meet_that_a_person_removed_is_told_no_more, what_was_made_stays_made, "tells the Meet"),
]


@pytest.mark.parametrize(("told", "guard", "law"), CASES, ids=[told.__name__ for told, _, _ in CASES])
def test_the_law_of_a_conference_holds_and_not_without_its_guard(
    told: Callable[[], None], guard: Callable[[pytest.MonkeyPatch], None], law: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told()
    guard(monkeypatch)

    with pytest.raises(LawBroken, match=law):
        told()


def test_a_meet_that_takes_its_time_is_told_soon_and_only_at_a_pull_without_being_read_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    a_meet_that_takes_its_time_is_told_before_the_next_pull()
    nobody_reads_again(monkeypatch)

    with pytest.raises(AssertionError):
        a_meet_that_takes_its_time_is_told_before_the_next_pull()
