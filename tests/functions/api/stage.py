"""A world for the API's tests: the real SQLite store, a clock to turn, a queue and a log that keep what they get.

`Caller` is a CRM that speaks to the app over WSGI.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import EnvironBuilder, TestResponse, run_wsgi_app
from werkzeug.wrappers import Request

from functions.api.app import create_app
from infra.embedded.secrets import SealedSecrets
from infra.embedded.sqlite_store import SqliteStore
from infra.keys import PathCipher, PurposeKeys
from infra.system import SystemIds
from shared.model.connection import Connection, Status
from shared.model.ids import CalendarId, ConnectionId, TenantId, UserId, user_path
from shared.model.oauth import CALENDAR_SCOPES, Identity
from shared.ports import Google, Job, Must, OAuth
from shared.usecases.standing import standing_writes
from shared.usecases.tenants import create_tenant
from shared.usecases.world import Addresses, Clients, Options, World
from tests.closing import closed_later
from tests.counting import CountingStore
from tests.receivers import KeptMessages


@dataclass(slots=True)
class TurnedClock:
    """Stands until it is turned."""

    at: datetime = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def turn(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass(slots=True)
class KeptQueue:
    """Keeps jobs; a name counts once."""

    jobs: list[Job] = field(default_factory=list)

    def enqueue(self, job: Job) -> bool:
        if job.name is not None and any(known.name == job.name for known in self.jobs):
            return False
        self.jobs.append(job)
        return True


@dataclass(slots=True)
class KeptLog:
    """Keeps lines."""

    lines: list[dict[str, object]] = field(default_factory=list)

    def event(self, flow: str, outcome: str, **fields: str | float | None) -> None:
        self.lines.append({"flow": flow, "outcome": outcome, **fields})


class NoWorld:
    """Stands for a port that the API must not touch in these tests: anything asked of it fails."""

    def __getattr__(self, name: str) -> object:
        message = f"the API asked for {name}"
        raise AssertionError(message)


@dataclass(slots=True, kw_only=True)
class Caller:
    """One tenant's CRM."""

    client: FlaskClient
    tenant: TenantId
    key: str

    def call(
        self, method: str, path: str, body: object = None, *, headers: Mapping[str, str] | None = None
    ) -> TestResponse:
        sent = {"Authorization": f"Bearer {self.key}", **(headers or {})}
        if isinstance(body, bytes):
            return self.client.open(path, method=method, data=body, headers=sent)
        return self.client.open(path, method=method, json=body, headers=sent)

    def send(self, method: str, path: str, stream: bytes, **environ: object) -> TestResponse:
        """The call with exactly these bytes on the wire and this WSGI environment, true or not."""
        builder = EnvironBuilder(path=path, method=method, headers=[("Authorization", f"Bearer {self.key}")])
        given: dict[str, Any] = {**builder.get_environ(), "wsgi.input": io.BytesIO(stream), **environ}
        given = {name: value for name, value in given.items() if value is not None}
        return TestResponse(*run_wsgi_app(self.client.application, given), Request(given))

    def json(self, method: str, path: str, body: object = None, *, expect: int = 200) -> Any:  # noqa: ANN401 - JSON
        answer = self.call(method, path, body)
        assert answer.status_code == expect, answer.get_data(as_text=True)
        return answer.get_json()


@dataclass(slots=True, kw_only=True)
class Stage:
    """The world, the app over it, and its tenants."""

    world: World
    app: Flask
    store: CountingStore
    sqlite: SqliteStore
    clock: TurnedClock
    queue: KeptQueue
    log: KeptLog

    def caller(self, name: str = "CRM") -> Caller:
        tenant, key = create_tenant(self.world, name)
        return Caller(client=self.app.test_client(), tenant=tenant.id, key=key)


def stage(folder: Path) -> Stage:
    """A world with an empty store in the folder."""
    clock, queue, log = TurnedClock(), KeptQueue(), KeptLog()
    keys = (b"k" * 32,)
    sqlite = closed_later(SqliteStore(folder / "store.sqlite", clock=clock))
    store = CountingStore(sqlite)
    world = World(
        deployment="test",
        store=store,
        queue=queue,
        clock=clock,
        ids=SystemIds(),
        cipher=PathCipher(keys),
        keys=PurposeKeys(keys),
        google=cast("Google", NoWorld()),
        oauth=cast("OAuth", NoWorld()),
        clients=cast("Clients", NoWorld()),
        secrets=SealedSecrets(PathCipher(keys)),
        sender=KeptMessages(),
        log=log,
        addresses=Addresses(
            oauth="http://127.0.0.1",
            calendar_webhook="http://127.0.0.1",
            api="http://127.0.0.1",
            portal="http://127.0.0.1",
            push_possible=True,
        ),
        options=Options(loopback_allowed=True),
    )
    return Stage(world=world, app=create_app(world), store=store, sqlite=sqlite, clock=clock, queue=queue, log=log)


def connected(stage: Stage, crm: Caller, user: str = "anna", status: Status = "active") -> ConnectionId:
    """A connection as it stands after its user has connected: with an account, and no calendar watched yet."""
    connection = Connection(
        id=ConnectionId(stage.world.ids.new()),
        tenant=crm.tenant,
        user=UserId(user),
        created_at=stage.clock.now(),
        status=status,
        google=Identity(sub=f"sub-{user}", email=f"{user}@example.com"),
        scopes=CALENDAR_SCOPES,
        calendar=CalendarId(f"{user}@example.com"),
        primary=CalendarId(f"{user}@example.com"),
        time_zone="Europe/Rome",
    )
    person = user_path(crm.tenant, UserId(user))
    known = stage.world.store.get_many([person])[person]
    stage.world.store.commit(standing_writes(stage.world, connection, must=Must.BE_ABSENT, user=known))
    return connection.id
