"""One server and one simulated Google a module, one tenant a test."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.simulator.server import RunningSimulator
from tests.scenarios.stage import Server, Stage


@pytest.fixture(scope="module")
def simulator() -> Iterator[RunningSimulator]:
    with RunningSimulator() as running:
        yield running


@pytest.fixture(scope="module")
def server(simulator: RunningSimulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(Path(tmp_path_factory.mktemp("data")), simulator.addresses)
    yield running
    running.stop()


@pytest.fixture
def stage(server: Server, simulator: RunningSimulator, request: pytest.FixtureRequest) -> Stage:
    return Stage(server, simulator, re.sub(r"\W+", "-", request.node.name)[:40].strip("-"))
