"""What every test run shares: nothing left out silently, the same Hypothesis examples each time, the browser's path."""

from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.bootstrap import CHROMIUM_REMEDY, everything_required, find_chromium, require

settings.register_profile(
    "tandem",
    deadline=None,  # the machine is shared; time is not the claim
    derandomize=True,  # a red run is red again; chance belongs to the simulation, with its seeds
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("tandem")


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


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The browser's executable."""
    return require(find_chromium(), CHROMIUM_REMEDY)
