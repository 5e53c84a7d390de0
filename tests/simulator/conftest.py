"""A simulated Google with a clock that stands still, and clients for it."""

from collections.abc import Iterator

import pytest

from infra.simulator.state import Google
from tests.simulator.client import ANNA, BEN, Client, Clock, make


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def google(clock: Clock) -> Iterator[Google]:
    """Give a state machine none of whose answers may break Google's schema."""
    google = make(clock)
    yield google
    assert google.violations == []


@pytest.fixture
def anna(google: Google) -> Client:
    return Client(google, ANNA)


@pytest.fixture
def ben(google: Google) -> Client:
    return Client(google, BEN)
