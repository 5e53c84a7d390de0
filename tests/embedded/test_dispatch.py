"""Jobs are sent once when all is well, again with backoff when not, never faster than their queue allows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.embedded.dispatch import Answer, Dispatcher
from infra.embedded.queue import DurableQueue, Taken
from infra.queues import QUEUES, QueueLimits
from shared.ports import Job
from tests.embedded.conftest import KeptLog, SteppedClock

FEW = {
    "sync": QueueLimits(dispatches_per_s=2.0, concurrent=5, deadline_s=60.0, attempts=4),
    "pull": QueueLimits(dispatches_per_s=100.0, concurrent=2, deadline_s=60.0),
}


class Functions:
    """Answers as told, 204 else, and keeps what it was sent."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.sent: list[Taken] = []

    def __call__(self, job: Taken) -> Answer:
        self.sent.append(job)
        return self.answers.pop(0) if self.answers else Answer(status=204)


@pytest.fixture
def functions() -> Functions:
    return Functions()


@pytest.fixture
def queue(tmp_path: Path, clock: SteppedClock) -> Iterator[DurableQueue]:
    made = DurableQueue(tmp_path / "queue.sqlite", clock=clock, queues=FEW)
    yield made
    made.close()


@pytest.fixture
def dispatcher(queue: DurableQueue, functions: Functions, clock: SteppedClock, log: KeptLog) -> Dispatcher:
    return Dispatcher(queue, functions, clock=clock, log=log, queues=FEW)


def job(name: str | None = "a", queue: str = "sync") -> Job:
    return Job(queue=queue, function="sync_task", name=name, payload={"schema": 1})


def failing(functions: Functions, *statuses: int | None) -> None:
    functions.answers = [Answer(status=status) for status in statuses]


def test_a_job_answered_2xx_is_not_sent_again(
    queue: DurableQueue, dispatcher: Dispatcher, functions: Functions, clock: SteppedClock
) -> None:
    queue.enqueue(job())
    dispatcher.run_due(clock.now())

    dispatcher.run_due(clock.step(7200))

    assert len(functions.sent) == 1


@pytest.mark.parametrize("status", [None, 302, 401, 404, 429, 500, 503])
def test_any_other_answer_brings_the_job_back(
    queue: DurableQueue, dispatcher: Dispatcher, functions: Functions, clock: SteppedClock, status: int | None
) -> None:
    failing(functions, status)
    queue.enqueue(job())
    dispatcher.run_due(clock.now())

    dispatcher.run_due(clock.step(10))

    assert [(sent.tries, sent.status) for sent in functions.sent] == [(1, None), (2, status)]


def test_the_wait_doubles_with_every_failure(
    queue: DurableQueue, dispatcher: Dispatcher, functions: Functions, clock: SteppedClock
) -> None:
    failing(functions, 500, 500, 500)
    queue.enqueue(job("a", "pull"))
    waits = []

    for _ in range(3):
        dispatcher.run_due(clock.now())
        again_at = queue.next_at()
        assert again_at is not None
        waits.append(round((again_at - clock.now()).total_seconds(), 6))
        clock.time = again_at

    assert waits == [0.1, 0.2, 0.4]


def test_no_wait_is_longer_than_the_longest() -> None:
    assert [QUEUES["sync"].backoff_s(failures) for failures in (1, 2, 15, 16, 17, 99)] == [
        0.1,
        0.2,
        1638.4,
        3276.8,
        3600,
        3600,
    ]


def test_a_longer_wait_that_the_function_asks_for_is_kept(
    queue: DurableQueue, dispatcher: Dispatcher, functions: Functions, clock: SteppedClock
) -> None:
    functions.answers = [Answer(status=503, retry_after_s=30)]
    queue.enqueue(job())
    dispatcher.run_due(clock.now())

    dispatcher.run_due(clock.step(29))
    early = len(functions.sent)
    dispatcher.run_due(clock.step(1))

    assert (early, len(functions.sent)) == (1, 2)


def test_a_job_that_always_fails_is_given_up_and_told(
    queue: DurableQueue, dispatcher: Dispatcher, functions: Functions, clock: SteppedClock, log: KeptLog
) -> None:
    failing(functions, *[500] * 10)
    queue.enqueue(job())

    for _ in range(10):
        dispatcher.run_due(clock.step(100))

    assert len(functions.sent) == 4
    assert log.outcomes() == ["retry", "retry", "retry", "given_up"]


def test_no_more_jobs_start_than_the_rate_allows(
    queue: DurableQueue, dispatcher: Dispatcher, functions: Functions, clock: SteppedClock
) -> None:
    for number in range(10):
        queue.enqueue(job(f"a{number}"))

    started = [
        dispatcher.run_due(now)
        for now in (clock.now(), clock.step(0.4), clock.step(0.1), clock.step(1), clock.step(60))
    ]

    assert started == [2, 0, 1, 2, 2]


def test_a_slow_queue_does_not_hold_up_another(
    queue: DurableQueue, dispatcher: Dispatcher, functions: Functions, clock: SteppedClock
) -> None:
    for number in range(5):
        queue.enqueue(job(f"a{number}"))
    queue.enqueue(job("b", "pull"))

    dispatcher.run_due(clock.now())

    assert sorted(sent.queue for sent in functions.sent) == ["pull", "sync", "sync"]


def test_a_failing_job_does_not_hold_up_the_next(
    queue: DurableQueue, dispatcher: Dispatcher, functions: Functions, clock: SteppedClock
) -> None:
    failing(functions, 500)
    queue.enqueue(job("a"))
    queue.enqueue(job("b"))

    dispatcher.run_due(clock.now())

    assert [sent.name for sent in functions.sent] == ["a", "b"]


def test_a_job_under_way_is_not_handed_out_twice(queue: DurableQueue, clock: SteppedClock) -> None:
    queue.enqueue(job())
    queue.take("sync", now=clock.now(), limit=10)

    assert queue.take("sync", now=clock.step(60), limit=10) == []


def test_a_job_that_nobody_settled_is_handed_out_again(queue: DurableQueue, clock: SteppedClock) -> None:
    queue.enqueue(job())
    queue.take("sync", now=clock.now(), limit=10)

    assert [taken.tries for taken in queue.take("sync", now=clock.step(91), limit=10)] == [2]


def test_what_a_killed_process_had_under_way_is_due_at_once_after_a_restart(
    queue: DurableQueue, tmp_path: Path, clock: SteppedClock
) -> None:
    queue.enqueue(job())
    queue.take("sync", now=clock.now(), limit=10)
    queue.close()

    again = DurableQueue(tmp_path / "queue.sqlite", clock=clock, queues=FEW)
    released = again.release_leases()

    assert (released, [taken.tries for taken in again.take("sync", now=clock.now(), limit=10)]) == (1, [2])
    again.close()


def test_names_are_forgotten_after_a_day(queue: DurableQueue, dispatcher: Dispatcher, clock: SteppedClock) -> None:
    queue.enqueue(job())
    dispatcher.run_due(clock.now())
    early = queue.forget_names(now=clock.step(86_399))

    assert (early, queue.forget_names(now=clock.step(1))) == (0, 1)


def test_waiting_counts_what_is_not_done(queue: DurableQueue, dispatcher: Dispatcher, clock: SteppedClock) -> None:
    queue.enqueue(job("a"))
    dispatcher.run_due(clock.now())
    queue.enqueue(job("b"))

    assert queue.waiting() == {"sync": 1, "pull": 0}
