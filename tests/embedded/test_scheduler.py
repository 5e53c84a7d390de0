"""The regular calls: each in its turn, those that ask for what is due at every tick, a failed one soon again."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from infra.embedded.dispatch import Answer
from infra.embedded.scheduler import Scheduler
from infra.schedules import SCHEDULES
from tests.embedded.conftest import KeptLog, SteppedClock, until

DUE = [schedule.name for schedule in SCHEDULES if schedule.by_due]


class Calls:
    def __init__(self) -> None:
        self.paths: list[str] = []
        self.status: int | None = 204

    def __call__(self, path: str) -> Answer:
        self.paths.append(path)
        return Answer(status=self.status)


@pytest.fixture
def calls() -> Calls:
    return Calls()


@pytest.fixture
def scheduler(calls: Calls, clock: SteppedClock, log: KeptLog) -> Scheduler:
    return Scheduler(calls, clock=clock, log=log, tick_s=5.0)


def test_what_google_does_by_itself_is_done_every_hour(calls: Calls, clock: SteppedClock, log: KeptLog) -> None:
    told: list[datetime] = []
    scheduler = Scheduler(calls, clock=clock, log=log, tick_s=5.0, schedules=(), hourly=told.append)
    began = clock.now()

    for _ in range(721):
        scheduler.run_due(clock.now())
        clock.step(5)

    assert told == [began, began + timedelta(hours=1)]


def test_everything_is_called_at_the_start(scheduler: Scheduler, calls: Calls, clock: SteppedClock) -> None:
    scheduler.run_due(clock.now())

    kinds = ("tasks", "calendars", "orphans", "webhooks", "runs", "keys")
    assert set(calls.paths) == {"/jobs/renew-channels", *(f"/jobs/sweep?kind={kind}" for kind in kinds)}


def test_what_asks_for_due_work_is_called_at_every_tick(scheduler: Scheduler, clock: SteppedClock) -> None:
    scheduler.run_due(clock.now())

    assert [scheduler.run_due(clock.step(4)), scheduler.run_due(clock.step(1))] == [[], DUE]


def test_the_rest_waits_for_its_turn(scheduler: Scheduler, clock: SteppedClock) -> None:
    scheduler.run_due(clock.now())
    early = scheduler.run_due(clock.step(1799))

    late = scheduler.run_due(clock.step(1))

    assert ("sweep-orphans" in early, "sweep-orphans" in late) == (False, True)


def test_a_failed_call_is_told_and_made_again_after_a_minute(
    scheduler: Scheduler, calls: Calls, clock: SteppedClock, log: KeptLog
) -> None:
    calls.status = 500
    scheduler.run_due(clock.now())
    calls.status = 204

    again = scheduler.run_due(clock.step(60))

    assert "sweep-orphans" in again
    assert log.lines[0] == {"flow": "schedule", "outcome": "failed", "schedule": "sweep-tasks", "status": "500"}


def test_periods_are_whole_minutes_as_cloud_scheduler_counts() -> None:
    assert [schedule.name for schedule in SCHEDULES if schedule.every_s % 60] == []


def test_running_it_calls_until_it_is_stopped(calls: Calls, clock: SteppedClock, log: KeptLog) -> None:
    scheduler = Scheduler(calls, clock=clock, log=log, tick_s=0.01)
    scheduler.start()
    until(lambda: len(calls.paths) >= len(SCHEDULES))

    scheduler.stop(within_s=20)
    made = len(calls.paths)

    assert scheduler.run_due(clock.step(1e6)) == []
    assert len(calls.paths) == made
