"""The one place from which deliveries start: a store that sees which commits hold something for the CRM.

No use case asks for a delivery and none can forget to. A tenant without a webhook costs nothing: every flow reads the
tenant's document, which says whether it has one, and what was read is remembered here. Where the job is not taken, the
webhook is due soon, and its sweep finds the change. Start at `commit`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from shared.errors import LostRace, TandemError
from shared.model.ids import TenantId, tenant_path, webhook_path
from shared.model.stored import read_as
from shared.model.webhook import Webhook
from shared.ports import Document, Patch, Query, Revision, Set, Write
from shared.usecases.jobs import deliver_job

if TYPE_CHECKING:
    from shared.ports import Clock, Log, Queue, Store
    from shared.usecases.world import Options

TRUSTED = timedelta(minutes=1)
"""How long a tenant counts as having no webhook after its document said so; the API may have set one elsewhere."""
ROUNDS = 5
MOST = 10_000
"""Tenants that are remembered; beyond, all are forgotten, which costs each a job for nothing."""


class TellingStore:
    """A store whose commits of changes for a CRM are followed by a delivery; otherwise the store it was given.

    Args:
        store: Keeps the documents.
        queue: Takes the jobs.
        clock: Says which half second it is: there is one job for each.
        log: Told when a job is not taken.
        options: The guard behind a bucket of time.
    """

    def __init__(self, store: Store, queue: Queue, *, clock: Clock, log: Log, options: Options) -> None:
        self._store = store
        self._queue = queue
        self._clock = clock
        self._log = log
        self._options = options
        self._without: dict[str, datetime] = {}
        self._asked: dict[TenantId, str | None] = {}

    def get_many(self, paths: Sequence[str]) -> dict[str, Document | None]:
        found = self._store.get_many(paths)
        for path, document in found.items():
            if document is not None and _is_tenant(path):
                self._note(path, document.data)
        return found

    def query(self, query: Query) -> list[Document]:
        return self._store.query(query)

    def count(self, query: Query) -> int:
        return self._store.count(query)

    def horizon_s(self) -> float:
        return self._store.horizon_s()

    def commit(self, writes: Sequence[Write]) -> datetime:
        """The commit, and a job for each tenant whose CRM it tells something and who may have a webhook."""
        at = self._store.commit(writes)
        for write in writes:
            if _is_tenant(write.path):
                self._without.pop(write.path, None)
        now = self._clock.now()
        for tenant in dict.fromkeys(_tenant_of(write.path) for write in writes if _is_news(write)):
            known = self._without.get(tenant_path(tenant))
            if known is None or now - known > TRUSTED:
                self._ask(tenant, now)
        return at

    def _note(self, path: str, tenant: Mapping[str, object]) -> None:
        if tenant.get("webhook"):
            self._without.pop(path, None)
            return
        if len(self._without) >= MOST:
            self._without.clear()
        self._without[path] = self._clock.now()

    def _ask(self, tenant: TenantId, now: datetime) -> None:
        """One job is to deliver what was told in this half second; one that was asked for already will."""
        job = deliver_job(tenant, now=now, options=self._options)
        if self._asked.get(tenant) == job.name:
            return
        try:
            self._queue.enqueue(job)
        except TandemError as error:
            self._log.event("tell", "not_enqueued", tenant=tenant, error=error.code)
            self._due_soon(tenant, now)
            return
        if len(self._asked) >= MOST:
            self._asked.clear()
        self._asked[tenant] = job.name

    def _due_soon(self, tenant: TenantId, now: datetime) -> None:
        """The sweep looks as soon as for a job that was lost; where that cannot be stored, when it looks anyway."""
        look_at, path = now + timedelta(seconds=self._options.pending_after_s), webhook_path(tenant)
        try:
            for _ in range(ROUNDS):
                document = self._store.get_many([path])[path]
                webhook = read_as(Webhook, document) if document else None
                if document is None or webhook is None or webhook.due_at is None or webhook.due_at <= look_at:
                    return
                try:
                    self._store.commit([Patch(path=path, fields={"due_at": look_at}, must=Revision(document.revision))])
                except LostRace:
                    continue
                return
        except TandemError as error:
            self._log.event("tell", "left_to_sweep", tenant=tenant, error=error.code)


def _is_news(write: Write) -> bool:
    """Whether the write adds a change that is delivered; the CRM's own are not, nor is what only history keeps."""
    return isinstance(write, Set) and write.data.get("told") == "out"


def _is_tenant(path: str) -> bool:
    return path.startswith("tenants/") and path.count("/") == 1


def _tenant_of(path: str) -> TenantId:
    return TenantId(path.split("/", 2)[1])
