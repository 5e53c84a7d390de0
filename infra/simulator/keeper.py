"""Keeps a running simulator's world in a file, so that a killed process loses a second at most. Start at `Keeper`."""

import threading
from pathlib import Path

from infra.simulator.desk import Desk

PAUSE_S = 0.5


class Keeper:
    """Writes the world whenever it changed; the old file stays until the new one is whole."""

    def __init__(self, desk: Desk, path: Path) -> None:
        """Keep a desk's world; call `start`."""
        self._desk = desk
        self._path = path
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="simulator-keeper", daemon=True)

    def start(self) -> None:
        """Begin to keep."""
        self._thread.start()

    def close(self) -> None:
        """Write what is left, and stop."""
        self._stopping.set()
        self._desk.ring()
        self._thread.join()
        self.save()

    def save(self) -> None:
        """Write the world now."""
        with self._desk.doing() as google:
            dumped = google.dump()
        fresh = self._path.with_suffix(".new")
        fresh.write_bytes(dumped)
        fresh.replace(self._path)

    def _run(self) -> None:
        saved = -1
        while not self._stopping.is_set():
            heard = self._desk.rings
            version = self._desk.google.version
            if version != saved:
                self.save()
                saved = version
            self._stopping.wait(PAUSE_S)
            self._desk.wait(5.0, heard=heard)
