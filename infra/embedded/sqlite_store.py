"""The store port on one SQLite file: documents as JSON, and one row of entries per document and declared index.

Never parses a document to find another. Start at `SqliteStore`; how a query becomes SQL stands in `sqlite_query`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from infra.embedded.database import Database, WrongFile
from infra.embedded.sqlite_entries import entries_of
from infra.embedded.sqlite_query import finished, planned
from infra.embedded.values import TIME_MARK, decoded, encoded, instant
from infra.exemptions import END, EXPIRING
from infra.indexes import INDEXES, Index
from shared.errors import LostRace
from shared.ports import DROP, Delete, Document, Must, Patch, Precondition, Query, Revision, Set

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from infra.embedded.sqlite_query import Plan
    from shared.ports import Clock, Write

VERSION = 1
SCHEMA = """\
CREATE TABLE documents (
  path TEXT NOT NULL UNIQUE, collection TEXT NOT NULL, grp TEXT NOT NULL, data TEXT NOT NULL, revision INTEGER NOT NULL
);
CREATE INDEX documents_of_collection ON documents (collection, path);
CREATE INDEX documents_of_group ON documents (grp, path);
CREATE TABLE entries (
  scope TEXT NOT NULL, v1 TEXT NOT NULL, v2 TEXT NOT NULL, v3 TEXT NOT NULL, path TEXT NOT NULL,
  PRIMARY KEY (scope, v1, v2, v3, path)
) WITHOUT ROWID;
CREATE TABLE state (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO state VALUES ('commits', '0'), ('time', '1970-01-01T00:00:00.000000'), ('indexes', '')"""
DELETE_ENTRY = "DELETE FROM entries WHERE (scope, v1, v2, v3, path) = (?, ?, ?, ?, ?)"
TICK = timedelta(microseconds=1)
FORGOTTEN_AT_ONCE = 100
"""More would keep other writers waiting."""
COLUMNS = "d.path, d.data, d.revision"


class SqliteStore:
    """Documents with revisions in one file, shared by threads and by processes.

    Args:
        path: The file; made when it is absent.
        clock: Fills `SERVER_TIME`, which still grows when the clock goes back.
        indexes: What queries are served by; opening the file drops the entries of others and makes missing ones.
        may_index: Without it a file with the entries of other indexes is refused, for a server may be using them.
        on_scan: Told once of each kind of query that no index serves.

    Raises:
        WrongFile: The file was written by another version or another program.
        StoreUnavailable: It cannot be opened.
    """

    def __init__(
        self,
        path: Path,
        *,
        clock: Clock,
        indexes: Sequence[Index] = INDEXES,
        may_index: bool = True,
        on_scan: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._clock = clock
        self._indexes = tuple(indexes)
        self._on_scan = on_scan
        self._database = Database(path, schema=SCHEMA, version=VERSION)
        self.scanned: set[str] = set()
        """Queries answered by reading a whole collection because no declared index fits them."""
        try:
            self._index_all(may_index=may_index)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """The file is closed; calls fail from now on."""
        self._database.close()

    def get_many(self, paths: Sequence[str]) -> dict[str, Document | None]:
        wanted = msgspec.json.encode(list(paths)).decode()
        with self._database.reading() as connection:
            rows = connection.execute(
                f"SELECT {COLUMNS} FROM documents d WHERE d.path IN (SELECT value FROM json_each(?))",  # noqa: S608 - constants
                (wanted,),
            ).fetchall()
        found = {path: _document(path, data, revision) for path, data, revision in rows}
        return {path: found.get(path) for path in paths}

    def query(self, query: Query) -> list[Document]:
        plan = planned(query, self._indexes)
        self._note(query, plan)
        documents = self._read(plan, limit=query.limit if plan.whole else None)
        return documents if plan.whole else finished(query, documents)

    def count(self, query: Query) -> int:
        everything = msgspec.structs.replace(query, order=(), after=None, limit=1 << 62)
        plan = planned(everything, self._indexes)
        self._note(everything, plan)
        if not plan.whole:
            return len(finished(everything, self._read(plan, limit=None)))
        source = "entries e" if plan.index else "documents d"
        column = "DISTINCT e.path" if plan.index and plan.index.array else "*"
        with self._database.reading() as connection:
            (number,) = connection.execute(
                f"SELECT count({column}) FROM {source} WHERE {plan.where}",  # noqa: S608 - made of constants and marks
                plan.values,
            ).fetchone()
        return int(number)

    def commit(self, writes: Sequence[Write]) -> datetime:
        with self._database.writing() as connection:
            now, revision = self._next(connection)
            for write in writes:
                self._write(connection, write, now, revision)
        return now

    def horizon_s(self) -> float:
        return 0.0

    def forget_expired(self, now: datetime) -> int:
        """Documents whose time is over are gone, as Firestore's TTL drops them; how many."""
        marks = ", ".join("?" * len(EXPIRING))
        over = f"json_extract(data, '$.{END}') <= ?"
        until = f"{TIME_MARK}{instant(now)}"
        with self._database.reading() as connection:
            paths = connection.execute(
                f"SELECT path FROM documents WHERE grp IN ({marks}) AND {over}",  # noqa: S608 - constants and marks
                (*EXPIRING, until),
            ).fetchall()
        for first in range(0, len(paths), FORGOTTEN_AT_ONCE):
            with self._database.writing(durable=False) as connection:
                for (path,) in paths[first : first + FORGOTTEN_AT_ONCE]:
                    gone = connection.execute(
                        f"DELETE FROM documents WHERE path = ? AND {over} RETURNING data",  # noqa: S608 - constants
                        (path, until),
                    ).fetchone()
                    entries = entries_of(path, decoded(gone[0]), self._indexes) if gone else ()
                    connection.executemany(DELETE_ENTRY, entries)
        return len(paths)

    def _read(self, plan: Plan, *, limit: int | None) -> list[Document]:
        source = "entries e CROSS JOIN documents d ON d.path = e.path" if plan.index else "documents d"
        once = "GROUP BY e.path " if plan.index and plan.index.array else ""
        with self._database.reading() as connection:
            rows = connection.execute(
                f"SELECT {COLUMNS} FROM {source} WHERE {plan.where} {once}ORDER BY {plan.ordered} LIMIT ?",  # noqa: S608
                (*plan.values, -1 if limit is None else limit),
            ).fetchall()
        return [_document(path, data, revision) for path, data, revision in rows]

    def _note(self, query: Query, plan: Plan) -> None:
        if plan.index is None and not plan.whole:
            fields = [f"{each.field} {each.op}" for each in query.filters] + [f"order {name}" for name in query.order]
            told = f"{'*' if query.group else ''}{query.collection.rpartition('/')[2]}: {', '.join(fields)}"
            if told not in self.scanned:
                self.scanned.add(told)
                self._on_scan(told)

    def _next(self, connection: sqlite3.Connection) -> tuple[datetime, int]:
        """The time and the number of this commit, both beyond those of every earlier one."""
        state = dict(connection.execute("SELECT name, value FROM state WHERE name IN ('commits', 'time')"))
        last = datetime.fromisoformat(state["time"]).replace(tzinfo=UTC)
        now, number = max(self._clock.now().astimezone(UTC), last + TICK), int(state["commits"]) + 1
        connection.execute("UPDATE state SET value = ? WHERE name = 'time'", (instant(now),))
        connection.execute("UPDATE state SET value = ? WHERE name = 'commits'", (str(number),))
        return now, number

    def _write(self, connection: sqlite3.Connection, write: Write, now: datetime, revision: int) -> None:
        row = connection.execute("SELECT data, revision FROM documents WHERE path = ?", (write.path,)).fetchone()
        must = Must.EXIST if isinstance(write, Patch) and write.must is None else write.must
        _require(write.path, must, None if row is None else str(row[1]))
        if isinstance(write, Patch) and row is None:
            raise LostRace(f"{write.path} was to be patched and does not exist")
        before = {} if row is None else decoded(row[0])
        old = entries_of(write.path, before, self._indexes) if row else set()
        if isinstance(write, Delete):
            connection.execute("DELETE FROM documents WHERE path = ?", (write.path,))
            new = set()
        else:
            data = write.data if isinstance(write, Set) else patched(before, write.fields)
            text = encoded(data, now)
            collection = write.path.rpartition("/")[0]
            if row is None:
                connection.execute(
                    "INSERT INTO documents VALUES (?, ?, ?, ?, ?)",
                    (write.path, collection, collection.rpartition("/")[2], text, revision),
                )
            else:
                connection.execute(
                    "UPDATE documents SET data = ?, revision = ? WHERE path = ?", (text, revision, write.path)
                )
            new = entries_of(write.path, decoded(text), self._indexes)
        connection.executemany(DELETE_ENTRY, old - new)
        connection.executemany("INSERT INTO entries VALUES (?, ?, ?, ?, ?)", new - old)

    def _index_all(self, *, may_index: bool) -> None:
        """The entries are those of the declared indexes, made again when the declaration has changed."""
        declared = "\n".join(sorted(index.name for index in self._indexes))
        with self._database.writing() as connection:
            (made,) = connection.execute("SELECT value FROM state WHERE name = 'indexes'").fetchone()
            if made == declared:
                return
            if made and not may_index:
                raise WrongFile(
                    f"{self._database.path} is served by another version of Tandem at this moment: stop that server, "
                    "or use its own command line"
                )
            connection.execute("DELETE FROM entries")
            names = sorted({index.collection for index in self._indexes})
            for name in names:
                for path, data in connection.execute("SELECT path, data FROM documents WHERE grp = ?", (name,)):
                    rows = entries_of(path, decoded(data), self._indexes)
                    connection.executemany("INSERT INTO entries VALUES (?, ?, ?, ?, ?)", rows)
            connection.execute("UPDATE state SET value = ? WHERE name = 'indexes'", (declared,))


def patched(data: Mapping[str, object], fields: Mapping[str, object]) -> dict[str, object]:
    """The data with the named fields replaced or removed; maps on the way are made, and `data` stays as it was."""
    result = dict(data)
    for dotted, value in fields.items():
        name, _, rest = dotted.partition(".")
        if rest:
            inner = result.get(name)
            if value is not DROP or isinstance(inner, dict):
                result[name] = patched(inner if isinstance(inner, dict) else {}, {rest: value})
        elif value is DROP:
            result.pop(name, None)
        else:
            result[name] = value
    return result


def _require(path: str, must: Precondition, revision: str | None) -> None:
    match must:
        case Must.EXIST if revision is None:
            raise LostRace(f"{path} does not exist any more")
        case Must.BE_ABSENT if revision is not None:
            raise LostRace(f"{path} exists already")
        case Revision(value=value) if value != revision:
            raise LostRace(f"{path} was changed by another writer")


def _document(path: str, data: str, revision: int) -> Document:
    return Document(path=path, data=decoded(data), revision=str(revision))
