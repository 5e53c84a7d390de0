"""What the CRM may do to series: each says what it did, None for nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.model.content import Content
from shared.model.ids import TaskId
from shared.usecases.tasks.put_occurrence import cancel_occurrence, put_occurrence
from tests.simulation.laws_of_series import expanded
from tests.simulation.series_rules import DAY, RULES, ZONE

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from tests.simulation.series_world import SeriesChance

MOST_SERIES = 3


def crm_series(world: SeriesChance, rng: Random) -> str | None:
    """The CRM makes a series."""
    if len([task for task in world.crm.records if task.startswith("s")]) >= MOST_SERIES:
        return None
    task = f"s{rng.randint(0, MOST_SERIES)}"
    if task in world.crm.records:
        return None
    start = f"{DAY.format(rng.randint(2, 20))}T10:00:00"
    fields: dict[str, Any] = {
        "title": world.value("c"),
        "start": start,
        "end": start.replace("T10", "T11"),
        "time_zone": ZONE,
        "recurrence": [f"RRULE:{rng.choice(RULES)}"],
        "user_id": rng.choice(("anna", "anna", "ben")),
    }
    world.crm.put(task, **fields)
    return f"{task} {fields['start']} {fields['recurrence']}"


def crm_edits_occurrence(world: SeriesChance, rng: Random) -> str | None:
    """The CRM changes one occurrence, or moves it."""
    chosen = _occurrence_of_crm(world, rng)
    if chosen is None:
        return None
    task, start = chosen
    fields: dict[str, Any] = rng.choice(
        (
            {"title": world.value("c")},
            {"location": world.value("c")},
            {"start": f"{DAY.format(rng.randint(2, 27))}T16:00:00+02:00", "end": None},
        )
    )
    put_occurrence(world.sim.world, world.tenant, TaskId(task), start, Content(**fields), if_match=None)
    world.occurrences.by_crm(task, start, fields)
    return f"{task} {start} {fields}"


def crm_cancels_occurrence(world: SeriesChance, rng: Random) -> str | None:
    """The CRM cancels one occurrence."""
    chosen = _occurrence_of_crm(world, rng)
    if chosen is None:
        return None
    task, start = chosen
    cancel_occurrence(world.sim.world, world.tenant, TaskId(task), start, if_match=None)
    world.occurrences.gone(start)
    return f"{task} {start}"


def crm_shortens(world: SeriesChance, rng: Random) -> str | None:
    """The CRM ends a series sooner, or gives it another rule, or none."""
    task = _series(world, rng)
    if task is None:
        return None
    rule = rng.choice(([f"RRULE:FREQ=WEEKLY;COUNT={rng.randint(2, 5)}"], ["RRULE:FREQ=DAILY;COUNT=5"], None))
    world.crm.put(task, recurrence=rule)
    return f"{task} {rule}"


def crm_moves_series(world: SeriesChance, rng: Random) -> str | None:
    """The CRM puts a series on another day or time."""
    task = _series(world, rng)
    if task is None:
        return None
    start = f"{DAY.format(rng.randint(2, 20))}T{rng.choice((10, 12)):02d}:00:00"
    world.crm.put(task, start=start, end=None, time_zone=ZONE)
    return f"{task} to {start}"


def crm_repeats(world: SeriesChance, rng: Random) -> str | None:
    """A task that happens once is repeated."""
    task = world.task(rng)
    if task is None or not isinstance(world.crm.records[task].get("start"), str):
        return None
    world.crm.put(task, recurrence=["RRULE:FREQ=WEEKLY;COUNT=4"], time_zone=ZONE)
    return task


def _series(world: SeriesChance, rng: Random) -> str | None:
    found = sorted(task for task, record in world.crm.records.items() if record.get("recurrence"))
    return rng.choice(found) if found else None


def _occurrence_of_crm(world: SeriesChance, rng: Random) -> tuple[str, str] | None:
    task = _series(world, rng)
    if task is None:
        return None
    starts = list(expanded(world.sim, world.tenant, task))[:8]
    return (task, rng.choice(starts)) if starts else None


OF_CRM: dict[str, tuple[int, Callable[[SeriesChance, Random], str | None]]] = {
    "crm_series": (4, crm_series),
    "crm_edits_occurrence": (6, crm_edits_occurrence),
    "crm_cancels_occurrence": (2, crm_cancels_occurrence),
    "crm_shortens": (1, crm_shortens),
    "crm_moves_series": (1, crm_moves_series),
    "crm_repeats": (1, crm_repeats),
}
