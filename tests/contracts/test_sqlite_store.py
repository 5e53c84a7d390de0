"""The SQLite store joins the contract three times: served by indexes, by indexes that only narrow, and by none."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from infra.embedded.sqlite_store import SqliteStore
from infra.indexes import Index
from infra.system import SystemClock
from tests.contracts.store_contract import CONTRACT_INDEXES, StoreContract


class TestSqliteStoreServedByIndexes(StoreContract):
    INDEXES: Sequence[Index] = CONTRACT_INDEXES

    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[SqliteStore]:
        made = SqliteStore(tmp_path / "store.sqlite", clock=SystemClock(), indexes=self.INDEXES)
        yield made
        made.close()


class TestSqliteStoreNarrowedByIndexes(TestSqliteStoreServedByIndexes):
    INDEXES = (
        Index(collection="things", fields=("colour",)),
        Index(collection="things", fields=("tags",), array=True),
    )


class TestSqliteStoreWithoutIndexes(TestSqliteStoreServedByIndexes):
    INDEXES = ()
