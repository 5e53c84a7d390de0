"""A store that counts what is asked of it, so that tests can hold flows to their budgets. A count is not a timing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from shared.ports import Document, Query, Store, Write


class CountingStore:
    """Passes every call on and counts it: reads (`get_many`), queries, counts and commits."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.counts: Counter[str] = Counter()

    def get_many(self, paths: Sequence[str]) -> dict[str, Document | None]:
        self.counts["reads"] += 1
        return self._store.get_many(paths)

    def query(self, query: Query) -> list[Document]:
        self.counts["queries"] += 1
        return self._store.query(query)

    def count(self, query: Query) -> int:
        self.counts["counts"] += 1
        return self._store.count(query)

    def commit(self, writes: Sequence[Write]) -> datetime:
        self.counts["commits"] += 1
        return self._store.commit(writes)

    def horizon_s(self) -> float:
        return self._store.horizon_s()

    @contextmanager
    def counted(self) -> Iterator[Counter[str]]:
        """What is asked inside the block; zero counts are absent."""
        before = self.counts.copy()
        spent: Counter[str] = Counter()
        yield spent
        spent.update(self.counts - before)
