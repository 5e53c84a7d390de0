"""Sends due jobs: at each queue's rate and concurrency, again with backoff when they fail. Keeps nothing that matters.

`run_due` does one round in the caller's thread, for tests with their own clock; `start` does rounds for ever, each job
in a thread of its own. Start at `Dispatcher`.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from infra.queues import QUEUES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from infra.embedded.queue import DurableQueue, Taken
    from infra.queues import QueueLimits
    from shared.ports import Clock, Log

LONGEST_WAIT_S = 1.0
"""Another process (the command line) may enqueue too, and cannot wake this one."""
BLOCKED_WAIT_S = 0.05
FORGET_EVERY = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a job's function said; `status` is None when it said nothing."""

    status: int | None
    retry_after_s: float = 0.0

    @property
    def done(self) -> bool:
        """The job need not be sent again."""
        return self.status is not None and 200 <= self.status < 300


class Pace:
    """How many jobs a queue may start now: tokens that flow in at its rate, up to its burst."""

    def __init__(self, limits: QueueLimits) -> None:
        self._limits = limits
        self._tokens = float(limits.burst)
        self._at: datetime | None = None
        self.under_way = 0

    def room(self, now: datetime) -> int:
        """Jobs that may start at this moment."""
        if self._at is not None:
            passed_s = max(0.0, (now - self._at).total_seconds())
            self._tokens = min(float(self._limits.burst), self._tokens + passed_s * self._limits.dispatches_per_s)
        self._at = now
        return max(0, min(int(self._tokens + 1e-6), self._limits.concurrent - self.under_way))

    def started(self, jobs: int) -> None:
        """So many jobs start now."""
        self._tokens -= jobs
        self.under_way += jobs

    def ended(self) -> None:
        """One job is no longer under way."""
        self.under_way -= 1


class Dispatcher:
    """Hands a queue's jobs to a sender. One per queue file: `start` takes over what a killed process had under way.

    Args:
        queue: Where the jobs are.
        send: Sends one job and waits for its answer, not beyond its queue's deadline.
        clock: Says what is due.
        log: Told of failures.
        queues: Rates and retries.
    """

    def __init__(
        self,
        queue: DurableQueue,
        send: Callable[[Taken], Answer],
        *,
        clock: Clock,
        log: Log,
        queues: Mapping[str, QueueLimits] = QUEUES,
    ) -> None:
        self._queue = queue
        self._send = send
        self._clock = clock
        self._log = log
        self._queues = queues
        self._paces = {name: Pace(limits) for name, limits in queues.items()}
        self._news = threading.Condition()
        self._woken = False
        self._stopping = False
        self._forget_at: datetime | None = None
        self._thread: threading.Thread | None = None

    def run_due(self, now: datetime) -> int:
        """Every due job that rate and concurrency allow is sent, one after another, and settled; how many."""
        claimed = self._claim(now)
        for job in claimed:
            self._run(job)
        return len(claimed)

    def start(self) -> None:
        """Jobs are sent as they become due, until `stop`."""
        self._queue.release_leases()
        self._queue.listen(self.wake)
        self._thread = threading.Thread(target=self._rounds, name="dispatcher", daemon=True)
        self._thread.start()

    def stop(self, *, within_s: float) -> bool:
        """No further job is sent; True when those under way ended in time; the others run again after a restart."""
        with self._news:
            self._stopping = True
            self._news.notify_all()
        if self._thread:
            self._thread.join(timeout=within_s)
        with self._news:
            return self._news.wait_for(self._quiet, timeout=within_s)

    def wake(self) -> None:
        """Look for due jobs at once."""
        with self._news:
            self._woken = True
            self._news.notify_all()

    def _quiet(self) -> bool:
        return all(pace.under_way == 0 for pace in self._paces.values())

    def _rounds(self) -> None:
        while not self._stopping:
            with self._news:
                self._woken = False
            try:
                wait_s = self._round(self._clock.now())
            except Exception as fault:  # noqa: BLE001 - whatever a full disk or a bug does to one round, the next is tried
                self._log.event("dispatch", "failed", detail=str(fault) or type(fault).__name__)
                wait_s = LONGEST_WAIT_S
            with self._news:
                self._news.wait_for(lambda: self._woken or self._stopping, timeout=wait_s)

    def _round(self, now: datetime) -> float:
        """Start what is due; seconds until there may be more."""
        if self._forget_at is None or now >= self._forget_at:
            self._queue.forget_names(now=now)
            self._forget_at = now + FORGET_EVERY
        for job in self._claim(now):
            threading.Thread(target=self._run, args=(job,), name=f"job-{job.function}", daemon=True).start()
        next_at = self._queue.next_at()
        if next_at is None:
            return LONGEST_WAIT_S
        return min(LONGEST_WAIT_S, max(BLOCKED_WAIT_S, (next_at - self._clock.now()).total_seconds()))

    def _claim(self, now: datetime) -> list[Taken]:
        claimed: list[Taken] = []
        for name in self._queue.ready(now):
            pace = self._paces[name]
            with self._news:
                room = pace.room(now)
            if room and (jobs := self._queue.take(name, now=now, limit=room)):
                with self._news:
                    pace.started(len(jobs))
                claimed += jobs
        return claimed

    def _run(self, job: Taken) -> None:
        try:
            self._settle(job, self._send(job))
        except Exception as fault:  # noqa: BLE001 - the lease brings the job back, whatever happened to this try
            self._log.event(
                "dispatch", "failed", job=job.name, queue=job.queue, detail=str(fault) or type(fault).__name__
            )
        finally:
            with self._news:
                self._paces[job.queue].ended()
                self._woken = True
                self._news.notify_all()

    def _settle(self, job: Taken, answer: Answer) -> None:
        now, limits = self._clock.now(), self._queues[job.queue]
        if answer.done:
            self._queue.finish(job, now=now)
            return
        status = "none" if answer.status is None else str(answer.status)
        if job.tries >= limits.attempts:
            self._log.event("dispatch", "given_up", job=job.name, queue=job.queue, tries=job.tries, status=status)
            self._queue.finish(job, now=now)
            return
        wait_s = max(limits.backoff_s(job.tries), min(answer.retry_after_s, limits.max_backoff_s))
        self._log.event(
            "dispatch", "retry", job=job.name, queue=job.queue, tries=job.tries, status=status, wait_s=wait_s
        )
        self._queue.retry(job, at=now + timedelta(seconds=wait_s), status=answer.status)
