"""What Terraform deploys, for tests that compare with it; and a tenant on the run's deployment for each stage."""

from __future__ import annotations

import pytest

from infra.simulator.server import RunningSimulator
from tests.gcp.split import SplitServer
from tests.scenarios.places import Deployment, name_of
from tests.scenarios.stage import Stage
from tests.terraform.conftest import tables

__all__ = ["tables"]


@pytest.fixture
def split(deployment: Deployment) -> SplitServer:
    return deployment.server


@pytest.fixture
def simulator(deployment: Deployment) -> RunningSimulator:
    return deployment.simulator


@pytest.fixture
def stage(split: SplitServer, simulator: RunningSimulator, request: pytest.FixtureRequest) -> Stage:
    return Stage(split, simulator, name_of(request))
