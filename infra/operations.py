"""Counts what a request asks of store, queue and Google, so that its log line tells what it cost. Changes nothing.

The count lies with the request itself; outside of requests (the command line, the scheduler) nothing is counted.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from shared.ports import Document, Job, Query, Queue, Store, Write

PLACE = "tandem.operations"
"""In the request's environ; an app that is called within a function gets a copy of it with the same counter."""


def note(operation: str) -> None:
    """One more of this kind, if a request is being answered in this thread."""
    counter = _counter()
    if counter is not None:
        counter[operation] += 1


def noted() -> Mapping[str, int]:
    """What the current request has asked for until now; empty outside of requests."""
    return _counter() or {}


def note_google(_method: str, _address: str) -> None:
    """One more request to Google; in the form that its clients tell of them."""
    note("google_calls")


def _counter() -> Counter[str] | None:
    from flask import has_request_context, request

    if not has_request_context():
        return None
    return cast("Counter[str]", request.environ.setdefault(PLACE, Counter()))


class CountedStore:
    """The store, with every round trip counted."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def get_many(self, paths: Sequence[str]) -> dict[str, Document | None]:
        note("store_reads")
        return self._store.get_many(paths)

    def query(self, query: Query) -> list[Document]:
        note("store_queries")
        return self._store.query(query)

    def count(self, query: Query) -> int:
        note("store_counts")
        return self._store.count(query)

    def commit(self, writes: Sequence[Write]) -> datetime:
        note("store_commits")
        return self._store.commit(writes)

    def horizon_s(self) -> float:
        return self._store.horizon_s()


class CountedQueue:
    """The queue, with every enqueue counted, also of what waited already."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue

    def enqueue(self, job: Job) -> bool:
        note("enqueued")
        return self._queue.enqueue(job)
