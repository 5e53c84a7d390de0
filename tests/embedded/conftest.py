"""What the embedded runtime's tests share: a clock that only tests move, a log that keeps its lines."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

DEADLINE_S = 30.0
START = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)


class SteppedClock:
    def __init__(self) -> None:
        self.time = START

    def now(self) -> datetime:
        return self.time

    def step(self, seconds: float) -> datetime:
        self.time += timedelta(seconds=seconds)
        return self.time


class KeptLog:
    def __init__(self) -> None:
        self.lines: list[dict[str, str | float | None]] = []

    def event(self, flow: str, outcome: str, **fields: str | float | None) -> None:
        self.lines.append({"flow": flow, "outcome": outcome, **fields})

    def outcomes(self) -> list[str]:
        return [str(line["outcome"]) for line in self.lines]


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock()


@pytest.fixture
def log() -> KeptLog:
    return KeptLog()


def until(holds: Callable[[], object]) -> None:
    """Poll what another thread or process brings about, up to a deadline."""
    deadline = time.monotonic() + DEADLINE_S
    while not holds():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.005)
