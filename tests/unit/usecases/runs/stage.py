"""A deployment with the real SQLite store and the simulated Google in this process; jobs run when a test says so."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from infra.embedded.sqlite_store import SqliteStore
from shared.model.change import Change
from shared.model.connection import Connection
from shared.model.content import Content
from shared.model.ids import ConnectionId, RunId, TaskId, UserId, connection_path
from shared.model.run import RunKind
from shared.model.stored import read_as
from shared.ports import Query
from shared.usecases.connecting import renew_channels
from shared.usecases.inbound import pull
from shared.usecases.inbound.sweep_orphans import SweptOrphans
from shared.usecases.outbound import sync_task
from shared.usecases.runs import run_step
from shared.usecases.runs.runs import RunView, get_run, start_run
from shared.usecases.sweep import SweepKind, SweepPayload, Swept, sweep
from shared.usecases.tasks.put_task import TaskWrite, put_tasks
from tests.closing import closed_later
from tests.simulation.doubles import SteppedStore
from tests.simulation.sim import ANNA, BEN, Sim

if TYPE_CHECKING:
    from shared.ports import Store
    from shared.usecases.world import World
    from tests.simulation.memory_queue import Waiting

T = TypeVar("T")
Function = Callable[["World", Mapping[str, object]], object]
MOST = 5000

FUNCTIONS: dict[str, Function] = {
    "run_step": lambda world, said: run_step.run_step(world, msgspec.convert(said, run_step.RunPayload)),
    "sync_task": lambda world, said: sync_task.sync_task(world, msgspec.convert(said, sync_task.SyncTaskPayload)),
    "pull_calendar": lambda world, said: pull.pull_calendar(world, msgspec.convert(said, pull.PullPayload)),
    "renew_channels": lambda world, said: renew_channels.renew_channels(
        world, msgspec.convert(said, renew_channels.RenewPayload)
    ),
    "sweep": lambda world, said: sweep(world, msgspec.convert(said, SweepPayload)),
}


class Killed(BaseException):
    """The process died at a port call; no handler of the product's runs on."""


class Stage:
    """One tenant, `acme`; users connect when a test says so. `world` is what use cases get, `sim` is for looking.

    Args:
        folder: Where the SQLite file is; None: the store is in memory, for what is played a hundred times.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.sim = Sim()
        self.store: Store = self.sim.store
        if folder is not None:
            self.store = closed_later(SqliteStore(folder / "store.sqlite", clock=self.sim.clock))
            self.sim.store = self.store  # type: ignore[assignment]
        self.sim.world = dataclasses.replace(self.sim.world, store=SteppedStore(self.store, self.sim.stage))
        self.calls: Counter[str] = Counter()
        self.moments = 0
        self.google_s = 0.0
        self.dies_at: int | None = None
        self._plain = self.sim.stage.call
        self.sim.stage.call = self._call  # type: ignore[method-assign]
        self.tenant = self.sim.found("acme")
        self.anna = self.sim.google.person(ANNA)
        self.ben = self.sim.google.person(BEN)

    @property
    def world(self) -> World:
        return self.sim.world

    @property
    def clock(self) -> Any:  # noqa: ANN401 - the simulation's own
        return self.sim.clock

    def connect(self, user: str = "anna", account: str = ANNA, *, pull: bool = True, **settings: Any) -> ConnectionId:  # noqa: ANN401 - the contract's settings
        """The user has an active connection that watches the primary calendar."""
        return self.sim.connect(self.tenant, user, account, pull=pull, **settings)

    # The CRM

    def put(self, task: str, *, user: str = "anna", send: bool = True, day: int = 2, **fields: Any) -> None:  # noqa: ANN401 - its fields
        """The task is written, an hour on that day of July; `send`: with a job of its own, as a single PUT."""
        when = {"start": f"2026-07-{day:02d}T10:00:00+02:00", "end": f"2026-07-{day:02d}T11:00:00+02:00"}
        said = {"user_id": user, "title": task, **when, **fields}
        content: Content = msgspec.convert(said, Content)
        (result,) = put_tasks(
            self.world, self.tenant, [TaskWrite(id=TaskId(task), content=content)], now=self.clock.now(), enqueue=send
        )
        assert result.error is None, result.error

    def state(self, task: str) -> tuple[str, str | None]:
        """How the task stands."""
        sync = self.sim.task(task).sync
        return sync.state, sync.reason

    # Runs and jobs

    def start(
        self, kind: RunKind, connection: str | None = "c-anna", *, user: str | None = None, **options: str | None
    ) -> RunId:
        """A run has begun."""
        link = ConnectionId(connection) if connection is not None else None
        asked = {name: value for name, value in options.items() if value is not None}
        return start_run(self.world, self.tenant, kind=kind, connection=link, user=user, options=asked)

    def run(
        self, kind: RunKind, connection: str | None = "c-anna", *, user: str | None = None, **options: str | None
    ) -> RunView:
        """A run has begun and everything that waits was done; how it ended."""
        started = self.start(kind, connection, user=user, **options)
        self.drain()
        return self.view(started)

    def view(self, run: RunId, *, limit: int = 500) -> RunView:
        return get_run(self.world, self.tenant, run, cursor=None, limit=limit)

    def drain(self, *, until: datetime | None = None) -> None:
        """Everything that waits is done, time moving on to the next job when none is due."""
        for _ in range(MOST):
            due = self.sim.queue.due()
            if not due:
                ahead = self.sim.queue.next_at()
                if ahead is None or (until is not None and ahead > until):
                    return
                self.clock.time = max(self.clock.time, ahead)
                continue
            self.do(due[0])
        raise AssertionError("the world does not come to rest")

    def do(self, entry: Waiting) -> object:
        """One job runs, as its function would."""
        self.sim.queue.take(entry)
        try:
            outcome = FUNCTIONS[entry.job.function](self.world, entry.job.payload)
        except Killed:
            self.sim.queue.again(entry)
            raise
        self.sim.queue.done(entry)
        return outcome

    def sweep(self, kind: SweepKind) -> Swept | SweptOrphans:
        """One sweep of a kind, now."""
        return sweep(self.world, SweepPayload(kind=kind))

    def slow_google(self, *, seconds: float) -> None:
        """Every call to Google takes so long from now on."""
        self.google_s = seconds

    def recover(self) -> None:
        """Another process takes over: the queue sends its jobs again, and the sweeps find what has none."""
        self.drain()
        kinds: tuple[SweepKind, ...] = ("runs", "tasks", "calendars")
        for _ in range(3):
            self.later(300)
            for kind in kinds:
                self.sweep(kind)
            self.drain()

    def all_of(self, collection: str) -> Query:
        """Every document of one of the tenant's collections."""
        return Query(collection=f"tenants/{self.tenant}/{collection}")

    def waiting(self, function: str) -> int:
        """How many jobs of a function wait."""
        return sum(each.job.function == function for each in self.sim.queue.waiting)

    def later(self, seconds: float) -> None:
        self.clock.time += timedelta(seconds=seconds)

    # Looking

    def titles(self, account: str = ANNA) -> list[str]:
        """What the account's page shows."""
        return sorted(each["summary"] for each in self.sim.google.person(account).events())

    def connection(self, connection: str = "c-anna") -> Connection:
        path = connection_path(self.tenant, ConnectionId(connection))
        document = self.store.get_many([path])[path]
        assert document is not None
        return read_as(Connection, document)

    def changes(self, kind: str) -> list[Change]:
        """Every entry of the feed of this kind."""
        found = self.store.query(Query(collection=f"tenants/{self.tenant}/changes"))
        return [each for each in (read_as(Change, document) for document in found) if each.kind == kind]

    def user(self, user: str = "anna") -> UserId:
        return UserId(user)

    # Deaths

    def counted(self) -> dict[str, int]:
        """Calls since the last time, by port."""
        found = dict(self.calls)
        self.calls.clear()
        return found

    def _call(self, name: str, effect: Callable[[], T]) -> T:
        self.calls[name] += 1
        self._moment()
        if name.startswith("google."):
            self.later(self.google_s)
        result = self._plain(name, effect)
        self._moment()
        return result

    def _moment(self) -> None:
        """Before and after the effect of each call is a moment at which a process can die."""
        self.moments += 1
        if self.moments == self.dies_at:
            raise Killed
