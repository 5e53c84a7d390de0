"""The embedded queue joins the contract."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from infra.embedded.queue import DurableQueue
from infra.queues import QUEUES
from shared.ports import Job
from tests.contracts.queue_contract import START, QueueContract


class Bench:
    def __init__(self, path: Path) -> None:
        self.time = START
        self.queue = DurableQueue(path, clock=self)

    def now(self) -> datetime:
        return self.time

    def due(self) -> list[Job]:
        return self.queue.due(self.time)

    def all_done(self) -> None:
        for name in QUEUES:
            for taken in self.queue.take(name, now=self.time, limit=100):
                self.queue.finish(taken, now=self.time)

    def pass_time(self, span: timedelta) -> None:
        self.time += span


class TestDurableQueue(QueueContract):
    @pytest.fixture
    def bench(self, tmp_path: Path) -> Iterator[Bench]:
        made = Bench(tmp_path / "queue.sqlite")
        yield made
        made.queue.close()
