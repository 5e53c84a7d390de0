"""Which guards the random walks find missing: each is switched off, seeds are walked, and what goes wrong is kept.

`python -m tests.simulation.aim` writes `found_by_chance.json` anew, or only the guards that are named.
"""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from tests.simulation.chance import Step
from tests.simulation.explore import Failure, explore, shrunk, steps_of
from tests.simulation.test_guards import CASES

if TYPE_CHECKING:
    from collections.abc import Callable

KEPT = Path(__file__).with_name("found_by_chance.json")
STEPS = 200
TWICE = 2
"""So many findings are kept of each guard, so that a change of the product rarely outdates all of them."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """A walk that goes wrong without a guard, and not with it."""

    seed: int
    law: str
    steps: tuple[Step, ...]


def findings() -> dict[str, list[Finding]]:
    """What is kept, by the guard's name."""
    return msgspec.json.decode(KEPT.read_bytes(), type=dict[str, list[Finding]]) if KEPT.exists() else {}


def broken(finding: Finding) -> Failure | None:
    """What the walk breaks now."""
    return explore(finding.seed, finding.steps)


def sought(guard: Callable[[pytest.MonkeyPatch], None], seeds: range) -> list[Finding]:
    """Some walks that go wrong without the guard, each as short as it can be."""
    found: list[Finding] = []
    for seed in seeds:
        steps = steps_of(seed, STEPS)
        with pytest.MonkeyPatch.context() as patch:
            guard(patch)
            failure = explore(seed, steps)
            if failure is None or not failure.law.startswith("LawBroken"):
                continue
            small = shrunk(failure, steps, tries=250)
        finding = Finding(seed=seed, law=small.law, steps=tuple(steps[number] for number in small.steps))
        if broken(finding) is None:
            found.append(finding)
        if len(found) == TWICE:
            break
    return found


def main() -> int:
    """0 when every guard that was sought was found missing."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.aim", description=__doc__)
    parser.add_argument("guards", nargs="*", help="only these")
    parser.add_argument("--seeds", type=int, default=1000, help="how many at most, for each")
    parser.add_argument("--first", type=int, default=0, help="the first of them")
    chosen = parser.parse_args()
    seek = partial(sought, seeds=range(chosen.first, chosen.first + chosen.seeds))
    missed = 0
    for guard in dict.fromkeys(guard for guard, _ in CASES):
        if chosen.guards and guard.__name__ not in chosen.guards:
            continue
        found = seek(guard)
        told = ", ".join(f"seed {each.seed} by {len(each.steps)} steps" for each in found) or "not found"
        sys.stdout.write(f"{guard.__name__}: {told}\n")
        sys.stdout.flush()
        missed += not found
        if found:
            kept = findings() | {guard.__name__: found}
            KEPT.write_bytes(msgspec.json.format(msgspec.json.encode(dict(sorted(kept.items()))), indent=1) + b"\n")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
