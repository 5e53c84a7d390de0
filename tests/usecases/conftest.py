"""A fresh bench for each test, once on SQLite and once on Firestore: flows and budgets are the same on both."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.simulator.server import RunningSimulator
from tests.emulator import RunningEmulator
from tests.usecases.bench import Bench


@pytest.fixture(params=["sqlite", "firestore"])
def bench(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Bench]:
    with RunningSimulator() as simulator:
        if request.param == "sqlite":
            yield Bench(tmp_path, simulator)
        else:
            emulator: RunningEmulator = request.getfixturevalue("firestore_emulator")
            with emulator.store() as store:
                yield Bench(tmp_path, simulator, store)
