"""First contact in the simulation: watch, token, import, export in that order, and what is lost in another one.

Many more seeds: `python -m tests.simulation --world contact --steps 150`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.simulation import guards_of_contact as guards
from tests.simulation.contact_world import ContactChance
from tests.simulation.explore import explore, steps_of
from tests.simulation.held_world import HeldChance

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.simulation.explore import Failure

SEEDS, STEPS, HELD = 60, 150, 30


def walked(seed: int) -> Failure | None:
    return explore(seed, steps_of(seed, STEPS, ContactChance), None, ContactChance)


@pytest.mark.parametrize("first", range(0, SEEDS, 10))
def test_a_first_contact_loses_and_doubles_nothing_whatever_happens_in_between(first: int) -> None:
    failures = [walked(seed) for seed in range(first, first + 10)]

    assert [each for each in failures if each is not None] == []


@pytest.mark.parametrize("first", range(0, HELD, 10))
def test_a_first_contact_that_waits_for_a_word_loses_and_doubles_nothing(first: int) -> None:
    failures = [explore(seed, steps_of(seed, STEPS, HeldChance), None, HeldChance) for seed in range(first, first + 10)]

    assert [each for each in failures if each is not None] == []


def test_held_connections_are_looked_at_and_started() -> None:
    world = HeldChance(0)
    for step in steps_of(0, STEPS, HeldChance):
        world.take(step)

    assert {"and hold", "preview", "start"} <= {
        word for word in ("and hold", "preview", "start") if any(word in each for each in world.told)
    }


def test_connecting_stands_at_its_calls_while_both_sides_go_on() -> None:
    world = ContactChance(3)
    for step in steps_of(3, STEPS, ContactChance):
        world.take(step)
    world.end()

    stood = {each.partition(": ")[2] for each in world.told if " before " in each or " after " in each}
    assert {"connect anna", "run_step", "renew_channels", "pull_calendar"} <= {
        each.partition(" before ")[0].partition(" after ")[0] for each in stood
    }


@pytest.mark.parametrize(
    ("guard", "seeds"),
    [
        (guards.the_calendar_is_watched_last, (128, 146)),
        (guards.the_token_comes_after_the_import, (19, 35, 39)),
        (guards.tasks_go_out_first, (68, 116)),
    ],
    ids=lambda each: getattr(each, "__name__", None),
)
def test_chance_finds_what_another_order_loses(
    guard: Callable[[pytest.MonkeyPatch], None], seeds: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [each for each in map(walked, seeds) if each is not None] == []
    guard(monkeypatch)

    without = [each for each in map(walked, seeds) if each is not None]

    assert any(each.law.startswith("LawBroken") for each in without)
