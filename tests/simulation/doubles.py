"""The small ports of the simulation: a clock that only moves when told, seeded ids, and what needs no real secret.

Store and queue are wrapped so that a job stops at each of their calls.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from infra.simulator.state import DEMO_CLIENT_ID, DEMO_CLIENT_SECRET
from shared.errors import Bug
from shared.model.oauth import Client

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from shared.ports import (
        Document,
        Job,
        Query,
        Queue,
        Store,
        WebhookMessage,
        WebhookReply,
        WebhookSender,
        Write,
    )
    from tests.simulation.stepping import Stage

START = datetime(2026, 7, 1, 8, 0, tzinfo=UTC)
_BASE32HEX = "0123456789abcdefghijklmnopqrstuv"


@dataclass(slots=True)
class VirtualClock:
    """Stands still until it is told to go on."""

    time: datetime = START

    def now(self) -> datetime:
        return self.time

    def advance(self, seconds: float) -> None:
        """So much time has passed."""
        self.time += timedelta(seconds=seconds)


@dataclass(frozen=True, slots=True)
class InstanceClock:
    """The clock of the instance that runs the job at work: the true one, ahead or behind by that job's skew."""

    true: VirtualClock
    stage: Stage

    def now(self) -> datetime:
        job = self.stage.current
        return self.true.now() + timedelta(seconds=job.skew_s) if job is not None else self.true.now()


@dataclass(slots=True)
class SeededIds:
    """Ids and chance from the simulation's one source."""

    rng: Random
    _count: int = 0

    def new(self) -> str:
        self._count += 1
        head = "".join(self.rng.choices(_BASE32HEX, k=18))
        return f"{head}{self._count:08d}"

    def secret(self) -> str:
        return "".join(self.rng.choices(_BASE32HEX, k=43))

    def jitter(self) -> float:
        return self.rng.random()


class OpenCipher:
    """Seals by writing the path beside the text: a moved ciphertext does not open."""

    def seal(self, path: str, plain: str) -> str:
        return f"sealed|{path}|{plain}"

    def open(self, path: str, sealed: str) -> str:
        head = f"sealed|{path}|"
        if not sealed.startswith(head):
            raise Bug("a ciphertext was moved to another document")
        return sealed.removeprefix(head)


class PlainKeys:
    """One key per purpose."""

    def for_purpose(self, purpose: str) -> tuple[bytes, ...]:
        return (hashlib.sha256(purpose.encode()).digest(),)


class DemoClients:
    """The simulator's own OAuth client."""

    def client(self) -> Client:
        return Client(client_id=DEMO_CLIENT_ID, client_secret=DEMO_CLIENT_SECRET)


@dataclass(slots=True)
class KeptLog:
    """Lines, kept for looking at them."""

    lines: list[tuple[str, str, dict[str, str | float | None]]] = field(default_factory=list)

    def event(self, flow: str, outcome: str, **fields: str | float | None) -> None:
        self.lines.append((flow, outcome, fields))


@dataclass(frozen=True, slots=True)
class SteppedStore:
    """The store, a stop at each call."""

    inner: Store
    stage: Stage

    def get_many(self, paths: Sequence[str]) -> dict[str, Document | None]:
        return self.stage.call("store.get_many", partial(self.inner.get_many, paths))

    def query(self, query: Query) -> list[Document]:
        return self.stage.call("store.query", partial(self.inner.query, query))

    def count(self, query: Query) -> int:
        return self.stage.call("store.count", partial(self.inner.count, query))

    def commit(self, writes: Sequence[Write]) -> datetime:
        return self.stage.call("store.commit", partial(self.inner.commit, writes))

    def horizon_s(self) -> float:
        return self.inner.horizon_s()


@dataclass(frozen=True, slots=True)
class SteppedQueue:
    """The queue, a stop at each enqueue."""

    inner: Queue
    stage: Stage

    def enqueue(self, job: Job) -> bool:
        return self.stage.call("queue.enqueue", partial(self.inner.enqueue, job))


@dataclass(frozen=True, slots=True)
class SteppedSender:
    """What carries deliveries, a stop at each message."""

    inner: WebhookSender
    stage: Stage

    def send(self, message: WebhookMessage) -> WebhookReply:
        return self.stage.call("webhook.send", partial(self.inner.send, message))
