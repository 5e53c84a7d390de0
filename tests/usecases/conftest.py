"""A fresh bench for each test, once on SQLite and once on Firestore: flows and budgets are the same on both."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.simulator.server import RunningSimulator
from tests.emulator import RunningEmulator
from tests.google.worlds import Place, place
from tests.usecases.bench import Bench
from tests.usecases.listed import Listed


@pytest.fixture(params=["sqlite", "firestore"])
def bench(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Bench]:
    with RunningSimulator() as simulator:
        if request.param == "sqlite":
            yield Bench(tmp_path, simulator)
        else:
            emulator: RunningEmulator = request.getfixturevalue("firestore_emulator")
            with emulator.store() as store:
                yield Bench(tmp_path, simulator, store)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Place]:
    with place(tmp_path) as made:
        yield made


@pytest.fixture
def listed(here: Place) -> Listed:
    """Nothing is written yet; the connection names its list and takes in what people write there."""
    return Listed(here=here, anna=here.connected(settings={"google_tasks": "@default", "import_external": "all"}))
