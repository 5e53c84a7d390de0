"""Makes the regular calls that Cloud Scheduler makes, and those that only ask for what is due at every tick.

`run_due` does one tick in the caller's thread, for tests with their own clock. After a start everything is called once.
"""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING

from infra.schedules import SCHEDULES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from infra.embedded.dispatch import Answer
    from infra.schedules import Schedule
    from shared.ports import Clock, Log

HOUR = timedelta(hours=1)
AGAIN = timedelta(minutes=1)
"""When a call that failed is made again, unless its turn comes first."""


class Scheduler:
    """Calls one schedule after another, in one thread, so no two calls of a kind overlap.

    Args:
        call: Makes one call to this machine's functions.
        clock: Says whose turn it is.
        log: Told of failures.
        tick_s: How often it looks.
        hourly: What Google does by itself and one machine has to; told the time.
        schedules: What to call.
    """

    def __init__(
        self,
        call: Callable[[str], Answer],
        *,
        clock: Clock,
        log: Log,
        tick_s: float,
        schedules: Sequence[Schedule] = SCHEDULES,
        hourly: Callable[[datetime], object] = lambda _: None,
    ) -> None:
        self._call = call
        self._clock = clock
        self._log = log
        self._tick_s = tick_s
        self._schedules = tuple(schedules)
        self._hourly = hourly
        self._hour_ends: datetime | None = None
        self._next: dict[str, datetime] = {}
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def run_due(self, now: datetime) -> list[str]:
        """Every schedule whose turn it is has been called; their names."""
        called = []
        for schedule in self._schedules:
            if self._stopping.is_set() or now < self._next.get(schedule.name, now):
                continue
            every = timedelta(seconds=min(self._tick_s, schedule.every_s) if schedule.by_due else schedule.every_s)
            answer = self._call(schedule.path)
            if not answer.done:
                status = "none" if answer.status is None else str(answer.status)
                self._log.event("schedule", "failed", schedule=schedule.name, status=status)
            self._next[schedule.name] = now + (every if answer.done else min(every, AGAIN))
            called.append(schedule.name)
        if self._hour_ends is None or now >= self._hour_ends:
            self._hour_ends = now + HOUR
            self._hourly(now)
        return called

    def start(self) -> None:
        """Calls are made until `stop`."""
        self._thread = threading.Thread(target=self._ticks, name="scheduler", daemon=True)
        self._thread.start()

    def stop(self, *, within_s: float) -> None:
        """No further call is made; waits for one under way, not longer than this."""
        self._stopping.set()
        if self._thread:
            self._thread.join(timeout=within_s)

    def _ticks(self) -> None:
        while not self._stopping.is_set():
            try:
                self.run_due(self._clock.now())
            except Exception as fault:  # noqa: BLE001 - one failed tick must not end the next ones
                self._log.event("schedule", "failed", detail=str(fault) or type(fault).__name__)
            self._stopping.wait(self._tick_s)
