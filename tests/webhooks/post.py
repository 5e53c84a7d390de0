"""A tenant with a webhook: real store, a clock to turn, jobs that run when they are due, a double of its receiver."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace as with_fields

from functions.api.app import create_app
from shared.model.change import Change, Kind, Origin
from shared.model.content import Content
from shared.model.ids import TaskId, TenantId, change_path, task_path, webhook_path
from shared.model.stored import read_as
from shared.model.task import Sync, Task
from shared.model.webhook import Webhook
from shared.ports import Must, Precondition, Query, Revision
from shared.sync.told import Told
from shared.usecases.outbound.remember import task_writes
from shared.usecases.sweep import SweepPayload, sweep
from shared.usecases.world import World
from shared.webhooks.deliver import DeliverPayload, deliver_changes
from shared.webhooks.telling import TellingStore
from tests.counting import CountingStore
from tests.functions.api.stage import Caller, KeptLog, KeptQueue, TurnedClock, stage
from tests.receivers import KeptMessages

URL = "https://crm.example.com/hooks/tandem"


@dataclass(slots=True, kw_only=True)
class Post:
    """See the functions: tell, deliver, look."""

    world: World
    crm: Caller
    store: CountingStore
    scanned: set[str]
    queue: KeptQueue
    clock: TurnedClock
    log: KeptLog
    receiver: KeptMessages
    secrets: list[str] = field(default_factory=list)

    @property
    def tenant(self) -> TenantId:
        return self.crm.tenant

    def set(self, url: str = URL) -> None:
        """The webhook is set; its secret is kept."""
        self.secrets.insert(0, self.crm.json("PUT", "/v1/webhook", {"url": url})["secret"])

    def webhook(self) -> Webhook:
        document = self.world.store.get_many([path := webhook_path(self.tenant)])[path]
        assert document is not None
        return read_as(Webhook, document)

    def tell(self, task: str, *, kind: Kind = "task.updated", origin: Origin = "google", **content: object) -> str:
        """One commit: the task has this content, by a change of this origin; the change's id."""
        path = task_path(self.tenant, TaskId(task))
        document = self.world.store.get_many([path])[path]
        before = read_as(Task, document) if document else None
        said = msgspec.convert({"user_id": "anna", "title": "Call", **content}, Content)
        after = with_fields(
            before or Task(id=TaskId(task), sync=Sync(state="synced")),
            content=said,
            version=(before.version if before else 0) + 1,
        )
        must: Precondition = Revision(document.revision) if document else Must.BE_ABSENT
        told = (Told(kind=kind, origin=origin, action="told"),)
        writes = task_writes(self.world, self.tenant, before, after, told, must)
        self.world.store.commit(writes)
        return str(getattr(writes[1], "data")["id"])  # noqa: B009 - a write of some kind

    def task(self, task: str) -> Task:
        document = self.world.store.get_many([path := task_path(self.tenant, TaskId(task))])[path]
        assert document is not None
        return read_as(Task, document)

    def change(self, change: str) -> Change:
        document = self.world.store.get_many([path := change_path(self.tenant, change)])[path]
        assert document is not None
        return read_as(Change, document)

    def undelivered(self) -> list[str]:
        """Ids of the changes that wait for a delivery."""
        found = self.world.store.query(Query(collection=f"tenants/{self.tenant}/changes", order=("at",)))
        return [str(each.data["id"]) for each in found if each.data.get("delivered_at", "none") is None]

    def deliver(self) -> list[str]:
        """Every job that is due by the turned clock, and what it leads to; the outcomes."""
        self.clock.turn(seconds=2)
        outcomes = []
        while due := [job for job in self.queue.jobs if not job.not_before or job.not_before <= self.clock.now()]:
            self.queue.jobs.remove(due[0])
            outcomes.append(self.run())
        return outcomes

    def run(self) -> str:
        """One job, as if it came just now."""
        return deliver_changes(self.world, DeliverPayload(tenant=self.tenant))

    def wait(self, **span: float) -> list[str]:
        """So much time has passed, second jobs by second jobs."""
        until = self.clock.now() + timedelta(**span)
        outcomes = []
        while times := [job.not_before for job in self.queue.jobs if job.not_before and job.not_before <= until]:
            self.clock.at = max(self.clock.at, min(times)) - timedelta(seconds=2)
            outcomes += self.deliver()
        self.clock.at = max(self.clock.at, until)
        return outcomes

    def sweep(self) -> None:
        sweep(self.world, SweepPayload(kind="webhooks"))

    def deliveries(self) -> list[Any]:
        """The log, newest first."""
        return list(self.crm.json("GET", "/v1/webhook/deliveries")["data"])

    def titles(self) -> list[Any]:
        """What came, by its title."""
        return [change["task"]["title"] for change in self.receiver.changes()]


def post(folder: Path) -> Post:
    """A tenant without a webhook yet."""
    made = stage(folder)
    receiver = KeptMessages()
    options = made.world.options
    telling = TellingStore(made.store, made.queue, clock=made.clock, log=made.log, options=options)
    world = replace(made.world, store=telling, sender=receiver)
    crm = made.caller()
    return Post(
        world=world,
        crm=Caller(client=create_app(world).test_client(), tenant=crm.tenant, key=crm.key),
        store=made.store,
        scanned=made.sqlite.scanned,
        queue=made.queue,
        clock=made.clock,
        log=made.log,
        receiver=receiver,
    )


def versions(changes: list[Mapping[str, Any]]) -> dict[str, list[int]]:
    """Per task, the versions in the order in which they came."""
    told: dict[str, list[int]] = {}
    for change in changes:
        told.setdefault(change["task_id"], []).append(change["version"])
    return told
