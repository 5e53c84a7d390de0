"""One seed: its steps, what breaks a law in them, and the fewest steps that still break it."""

from __future__ import annotations

import re
from random import Random
from typing import TYPE_CHECKING

import msgspec

from tests.simulation.chance import Chance, Step

if TYPE_CHECKING:
    from collections.abc import Sequence


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """A seed that broke a law: which, by which steps, and what they did."""

    seed: int
    law: str
    steps: tuple[int, ...]
    told: tuple[str, ...]


def steps_of(seed: int, count: int, kind: type[Chance] = Chance) -> list[Step]:
    """The steps of a seed; a longer run begins with the steps of a shorter one."""
    rng = Random(f"steps {seed}")
    names, weights = list(kind.actions), [weight for weight, _ in kind.actions.values()]
    return [Step(rng.choices(names, weights)[0], rng.randrange(1_000_000)) for _ in range(count)]


def explore(
    seed: int, steps: Sequence[Step], keep: Sequence[int] | None = None, kind: type[Chance] = Chance
) -> Failure | None:
    """What these steps break, if anything.

    Args:
        keep: Only the steps with these numbers.
        kind: Of world.
    """
    numbers = range(len(steps)) if keep is None else keep
    world = kind(seed)
    try:
        for number in numbers:
            world.take(steps[number])
        world.end()
    except Exception as error:  # noqa: BLE001 - whatever goes wrong is what is looked for
        return Failure(seed=seed, law=f"{type(error).__name__}: {error}", steps=tuple(numbers), told=tuple(world.told))
    return None


def shrunk(failure: Failure, steps: Sequence[Step], *, tries: int = 400, kind: type[Chance] = Chance) -> Failure:
    """The failure with steps left out, as long as something is still broken."""
    best, size = failure, max(1, len(failure.steps) // 2)
    while size >= 1 and tries > 0:
        first, smaller = 0, False
        while first < len(best.steps) and tries > 0:
            tries -= 1
            kept = best.steps[:first] + best.steps[first + size :]
            found = explore(failure.seed, steps, kept, kind)
            if found is not None and _same(found, failure):
                best, smaller = found, True
            else:
                first += size
        if not smaller or size > 1:
            size = size // 2 if size > 1 else 0 if not smaller else 1
    return best


def _same(found: Failure, failure: Failure) -> bool:
    """The same kind of failure: a shrinking search must not wander off to another one."""
    return _shape(found.law) == _shape(failure.law)


def _shape(law: str) -> str:
    """The law without what differs from world to world."""
    return re.sub(r"'[^']*'|\bg_\w+|\bt\d\b|\d+", "", law.partition(";")[0])
