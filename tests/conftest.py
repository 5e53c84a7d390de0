"""What every test run shares: nothing left out silently, the same Hypothesis examples each time, the browser's path."""

import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from tests.bootstrap import (
    CHROMIUM_REMEDY,
    EMULATOR_REMEDY,
    clean_installation,
    everything_required,
    find_chromium,
    find_firestore_emulator,
    find_production_python,
    require,
)
from tests.closing import closing

if TYPE_CHECKING:
    from tests.emulator import RunningEmulator
    from tests.queries import Judge
    from tests.scenarios.places import Deployment

settings.register_profile(
    "tandem",
    deadline=None,  # the machine is shared; time is not the claim
    derandomize=True,  # a red run is red again; chance belongs to the simulation, with its seeds
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("tandem")


LONGEST_FIRST = ("endure", "gcp", "browser", "scenarios", "fuzz", "demo", "docs", "usecases")
"""Folders whose files take long, so that several workers end together instead of waiting for the last file of one."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long; the order within a folder stays."""
    ranks = {name: rank for rank, name in enumerate(LONGEST_FIRST)}
    tests = Path(__file__).parent
    items.sort(key=lambda item: ranks.get(item.path.relative_to(tests).parts[0], len(ranks)))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn every skip into a failure under REQUIRE_ALL=1, whoever asked for it."""
    report = yield
    if report.skipped and everything_required() and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"REQUIRE_ALL=1 allows no skip: {call.excinfo.value if call.excinfo else report.longrepr}"
    return report


@pytest.fixture(scope="session", autouse=True)
def _stages_of_modules_are_closed() -> Iterator[None]:
    with closing():
        yield


@pytest.fixture(autouse=True)
def _stages_are_closed() -> Iterator[None]:
    with closing():
        yield


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The browser's executable."""
    return require(find_chromium(), CHROMIUM_REMEDY)


@pytest.fixture(scope="session")
def production_python() -> Path:
    """A Python that holds requirements.txt alone: of the version that Cloud Run runs, or else of this one."""
    return clean_installation(find_production_python() or Path(sys.executable))


@pytest.fixture(scope="session")
def firestore_emulator() -> "Iterator[RunningEmulator]":
    """The Firestore emulator, started for the first test that asks for it."""
    from tests.emulator import running_emulator

    with running_emulator(require(find_firestore_emulator(), EMULATOR_REMEDY)) as running:
        yield running


@pytest.fixture(scope="session")
def judge() -> "Iterator[Judge]":
    """Hears of every query that this process makes."""
    from tests.queries import Judge, watched

    judge = Judge()
    with watched(judge):
        yield judge


@pytest.fixture(autouse=True)
def _every_query_has_an_index(judge: "Judge") -> Iterator[None]:
    """Firestore refuses what it has no index for, and no emulator does: so the test that asks it fails."""
    judge.faults.clear()
    yield
    assert judge.faults == []


@pytest.fixture(scope="session")
def deployment(
    firestore_emulator: "RunningEmulator", production_python: Path, tmp_path_factory: pytest.TempPathFactory
) -> "Iterator[Deployment]":
    """A deployment in pieces, from a clean installation on the production Python, with a Google of its own."""
    from infra.simulator.server import RunningSimulator
    from tests.gcp.split import SplitServer
    from tests.scenarios.places import Deployment

    with RunningSimulator() as simulator:
        server = SplitServer(
            Path(tmp_path_factory.mktemp("deployment")),
            simulator.addresses,
            firestore=firestore_emulator.host,
            python=production_python,
            TANDEM_EMULATOR_HORIZON_S="0.5",  # the feed's ten seconds would be most of the tests' time
        )
        yield Deployment(server=server, simulator=simulator)
        server.stop()
