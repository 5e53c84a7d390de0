"""A fresh bench for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.simulator.server import RunningSimulator
from tests.usecases.bench import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with RunningSimulator() as simulator:
        yield Bench(tmp_path, simulator)
