"""What a test may look at: tasks, connections and calendars as they are stored, events as people's pages show them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import msgspec

from infra.simulator.finding import instance
from infra.simulator.wire import ApiError
from shared.model.connection import Connection, Watched
from shared.model.ids import TaskId, TenantId, calendar_path, connection_path, task_path
from shared.model.run import Run
from shared.model.stored import read_as
from shared.model.task import Task
from shared.model.tenant import Tenant
from shared.ports import Document, Query
from tests.simulation import laws

if TYPE_CHECKING:
    from infra.simulator.state import Google
    from shared.model.settings import Settings
    from tests.simulation.doubles import VirtualClock
    from tests.simulation.memory_store import MemoryStore

DEPLOYMENT = laws.DEPLOYMENT


class Looking:
    """A deployment and its Google, seen from outside; nothing changes by looking."""

    store: MemoryStore
    clock: VirtualClock
    google: Google
    accounts: dict[str, str]
    """The Google account of each connection."""
    tenants: list[TenantId]

    def task(self, task: str, tenant: TenantId | None = None) -> Task:
        """The task as it is stored."""
        path = task_path(tenant or self.tenants[0], TaskId(task))
        document = self.store.get_many([path])[path]
        if document is None:
            raise KeyError(task)
        return read_as(Task, document)

    def held(self) -> list[tuple[TenantId, Task]]:
        """Every task with its tenant, stubs left out."""
        documents = [(tenant, each) for tenant in self.tenants for each in self.documents(f"tenants/{tenant}/tasks")]
        found = [(tenant, read_as(Task, each)) for tenant, each in documents]
        return [(tenant, each) for tenant, each in found if each.moved_to is None]

    def runs(self, tenant: TenantId) -> list[Run]:
        """The tenant's runs, ended ones too."""
        return [read_as(Run, each) for each in self.documents(f"tenants/{tenant}/runs")]

    def tasks(self) -> list[Task]:
        """Every task of every tenant, stubs left out."""
        return [task for _, task in self.held()]

    def of_user(self, tenant: TenantId, user: str) -> set[str]:
        """The ids of a user's tasks, deleted ones and stubs too."""
        documents = [read_as(Task, each) for each in self.documents(f"tenants/{tenant}/tasks")]
        return {each.id for each in documents if each.content.user_id == user}

    def is_ours(self, event_id: str) -> bool:
        """Some task names the event or its series, or the half of that which makes it, or has or had its id."""
        names = {event_id, event_id.partition("_")[0], *self._halves_of(event_id)}
        return any(
            names & laws.own_ids(DEPLOYMENT, tenant, task)
            or any(key.startswith("e:") and key.rpartition(":")[2] in names for key in task.sync.keys)
            for tenant, task in self.held()
        )

    def _halves_of(self, event_id: str) -> set[str]:
        """The masters that this is an occurrence of: a later half calls its dates after the whole series."""
        calendars = self.google.ctx.world.calendars.values()
        found = [each.events.get(event_id) or instance(each, event_id) for each in calendars]
        return {each.parent for each in found if each is not None and each.parent is not None}

    def watched(self) -> list[Watched]:
        """Every calendar that is watched."""
        documents = self.store.query(Query(collection="calendars", group=True))
        return [each for each in (read_as(Watched, document) for document in documents) if each.watched]

    def shelf(self, calendar: str, connection: str, tenant: TenantId | None = None) -> Watched:
        """One watched calendar's document."""
        path = calendar_path(tenant or self.tenants[0], connection, calendar)  # type: ignore[arg-type]
        document = self.store.get_many([path])[path]
        if document is None:
            raise KeyError(calendar)
        return read_as(Watched, document)

    def connections(self, tenant: TenantId) -> list[Connection]:
        """The tenant's connections, ended ones too."""
        return [read_as(Connection, each) for each in self.documents(f"tenants/{tenant}/connections")]

    def connection(self, task: Task, tenant: TenantId | None = None) -> Connection:
        """The connection that a task belongs to; a bare one that is disconnected when it has none."""
        if task.sync.connection is not None:
            path = connection_path(tenant or self.tenant_of(task), task.sync.connection)
            document = self.store.get_many([path])[path]
            if document is not None:
                return read_as(Connection, document)
        return msgspec.convert(
            {"id": "", "tenant": "", "user": "", "created_at": self.clock.now(), "status": "disconnected"}, Connection
        )

    def tenant_of(self, task: Task) -> TenantId:
        """Whose task this is."""
        for tenant in self.tenants:
            path = task_path(tenant, task.id)
            document = self.store.get_many([path])[path]
            if document is not None and read_as(Task, document) == task:
                return tenant
        raise KeyError(task.id)

    def event(self, task: str, tenant: TenantId | None = None) -> dict[str, Any] | None:
        """The living event that the task's mapping names, as its account's page shows it."""
        sync = self.task(task, tenant or self._holder(task)).sync
        if sync.connection is None or sync.calendar is None or sync.event_id is None:
            return None
        return self.seen(self.accounts[sync.connection], sync.calendar, sync.event_id)

    def seen(self, account: str, calendar: str, event_id: str) -> dict[str, Any] | None:
        """An event as an account's page shows it, if it lives there."""
        try:
            shown: dict[str, Any] = self.google.person(account).get(event_id, calendar=calendar)
        except ApiError:
            return None
        return shown if shown["status"] != "cancelled" else None

    def living_ids(self, task: Task, tenant: TenantId | None = None) -> list[tuple[str, str]]:
        """Where an event under one of this task's ids lives, in a calendar that its tenant watches: calendar and id.

        An exception beside its series has that one's marker, copied by Google, and is no event of a task (rule 32).
        """
        tenant = tenant or self.tenant_of(task)
        ids = sorted(laws.own_ids(DEPLOYMENT, tenant, task))
        watched = {each.calendar_id for each in self.watched() if each.tenant == tenant} | {task.sync.calendar}
        places = [each for each in self.google.ctx.world.calendars.values() if each.id in watched]
        return [
            (place.id, event.id)
            for place in places
            for event in (place.events[each] for each in ids if each in place.events)
            if event.status != "cancelled" and "tandem" in _private(event.fields) and event.parent not in place.events
        ]

    def settings(self, task: Task, owner: TenantId | None = None) -> Settings:
        """What holds for the task."""
        path = f"tenants/{owner or self.tenant_of(task)}"
        document = self.store.get_many([path])[path]
        tenant = read_as(Tenant, document) if document is not None else None
        return laws.settings_for(tenant.settings if tenant else {}, self.connection(task, owner).settings)

    def zone(self, task: Task) -> ZoneInfo:
        """The zone of the task's calendar."""
        calendar = self.google.ctx.world.calendars.get(task.sync.calendar or "")
        return ZoneInfo(calendar.time_zone if calendar else "UTC")

    def _holder(self, task: str) -> TenantId:
        for tenant in self.tenants:
            path = task_path(tenant, TaskId(task))
            if self.store.get_many([path])[path] is not None:
                return tenant
        raise KeyError(task)

    def documents(self, collection: str) -> list[Document]:
        """Everything in a collection."""
        return self.store.query(Query(collection=collection, limit=1 << 30))


def _private(fields: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = fields.get("extendedProperties", {}).get("private", {})
    return found
