"""One server and one simulated Google for all rows: none of them stops it, or brings weather over other accounts."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.simulator.server import RunningSimulator
from tests.scenarios.stage import Server, Stage


@pytest.fixture(scope="session")
def simulator() -> Iterator[RunningSimulator]:
    with RunningSimulator() as running:
        yield running


@pytest.fixture(scope="session")
def server(simulator: RunningSimulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(Path(tmp_path_factory.mktemp("rows")), simulator.addresses, TANDEM_POLL_S="1")
    yield running
    running.stop()


_NUMBERS = itertools.count(1)


@pytest.fixture
def stage(server: Server, simulator: RunningSimulator, request: pytest.FixtureRequest) -> Stage:
    """A tenant and accounts of the test's own: names are numbered, since a long one is cut."""
    name = re.sub(r"\W+", "-", request.node.originalname.replace("_", "-"))
    return Stage(server, simulator, f"{name[:32].strip('-')}-{next(_NUMBERS)}")
