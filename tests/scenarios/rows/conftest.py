"""One server and one simulated Google for all rows: none of them stops it, or brings weather over other accounts.

A row that needs another kind of server, or more than one, makes it for itself.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from infra.simulator.server import RunningSimulator
from tests.scenarios.places import Where, served, simulated
from tests.scenarios.stage import Server


@pytest.fixture(scope="session")
def simulator(where: Where, request: pytest.FixtureRequest) -> Iterator[RunningSimulator]:
    with simulated(where, request) as running:
        yield running


@pytest.fixture(scope="session")
def server(where: Where, simulator: RunningSimulator, request: pytest.FixtureRequest) -> Iterator[Server]:
    with served(where, simulator, request, TANDEM_POLL_S="1") as running:
        yield running
