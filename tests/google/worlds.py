"""A world beside a simulated Google: real store, real clients over HTTP, one clock for both that only tests move."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar
from urllib.parse import parse_qsl, urlsplit

import msgspec
from flask import Flask, Response, request
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from functions.oauth import answer
from infra.embedded.secrets import SealedSecrets
from infra.embedded.sqlite_store import SqliteStore
from infra.google.calendar_client import GoogleClient
from infra.google.oauth_client import OAuthClient
from infra.keys import PathCipher, PurposeKeys
from infra.simulator.model import Channel as SimChannel
from infra.simulator.server import RunningSimulator
from infra.simulator.sim_clock import SimClock
from infra.system import SystemIds
from shared.model.change import Change
from shared.model.connection import Connection, User, Watched
from shared.model.ids import CalendarId, ConnectionId, TenantId, UserId, calendar_path, connection_path, user_path
from shared.model.oauth import Client
from shared.model.run import Run
from shared.model.stored import read_as
from shared.ports import Job, Patch, Query
from shared.usecases.connecting.connect import Opened, create_connection
from shared.usecases.tenants import create_tenant
from shared.usecases.world import Addresses, Options, World
from tests.counting import CountingStore
from tests.receivers import KeptMessages

START = datetime(2026, 11, 20, 10, tzinfo=UTC)
ANNA, BEN = "anna@example.com", "ben@example.com"
USER = UserId("anna")
KEYS = (b"k" * 32,)
T = TypeVar("T", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True)
class SharedClock:
    """The simulator's clock as Tandem reads it."""

    clock: SimClock

    def now(self) -> datetime:
        return self.clock()


@dataclass(slots=True)
class KeptQueue:
    """Keeps what is enqueued; a name counts once."""

    jobs: list[Job] = field(default_factory=list)

    def enqueue(self, job: Job) -> bool:
        known = job.name is not None and any(other.name == job.name for other in self.jobs)
        if not known:
            self.jobs.append(job)
        return not known

    def functions(self) -> list[str]:
        """The functions that are to run, in order."""
        return [job.function for job in self.jobs]


@dataclass(slots=True)
class KeptLog:
    """Keeps lines."""

    lines: list[dict[str, object]] = field(default_factory=list)

    def event(self, flow: str, outcome: str, **fields: str | float | None) -> None:
        self.lines.append({"flow": flow, "outcome": outcome, **fields})


@dataclass(frozen=True, slots=True)
class OneClient:
    """The operator's client."""

    the_client: Client

    def client(self) -> Client:
        return self.the_client


@dataclass(slots=True, kw_only=True)
class Place:
    """The world and what stands around it."""

    world: World
    tenant: TenantId
    simulator: RunningSimulator
    store: CountingStore
    queue: KeptQueue
    log: KeptLog

    def browser(self) -> FlaskClient:
        """A person's browser on the pages of connecting."""
        app = Flask(__name__)
        app.add_url_rule("/<path:path>", "oauth", lambda path: answer(request, self.world), methods=["GET", "POST"])
        return app.test_client()

    def open(self, **wanted: object) -> Opened:
        """A connection that its user can open."""
        return create_connection(self.world, self.tenant, user_id=USER, **wanted)  # type: ignore[arg-type]

    def connected(self, **wanted: object) -> Connection:
        """A connection that Anna has connected."""
        opened = self.open(**wanted)
        came_back = self.consented(self.browser(), opened.authorize_url)
        assert came_back.status_code == 200, came_back.get_data(as_text=True)
        return self.connection(opened.connection.id)

    def consented(
        self, browser: FlaskClient, link: str, account: str = ANNA, scopes: tuple[str, ...] | None = None
    ) -> TestResponse:
        """The browser went to Google, the person allowed what was asked (or only these scopes), and it came back."""
        return browser.get(local(self.allowed(browser, link, account, scopes)))

    def allowed(
        self, browser: FlaskClient, link: str, account: str = ANNA, scopes: tuple[str, ...] | None = None
    ) -> str:
        """The address that Google sends the browser back to."""
        went = browser.get(local(link))
        assert went.status_code == 302, went.get_data(as_text=True)
        query = dict(parse_qsl(urlsplit(went.headers["Location"]).query))
        return self.simulator.google.consent(query, account, scopes)

    def advance(self, **parts: float) -> None:
        """Time passes, for Tandem and for Google."""
        self.simulator.clock.advance(timedelta(**parts).total_seconds())

    def connection(self, id_: ConnectionId) -> Connection:
        return self.read(Connection, connection_path(self.tenant, id_))

    def user(self) -> User:
        return self.read(User, user_path(self.tenant, USER))

    def watched(self, connection: Connection, calendar: str = ANNA) -> Watched:
        return self.read(Watched, calendar_path(self.tenant, connection.id, CalendarId(calendar)))

    def runs(self) -> list[Run]:
        found = self.world.store.query(Query(collection=f"tenants/{self.tenant}/runs"))
        return [read_as(Run, document) for document in found]

    def told(self) -> list[str | None]:
        """The kinds of the changes that the CRM hears of, in order."""
        found = self.world.store.query(Query(collection=f"tenants/{self.tenant}/changes", order=("at",)))
        return [read_as(Change, document).kind for document in found]

    def read(self, kind: type[T], path: str) -> T:
        document = self.world.store.get_many([path])[path]
        assert document is not None
        return read_as(kind, document)

    def change(self, connection: Connection, **fields: object) -> Connection:
        """The stored connection with some fields changed."""
        path = connection_path(self.tenant, connection.id)
        self.world.store.commit([Patch(path=path, fields=fields)])
        return self.connection(connection.id)

    def with_world(self, **parts: object) -> World:
        """The world with some ports replaced."""
        self.world = replace(self.world, **parts)  # type: ignore[arg-type]
        return self.world


def local(address: str) -> str:
    """Path and query of an address, as a test client takes it."""
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"


def page(response: TestResponse | Response) -> str:
    """What the browser shows."""
    return response.get_data(as_text=True)


@contextmanager
def place(folder: Path) -> Iterator[Place]:
    """An empty store beside a simulated Google, and one tenant."""
    with RunningSimulator() as simulator:
        simulator.clock.stop_at(START)
        clock, queue, log = SharedClock(simulator.clock), KeptQueue(), KeptLog()
        sqlite = SqliteStore(folder / "store.sqlite", clock=clock)
        addresses = simulator.addresses
        store = CountingStore(sqlite)
        world = World(
            deployment="test",
            store=store,
            queue=queue,
            clock=clock,
            ids=SystemIds(),
            cipher=PathCipher(KEYS),
            keys=PurposeKeys(KEYS),
            google=GoogleClient(simulator.url, tasks_url=simulator.url, now=clock.now),
            oauth=OAuthClient(
                auth_url=addresses["TANDEM_GOOGLE_AUTH_URL"],
                token_url=addresses["TANDEM_GOOGLE_TOKEN_URL"],
                revoke_url=addresses["TANDEM_GOOGLE_REVOKE_URL"],
                userinfo_url=addresses["TANDEM_GOOGLE_USERINFO_URL"],
                now=clock.now,
            ),
            secrets=SealedSecrets(PathCipher(KEYS)),
            clients=OneClient(
                Client(
                    client_id=addresses["TANDEM_OAUTH_CLIENT_ID"],
                    client_secret=addresses["TANDEM_OAUTH_CLIENT_SECRET"],
                )
            ),
            sender=KeptMessages(),
            log=log,
            addresses=Addresses(
                oauth="http://127.0.0.1:9",
                calendar_webhook="http://127.0.0.1:9",
                api="http://127.0.0.1:9",
                portal="http://127.0.0.1:9",
                push_possible=True,
            ),
            options=Options(loopback_allowed=True),
        )
        tenant, _ = create_tenant(world, "CRM")
        yield Place(world=world, tenant=tenant.id, simulator=simulator, store=store, queue=queue, log=log)
        sqlite.close()


def live(here: Place) -> Mapping[str, SimChannel]:
    """The channels that Google knows."""
    return here.simulator.google.ctx.world.channels
