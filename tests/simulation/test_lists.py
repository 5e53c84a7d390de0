"""Lists of Google Tasks in worlds of chance: the laws hold, and each guard is seen to matter."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest

from tests.simulation import guards_of_lists as guards
from tests.simulation.laws import LawBroken
from tests.simulation.laws_of_lists import broken
from tests.simulation.list_world import ListWorld

if TYPE_CHECKING:
    from collections.abc import Callable

SEEDS, STEPS = 40, 60


def played(seed: int) -> tuple[ListWorld, list[str]]:
    world = ListWorld(seed)
    try:
        world.play(STEPS, Random(seed))
    except LawBroken as fault:
        return world, [str(fault)]
    return world, broken(world)


@pytest.mark.parametrize("first", range(0, SEEDS, 10))
def test_a_list_and_its_tasks_agree_whatever_happens(first: int) -> None:
    for seed in range(first, first + 10):
        world, found = played(seed)

        assert found == [], "\n".join([f"seed {seed}", *world.told])


def test_much_happens_in_these_worlds() -> None:
    told = [line for seed in range(10) for line in played(seed)[0].told]

    happened = {line.partition(":")[0] for line in told if not line.endswith(": None")}
    assert happened == {
        "job_begins", "job_goes_on", "job_dies", "answer_is_lost", "all_run", "crm_writes", "crm_deletes",
        "person_edits", "person_ticks", "crm_changes_time", "person_deletes", "list_is_read",
    }  # fmt: skip


@pytest.mark.parametrize(
    "guard",
    [guards.the_list_is_not_searched, guards.intents_are_everybodys, guards.nothing_moves_by_its_time],
    ids=lambda guard: guard.__name__,
)
def test_without_the_guard_the_laws_are_broken(
    guard: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    guard(monkeypatch)

    assert any(played(seed)[1] for seed in range(SEEDS))
