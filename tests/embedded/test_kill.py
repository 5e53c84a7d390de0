"""What was confirmed is there after kill -9, and what was under way is done after a restart."""

from __future__ import annotations

import http.client
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from infra.embedded.queue import DurableQueue
from infra.embedded.sqlite_store import SqliteStore
from infra.system import SystemClock
from tests.embedded.conftest import until

WRITER = """
import sys
from pathlib import Path
from infra.embedded.queue import DurableQueue
from infra.embedded.sqlite_store import SqliteStore
from infra.system import SystemClock
from shared.ports import Job, Set
store = SqliteStore(Path(sys.argv[1]) / "store.sqlite", clock=SystemClock())
queue = DurableQueue(Path(sys.argv[1]) / "queue.sqlite", clock=SystemClock())
for number in range(1_000_000):
    store.commit([Set(path=f"a/{number}", data={"n": number}), Set(path=f"b/{number}", data={"n": number})])
    queue.enqueue(Job(queue="sync", function="sync_task", name=f"j{number}", payload={"schema": 1}))
    print(number, flush=True)
"""


@contextmanager
def running(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait(30)
        assert process.stdout is not None
        process.stdout.close()


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


@pytest.fixture
def confirmed(tmp_path: Path) -> int:
    """The number of the last write that a process confirmed before it was killed, writing on."""
    with running("-c", WRITER, str(tmp_path)) as process:
        return [int(line(process)) for _ in range(100)][-1]


def test_confirmed_documents_are_there_and_no_commit_is_torn(confirmed: int, tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "store.sqlite", clock=SystemClock())
    found = store.get_many([f"{side}/{number}" for number in range(confirmed + 50) for side in "ab"])
    store.close()

    there = {path for path, document in found.items() if document}
    assert {f"{side}/{number}" for number in range(confirmed + 1) for side in "ab"} <= there
    assert {path[2:] for path in there if path[0] == "a"} == {path[2:] for path in there if path[0] == "b"}


def test_confirmed_jobs_are_due(confirmed: int, tmp_path: Path) -> None:
    queue = DurableQueue(tmp_path / "queue.sqlite", clock=SystemClock())
    names = {job.name for job in queue.due(SystemClock().now())}
    queue.close()

    assert {f"j{number}" for number in range(confirmed + 1)} <= names


def enqueue(url: str, name: str) -> None:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    connection.request("POST", f"/v1/enqueue/{name}")
    assert connection.getresponse().read()
    connection.close()


def test_a_killed_server_starts_again_at_once_and_does_what_was_left(tmp_path: Path) -> None:
    names = ["held", *(f"t{number}" for number in range(40))]
    with running("-m", "tests.embedded.site_process", str(tmp_path)) as first:
        url = line(first)
        for name in names:
            enqueue(url, name)
        store = SqliteStore(tmp_path / "store.sqlite", clock=SystemClock())
        until(lambda: store.get_many(["done/holding"])["done/holding"])

    with running("-m", "tests.embedded.site_process", str(tmp_path)) as second:
        assert line(second).startswith("http://")
        until(lambda: all(store.get_many([f"done/{name}" for name in names]).values()))
        store.close()
