"""The real clients beside a simulated Google on a loopback port, their requests counted."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from infra.google.calendar_client import CalendarClient, GoogleClient
from infra.google.oauth_client import OAuthClient
from infra.simulator.server import RunningSimulator
from shared.model.oauth import Client
from tests.google.weather import OneShot
from tests.google.worlds import Place, place

ANNA = "anna@example.com"


@dataclass
class Count:
    """What was sent, as `METHOD last-part-of-path`."""

    sent: list[str] = field(default_factory=list)

    def __call__(self, method: str, address: str) -> None:
        self.sent.append(f"{method} {address.partition('?')[0].rpartition('/')[2]}")


@pytest.fixture
def simulator() -> Iterator[RunningSimulator]:
    with RunningSimulator() as running:
        yield running


@pytest.fixture
def count() -> Count:
    return Count()


@pytest.fixture
def google(simulator: RunningSimulator, count: Count) -> GoogleClient:
    return GoogleClient(simulator.url, on_request=count)


@pytest.fixture
def anna(simulator: RunningSimulator, google: GoogleClient) -> CalendarClient:
    return google.calendar(simulator.google.access_token(ANNA))


@pytest.fixture
def oauth(simulator: RunningSimulator, count: Count) -> OAuthClient:
    addresses = simulator.addresses
    return OAuthClient(
        auth_url=addresses["TANDEM_GOOGLE_AUTH_URL"],
        token_url=addresses["TANDEM_GOOGLE_TOKEN_URL"],
        revoke_url=addresses["TANDEM_GOOGLE_REVOKE_URL"],
        userinfo_url=addresses["TANDEM_GOOGLE_USERINFO_URL"],
        on_request=count,
    )


@pytest.fixture
def client(simulator: RunningSimulator) -> Client:
    addresses = simulator.addresses
    return Client(client_id=addresses["TANDEM_OAUTH_CLIENT_ID"], client_secret=addresses["TANDEM_OAUTH_CLIENT_SECRET"])


@pytest.fixture
def one_shot() -> Iterator[OneShot]:
    server = OneShot()
    yield server
    server.close()


@pytest.fixture(name="here")
def a_place(tmp_path: Path) -> Iterator[Place]:
    with place(tmp_path) as made:
        yield made
