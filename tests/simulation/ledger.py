"""What each side said, in order, and the law that nothing said may vanish. Start at `Ledger.check`."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from tests.simulation.laws import LawBroken, own_ids
from tests.simulation.looking import DEPLOYMENT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.simulation.sim import Sim

TEXTS = ("title", "location")
"""Fields whose every value is used once, so that where a value came from can be told."""

ANYTHING = "*"
"""Stands where an edit went together with its event."""


class Ledger:
    """The last value of each text field that each side gave it, and what people deleted."""

    def __init__(self) -> None:
        self._crm: dict[tuple[str, str], list[str]] = defaultdict(list)
        self._google: dict[tuple[str, str], list[str]] = defaultdict(list)
        self._deleted: set[tuple[str, str]] = set()

    def by_crm(self, task: str, fields: dict[str, Any]) -> None:
        """The CRM changed fields."""
        for name in TEXTS:
            if name in fields:
                self._crm[task, name].append(fields[name])

    def by_google(self, event_id: str, fields: dict[str, Any]) -> None:
        """A person changed fields in Google."""
        for name in TEXTS:
            if name in fields:
                self._google[event_id, name].append(fields[name])

    def deleted_in_google(self, place: str, event: dict[str, Any]) -> None:
        """A person deleted the event: what nobody had seen of it goes with it."""
        if "attendees" not in event:
            self._deleted.add((place, event["id"]))
        for name in TEXTS:
            self._google[event["id"], name].append(ANYTHING)

    def restored(self, place: str, event_id: str) -> None:
        """A person took the event out of the trash."""
        self._deleted.discard((place, event_id))

    def check(self, sim: Sim) -> None:
        """Nothing said vanished, and nothing that a person deleted came back.

        Raises:
            LawBroken: Something did.
        """
        broken = [*self._vanished(sim), *self._revived(sim)]
        if broken:
            raise LawBroken("; ".join(broken))

    def _vanished(self, sim: Sim) -> Iterator[str]:
        """Each text stands as one side last said it; an earlier event of the task may have left its own word."""
        for task in sim.tasks():
            if task.sync.state not in {"synced", "conflict"}:
                continue
            for name in TEXTS:
                crm = self._crm.get((task.id, name), [])
                ids = own_ids(DEPLOYMENT, sim.tenant_of(task), task)
                ids |= {key.rpartition(":")[2] for key in task.sync.keys}
                current = self._google.get((task.sync.event_id or "", name), [])
                earlier = [said for each in ids for said in self._google.get((each, name), [])]
                value = getattr(task.content, name) or None
                if not crm and not current:
                    continue
                if value not in {*crm[-1:], *current[-1:], *(set(earlier) - set(current))} and ANYTHING not in earlier:
                    yield f"{task.id}.{name} is {value!r}, last said were {crm[-1:]} and {current[-1:]}"

    def _revived(self, sim: Sim) -> Iterator[str]:
        """What a person deleted stays deleted, unless a person restored it: a task that goes on gets a new event."""
        for place, event_id in sorted(self._deleted):
            event = sim.google.ctx.world.calendars[place].events.get(event_id)
            if event is not None and event.status != "cancelled":
                yield f"{event_id} was deleted by a person and lives again in {place}"
