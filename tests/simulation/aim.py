"""Which guards the random walks find missing: they are switched off, seeds are walked, and what goes wrong is kept.

`python -m tests.simulation.aim` looks for the guards that nothing is kept of yet, or for those that are named, and adds
to `found_by_chance.json`. Several are off in one walk, so that all of them meet the same seeds in the time that there
is; a walk that goes wrong is walked again with each alone. Start at `main`.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import msgspec
import pytest

from tests.simulation import guards_of_calendars, guards_of_series, guards_of_splits
from tests.simulation.chance import Chance, Step
from tests.simulation.contact_world import ContactChance
from tests.simulation.dense_world import DenseChance
from tests.simulation.explore import Failure, explore, shrunk, steps_of
from tests.simulation.series_world import SeriesChance
from tests.simulation.test_guards import CASES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    Guard = Callable[[pytest.MonkeyPatch], None]

KEPT = Path(__file__).with_name("found_by_chance.json")
WORLDS: dict[str, tuple[type[Chance], int]] = {
    "all": (Chance, 200),
    "contact": (ContactChance, 150),
    "dense": (DenseChance, 120),
    "series": (SeriesChance, 70),
}
"""The kinds of world, and how many steps are walked in each."""
OF_TIME = frozenset({guards_of_calendars.no_pull_after_the_watch, guards_of_calendars.no_guard_for_slow_clocks})
"""Without these a change is seen too late, which only a world shows that is judged before its schedules wake."""
OF_SERIES = frozenset({guards_of_series.__name__, guards_of_splits.__name__})
AT_ONCE = 8
SHRINKING = 150


class Finding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A walk that goes wrong without a guard, and not with it."""

    seed: int
    law: str
    steps: tuple[Step, ...]
    world: str = "all"


def findings() -> dict[str, list[Finding]]:
    """What is kept, by the guard's name."""
    return msgspec.json.decode(KEPT.read_bytes(), type=dict[str, list[Finding]]) if KEPT.exists() else {}


def broken(finding: Finding) -> Failure | None:
    """What the walk breaks now."""
    return explore(finding.seed, finding.steps, None, WORLDS[finding.world][0])


def sought(guards: Sequence[Guard], world: str, seed: int) -> Iterator[tuple[Guard, Finding]]:
    """Of these guards, each whose absence this seed finds, with the shortest such walk."""
    for group in apart(guards):
        if _goes_wrong(group, world, seed):
            for guard in group:
                if (found := _found(guard, world, seed)) is not None:
                    yield guard, found


def apart(guards: Sequence[Guard]) -> list[list[Guard]]:
    """The guards in groups in which no two exchange the same thing."""
    groups: list[tuple[list[Guard], set[object]]] = []
    for guard in guards:
        touched = _touched(guard)
        for group, taken in groups:
            if len(group) < AT_ONCE and not touched & taken:
                group.append(guard)
                taken.update(touched)
                break
        else:
            groups.append(([guard], touched))
    return [group for group, _ in groups]


def _found(guard: Guard, world: str, seed: int) -> Finding | None:
    kind, count = WORLDS[world]
    steps = steps_of(seed, count, kind)
    with pytest.MonkeyPatch.context() as patch:
        guard(patch)
        failure = explore(seed, steps, None, kind)
        if failure is None or not _is_law(failure):
            return None
        small = shrunk(failure, steps, tries=SHRINKING, kind=kind)
    finding = Finding(seed=seed, law=small.law, steps=tuple(steps[number] for number in small.steps), world=world)
    return finding if broken(finding) is None else None


def _goes_wrong(guards: Iterable[Guard], world: str, seed: int) -> bool:
    kind, count = WORLDS[world]
    with pytest.MonkeyPatch.context() as patch:
        for guard in guards:
            guard(patch)
        failure = explore(seed, steps_of(seed, count, kind), None, kind)
    return failure is not None and _is_law(failure)


def _is_law(failure: Failure) -> bool:
    return failure.law.startswith("LawBroken")


class _Noting:
    """Stands in for what exchanges things, and only notes them."""

    def __init__(self) -> None:
        self.touched: set[object] = set()

    def setattr(self, target: object, name: object, *value: object) -> None:
        self.touched.add((id(target), name) if value else target)


def _touched(guard: Guard) -> set[object]:
    noting = _Noting()
    guard(cast("Any", noting))
    return noting.touched


def worlds_of(guard: Guard) -> tuple[str, ...]:
    """The worlds in which the guard matters."""
    if guard in OF_TIME:
        return ("contact",)
    return ("series",) if guard.__module__ in OF_SERIES else ("dense", "all")


def main() -> int:
    """0 when every guard that was sought was found missing."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.aim", description=__doc__)
    parser.add_argument("guards", nargs="*", help="only these; else all of which nothing is kept")
    parser.add_argument("--seeds", type=int, default=1000, help="how many at most, for each")
    parser.add_argument("--first", type=int, default=0, help="the first of them")
    parser.add_argument("--minutes", type=float, default=60, help="how long at most")
    parser.add_argument("--worlds", nargs="+", choices=WORLDS, default=list(WORLDS), help="only in these")
    chosen = parser.parse_args()
    every = dict.fromkeys(guard for guard, _ in CASES)
    known = findings()
    wanted: list[Guard] = [
        each for each in every if (each.__name__ in chosen.guards if chosen.guards else each.__name__ not in known)
    ]
    ends, walked = time.monotonic() + chosen.minutes * 60, 0
    for seed in range(chosen.first, chosen.first + chosen.seeds):
        if not wanted or time.monotonic() > ends:
            break
        for world in chosen.worlds:
            here = [each for each in wanted if world in worlds_of(each)]
            for guard, found in sought(here, world, seed):
                wanted.remove(guard)
                _keep(guard, found)
        walked += 1
    sys.stdout.write(f"{walked} seeds; not found: {', '.join(each.__name__ for each in wanted) or 'none'}\n")
    return 1 if wanted else 0


def _keep(guard: Guard, found: Finding) -> None:
    sys.stdout.write(f"{guard.__name__}: seed {found.seed} of {found.world} by {len(found.steps)} steps\n")
    sys.stdout.flush()
    kept = findings()
    kept[guard.__name__] = [*kept.get(guard.__name__, []), found]
    KEPT.write_bytes(msgspec.json.format(msgspec.json.encode(dict(sorted(kept.items()))), indent=1) + b"\n")


if __name__ == "__main__":
    sys.exit(main())
