"""The data folder of one machine: its files, its keys and deployment id, and who serves it. Reads no settings."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from infra.embedded.key_file import DataFolderFault, KeyFile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["DataFolder", "DataFolderFault"]


class DataFolder:
    """A folder for this user only.

    Args:
        path: Made when it is absent.

    Raises:
        DataFolderFault: It cannot be made or written to.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as fault:
            raise DataFolderFault(
                f"the data folder {self.path} cannot be made ({fault.strerror}): give this user the right, or set "
                "TANDEM_DATA to another folder"
            ) from fault
        if not os.access(self.path, os.W_OK | os.X_OK):
            raise DataFolderFault(
                f"the data folder {self.path} cannot be written to: give this user the right, or set TANDEM_DATA to "
                "another folder"
            )
        self.store = self.path / "store.sqlite"
        self.queue = self.path / "queue.sqlite"
        self.keys = KeyFile(self.path / "identity.json")
        self._lock = self.path / "server.lock"

    def is_served(self) -> bool:
        """A server has this folder at this moment."""
        with self._lock.open("a+", encoding="utf-8") as lock:
            return not _held(lock)

    def server(self) -> str | None:
        """The address under which a server has this folder at this moment; None when none has."""
        if not self.is_served():
            return None
        return self._lock.read_text(encoding="utf-8").rpartition(" on ")[2].strip() or None

    @contextmanager
    def served(self, address: str) -> Iterator[str | None]:
        """Inside, no other process serves this folder; the lock ends with this process, however it ends.

        Yields:
            Where the folder was served before; None: nowhere yet.

        Raises:
            DataFolderFault: Another server has it.
        """
        with self._lock.open("a+", encoding="utf-8") as lock:
            held = _held(lock)
            lock.seek(0)
            said = lock.read().strip()
            if not held:
                other = said or "another process"
                raise DataFolderFault(
                    f"the data folder {self.path} is served already, by {other}: stop that server, or set "
                    "TANDEM_DATA to another folder"
                )
            lock.truncate(0)
            lock.write(f"process {os.getpid()} on {address}")
            lock.flush()
            yield said.rpartition(" on ")[2] or None


def _held(lock: TextIO) -> bool:
    """The lock was free and is ours from now on."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
