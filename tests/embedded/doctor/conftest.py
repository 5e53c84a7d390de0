"""A sound deployment for the doctor to look at."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra import wiring
from infra.settings import Settings
from infra.simulator.server import RunningSimulator


@pytest.fixture(scope="module")
def simulator() -> Iterator[RunningSimulator]:
    with RunningSimulator() as running:
        yield running


@pytest.fixture
def data(tmp_path: Path, simulator: RunningSimulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A sound deployment: the environment is the simulator's, the data folder new."""
    for name in [name for name in os.environ if name.startswith("TANDEM_")]:
        monkeypatch.delenv(name)
    for name, value in {**simulator.addresses, "TANDEM_DATA": str(tmp_path / "data")}.items():
        monkeypatch.setenv(name, value)
    wiring.configure(Settings(data=tmp_path / "data"))
    wiring.embedded()
    yield tmp_path / "data"
    with simulator.desk.doing() as google:
        google.clear_faults()
