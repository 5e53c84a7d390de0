"""What every queue does with an enqueue, as claims; an adapter joins by a subclass with a fixture `bench`.

How jobs are sent and repeated is the platform's; the embedded queue's own is claimed in `tests/embedded`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol

import msgspec
import pytest

from shared.errors import Bug
from shared.ports import Job, Queue

START = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)


class QueueBench(Protocol):
    """A fresh queue with its clock at `START`, and a view of what it holds."""

    queue: Queue

    def due(self) -> list[Job]:
        """What the queue would send now."""

    def all_done(self) -> None:
        """Every due job is sent, and answers 204."""

    def pass_time(self, span: timedelta) -> None:
        """The clock goes on."""


def job(name: str | None = "abc-1", *, queue: str = "sync", not_before: datetime | None = None) -> Job:
    return Job(queue=queue, function="sync_task", name=name, payload={"schema": 1, "task": "t"}, not_before=not_before)


class QueueContract:
    def test_a_job_is_due_at_once(self, bench: QueueBench) -> None:
        taken = bench.queue.enqueue(job())

        assert taken
        assert [each.name for each in bench.due()] == ["abc-1"]

    def test_it_carries_function_and_payload(self, bench: QueueBench) -> None:
        bench.queue.enqueue(job())

        (found,) = bench.due()
        assert (found.queue, found.function, dict(found.payload)) == ("sync", "sync_task", {"schema": 1, "task": "t"})

    def test_a_delayed_job_is_due_when_its_time_has_come(self, bench: QueueBench) -> None:
        bench.queue.enqueue(job(not_before=START + timedelta(seconds=5)))

        early = bench.due()
        bench.pass_time(timedelta(seconds=5))

        assert early == []
        assert [each.name for each in bench.due()] == ["abc-1"]

    def test_a_name_that_waits_is_not_taken_again(self, bench: QueueBench) -> None:
        bench.queue.enqueue(job())

        again = bench.queue.enqueue(job())

        assert not again
        assert len(bench.due()) == 1

    def test_a_name_that_is_done_is_not_taken_again(self, bench: QueueBench) -> None:
        bench.queue.enqueue(job())
        bench.all_done()

        again = bench.queue.enqueue(job())

        assert not again
        assert bench.due() == []

    def test_a_name_is_free_again_a_day_after_it_was_done(self, bench: QueueBench) -> None:
        bench.queue.enqueue(job())
        bench.all_done()
        bench.pass_time(timedelta(hours=24, seconds=1))

        again = bench.queue.enqueue(job())

        assert again
        assert len(bench.due()) == 1

    def test_jobs_without_a_name_never_coalesce(self, bench: QueueBench) -> None:
        bench.queue.enqueue(job(None))
        bench.queue.enqueue(job(None))

        assert len(bench.due()) == 2

    def test_each_queue_has_names_of_its_own(self, bench: QueueBench) -> None:
        bench.queue.enqueue(job(queue="sync"))

        assert bench.queue.enqueue(job(queue="pull"))

    @pytest.mark.parametrize(
        "wrong",
        [
            job("two words"),
            job(""),
            job("x" * 501),
            job(queue="unknown"),
            msgspec.structs.replace(job(), payload={"text": "x" * 100_001}),
        ],
        ids=["space", "empty", "long", "queue", "large"],
    )
    def test_what_the_platform_refuses_is_refused(self, bench: QueueBench, wrong: Job) -> None:
        with pytest.raises(Bug):
            bench.queue.enqueue(wrong)

        assert bench.due() == []
