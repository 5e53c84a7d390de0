"""The queue port on one SQLite file, with Cloud Tasks' semantics: named, delayed, repeated, at least once, durable.

It only keeps jobs and hands them out; who sends them, and how fast, is `dispatch`. Times are microseconds since 1970.
Source: https://docs.cloud.google.com/tasks/docs/reference/rest/v2/projects.locations.queues.tasks
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from infra.embedded.database import Database
from infra.queues import MAX_PAYLOAD_BYTES, QUEUES, TOMBSTONE
from shared.errors import Bug
from shared.ports import Job

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from infra.queues import QueueLimits
    from shared.ports import Clock

VERSION = 1
SCHEMA = """\
CREATE TABLE jobs (
  id INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT NOT NULL, function TEXT NOT NULL, name TEXT, payload BLOB NOT NULL,
  eta INTEGER NOT NULL, run_at INTEGER, leased_until INTEGER, tries INTEGER NOT NULL DEFAULT 0, status INTEGER,
  finished_at INTEGER
);
CREATE UNIQUE INDEX jobs_named ON jobs (queue, name) WHERE name IS NOT NULL;
CREATE INDEX jobs_due ON jobs (queue, run_at) WHERE run_at IS NOT NULL;
CREATE INDEX jobs_finished ON jobs (finished_at) WHERE finished_at IS NOT NULL"""
NAME = re.compile(r"[A-Za-z0-9_-]{1,500}")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
GRACE_S = 30.0
"""How long after its deadline a job that nobody settled counts as abandoned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A job handed out for one try.

    Args:
        tries: How many tries there were, with this one.
        status: What the last try answered; None: there was none, or it answered nothing.
        eta: When it was to run first.
    """

    id: int
    queue: str
    function: str
    name: str | None
    payload: bytes
    eta: datetime
    tries: int
    status: int | None


class DurableQueue:
    """Jobs in one file. Every enqueue is on disk when it returns.

    Args:
        path: The file; made when it is absent.
        clock: Says what is due and when a name is free again.
        queues: The queues there are.

    Raises:
        WrongFile: The file was written by another version or another program.
        StoreUnavailable: It cannot be opened.
    """

    def __init__(self, path: Path, *, clock: Clock, queues: Mapping[str, QueueLimits] = QUEUES) -> None:
        self._clock = clock
        self._queues = queues
        self._database = Database(path, schema=SCHEMA, version=VERSION)
        self._listeners: list[Callable[[], None]] = []

    def close(self) -> None:
        """The file is closed; calls fail from now on."""
        self._database.close()

    def listen(self, listener: Callable[[], None]) -> None:
        """The listener is called after every enqueue of this process, in the thread that enqueues."""
        self._listeners.append(listener)

    def enqueue(self, job: Job) -> bool:
        payload = self._checked(job)
        now = self._clock.now()
        run_at = _micros(max(now, job.not_before) if job.not_before else now)
        with self._database.writing() as connection:
            if job.name is not None:
                connection.execute(
                    "DELETE FROM jobs WHERE queue = ? AND name = ? AND finished_at <= ?",
                    (job.queue, job.name, _micros(now - TOMBSTONE)),
                )
            added = connection.execute(
                "INSERT INTO jobs (queue, function, name, payload, eta, run_at) VALUES (?, ?, ?, ?, ?, ?) "
                "ON CONFLICT DO NOTHING",
                (job.queue, job.function, job.name, payload, run_at, run_at),
            ).rowcount
        if added:
            for listener in self._listeners:
                listener()
        return bool(added)

    def due(self, now: datetime) -> list[Job]:
        """What could be handed out now, earliest first; nothing is taken."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT queue, function, name, payload, eta FROM jobs "
                "WHERE run_at <= ?1 AND ifnull(leased_until, 0) <= ?1 ORDER BY run_at, id",
                (_micros(now),),
            ).fetchall()
        return [
            Job(
                queue=queue, function=function, name=name, payload=msgspec.json.decode(payload), not_before=_moment(eta)
            )
            for queue, function, name, payload, eta in rows
        ]

    def ready(self, now: datetime) -> list[str]:
        """The queues that have a job to hand out now."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT DISTINCT queue FROM jobs WHERE run_at <= ?1 AND ifnull(leased_until, 0) <= ?1", (_micros(now),)
            ).fetchall()
        return [queue for (queue,) in rows]

    def take(self, queue: str, *, now: datetime, limit: int) -> list[Taken]:
        """Up to so many due jobs of a queue, leased for their deadline: nobody else gets them before it is over."""
        leased_until = _micros(now + timedelta(seconds=self._queues[queue].deadline_s + GRACE_S))
        with self._database.writing(durable=False) as connection:
            rows = connection.execute(
                "SELECT id, function, name, payload, eta, tries, status FROM jobs "
                "WHERE queue = ?1 AND run_at <= ?2 AND ifnull(leased_until, 0) <= ?2 ORDER BY run_at, id LIMIT ?3",
                (queue, _micros(now), limit),
            ).fetchall()
            connection.executemany(
                "UPDATE jobs SET leased_until = ?, tries = tries + 1 WHERE id = ?",
                [(leased_until, row[0]) for row in rows],
            )
        return [
            Taken(id=number, queue=queue, function=function, name=name, payload=payload, eta=_moment(eta),
                  tries=tries + 1, status=status)
            for number, function, name, payload, eta, tries, status in rows
        ]  # fmt: skip

    def finish(self, job: Taken, *, now: datetime) -> None:
        """The job is done, or given up; its name stays taken for 24 hours."""
        with self._database.writing(durable=False) as connection:
            if job.name is None:
                connection.execute("DELETE FROM jobs WHERE id = ?", (job.id,))
            else:
                connection.execute(
                    "UPDATE jobs SET run_at = NULL, leased_until = NULL, payload = '', finished_at = ? WHERE id = ?",
                    (_micros(now), job.id),
                )

    def retry(self, job: Taken, *, at: datetime, status: int | None) -> None:
        """The job is tried again then; the status is told to the next try."""
        with self._database.writing(durable=False) as connection:
            connection.execute(
                "UPDATE jobs SET run_at = ?, leased_until = NULL, status = ? WHERE id = ?",
                (_micros(at), status, job.id),
            )

    def release_leases(self) -> int:
        """Jobs under way when their process ended are due again; how many. Only for the one process that dispatches."""
        with self._database.writing() as connection:
            return connection.execute("UPDATE jobs SET leased_until = NULL WHERE leased_until IS NOT NULL").rowcount

    def next_at(self) -> datetime | None:
        """When the next job that nobody holds is due; None: none waits."""
        with self._database.reading() as connection:
            (run_at,) = connection.execute(
                "SELECT min(max(run_at, ifnull(leased_until, 0))) FROM jobs WHERE run_at IS NOT NULL"
            ).fetchone()
        return None if run_at is None else _moment(run_at)

    def forget_names(self, *, now: datetime) -> int:
        """Names that finished 24 hours ago are free again, and their rows gone; how many."""
        with self._database.writing(durable=False) as connection:
            return connection.execute("DELETE FROM jobs WHERE finished_at <= ?", (_micros(now - TOMBSTONE),)).rowcount

    def waiting(self) -> dict[str, int]:
        """How many jobs each queue holds that are not done."""
        with self._database.reading() as connection:
            counts = connection.execute(
                "SELECT queue, count(*) FROM jobs WHERE run_at IS NOT NULL GROUP BY queue"
            ).fetchall()
        return {**dict.fromkeys(self._queues, 0), **dict(counts)}

    def _checked(self, job: Job) -> bytes:
        if job.queue not in self._queues:
            raise Bug(f"there is no queue {job.queue}")
        if job.name is not None and not NAME.fullmatch(job.name):
            raise Bug("a job's name is 1 to 500 letters, digits, dashes and underscores")
        payload = msgspec.json.encode(job.payload)
        if len(payload) > MAX_PAYLOAD_BYTES:
            raise Bug(f"a job's payload has {len(payload)} bytes; {MAX_PAYLOAD_BYTES} are allowed, so carry ids")
        return payload


def _micros(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


def _moment(micros: int) -> datetime:
    return EPOCH + timedelta(microseconds=micros)
