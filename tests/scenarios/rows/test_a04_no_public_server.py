"""A4: both ways where no public HTTPS server can be afforded: Google refuses to push, and consent comes by a relay.

Two processes: a relay with Google's client, and an installation that has neither client nor public address.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from infra.simulator.server import RunningSimulator
from infra.simulator.settings import SimSettings
from tests.scenarios.stage import ROOT, Connected, Server, Stage, eventually

CLIENT = ("TANDEM_OAUTH_CLIENT_ID", "TANDEM_OAUTH_CLIENT_SECRET")
DAY = "2031-05-01"


@pytest.fixture(scope="module")
def simulator() -> Iterator[RunningSimulator]:
    with RunningSimulator(settings=SimSettings(loopback_webhooks=False)) as running:
        yield running


@pytest.fixture(scope="module")
def relay(simulator: RunningSimulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(Path(tmp_path_factory.mktemp("relay")), simulator.addresses)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def given(relay: Server) -> dict[str, str]:
    """What the relay's operator gives to the installation."""
    made = subprocess.run(
        [sys.executable, "main.py", "relay", "issue", "back-office"],
        cwd=ROOT, env=relay.environment, check=True, capture_output=True, text=True,
    )  # fmt: skip
    token = re.findall(r"TANDEM_RELAY_TOKEN=(\S+)", made.stdout)[0]
    return {"TANDEM_RELAY_URL": relay.url, "TANDEM_RELAY_TOKEN": token}


@pytest.fixture(scope="module")
def server(
    simulator: RunningSimulator, given: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    google = {name: address for name, address in simulator.addresses.items() if name not in CLIENT}
    folder = Path(tmp_path_factory.mktemp("installation"))
    running = Server(folder, google, **given, TANDEM_POLL_S="1")
    yield running
    running.stop()


@pytest.fixture
def stage(server: Server, simulator: RunningSimulator, request: pytest.FixtureRequest) -> Stage:
    return Stage(server, simulator, request.node.name[:40].replace("_", "-"))


def test_a04_a_browser_goes_by_the_relay_and_comes_back(stage: Stage, relay: Server) -> None:
    made = stage.crm.ok("POST", "/v1/connections", {"user_id": "anna"})

    first = requests.get(made["authorize_url"], allow_redirects=False, timeout=10).headers["Location"]

    assert first.startswith(f"{relay.url}/relay/start?")


def test_a04_tasks_and_events_follow_each_other_by_polling(stage: Stage) -> None:
    anna = connected(stage)

    stage.crm.put("t1", user_id="anna", title="Call", start=DAY)
    event = anna.person.event(stage.crm.synced("t1"))
    anna.person.edit(event["id"], summary="Called")

    stage.crm.synced("t1", title="Called")
    (calendar,) = [each for each in anna.now()["calendars"] if each["watched"]]
    assert calendar["state"] == "poll"


def test_a04_access_is_refreshed_by_the_relay_as_long_as_it_lasts(stage: Stage) -> None:
    anna = connected(stage)
    with stage.google() as google:
        google.expire_access_tokens(anna.account)

    stage.crm.put("t1", user_id="anna", title="Call", start=DAY)

    assert anna.person.event(stage.crm.synced("t1"))["summary"] == "Call"


def test_a04_a_grant_taken_back_at_google_is_noticed_through_the_relay(stage: Stage) -> None:
    anna = connected(stage)
    with stage.google() as google:
        google.revoke_grant(anna.account)

    assert eventually(lambda: anna.now()["status"] == "needs_reconnect")


def test_a04_disconnecting_gives_the_grant_back_by_the_relay(stage: Stage) -> None:
    anna = connected(stage)

    stage.crm.finished(stage.crm.ok("DELETE", f"/v1/connections/{anna.id}")["run_id"])

    with stage.google() as google:
        assert [key for key in google.ctx.world.grants if key.startswith(anna.account)] == []


def connected(stage: Stage) -> Connected:
    """A connection made over the relay, as a person's browser makes it."""
    account, browser = stage.account(), requests.Session()
    made = stage.crm.ok("POST", "/v1/connections", {"user_id": "anna"})
    to_relay = browser.get(made["authorize_url"], allow_redirects=False, timeout=10).headers["Location"]
    to_google = browser.get(to_relay, allow_redirects=False, timeout=10).headers["Location"]
    with stage.google() as google:
        back = google.consent(dict(parse_qsl(urlsplit(to_google).query)), account)
    shown = browser.get(back, timeout=10)
    assert "Your Google Calendar is connected" in shown.text, shown.text
    assert urlsplit(shown.url).netloc == urlsplit(stage.server.url).netloc
    eventually(lambda: stage.crm.ok("GET", f"/v1/connections/{made['id']}")["last_sync_at"], what="first pull")
    return Connected(stage, made["id"], account, "anna")
