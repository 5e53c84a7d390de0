"""One server and one simulated Google for all rows: none of them stops it, or brings weather over other accounts.

A row that needs another kind of server, or more than one, makes it for itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from msgspec.structs import replace

from infra.simulator.server import RunningSimulator
from tests.scenarios.places import Where, served, simulated
from tests.scenarios.stage import Server, Stage


@pytest.fixture(scope="session")
def simulator(where: Where, request: pytest.FixtureRequest) -> Iterator[RunningSimulator]:
    with simulated(where, request) as running:
        yield running


@pytest.fixture(scope="session")
def server(where: Where, simulator: RunningSimulator, request: pytest.FixtureRequest) -> Iterator[Server]:
    with served(where, simulator, request, TANDEM_POLL_S="1") as running:
        yield running


@pytest.fixture
def google_does(stage: Stage) -> Iterator[Callable[..., None]]:
    """Say what Google does differently from now on; after the scenario it does what it did before."""
    with stage.google() as google:
        before = google.settings

    def from_now_on(**settings: object) -> None:
        with stage.google() as google:
            google.settings = replace(google.settings, **settings)

    yield from_now_on
    with stage.google() as google:
        google.settings = before
        google.clear_faults()
