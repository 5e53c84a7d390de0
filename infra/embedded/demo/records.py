"""What the demo CRM remembers: its tasks, its log, and some facts, in one SQLite file.

Start at `Record`. Every change moves `version` on, and whoever waits in `wait` is woken: that is how pages stay live.
"""

from __future__ import annotations

import sqlite3
import threading
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

import msgspec

if TYPE_CHECKING:
    from pathlib import Path

Side = Literal["crm", "google", "tandem", "trouble"]
Tone = Literal["plain", "good", "warn", "bad"]
LOG_SHOWN = 80

_TABLES = """
CREATE TABLE IF NOT EXISTS records (id TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS log (number INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT UNIQUE, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One task as this CRM has it.

    Args:
        fields: What the CRM says of it, in the contract's names; written whole each time.
        version: Tandem's number of the newest content that was applied; a lower one is never applied again.
        sync_state: How Tandem last said that it stands.
        created_in: Where it was born.
        saved_at: When a person last saved it here; the start of what the log measures.
        sent: Tandem has taken what was saved.
    """

    id: str
    fields: dict[str, Any]
    version: int = 0
    sync_state: dict[str, Any] = msgspec.field(default_factory=dict)
    created_in: str = "crm"
    saved_at: datetime | None = None
    sent: bool = False

    @property
    def title(self) -> str:
        """How to call it."""
        return str(self.fields.get("title") or "Untitled")

    @property
    def state(self) -> str:
        """`off`, `pending`, `synced`, `conflict` or `error`."""
        return str(self.sync_state.get("state") or ("off" if self.sent else "pending"))


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the log, in plain words.

    Args:
        key: Names what it tells, so that it is told once; None: nothing else can tell it again.
        text: What happened and what was done about it.
        why: The rule or the reason, when there is one to give.
        details: Field by field, what was and what is.
        took_s: From the act of a person to the moment when the other side had it.
        until: A version of the task at which `took_s` will be known; None: it is, or never will be.
    """

    at: datetime
    side: Side
    text: str
    key: str | None = None
    tone: Tone = "plain"
    why: str | None = None
    details: tuple[str, ...] = ()
    task_id: str | None = None
    took_s: float | None = None
    until: int | None = None
    number: int = 0


class Records:
    """The file, open; calls may come from any thread.

    Args:
        path: Made when it is absent; None keeps everything in memory.
    """

    def __init__(self, path: Path | None) -> None:
        self._database = sqlite3.connect(
            ":memory:" if path is None else path, isolation_level=None, check_same_thread=False
        )
        self._database.executescript(_TABLES)
        self._changed = threading.Condition(threading.RLock())
        self.version = 0

    def close(self) -> None:
        """The file is closed; whoever waits is woken."""
        with self._changed:
            self._database.close()
            self._moved()

    def wait(self, seen: int, *, within_s: float) -> int:
        """The version, as soon as it is another than the one seen, or when the time is over."""
        with self._changed:
            self._changed.wait_for(lambda: self.version != seen, timeout=within_s)
            return self.version

    def all(self) -> list[Record]:
        """Every record."""
        with self._changed:
            rows = self._database.execute("SELECT body FROM records").fetchall()
        return [msgspec.json.decode(body, type=Record) for (body,) in rows]

    def get(self, id_: str) -> Record | None:
        """One record; None: there is none."""
        with self._changed:
            row = self._database.execute("SELECT body FROM records WHERE id = ?", (id_,)).fetchone()
        return msgspec.json.decode(row[0], type=Record) if row else None

    def put(self, record: Record) -> None:
        """The record is as given."""
        with self._changed:
            self._database.execute(
                "INSERT INTO records VALUES (?, ?) ON CONFLICT DO UPDATE SET body = excluded.body",
                (record.id, msgspec.json.encode(record)),
            )
            self._moved()

    def remove(self, id_: str) -> None:
        """There is no such record."""
        with self._changed:
            self._database.execute("DELETE FROM records WHERE id = ?", (id_,))
            self._moved()

    def apply(self, task: dict[str, Any], *, names: frozenset[str]) -> Record:
        """The record is as Tandem says, unless something newer was applied before.

        Args:
            task: As `GET /v1/tasks/{id}` answers it.
            names: The fields that this CRM keeps; the others are not its own.
        """
        with self._changed:
            held = self.get(task["id"])
            if held is not None and held.version > task["version"]:
                return held
            fields = {name: task[name] for name in names if task.get(name) is not None}
            made = Record(
                id=task["id"],
                fields=fields,
                version=task["version"],
                sync_state=task["sync_state"],
                created_in=task["created_in"],
                saved_at=held.saved_at if held else None,
                sent=True,
            )
            if made != held:
                self.put(made)
            return made

    def log(self, entry: Entry) -> None:
        """The entry stands in the log, unless one with its key does."""
        with self._changed:
            self._database.execute(
                "INSERT INTO log (key, body) VALUES (?, ?) ON CONFLICT DO NOTHING",
                (entry.key, msgspec.json.encode(entry)),
            )
            self._moved()

    def rewrite(self, entry: Entry) -> None:
        """The entry of this number is as given."""
        with self._changed:
            self._database.execute(
                "UPDATE log SET body = ? WHERE number = ?", (msgspec.json.encode(entry), entry.number)
            )
            self._moved()

    def entries(self, limit: int = LOG_SHOWN) -> list[Entry]:
        """The newest entries, the newest first."""
        with self._changed:
            query = "SELECT number, body FROM log ORDER BY number DESC LIMIT ?"
            rows = self._database.execute(query, (limit,)).fetchall()
        return [msgspec.structs.replace(msgspec.json.decode(body, type=Entry), number=number) for number, body in rows]

    def fact(self, name: str) -> str | None:
        """What is remembered under a name."""
        with self._changed:
            row = self._database.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else None

    def remember(self, name: str, value: str) -> None:
        """The value is remembered; pages are not told, because they show no facts."""
        with self._changed:
            self._database.execute(
                "INSERT INTO facts VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", (name, value)
            )

    def touch(self) -> None:
        """Pages look again: something that they show is kept elsewhere and changed."""
        with self._changed:
            self._moved()

    def _moved(self) -> None:
        self.version += 1
        self._changed.notify_all()
