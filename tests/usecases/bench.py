"""A bench for use cases: a store, the simulator over HTTP, a queue that only collects; every call is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from infra.embedded.secrets import SealedSecrets
from infra.embedded.sqlite_store import SqliteStore
from infra.google.calendar_client import GoogleClient
from infra.google.oauth_client import OAuthClient
from infra.keys import PathCipher, PurposeKeys
from infra.simulator.person import Person
from infra.simulator.server import RunningSimulator
from infra.system import SystemIds
from shared.model.connection import Connection, User, UserConnection, Watched
from shared.model.content import Content
from shared.model.ids import (
    CalendarId,
    ConnectionId,
    TaskId,
    TenantId,
    UserId,
    calendar_path,
    connection_path,
    key_of,
    task_path,
    tenant_path,
    user_path,
)
from shared.model.oauth import Client, Identity
from shared.model.stored import read_as, to_data
from shared.model.task import Task
from shared.model.tenant import Tenant
from shared.ports import Job, Set, Store
from shared.usecases.inbound.pull import Pulled, PullPayload, pull_calendar
from shared.usecases.outbound.sync_task import SyncTaskPayload, sync_task
from shared.usecases.tasks.delete_task import delete_task
from shared.usecases.tasks.put_task import PutResult, TaskWrite, put_tasks
from shared.usecases.world import Addresses, Options, World
from shared.webhooks.telling import TellingStore
from tests.closing import closed_later
from tests.counting import CountingStore
from tests.receivers import KeptMessages

TENANT = TenantId("acme")
ANNA, BEN = "anna@example.com", "ben@example.com"
MONDAY = "2026-11-23"


class HeldClock:
    """A clock that stands until it is moved."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def pass_(self, **parts: float) -> None:
        self.at += timedelta(**parts)


class CollectingQueue:
    """Keeps jobs by name as Cloud Tasks does, and runs none by itself."""

    def __init__(self) -> None:
        self.jobs: list[Job] = []
        self.names: set[str] = set()
        self.enqueued = 0

    def enqueue(self, job: Job) -> bool:
        self.enqueued += 1
        if job.name in self.names:
            return False
        if job.name is not None:
            self.names.add(job.name)
        self.jobs.append(job)
        return True


class SilentLog:
    """Keeps lines for those who ask."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str, Mapping[str, object]]] = []

    def event(self, flow: str, outcome: str, **fields: str | float | None) -> None:
        self.lines.append((flow, outcome, fields))


class OneClient:
    """The operator's OAuth client."""

    def client(self) -> Client:
        return Client(client_id="c", client_secret="s")


class Bench:
    """Tenant `acme`; `connect` gives a user a connection as if consent had been given.

    Args:
        store: An empty one; None: SQLite in the folder.
    """

    def __init__(self, folder: Path, simulator: RunningSimulator, store: Store | None = None) -> None:
        self.simulator = simulator
        self.clock = HeldClock(datetime.now(UTC))
        self.calls: Counter[str] = Counter()
        self.store = CountingStore(store or closed_later(SqliteStore(folder / "store.db", clock=self.clock)))
        self.queue = CollectingQueue()
        self.log = SilentLog()
        keys = (b"k" * 32,)
        self.world = World(
            deployment="bench",
            store=TellingStore(self.store, self.queue, clock=self.clock, log=self.log, options=Options()),
            queue=self.queue,
            clock=self.clock,
            ids=SystemIds(),
            cipher=PathCipher(keys),
            keys=PurposeKeys(keys),
            google=GoogleClient(simulator.url, on_request=self._count),
            oauth=OAuthClient(
                auth_url=simulator.addresses["TANDEM_GOOGLE_AUTH_URL"],
                token_url=simulator.addresses["TANDEM_GOOGLE_TOKEN_URL"],
                revoke_url=simulator.addresses["TANDEM_GOOGLE_REVOKE_URL"],
                userinfo_url=simulator.addresses["TANDEM_GOOGLE_USERINFO_URL"],
                on_request=self._count,
            ),
            clients=OneClient(),
            secrets=SealedSecrets(PathCipher(keys)),
            sender=KeptMessages(),
            log=self.log,
            addresses=Addresses(
                oauth="http://127.0.0.1:9",
                calendar_webhook="http://127.0.0.1:9",
                api="http://127.0.0.1:9",
                portal="http://127.0.0.1:9",
                push_possible=False,
            ),
            options=Options(loopback_allowed=True),
        )
        tenant = Tenant(id=TENANT, name="Acme", created_at=self.clock.now())
        self.store.commit([Set(path=tenant_path(TENANT), data=to_data(tenant))])

    def _count(self, method: str, address: str) -> None:
        del address
        self.calls[method] += 1

    def connect(self, user: str, account: str = ANNA, **settings: object) -> ConnectionId:
        """The user's connection to the account's primary calendar, watched by polling, pulled once."""
        connection_id, calendar = ConnectionId(f"c-{user}"), CalendarId(account)
        link = connection_path(TENANT, connection_id)
        now = self.clock.now()
        connection = Connection(
            id=connection_id,
            tenant=TENANT,
            user=UserId(user),
            created_at=now,
            status="active",
            google=Identity(sub=account, email=account),
            access_token=self.world.cipher.seal(link, self.simulator.google.access_token(account)),
            access_expires_at=now + timedelta(days=30),
            calendar=calendar,
            primary=calendar,
            time_zone="Europe/Berlin",
            settings=settings,
        )
        known = UserConnection(status="active", created_at=now, calendar=calendar, primary=calendar)
        self.store.commit(
            [
                Set(path=link, data=to_data(connection)),
                Set(
                    path=user_path(TENANT, UserId(user)),
                    data=to_data(User(id=UserId(user), connections={connection_id: known})),
                ),
            ]
        )
        self.watch(connection_id, calendar)
        self.pull(connection_id, calendar)
        return connection_id

    def watch(self, connection: ConnectionId, calendar: CalendarId) -> None:
        """The calendar is one that the connection looks at."""
        shelf = Watched(tenant=TENANT, connection=connection, calendar_id=calendar, time_zone="Europe/Berlin")
        self.store.commit([Set(path=calendar_path(TENANT, connection, calendar), data=to_data(shelf))])

    def person(self, account: str = ANNA) -> Person:
        """Somebody in Google's own pages."""
        return self.simulator.google.person(account)

    def put(self, task: str, **content: Any) -> PutResult:  # noqa: ANN401 - JSON
        """The CRM writes a task."""
        write = TaskWrite(id=TaskId(task), content=msgspec.convert(content, Content))
        return put_tasks(self.world, TENANT, [write], now=self.clock.now())[0]

    def delete(self, task: str) -> None:
        """The CRM deletes a task."""
        delete_task(self.world, TENANT, TaskId(task), if_match=None)

    def task(self, task: str) -> Task:
        """The task's document."""
        path = task_path(TENANT, TaskId(task))
        document = self.store.get_many([path])[path]
        if document is None:
            raise LookupError(task)
        return read_as(Task, document)

    def event(self, task: str, account: str = ANNA) -> Any:  # noqa: ANN401 - JSON
        """The task's event as its person sees it."""
        return self.person(account).get(str(self.task(task).sync.event_id))

    def pull(self, connection: ConnectionId, calendar: CalendarId | str = ANNA) -> Pulled:
        """One pull, and the jobs it leaves."""
        pulled = pull_calendar(self.world, PullPayload(tenant=TENANT, connection=connection, calendar=key_of(calendar)))
        self.run()
        return pulled

    def run(self) -> list[str]:
        """All outbound jobs that are enqueued, and those they enqueue; time passes to each one's due moment."""
        outcomes: list[str] = []
        while self.queue.jobs:
            job = self.queue.jobs.pop(0)
            if job.not_before is not None and job.not_before > self.clock.now():
                self.clock.at = job.not_before
            if job.function == "sync_task":
                outcomes.append(sync_task(self.world, msgspec.convert(dict(job.payload), SyncTaskPayload)))
        return outcomes

    @contextmanager
    def counted(self) -> Iterator[Counter[str]]:
        """Store calls, Google calls (`google`) and enqueues (`queue`) inside the block; zero counts are absent."""
        calls, enqueued = self.calls.total(), self.queue.enqueued
        with self.store.counted() as spent:
            yield spent
        spent.update({"google": self.calls.total() - calls, "queue": self.queue.enqueued - enqueued})
        for name in [name for name, count in spent.items() if not count]:
            del spent[name]
