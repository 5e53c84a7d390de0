"""Some seeds of a world in which almost all repeats; many more: `--world series`, and `--world mixed`."""

import pytest

from tests.simulation.explore import explore, steps_of
from tests.simulation.mixed_world import MixedChance
from tests.simulation.series_world import SeriesChance

SEEDS, STEPS = 30, 60


@pytest.mark.parametrize("first", range(0, SEEDS, 10))
def test_every_occurrence_is_the_same_on_both_sides_when_the_weather_has_cleared(first: int) -> None:
    failures = [
        explore(seed, steps_of(seed, STEPS, SeriesChance), None, SeriesChance) for seed in range(first, first + 10)
    ]

    assert [each for each in failures if each is not None] == []


def test_series_stay_the_same_on_both_sides_when_people_calendars_and_connections_change_too() -> None:
    failures = [explore(seed, steps_of(seed, STEPS, MixedChance), None, MixedChance) for seed in range(10)]

    assert [each for each in failures if each is not None] == []


@pytest.mark.parametrize(
    "seed", [14, 34, 48, 52, 71, 111, 127, 202, 204, 214, 217, 218, 220, 233, 244, 259, 272, 362, 1049, 1060]
)
def test_seeds_that_once_broke_a_law_keep_it(seed: int) -> None:
    assert explore(seed, steps_of(seed, 70, SeriesChance), None, SeriesChance) is None
