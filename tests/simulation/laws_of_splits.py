"""What must hold of the halves of a split series when all is at rest: no date is in both. Start at `check`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.simulation.laws import LawBroken
from tests.simulation.laws_of_series import changes_of, expanded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shared.model.change import Change
    from shared.model.task import Task
    from tests.simulation.sim import Sim

WHEN = frozenset({"start", "recurrence", "time_zone"})
AT_REST = frozenset({"synced", "conflict"})


def check(sim: Sim) -> None:
    """Every law of splits holds.

    Raises:
        LawBroken: One does not.
    """
    broken = list(no_date_twice(sim))
    if broken:
        raise LawBroken("; ".join(broken))


def no_date_twice(sim: Sim) -> Iterator[str]:
    """A later half and the series that it was cut from have no original start in common.

    Once both tasks are there, the CRM or a person may give either of them any dates, also the other's.
    """
    for tenant in sim.tenants:
        series = {task.id: task for owner, task in sim.held() if owner == tenant and _stands(task)}
        halves = [(task, series[task.split_from]) for task in series.values() if task.split_from in series]
        told = list(changes_of(sim, tenant)) if halves else []
        for half, first in halves:
            if _has_been_replanned(half, first, told):
                continue
            twice = expanded(sim, tenant, half.id).keys() & expanded(sim, tenant, first.id).keys()
            if twice:
                yield f"{first.id} and its later half {half.id} both have {sorted(twice)[:3]}"


def _stands(task: Task) -> bool:
    ended = task.deleted_at is not None or task.content.status == "cancelled"
    return task.is_series and not ended and task.sync.state in AT_REST


def _has_been_replanned(half: Task, first: Task, told: list[Change]) -> bool:
    born = next((each.at for each in told if each.task_id == half.id and each.kind == "task.created"), None)
    return born is None or any(
        each.task_id in {half.id, first.id}
        and each.at > born
        and each.occurrence is None
        and each.origin != "tandem"
        and WHEN & each.changed.keys()
        for each in told
    )
