"""Some seeds of a world in which jobs meet all the time; many more: `python -m tests.simulation --world dense`."""

import pytest

from tests.simulation.dense_world import DenseChance
from tests.simulation.explore import explore, steps_of

SEEDS, STEPS = 60, 120


@pytest.mark.parametrize("first", range(0, SEEDS, 10))
def test_every_law_holds_where_jobs_meet_all_the_time(first: int) -> None:
    failures = [
        explore(seed, steps_of(seed, STEPS, DenseChance), None, DenseChance) for seed in range(first, first + 10)
    ]

    assert [each for each in failures if each is not None] == []
