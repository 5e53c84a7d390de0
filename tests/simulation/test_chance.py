"""Some seeds of the random walks, every time; many more with `make simulate`."""

import pytest

from tests.simulation.chance import Chance, Step
from tests.simulation.explore import explore, shrunk, steps_of
from tests.simulation.laws import LawBroken

SEEDS, STEPS = 100, 100


@pytest.mark.parametrize("first", range(0, SEEDS, 10))
def test_b16_every_law_holds_when_the_weather_has_cleared(first: int) -> None:
    failures = [explore(seed, steps_of(seed, STEPS)) for seed in range(first, first + 10)]

    assert [each for each in failures if each is not None] == []


def test_b16_a_seed_tells_the_same_story_twice() -> None:
    told = []
    for _ in range(2):
        world = Chance(7)
        for step in steps_of(7, STEPS):
            world.take(step)
        told.append(world.told)

    assert told[0] == told[1]


def test_b16_a_failure_shrinks_to_the_steps_that_make_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.simulation.chance.Chance.end", _no_more_than_two_tasks)
    needed = [Step("crm_new", dice) for dice in (1, 2, 3, 4, 5, 6)]
    steps = [*needed[:3], *steps_of(7, 20), *needed[3:]]
    failure = explore(7, steps)
    assert failure is not None

    small = shrunk(failure, steps)

    assert 3 <= len(small.steps) < len(failure.steps)
    assert [leave for leave in small.steps if explore(7, steps, [each for each in small.steps if each != leave])] == []


def _no_more_than_two_tasks(world: Chance) -> None:
    if len(world.sim.tasks()) > 2:
        raise LawBroken("more than two tasks")
