"""A3: OAuth through one fixed redirect URI for installations that have none; the relay keeps nothing of it.

The installation here is no Tandem: a CRM that speaks HTTP to the relay, as its documentation says.
"""

from __future__ import annotations

import base64
import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
import requests

from infra.simulator.server import RunningSimulator
from tests.scenarios.stage import Server

ACCOUNT = "anna@example.com"
BACK = "https://crm.example.com/calendar/back"
VERIFIER = "an-installations-verifier-that-stays-at-home-"
STATE = "state-of-the-session"


@pytest.fixture(scope="module")
def server(simulator: RunningSimulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = Path(tmp_path_factory.mktemp("relay"))
    running = Server(folder, simulator.addresses, TANDEM_RELAY_RETURN_TO="https://crm.example.com")
    yield running
    running.stop()


def challenge() -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")


def passed(server: Server, simulator: RunningSimulator) -> dict[str, str]:
    """What a person's browser brings back to the CRM."""
    browser = requests.Session()
    asked = {"return_to": BACK, "state": STATE, "code_challenge": challenge(), "login_hint": ACCOUNT}
    went = browser.get(f"{server.url}/relay/start?{urlencode(asked)}", allow_redirects=False, timeout=10)
    assert went.status_code == 302, went.text
    with simulator.desk.doing() as google:
        back = google.consent(query_of(went.headers["Location"]), ACCOUNT)
    onward = browser.get(back, allow_redirects=False, timeout=10)
    assert onward.headers["Location"].startswith(f"{BACK}?")
    return query_of(onward.headers["Location"])


def token(server: Server, **form: str) -> dict[str, Any]:
    answer = requests.post(f"{server.url}/relay/token", data=form, timeout=10)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def query_of(address: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(address).query))


def kept(server: Server) -> dict[str, list[Any]]:
    """Everything in the relay's store."""
    with closing(sqlite3.connect(server.folder / "store.sqlite")) as file:
        tables = [str(row[0]) for row in file.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {table: file.execute(f"SELECT * FROM {table}").fetchall() for table in tables}  # noqa: S608 - our own


def test_a03_a_grant_is_made_used_refreshed_and_given_back(server: Server, simulator: RunningSimulator) -> None:
    came = passed(server, simulator)
    first = token(server, grant_type="authorization_code", code=came["code"], code_verifier=VERIFIER)
    with simulator.desk.doing() as google:
        google.expire_access_tokens(ACCOUNT)

    second = token(server, grant_type="refresh_token", refresh_token=first["refresh_token"])

    bearer = {"Authorization": f"Bearer {second['access_token']}"}
    calendars = f"{simulator.url}/calendar/v3/users/me/calendarList"
    assert came["state"] == STATE
    assert requests.get(calendars, headers=bearer, timeout=10).status_code == 200
    requests.post(f"{server.url}/relay/revoke", data={"token": second["refresh_token"]}, timeout=10)
    assert requests.get(calendars, headers=bearer, timeout=10).status_code == 401


def test_a03_the_relay_keeps_nothing_and_its_log_tells_nothing(server: Server, simulator: RunningSimulator) -> None:
    before = kept(server)

    came = passed(server, simulator)
    tokens = token(server, grant_type="authorization_code", code=came["code"], code_verifier=VERIFIER)
    again = token(server, grant_type="refresh_token", refresh_token=tokens["refresh_token"])

    lines = [line for line in server.lines if '"relay"' in line]
    assert kept(server) == before
    assert [line for line in map(json.loads, lines) if {"store_reads", "store_commits", "enqueued"} & line.keys()] == []
    with simulator.desk.doing() as google:
        secrets = [*google.ctx.world.codes, *google.ctx.world.refresh_tokens, *google.ctx.world.access_tokens]
    secrets += [came["code"], tokens["refresh_token"], again["refresh_token"], VERIFIER, STATE, BACK, ACCOUNT]
    assert len(lines) >= 4
    assert [secret for secret in secrets if any(secret in line for line in server.lines)] == []


def test_a03_nobody_is_led_to_an_address_that_the_operator_has_not_listed(server: Server) -> None:
    asked = {"return_to": "https://evil.example/", "state": STATE, "code_challenge": challenge()}

    answer = requests.get(f"{server.url}/relay/start?{urlencode(asked)}", allow_redirects=False, timeout=10)

    assert (answer.status_code, "Location" in answer.headers) == (400, False)
    assert "TANDEM_RELAY_RETURN_TO" in answer.text
