"""What a request asks of the world is counted with it, and told by the line that ends it."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import flask
import pytest

from infra.embedded.queue import DurableQueue
from infra.embedded.sqlite_store import SqliteStore
from infra.logs import JsonLog
from infra.operations import CountedQueue, CountedStore, note_google, noted
from infra.system import SystemClock
from shared.ports import Job, Query, Set
from tests.contracts.store_contract import CONTRACT_INDEXES, StoreContract
from tests.embedded.conftest import SteppedClock


class TestCountedStore(StoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[CountedStore]:
        made = SqliteStore(tmp_path / "store.sqlite", clock=SystemClock(), indexes=CONTRACT_INDEXES)
        yield CountedStore(made)
        made.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[CountedStore]:
    made = SqliteStore(tmp_path / "store.sqlite", clock=SystemClock())
    yield CountedStore(made)
    made.close()


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[CountedQueue]:
    made = DurableQueue(tmp_path / "queue.sqlite", clock=SystemClock())
    yield CountedQueue(made)
    made.close()


def test_every_kind_of_call_is_counted(store: CountedStore, queue: CountedQueue) -> None:
    with flask.Flask("x").test_request_context():
        store.commit([Set(path="a/b", data={})])
        store.get_many(["a/b", "a/c"])
        store.get_many(["a/b"])
        store.query(Query(collection="a"))
        store.count(Query(collection="a"))
        queue.enqueue(Job(queue="sync", function="sync_task", payload={}))
        note_google("GET", "https://www.googleapis.com")

        assert dict(noted()) == {
            "store_commits": 1,
            "store_reads": 2,
            "store_queries": 1,
            "store_counts": 1,
            "enqueued": 1,
            "google_calls": 1,
        }


def test_each_request_begins_at_nothing(store: CountedStore) -> None:
    with flask.Flask("x").test_request_context():
        store.get_many(["a/b"])

    with flask.Flask("x").test_request_context():
        assert dict(noted()) == {}


def test_outside_of_requests_calls_work_and_nothing_is_counted(store: CountedStore) -> None:
    assert store.get_many(["a/b"]) == {"a/b": None}
    assert dict(noted()) == {}


def _line(clock: SteppedClock, **fields: str | float) -> dict[str, object]:
    stream = io.StringIO()
    JsonLog(clock=clock, stream=stream, counts=lambda: {"store_reads": 2}).event("pull", "done", **fields)
    told: dict[str, object] = json.loads(stream.getvalue())
    return told


def test_the_line_that_ends_a_request_tells_what_it_cost(clock: SteppedClock) -> None:
    assert _line(clock, request_id="r1", duration_ms=3.0)["store_reads"] == 2


def test_a_line_on_the_way_tells_no_costs(clock: SteppedClock) -> None:
    assert "store_reads" not in _line(clock, tenant="t1")
