"""Explores many seeds and prints what breaks a law, with the fewest steps and the command that replays them."""

from __future__ import annotations

import argparse
import sys
import time

from tests.simulation.calm_world import CalmChance
from tests.simulation.chance import Chance
from tests.simulation.contact_world import ContactChance
from tests.simulation.dense_world import DenseChance
from tests.simulation.explore import explore, shrunk, steps_of
from tests.simulation.held_world import HeldChance
from tests.simulation.mixed_world import MixedChance
from tests.simulation.series_world import SeriesChance

WORLDS: dict[str, type[Chance]] = {
    "dense": DenseChance,
    "all": Chance,
    "calm": CalmChance,
    "contact": ContactChance,
    "held": HeldChance,
    "series": SeriesChance,
    "mixed": MixedChance,
}


def main() -> int:
    """0 when every law held for every seed that was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=200, help="how many")
    parser.add_argument("--first", type=int, default=0, help="the first of them")
    parser.add_argument("--steps", type=int, default=200, help="steps of each")
    parser.add_argument("--world", choices=WORLDS, default="all", help="what may happen in it")
    parser.add_argument("--keep", help="replay only these steps: numbers, separated by commas")
    parser.add_argument("--failures", type=int, default=1, help="stop after so many")
    chosen = parser.parse_args()
    keep = [int(each) for each in chosen.keep.split(",")] if chosen.keep else None
    began, walked, failures = time.perf_counter(), 0, 0
    try:
        for seed in range(chosen.first, chosen.first + chosen.seeds):
            failures += not _holds(seed, chosen.steps, keep, chosen.world)
            walked += 1
            if failures >= chosen.failures:
                break
    except KeyboardInterrupt:
        print("stopped before all seeds were walked")
    took = time.perf_counter() - began
    print(f"{walked} seeds, {failures} failures; {chosen.steps * walked / took:.0f} steps a second")
    return 1 if failures or walked < chosen.seeds else 0


def _holds(seed: int, count: int, keep: list[int] | None, world: str) -> bool:
    """Whether the seed keeps every law; what it breaks is printed, with the command that replays it."""
    kind = WORLDS[world]
    steps = steps_of(seed, count, kind)
    failure = explore(seed, steps, keep, kind)
    if failure is None:
        return True
    small = shrunk(failure, steps, kind=kind)
    kept = ",".join(str(number) for number in small.steps)
    print(f"seed {seed}: {small.law}")
    print("\n".join(f"  {line}" for line in small.told))
    again = f"python -m tests.simulation --world {world}"
    print(f"  {again} --first {seed} --seeds 1 --steps {count} --keep {kept}\n")
    return False


if __name__ == "__main__":
    sys.exit(main())
