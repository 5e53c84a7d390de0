"""The clock of a running simulator: real time, moved by hand, or stopped. Start at `SimClock`."""

from datetime import UTC, datetime, timedelta


class SimClock:
    """Callable; gives aware UTC."""

    def __init__(self) -> None:
        """Run with real time."""
        self._offset = timedelta()
        self._stopped: datetime | None = None

    def __call__(self) -> datetime:
        return self._stopped or datetime.now(UTC) + self._offset

    def advance(self, seconds: float) -> None:
        """Move forward; a stopped clock stays stopped, later."""
        if self._stopped is not None:
            self._stopped += timedelta(seconds=seconds)
        else:
            self._offset += timedelta(seconds=seconds)

    def stop_at(self, moment: datetime) -> None:
        """Stand still at an aware moment."""
        self._stopped = moment

    def run_real(self) -> None:
        """Run with real time again."""
        self._offset = timedelta()
        self._stopped = None
