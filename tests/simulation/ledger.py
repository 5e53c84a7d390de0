"""What each side said, in order, and the law that nothing said may vanish. Start at `Ledger.check`."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import msgspec

from tests.simulation.laws import LawBroken, own_ids
from tests.simulation.looking import DEPLOYMENT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shared.model.ids import TenantId
    from shared.model.task import Task
    from tests.simulation.chance import Chance

TEXTS = ("title", "location")
"""Fields whose every value is used once, so that where a value came from can be told."""


class Said(msgspec.Struct, frozen=True):
    """A side gave a field this value, between these two steps."""

    side: str
    value: str
    begun: int
    ended: int


class Ledger:
    """Every value of each text field that each side gave it, what people deleted, and what decided between sides."""

    def __init__(self) -> None:
        self.now = 0
        self._crm: dict[tuple[str, str], dict[str, list[Said]]] = defaultdict(lambda: defaultdict(list))
        self._google: dict[str, dict[str, list[Said]]] = defaultdict(lambda: defaultdict(list))
        self._said: set[str] = set()
        self._shared_events: set[str] = set()
        self.said_in_google: set[str] = set()
        self.one_way: set[str] = set()
        """Tenants in which something is, or was, carried one way only."""
        self.opened: set[str] = set()
        """Tenants in which what is private in Google arrives, or once arrived, as an ordinary task."""
        self._deleted: set[tuple[str, str]] = set()
        self._deleted_tasks: set[tuple[str, str]] = set()
        self._uncertain_tasks: set[tuple[str, str]] = set()
        self._uncertain_events: set[str] = set()
        self._acted_on: dict[str, int] = {}
        """When a person last did something to an event."""
        self._ended_by_crm: set[tuple[str, str]] = set()
        """Tasks that the CRM ever deleted or cancelled, or began to."""
        self._taken_away: set[str] = set()
        """Events that a person ever deleted, or gave to another calendar."""
        self._released: set[str] = set()
        self._policies: set[object] = set()

    # What happens

    def by_crm(self, tenant: TenantId, task: str, fields: dict[str, Any], *, begun: int | None = None) -> None:
        """The CRM changed fields."""
        self._deleted_tasks.discard((tenant, task))
        if "status" in fields:
            self._uncertain_tasks.add((tenant, task))
        for name in TEXTS:
            if name in fields:
                self._said.add(fields[name])
                self._crm[tenant, task][name].append(Said("crm", fields[name], begun or self.now, self.now))

    def ends(self, tenant: TenantId, task: str) -> None:
        """The CRM is about to delete or cancel a task."""
        self._ended_by_crm.add((tenant, task))

    def deleted_by_crm(self, tenant: TenantId, task: str) -> None:
        """The CRM deleted a task."""
        self.ends(tenant, task)
        self._deleted_tasks.add((tenant, task))
        self._uncertain_tasks.add((tenant, task))

    def settled(self, tenant: TenantId, task: str) -> None:
        """A person in the CRM chose a side: that choice overtook the other's word."""
        self._uncertain_tasks.add((tenant, task))

    def claimed(self, tenant: TenantId, old: str, new: str) -> None:
        """What was said of the one is said of the other."""
        self._crm[tenant, new] = self._crm.pop((tenant, old), defaultdict(list))
        self._uncertain_tasks.add((tenant, new))
        if (tenant, old) in self._ended_by_crm:
            self._ended_by_crm.add((tenant, new))

    def released(self, tenant: TenantId) -> None:
        """A connection lets go of its tasks: what was said in Google before may stay there."""
        self._released.add(tenant)

    def decided(self, tenant: TenantId, settings: dict[str, object]) -> None:
        """Somebody chose what decides between both sides, or what is carried at all."""
        self._policies.add(settings.get("conflict"))
        if settings.get("direction", "both") != "both" or settings.get("private_events", "sync") != "sync":
            self.one_way.add(tenant)
        if settings.get("private_arrives") == "public":
            self.opened.add(tenant)

    def by_google(self, event: dict[str, Any], fields: dict[str, Any]) -> None:
        """A person changed fields in Google."""
        self._acted_on[event["id"]] = self.now
        if "attendees" in event:
            self._uncertain_events.add(event["id"])
            self._shared_events.add(event["id"])
        for name in TEXTS:
            if name in fields:
                self._google[event["id"]][name].append(Said("google", fields[name], self.now, self.now))
                self.said_in_google.add(fields[name])

    def deleted_in_google(self, place: str, event: dict[str, Any]) -> None:
        """A person deleted the event: what nobody had seen of it goes with it."""
        if "attendees" not in event:
            self._deleted.add((place, event["id"]))
        self._uncertain_events.add(event["id"])
        self._taken_away.add(event["id"])

    def restored(self, place: str, event_id: str) -> None:
        """A person took the event out of the trash."""
        self._acted_on[event_id] = self.now
        self._deleted.discard((place, event_id))

    def moved(self, event_id: str) -> None:
        """A person moved the event."""
        self._acted_on[event_id] = self.now
        self._taken_away.add(event_id)

    # What must hold

    def check(self, world: Chance) -> None:
        """Nothing said vanished, nothing that was deleted came back, and nothing ended that nobody ended.

        Raises:
            LawBroken: Something did.
        """
        broken = [
            *self._vanished(world),
            *self._revived(world),
            *self._tasks_revived(world),
            *self._ended_by_nobody(world),
        ]
        if broken:
            raise LawBroken("; ".join(broken))

    def _vanished(self, world: Chance) -> Iterator[str]:
        """The last word stands, or both of two that crossed are shown, or a policy chose the other side's."""
        policies = self._policies | {world.settings["conflict"]}
        for tenant, task in world.sim.held():
            if task.sync.state not in {"synced", "conflict"}:
                continue
            events = _events_of(tenant, task)
            for name in TEXTS:
                crm = self._crm[tenant, task.id][name]
                google = [said for each in events for said in self._google[each][name]]
                value = getattr(task.content, name) or None
                if (crm or google) and not (
                    self._stands(world, tenant, task, name, crm, google, policies)
                    or value in self._said_of_its_event_before(world, tenant, task, name)
                ):
                    yield f"{task.id}.{name} is {value!r}, last said were {_last(crm)} and {_last(google)}"

    def _stands(
        self, world: Chance, tenant: str, task: Task, name: str, crm: list[Said], google: list[Said],
        policies: set[object],
    ) -> bool:  # fmt: skip
        value = getattr(task.content, name) or None
        both = [*crm, *google]
        if self._is_uncertain(world, tenant, task):
            shared = bool(_events_of(tenant, task) & self._shared_events)
            return value in {None, *(said.value for said in crm)} | self.said_in_google | (
                self._said if shared else set()
            )
        last = {each.value for each in both if not any(each.ended < other.begun for other in both)}
        if value in last:
            return True
        if (conflict := task.sync.conflict.get(name)) is not None:
            return value == _last(crm) and conflict.google == _last(google)
        chosen = {"crm_wins": _last(crm), "google_wins": _last(google)}
        if crm and self._moved_on(tenant, task, since=crm[-1].begun):
            # A stamp is late if something else moved `updated` before the value was first read (accepted with rule 43).
            chosen["latest_wins"] = _last(google)
        return value in {chosen.get(str(policy)) for policy in policies} - {None}

    def _said_of_its_event_before(self, world: Chance, tenant: str, task: Task, name: str) -> set[str]:
        """What the CRM said of a task that had this event before and left it to a person (rule 15)."""
        event = task.sync.event_id
        others = (other for known, other in world.sim.held() if known == tenant and other.id != task.id)
        had = [other.id for other in others if event is not None and event in own_ids(DEPLOYMENT, tenant, other)]
        return {said.value for other in had for said in self._crm[tenant, other][name]}

    def _moved_on(self, tenant: str, task: Task, *, since: int) -> bool:
        """A person did something to the task's event since then."""
        return any(self._acted_on.get(each, 0) > since for each in _events_of(tenant, task))

    def _is_uncertain(self, world: Chance, tenant: str, task: Task) -> bool:
        """The task or its event ended or changed hands meanwhile, so that a word may have gone with an event."""
        events = _events_of(tenant, task)
        return (
            world.wide
            or tenant in self._released
            or (tenant, task.id) in self._uncertain_tasks
            or bool(events & self._uncertain_events)
            or task.sync.generation > 0
            or bool(task.sync.views)
        )

    def _revived(self, world: Chance) -> Iterator[str]:
        """What a person deleted stays deleted, unless a person restored it: a task that goes on gets a new event.

        What stands there by another's invitation is another event, though it may have the same id: the task that was
        let go is somebody else's by now, who invited this person.
        """
        calendars = world.sim.google.ctx.world.calendars
        for place, event_id in sorted(self._deleted):
            event = calendars[place].events.get(event_id)
            if event is None or event.status == "cancelled":
                continue
            if calendars[place].owner not in {guest["email"] for guest in event.fields.get("attendees", ())}:
                yield f"{event_id} was deleted by a person and lives again in {place}"

    def _tasks_revived(self, world: Chance) -> Iterator[str]:
        """What the CRM deleted stays deleted, unless a person did something to its event."""
        for tenant, task in world.sim.held():
            if (tenant, task.id) not in self._deleted_tasks or task.deleted_at is not None:
                continue
            if not _events_of(tenant, task) & (self._acted_on.keys() | self._uncertain_events):
                yield f"{task.id} was deleted by the CRM of {tenant} and is there again"

    def _ended_by_nobody(self, world: Chance) -> Iterator[str]:
        """A task is over only if its CRM ended it, or a person took its event away, or its organizer did."""
        for tenant, task in world.sim.held():
            over = "deleted" if task.deleted_at is not None else task.content.status
            if over not in {"deleted", "cancelled"} or (tenant, task.id) in self._ended_by_crm:
                continue
            if over == "cancelled" and not task.sync.organizer:
                continue
            if over == "deleted" or not _events_of(tenant, task) & self._taken_away:
                yield f"{task.id} of {tenant} is {over}, and nobody ended it"


def _events_of(tenant: str, task: Task) -> set[str]:
    """The ids of every event that the task has or had, its views' too."""
    keyed = {key.rpartition(":")[2].removesuffix("@google.com") for key in task.sync.keys if key[:2] in {"e:", "u:"}}
    return keyed | own_ids(DEPLOYMENT, tenant, task) | {view.event_id for view in task.sync.views.values()}


def _last(said: list[Said]) -> str | None:
    return said[-1].value if said else None
