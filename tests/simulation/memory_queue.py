"""The queue port in memory by virtual time, with Cloud Tasks' semantics: named, delayed, at least once, tried again.

It only keeps jobs; what runs them, in which order and how often, is the simulation's business. It joins the contract.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from infra.queues import MAX_PAYLOAD_BYTES, QUEUES, TOMBSTONE
from shared.errors import Bug

if TYPE_CHECKING:
    from shared.ports import Clock, Job

NAME = re.compile(r"[A-Za-z0-9_-]{1,500}")


@dataclass(slots=True, kw_only=True)
class Waiting:
    """A job that is not done: when it is due, and how often it was tried."""

    job: Job
    due_at: datetime
    number: int
    tries: int = 0


@dataclass(slots=True)
class MemoryQueue:
    """Jobs that wait, and the names that are taken."""

    clock: Clock
    waiting: list[Waiting] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    """Names that were enqueued while they were taken."""
    _taken: dict[tuple[str, str], datetime | None] = field(default_factory=dict)
    """When the job of this name was done; None: it waits."""
    _count: int = 0

    def enqueue(self, job: Job) -> bool:
        _check(job)
        now = self.clock.now()
        if job.name is not None:
            key = (job.queue, job.name)
            done_at = self._taken.get(key, now - TOMBSTONE)
            if done_at is None or now - done_at < TOMBSTONE:
                self.refused.append(job.name)
                return False
            self._taken[key] = None
        self._count += 1
        self.waiting.append(Waiting(job=job, due_at=max(now, job.not_before or now), number=self._count))
        return True

    def due(self) -> list[Waiting]:
        """What could run now, the earliest first."""
        now = self.clock.now()
        return sorted((each for each in self.waiting if each.due_at <= now), key=lambda it: (it.due_at, it.number))

    def take(self, entry: Waiting) -> None:
        """The job is handed out; whoever has it says `done` or `again`."""
        self.waiting.remove(entry)
        entry.tries += 1

    def done(self, entry: Waiting) -> None:
        """The job answered well; its name stays taken for 24 hours."""
        if entry.job.name is not None:
            self._taken[entry.job.queue, entry.job.name] = self.clock.now()

    def again(self, entry: Waiting) -> None:
        """The job failed or its answer was lost: it is due again after the queue's backoff."""
        entry.due_at = self.clock.now() + timedelta(seconds=QUEUES[entry.job.queue].backoff_s(entry.tries))
        self.waiting.append(entry)

    def next_at(self) -> datetime | None:
        """When the next job is due."""
        return min((each.due_at for each in self.waiting), default=None)


def _check(job: Job) -> None:
    if job.queue not in QUEUES:
        raise Bug(f"there is no queue {job.queue}")
    if job.name is not None and not NAME.fullmatch(job.name):
        raise Bug("a job's name is 1 to 500 letters, digits, dashes and underscores")
    if len(msgspec.json.encode(job.payload)) > MAX_PAYLOAD_BYTES:
        raise Bug("a job's payload is too large")
