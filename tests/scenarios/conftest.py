"""One server and one simulated Google a module, one tenant a test.

With TANDEM_TEST_SPLIT=1 the server is a deployment in pieces on the Firestore emulator, one process a function.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.simulator.server import RunningSimulator
from tests.scenarios.privacy import shown
from tests.scenarios.stage import Server, Stage


@pytest.fixture(scope="module", autouse=True)
def nothing_private_is_shown() -> Iterator[None]:
    """No line of a server of this module, and no problem document, shows what people wrote or what opens a door."""
    Stage.made.clear()
    yield
    assert shown(Stage.made) == []


@pytest.fixture(scope="module")
def simulator() -> Iterator[RunningSimulator]:
    with RunningSimulator() as running:
        yield running


@pytest.fixture(scope="module")
def server(
    simulator: RunningSimulator, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Server]:
    folder = Path(tmp_path_factory.mktemp("data"))
    if os.environ.get("TANDEM_TEST_SPLIT") == "1":
        from tests.gcp.split import SplitServer

        emulator = request.getfixturevalue("firestore_emulator")
        running: Server = SplitServer(folder, simulator.addresses, firestore=emulator.host)
    else:
        running = Server(folder, simulator.addresses)
    yield running
    running.stop()


@pytest.fixture
def stage(server: Server, simulator: RunningSimulator, request: pytest.FixtureRequest) -> Stage:
    return Stage(server, simulator, re.sub(r"\W+", "-", request.node.name)[:40].strip("-"))
