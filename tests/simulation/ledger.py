"""What each side said, in order, and the law that nothing said may vanish. Start at `Ledger.check`."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from tests.simulation.laws import LawBroken, own_ids

if TYPE_CHECKING:
    from shared.model.change import Change
    from tests.simulation.sim import Sim

TEXTS = ("title", "location")
"""Fields whose every value is used once, so that where a value came from can be told."""

ANYTHING = "*"


class Ledger:
    """The last value of each text field that each side gave it."""

    def __init__(self) -> None:
        self._crm: dict[tuple[str, str], list[str]] = defaultdict(list)
        self._google: dict[tuple[str, str], list[str]] = defaultdict(list)

    def born(self, sim: Sim, task: str, fields: dict[str, Any]) -> None:
        """The CRM made the task."""
        self.by_crm(sim, task, fields)

    def by_crm(self, sim: Sim, task: str, fields: dict[str, Any]) -> None:
        """The CRM changed fields."""
        for name in TEXTS:
            if name in fields:
                self._crm[task, name].append(fields[name])

    def by_google(self, event_id: str, fields: dict[str, Any]) -> None:
        """A person changed fields in Google."""
        for name in TEXTS:
            if name in fields:
                self._google[event_id, name].append(fields[name])

    def heard(self, sim: Sim, change: Change) -> None:
        """The CRM read a change."""

    def deleted_by_crm(self, sim: Sim, task: str) -> None:
        """The CRM deleted the task."""

    def deleted_in_google(self, sim: Sim, event_id: str, event: dict[str, Any]) -> None:
        """A person deleted the event: what nobody had seen of it goes with it."""
        for name in TEXTS:
            self._google[event_id, name].append(ANYTHING)

    def restored(self, event_id: str) -> None:
        """A person took the event out of the trash."""

    def check(self, sim: Sim) -> None:
        """Each text stands as one side last said it, or in a shown conflict.

        Raises:
            LawBroken: A value stands that its own side had replaced, or a last word is nowhere.
        """
        broken = []
        for task in sim.tasks():
            if task.deleted_at is not None or task.content.status == "cancelled" or task.sync.event_id is None:
                continue
            for name in TEXTS:
                crm = self._crm.get((task.id, name), [])
                ids = own_ids("sim", sim.tenant_of(task), task) | {key.rpartition(":")[2] for key in task.sync.keys}
                google = [self._google.get((event_id, name), []) for event_id in ids]
                last = {said[-1] for said in (crm, *google) if said}
                value = getattr(task.content, name) or None
                if last and ANYTHING not in last and value not in last:
                    broken.append(f"{task.id}.{name} is {value!r}, last said was {sorted(last)}")
        if broken:
            raise LawBroken("; ".join(broken))
