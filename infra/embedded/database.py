"""One SQLite file that survives kill -9: opened, checked, lent to one thread at a time. Knows nothing of what it holds.

Failures of the disk become `StoreUnavailable` with their remedy. Start at `Database`.
"""

from __future__ import annotations

import sqlite3
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from shared.errors import StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BUSY_S = 10.0
"""How long a process waits for another one's write."""
APPLICATION_ID = 0x54444D31
REMEDIES = {
    sqlite3.SQLITE_FULL: "the disk is full; make room and try again",
    sqlite3.SQLITE_READONLY: "the file or its folder is read-only; give this user the right to write",
    sqlite3.SQLITE_PERM: "this user may not open it; give this user the right to read and write",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened; check that the folder exists and this user may write to it",
    sqlite3.SQLITE_IOERR: "the disk failed to read or write; check it",
    sqlite3.SQLITE_BUSY: "another process keeps it locked; stop that process or try again",
    sqlite3.SQLITE_LOCKED: "another process keeps it locked; stop that process or try again",
    sqlite3.SQLITE_CORRUPT: "it is damaged; restore it from a backup",
    sqlite3.SQLITE_NOTADB: "it is not a database of Tandem's; restore it from a backup or move it away",
}


class WrongFile(Exception):
    """The file was written by another version of Tandem, or by another program; nothing was changed."""


class Database:
    """An SQLite file in WAL mode, every commit on disk when it returns.

    Args:
        path: The file; made when it is absent, in a folder that exists.
        schema: The statements that make its tables.
        version: Of the schema; a file of any other version is refused.

    Raises:
        WrongFile: The file is another version's or another program's.
        StoreUnavailable: It cannot be opened.
    """

    def __init__(self, path: Path, *, schema: str, version: int) -> None:
        self.path = path
        self._idle: list[sqlite3.Connection] = []
        self._pool = threading.Lock()
        self._writer = threading.Lock()
        self._closed = False
        try:
            with self.writing() as connection:
                self._check(connection, schema, version)
            with self.reading() as connection:
                connection.execute("PRAGMA journal_mode = WAL")
        except BaseException:
            self.close()
            raise

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection of one's own; each statement sees one committed state."""
        with self._explained():
            connection = self._borrow()
            try:
                yield connection
            finally:
                self._give_back(connection)

    @contextmanager
    def writing(self, *, durable: bool = True) -> Iterator[sqlite3.Connection]:
        """A connection inside a write transaction, committed at the end or rolled back when anything is raised.

        Args:
            durable: The commit survives a loss of power. Without it, only the end of this process.
        """
        with self._explained(), self._writer:
            connection = self._borrow()
            try:
                connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                self._give_back(connection)

    def close(self) -> None:
        """Every connection that nobody uses is closed, and the others when they come back."""
        with self._pool:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _borrow(self) -> sqlite3.Connection:
        with self._pool:
            if self._closed:
                raise StoreUnavailable(f"{self.path.name} is closed: the server is stopping")
            if self._idle:
                return self._idle.pop()
        connection = sqlite3.connect(self.path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("PRAGMA cache_size = -16000")
            # What is deleted is overwritten, or an erased person is still in the file: not every SQLite is built so.
            connection.execute("PRAGMA secure_delete = ON")
        except BaseException:
            connection.close()
            raise
        return connection

    def _give_back(self, connection: sqlite3.Connection) -> None:
        with self._pool:
            if not self._closed:
                self._idle.append(connection)
                return
        connection.close()

    def _check(self, connection: sqlite3.Connection, schema: str, version: int) -> None:
        (found,) = connection.execute("PRAGMA user_version").fetchone()
        (owner,) = connection.execute("PRAGMA application_id").fetchone()
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if not tables:
            for statement in schema.split(";\n"):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {version:d}")
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID:d}")
        elif owner != APPLICATION_ID:
            raise WrongFile(f"{self.path} was made by another program; move it away or choose another data folder")
        elif found != version:
            raise WrongFile(
                f"{self.path} has data of version {found} and this is the Tandem for version {version}; "
                "start the Tandem that wrote it, or choose another data folder"
            )

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as fault:
            code = getattr(fault, "sqlite_errorcode", 0) & 0xFF
            if code not in REMEDIES:
                raise
            raise StoreUnavailable(f"{self.path}: {REMEDIES[code]}") from fault
