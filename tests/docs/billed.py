"""What a flow asks of Google Cloud in the units that are billed: documents, not calls; jobs; requests.

Source: https://cloud.google.com/firestore/docs/pricing
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from infra.simulator.server import RunningSimulator
from shared.model.ids import CalendarId, ConnectionId, key_of
from shared.ports import Document, Query, Store, Write
from shared.usecases.inbound.pull import PullPayload, pull_calendar
from shared.usecases.jobs import pull_job
from shared.webhooks.deliver import DeliverPayload, deliver_changes
from shared.webhooks.manage import set_webhook
from tests.receivers import KeptMessages
from tests.usecases.bench import ANNA, MONDAY, TENANT, Bench

CALL = {"user_id": "anna", "title": "Call", "start": f"{MONDAY}T10:00:00", "status": "open"}


class BilledStore:
    """Passes every call on and counts documents: one that is not there is billed too, and so is an empty answer."""

    def __init__(self, store: Store, bill: Counter[str]) -> None:
        self._store = store
        self._bill = bill

    def get_many(self, paths: Sequence[str]) -> dict[str, Document | None]:
        self._bill["read"] += len(set(paths))
        return self._store.get_many(paths)

    def query(self, query: Query) -> list[Document]:
        found = self._store.query(query)
        self._bill["read"] += max(1, len(found))
        return found

    def count(self, query: Query) -> int:
        self._bill["read"] += 1
        return self._store.count(query)

    def commit(self, writes: Sequence[Write]) -> datetime:
        self._bill["written"] += len(writes)
        return self._store.commit(writes)

    def horizon_s(self) -> float:
        return self._store.horizon_s()


def billed(folder: Path) -> dict[str, Counter[str]]:
    """Each step of a change from the CRM, and of one from Google, on a connection that has a history."""
    with RunningSimulator() as simulator:
        bill: Counter[str] = Counter()
        bench = _Billed(folder, simulator, bill)
        connection = bench.connect("anna")
        set_webhook(bench.world, TENANT, "http://127.0.0.1:9/hook")
        bench.put("a", **CALL)
        bench.run()
        bench.settle(connection)
        steps: dict[str, Counter[str]] = {}

        def step(name: str) -> None:
            now = Counter({**bill, "jobs": bench.queue.enqueued, "google": bench.calls.total()})
            steps[name] = now - before[0]
            before[0] = now

        before = [Counter({**bill, "jobs": bench.queue.enqueued, "google": bench.calls.total()})]
        bench.put("a", title="Changed by the CRM")
        step("the CRM writes a task")
        bench.run()
        step("its job changes the event")
        bench.notified(connection)
        bench.read(connection)
        step("Google tells of our own write, and it is read")
        bench.person().edit(str(bench.task("a").sync.event_id), summary="Changed by a person")
        bench.notified(connection)
        bench.read(connection)
        step("Google tells of a person's change, and it is read")
        bench.clock.pass_(seconds=20)
        deliver_changes(bench.world, DeliverPayload(tenant=TENANT))
        step("the CRM's webhook is told")
        return steps


class _Billed(Bench):
    """A bench whose store is counted as it is billed."""

    def __init__(self, folder: Path, simulator: RunningSimulator, bill: Counter[str]) -> None:
        super().__init__(folder, simulator)
        store = BilledStore(self.world.store, bill)
        self.world = dataclasses.replace(self.world, store=store, sender=KeptMessages())

    def notified(self, connection: ConnectionId) -> None:
        """What `calendar_webhook` does with a proved notification."""
        job = pull_job(TENANT, connection, key_of(ANNA), now=self.clock.now(), options=self.world.options)
        self.queue.enqueue(job)

    def read(self, connection: ConnectionId) -> None:
        """The pull that the notification brings; what it enqueues is counted and not done."""
        pull_calendar(self.world, PullPayload(tenant=TENANT, connection=connection, calendar=key_of(CalendarId(ANNA))))
        self.clock.pass_(seconds=5)

    def settle(self, connection: ConnectionId) -> None:
        """Everything until now is read and told."""
        self.read(connection)
        self.clock.pass_(seconds=20)
        deliver_changes(self.world, DeliverPayload(tenant=TENANT))
