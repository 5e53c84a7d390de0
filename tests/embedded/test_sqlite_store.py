"""What the SQLite store does beyond the contract: its file, its indexes, its clock, its failures."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from infra.embedded.database import APPLICATION_ID, WrongFile
from infra.embedded.sqlite_store import SqliteStore
from infra.indexes import INDEXES, Index, index_for
from shared.errors import StoreUnavailable
from shared.ports import SERVER_TIME, Filter, Query, Set
from tests.embedded.conftest import START, SteppedClock

BY_N = Index(collection="things", fields=("n",))
N_IS_1 = Query(collection="things", filters=(Filter("n", "==", 1),))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "store.sqlite"


@pytest.fixture
def store(file: Path, clock: SteppedClock) -> Iterator[SqliteStore]:
    made = SqliteStore(file, clock=clock, indexes=(BY_N,))
    yield made
    made.close()


def test_documents_are_there_after_reopening(store: SqliteStore, file: Path, clock: SteppedClock) -> None:
    store.commit([Set(path="things/a", data={"n": 1})])
    before = store.get_many(["things/a"])
    store.close()

    again = SqliteStore(file, clock=clock)

    assert again.get_many(["things/a"]) == before
    again.close()


def test_server_time_grows_although_the_clock_goes_back(store: SqliteStore, clock: SteppedClock) -> None:
    first = store.commit([Set(path="things/a", data={"at": SERVER_TIME})])
    clock.step(-3600)

    second = store.commit([Set(path="things/a", data={"at": SERVER_TIME})])

    assert (first, second) == (START, START + timedelta(microseconds=1))


def test_server_time_is_the_clocks_when_that_went_on(store: SqliteStore, clock: SteppedClock) -> None:
    store.commit([Set(path="things/a", data={"n": 1})])
    clock.step(5)

    assert store.commit([Set(path="things/a", data={"n": 1})]) == START + timedelta(seconds=5)


def test_a_new_index_finds_what_was_stored_before_it(file: Path, clock: SteppedClock) -> None:
    first = SqliteStore(file, clock=clock, indexes=())
    first.commit([Set(path="things/a", data={"n": 1})])
    first.close()

    second = SqliteStore(file, clock=clock, indexes=(BY_N,))

    assert [found.path for found in second.query(N_IS_1)] == ["things/a"]
    assert second.scanned == set()
    second.close()


def test_the_indexes_of_a_running_server_are_not_taken_from_it(
    store: SqliteStore, file: Path, clock: SteppedClock
) -> None:
    store.commit([Set(path="things/a", data={"n": 1})])

    with pytest.raises(WrongFile, match="stop that server"):
        SqliteStore(file, clock=clock, indexes=(), may_index=False)

    assert [found.path for found in store.query(N_IS_1)] == ["things/a"]


def test_a_query_without_an_index_is_told_once(store: SqliteStore) -> None:
    told: list[str] = []
    store._on_scan = told.append
    store.query(N_IS_1)

    for _ in range(2):
        store.query(Query(collection="things", filters=(Filter("m", "==", 1),), order=("-n",)))

    assert told == ["things: m ==, order -n"]


def test_nothing_stays_of_a_replaced_document_in_the_indexes(store: SqliteStore, file: Path) -> None:
    for number in range(5):
        store.commit([Set(path="things/a", data={"n": number})])

    with sqlite3.connect(file) as raw:
        (entries,) = raw.execute("SELECT count(*) FROM entries").fetchone()
    raw.close()
    assert entries == 1


def test_a_file_of_another_version_is_refused_and_left_alone(
    store: SqliteStore, file: Path, clock: SteppedClock
) -> None:
    store.close()
    raw = sqlite3.connect(file)
    raw.execute("PRAGMA user_version = 99")
    raw.close()
    before = file.read_bytes()

    with pytest.raises(WrongFile, match="version 99"):
        SqliteStore(file, clock=clock)

    assert file.read_bytes() == before


def test_another_programs_database_is_refused_and_left_alone(file: Path, clock: SteppedClock) -> None:
    raw = sqlite3.connect(file)
    raw.execute("CREATE TABLE theirs (x)")
    raw.close()
    before = file.read_bytes()

    with pytest.raises(WrongFile, match="another program"):
        SqliteStore(file, clock=clock)

    assert file.read_bytes() == before


def test_a_file_that_is_no_database_is_refused_with_a_remedy(file: Path, clock: SteppedClock) -> None:
    file.write_bytes(b"no database at all, and long enough to be read as one" * 50)

    with pytest.raises(StoreUnavailable, match="not a database of Tandem's"):
        SqliteStore(file, clock=clock)


def test_a_folder_that_is_not_there_is_told_with_a_remedy(tmp_path: Path, clock: SteppedClock) -> None:
    with pytest.raises(StoreUnavailable, match="check that the folder exists"):
        SqliteStore(tmp_path / "missing" / "store.sqlite", clock=clock)


def test_a_full_disk_is_told_and_nothing_of_the_commit_is_written(store: SqliteStore) -> None:
    with store._database.reading() as connection:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages + 2}")

    with pytest.raises(StoreUnavailable, match="the disk is full; make room"):
        store.commit([Set(path="things/a", data={"n": 1}), Set(path="things/b", data={"text": "x" * 100_000})])

    assert store.get_many(["things/a", "things/b"]) == {"things/a": None, "things/b": None}


def test_a_read_only_file_is_told(store: SqliteStore) -> None:
    with store._database.reading() as connection:
        connection.execute("PRAGMA query_only = ON")

    with pytest.raises(StoreUnavailable, match="read-only"):
        store.commit([Set(path="things/a", data={"n": 1})])


def test_a_closed_store_says_so(store: SqliteStore) -> None:
    store.close()

    with pytest.raises(StoreUnavailable, match="is closed"):
        store.get_many(["things/a"])


def test_a_lock_that_another_process_does_not_give_back_is_told(store: SqliteStore, file: Path) -> None:
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with store._database.reading() as connection:
        connection.execute("PRAGMA busy_timeout = 0")

    with pytest.raises(StoreUnavailable, match="another process keeps it locked"):
        store.commit([Set(path="things/a", data={"n": 1})])
    other.close()


def test_the_file_is_durable_and_marked_as_ours(store: SqliteStore) -> None:
    with store._database.writing() as connection:
        settings = [
            connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "application_id")
        ]

    assert settings == ["wal", 2, APPLICATION_ID]


DUE = [index for index in INDEXES if index.group and index.fields in {("due_at",), ("renew_at",)}]


@pytest.mark.parametrize("index", DUE, ids=lambda index: index.name)
def test_every_declared_due_index_serves_its_sweep(index: Index) -> None:
    (field,) = index.fields

    query = Query(collection=index.collection, group=True, filters=(Filter(field, "<=", START),), order=(field,))

    assert index_for(query) == index


def test_an_index_of_more_fields_than_it_can_have_is_refused() -> None:
    with pytest.raises(ValueError, match="one to 3 fields"):
        Index(collection="things", fields=("a", "b", "c", "d"))


def test_documents_whose_time_is_over_are_dropped_with_their_index_entries(file: Path, clock: SteppedClock) -> None:
    by_path = Index(collection="changes", fields=("at",))
    store = SqliteStore(file, clock=clock, indexes=(by_path,))
    over, later = clock.now() + timedelta(hours=1), clock.now() + timedelta(hours=2)
    ends = {"over": over, "later": later, "never": None}
    store.commit([Set(path=f"tenants/t/changes/{name}", data={"at": 1, "expires_at": at}) for name, at in ends.items()])
    store.commit([Set(path="tenants/t/users/anna", data={"expires_at": over})])
    clock.step(3600)

    dropped = store.forget_expired(clock.now())

    left = store.query(Query(collection="tenants/t/changes", order=("at",)))
    assert (dropped, [each.path.rpartition("/")[2] for each in left]) == (1, ["later", "never"])
    assert store.get_many(["tenants/t/users/anna"])["tenants/t/users/anna"] is not None
    store.close()


def test_as_many_documents_as_are_over_are_dropped(file: Path, clock: SteppedClock) -> None:
    store = SqliteStore(file, clock=clock)
    writes = [Set(path=f"oauth_states/{number}", data={"expires_at": clock.now()}) for number in range(250)]
    store.commit(writes)

    assert (store.forget_expired(clock.now()), store.count(Query(collection="oauth_states"))) == (250, 0)
    store.close()
