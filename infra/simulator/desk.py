"""The one lock around the state machine, and the bell that rings when it changes. Start at `Desk.doing`."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from infra.simulator.sim_clock import SimClock
from infra.simulator.state import Google


class Desk:
    """Serves threads one at a time."""

    def __init__(self, google: Google, clock: SimClock | None = None) -> None:
        """Guard a state machine; `clock` is the one it reads, when it may be moved from outside."""
        self.google = google
        self.clock = clock
        self.changed = threading.Condition()
        self.rings = 0
        self.closed = False
        self._lock = threading.RLock()

    @contextmanager
    def doing(self) -> Iterator[Google]:
        """Hold the state machine for one action; whoever waits for changes is woken afterwards."""
        with self._lock:
            before = self._state()
            try:
                yield self.google
            finally:
                after = self._state()
        if after != before:
            self.ring()

    def _state(self) -> tuple[int, int | None]:
        return self.google.version, self.google.next_notification_at()

    def ring(self) -> None:
        """Wake whoever waits."""
        with self.changed:
            self.rings += 1
            self.changed.notify_all()

    def wait(self, seconds: float, *, heard: int) -> None:
        """Wait until the bell has rung oftener than `heard`, at most that many seconds."""
        with self.changed:
            self.changed.wait_for(lambda: self.rings != heard, seconds)

    def close(self) -> None:
        """Let everybody who waits go home."""
        self.closed = True
        self.ring()

    def replace(self, google: Google) -> None:
        """Put another world in place."""
        with self._lock:
            google.ctx.version = self.google.version + 1
            self.google = google
        self.ring()
