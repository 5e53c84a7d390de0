"""Explores many seeds and prints what breaks a law, with the fewest steps and the command that replays them."""

from __future__ import annotations

import argparse
import sys
import time

from tests.simulation.explore import explore, shrunk, steps_of


def main() -> int:
    """0 when every law held for every seed."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=200, help="how many")
    parser.add_argument("--first", type=int, default=0, help="the first of them")
    parser.add_argument("--steps", type=int, default=200, help="steps of each")
    parser.add_argument("--keep", help="replay only these steps: numbers, separated by commas")
    parser.add_argument("--failures", type=int, default=1, help="stop after so many")
    chosen = parser.parse_args()
    keep = [int(each) for each in chosen.keep.split(",")] if chosen.keep else None
    began, failures = time.perf_counter(), 0
    for seed in range(chosen.first, chosen.first + chosen.seeds):
        steps = steps_of(seed, chosen.steps)
        failure = explore(seed, steps, keep)
        if failure is None:
            continue
        failures += 1
        small = shrunk(failure, steps)
        kept = ",".join(str(number) for number in small.steps)
        print(f"seed {seed}: {small.law}")
        print("\n".join(f"  {line}" for line in small.told))
        print(f"  python -m tests.simulation --first {seed} --seeds 1 --steps {chosen.steps} --keep {kept}\n")
        if failures >= chosen.failures:
            break
    took = time.perf_counter() - began
    walked = seed - chosen.first + 1
    print(f"{walked} seeds, {failures} failures; {chosen.steps * walked / took:.0f} steps a second")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
