"""A world that comes to rest now and then: the laws hold, and everything that may happen does.

Many more seeds: `make simulate WORLD=calm`.
"""

import pytest

from tests.simulation.calm_world import CalmChance
from tests.simulation.explore import explore, steps_of

SEEDS, STEPS = 40, 200
ENOUGH = 200
"""Seeds in which everything that may happen does; the rarest, a review of what the brake holds, in one of fifty."""


@pytest.mark.parametrize("first", range(0, SEEDS, 10))
def test_every_law_holds_where_tasks_come_into_step_between(first: int) -> None:
    failures = [explore(seed, steps_of(seed, STEPS, CalmChance), None, CalmChance) for seed in range(first, first + 10)]

    assert [each for each in failures if each is not None] == []


def test_all_that_may_happen_does() -> None:
    happened: set[str] = set()
    for seed in range(ENOUGH):
        world = CalmChance(seed)
        for step in steps_of(seed, STEPS, CalmChance):
            world.take(step)
            told = world.told[-1].partition(": ")[2]
            if told != "nothing to do" and not told.startswith("refused"):
                happened.add(step.action)
        if happened == CalmChance.actions.keys():
            break

    assert CalmChance.actions.keys() - happened == set()
