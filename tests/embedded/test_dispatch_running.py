"""The dispatcher with its thread, so with real time; whatever is waited for is an event."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.embedded.dispatch import Answer, Dispatcher
from infra.embedded.queue import DurableQueue, Taken
from infra.queues import QueueLimits
from infra.system import SystemClock
from shared.ports import Job
from tests.embedded.conftest import KeptLog, SteppedClock, until

WAIT_S = 20.0
FEW = {
    "sync": QueueLimits(dispatches_per_s=2.0, concurrent=5, deadline_s=60.0, attempts=4),
    "pull": QueueLimits(dispatches_per_s=100.0, concurrent=2, deadline_s=60.0),
}


@pytest.fixture
def queue(tmp_path: Path, clock: SteppedClock) -> Iterator[DurableQueue]:
    made = DurableQueue(tmp_path / "queue.sqlite", clock=clock, queues=FEW)
    yield made
    made.close()


def job(name: str | None = "a", queue: str = "sync") -> Job:
    return Job(queue=queue, function="sync_task", name=name, payload={"schema": 1})


def _told(event: threading.Event) -> Answer:
    event.set()
    return Answer(status=204)


def test_an_enqueue_is_sent_without_waiting_for_a_tick(queue: DurableQueue, clock: SteppedClock, log: KeptLog) -> None:
    sent = threading.Event()
    dispatcher = Dispatcher(queue, lambda _: _told(sent), clock=clock, log=log, queues=FEW)
    dispatcher.start()

    queue.enqueue(job())

    assert sent.wait(WAIT_S)
    assert dispatcher.stop(within_s=WAIT_S)


def test_no_more_jobs_are_under_way_than_allowed(queue: DurableQueue, log: KeptLog) -> None:
    both, go = threading.Barrier(3), threading.Event()
    most, under_way, counting = [0], [0], threading.Lock()

    def slow(_: Taken) -> Answer:
        with counting:
            under_way[0] += 1
            most[0] = max(most[0], under_way[0])
            first_two = not go.is_set()
        if first_two:
            both.wait(WAIT_S)
        go.wait(WAIT_S)
        with counting:
            under_way[0] -= 1
        return Answer(status=204)

    for number in range(6):
        queue.enqueue(job(f"a{number}", "pull"))
    dispatcher = Dispatcher(queue, slow, clock=SystemClock(), log=log, queues=FEW)
    dispatcher.start()

    both.wait(WAIT_S)
    go.set()
    until(lambda: queue.waiting()["pull"] == 0)

    assert most == [2]
    assert dispatcher.stop(within_s=WAIT_S)


def test_a_sender_that_raises_is_told_and_ends_nothing(queue: DurableQueue, clock: SteppedClock, log: KeptLog) -> None:
    sent = threading.Event()

    def broken_once(taken: Taken) -> Answer:
        if taken.name == "a":
            raise RuntimeError("broken")
        return _told(sent)

    dispatcher = Dispatcher(queue, broken_once, clock=clock, log=log, queues=FEW)
    dispatcher.start()
    queue.enqueue(job("a"))
    queue.enqueue(job("b"))

    assert sent.wait(WAIT_S)
    assert dispatcher.stop(within_s=WAIT_S)
    assert [line["detail"] for line in log.lines] == ["broken"]


def test_stopping_says_when_a_job_is_still_under_way(queue: DurableQueue, clock: SteppedClock, log: KeptLog) -> None:
    started, go = threading.Event(), threading.Event()

    def slow(_: Taken) -> Answer:
        started.set()
        go.wait(WAIT_S)
        return Answer(status=204)

    dispatcher = Dispatcher(queue, slow, clock=clock, log=log, queues=FEW)
    dispatcher.start()
    queue.enqueue(job())
    started.wait(WAIT_S)

    assert not dispatcher.stop(within_s=0.01)
    go.set()
    assert dispatcher.stop(within_s=WAIT_S)
