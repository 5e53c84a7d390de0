"""Where a scenario is played: on one machine, or on a deployment in pieces on the Firestore emulator.

Every run plays all of them on one machine, and those of `ALWAYS_ON_BOTH` on the deployment too. With
TANDEM_TEST_WHERE=deployment (`make deployment`) all are played there but those about one machine alone.
"""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

import pytest

from infra.simulator.server import RunningSimulator
from tests.scenarios.stage import Server

if TYPE_CHECKING:
    from tests.gcp.split import SplitServer

Where: TypeAlias = Literal["one machine", "deployment"]

ALWAYS_ON_BOTH = {"test_both_ways", "test_both_sides_at_once", "test_weather"}
ONE_MACHINE = {
    "test_a03_relay",  # an installation's files, and a second server
    "test_a04_no_public_server",
    "test_a05_own_client",  # addresses below one
    "test_a06_setup",  # the command line
    "test_a30_tokens",  # a data folder
    "test_a32_channel_check",  # counts all that Google is asked
    "test_a37_logs",  # one process writes all lines
    "test_b03_costs",  # one process writes all lines
    "test_b12_one_machine",
    "test_keys",  # rotated by the command line; a deployment's keys are the operator's own
    "test_marked_values",  # one process writes all lines
}
"""About one machine alone."""
_NUMBERS = itertools.count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """A running deployment in pieces and its Google."""

    server: SplitServer
    simulator: RunningSimulator


def only_on_deployment() -> bool:
    """Whether this run plays scenarios on the deployment alone."""
    return os.environ.get("TANDEM_TEST_WHERE") == "deployment"


def places_of(module: str) -> tuple[Where, ...]:
    """Where this run plays the scenarios of a module, by the last part of its name."""
    name = module.rpartition(".")[2]
    if only_on_deployment():
        return () if name in ONE_MACHINE else ("deployment",)
    return ("one machine", "deployment") if name in ALWAYS_ON_BOTH else ("one machine",)


def name_of(request: pytest.FixtureRequest) -> str:
    """A name for what is this test's own: numbered, since a long one is cut."""
    name = re.sub(r"\W+", "-", request.node.originalname.replace("_", "-"))
    return f"{name[:32].strip('-')}-{next(_NUMBERS)}"


@contextmanager
def simulated(where: Where, request: pytest.FixtureRequest) -> Iterator[RunningSimulator]:
    """The Google of that place; one machine's is made for this block."""
    if where == "deployment":
        deployment: Deployment = request.getfixturevalue("deployment")
        yield deployment.simulator
    else:
        with RunningSimulator() as running:
            yield running


@contextmanager
def served(where: Where, simulator: RunningSimulator, request: pytest.FixtureRequest, **more: str) -> Iterator[Server]:
    """The server of that place; one machine's is made for this block, with these further variables."""
    if where == "deployment":
        deployment: Deployment = request.getfixturevalue("deployment")
        yield deployment.server
    else:
        factory: pytest.TempPathFactory = request.getfixturevalue("tmp_path_factory")
        running = Server(Path(factory.mktemp("data")), simulator.addresses, **more)
        yield running
        running.stop()
