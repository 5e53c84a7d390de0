"""One server and one simulated Google a module, one tenant a test; `places` says on what."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from infra.simulator.server import RunningSimulator
from tests.scenarios.places import Where, name_of, only_on_deployment, places_of, served, simulated
from tests.scenarios.privacy import shown
from tests.scenarios.stage import Server, Stage


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Play each scenario everywhere it belongs in this run."""
    if "where" in metafunc.fixturenames:
        metafunc.parametrize("where", places_of(metafunc.module.__name__), indirect=True, scope="session")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A run on the deployment leaves out what is about one machine alone; nothing of it counts as skipped."""
    if not only_on_deployment():
        return
    out = [item for item in items if ".scenarios." in item.nodeid.replace("/", ".") and not _on_deployment(item)]
    config.hook.pytest_deselected(items=out)
    items[:] = [item for item in items if item not in out]


def _on_deployment(item: pytest.Item) -> bool:
    return (
        isinstance(item, pytest.Function)
        and hasattr(item, "callspec")
        and (item.callspec.params.get("where") == "deployment")
    )


@pytest.fixture(scope="session")
def where(request: pytest.FixtureRequest) -> Where:
    """Where the scenario is played."""
    place: Where = request.param
    return place


@pytest.fixture(scope="module", autouse=True)
def nothing_private_is_shown() -> Iterator[None]:
    """No line of a server of this module, and no problem document, shows what people wrote or what opens a door."""
    Stage.made.clear()
    yield
    found = shown(Stage.made)
    for stage in Stage.made:
        stage.server.searched()
    assert found == []


@pytest.fixture(scope="module")
def simulator(where: Where, request: pytest.FixtureRequest) -> Iterator[RunningSimulator]:
    with simulated(where, request) as running:
        yield running


@pytest.fixture(scope="module")
def server(where: Where, simulator: RunningSimulator, request: pytest.FixtureRequest) -> Iterator[Server]:
    with served(where, simulator, request) as running:
        yield running


@pytest.fixture
def stage(server: Server, simulator: RunningSimulator, request: pytest.FixtureRequest) -> Stage:
    return Stage(server, simulator, name_of(request))
