"""The simulation's store and queue join the contracts: a double that promises less than the port proves nothing."""

from datetime import datetime, timedelta

import pytest

from infra.system import SystemClock
from shared.ports import Job
from tests.contracts.queue_contract import START, QueueContract
from tests.contracts.store_contract import StoreContract
from tests.simulation.memory_queue import MemoryQueue
from tests.simulation.memory_store import MemoryStore


class TestMemoryStore(StoreContract):
    @pytest.fixture
    def store(self) -> MemoryStore:
        return MemoryStore(SystemClock())


class Bench:
    def __init__(self) -> None:
        self.time = START
        self.queue = MemoryQueue(self)

    def now(self) -> datetime:
        return self.time

    def due(self) -> list[Job]:
        return [each.job for each in self.queue.due()]

    def all_done(self) -> None:
        for entry in self.queue.due():
            self.queue.take(entry)
            self.queue.done(entry)

    def pass_time(self, span: timedelta) -> None:
        self.time += span


class TestMemoryQueue(QueueContract):
    @pytest.fixture
    def bench(self) -> Bench:
        return Bench()
