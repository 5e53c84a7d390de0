"""A31: the way through Google's consent is bound to tenant, user and browser, works once and for ten minutes."""

from __future__ import annotations

from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit, urlunsplit

import pytest
import requests

from tests.scenarios.stage import Stage


def begun(stage: Stage, browser: requests.Session) -> tuple[str, str, str]:
    """A browser on its way to Google; the connection, Google's page, and where Google sends it back to."""
    account = stage.account()
    made = stage.crm.ok("POST", "/v1/connections", {"user_id": "anna"})
    asked = browser.get(made["authorize_url"], allow_redirects=False, timeout=10)
    page = asked.headers["Location"]
    with stage.google() as google:
        back = google.consent(dict(parse_qsl(urlsplit(page).query)), account)
    return made["id"], page, back


def status(stage: Stage, connection: str) -> str:
    return str(stage.crm.ok("GET", f"/v1/connections/{connection}")["status"])


def test_a31_google_is_asked_with_a_challenge_and_a_state_that_tells_nothing(stage: Stage) -> None:
    connection, page, _ = begun(stage, requests.Session())

    asked = parse_qs(urlsplit(page).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert len(asked["code_challenge"][0]) == 43
    assert "anna" not in asked["state"][0]
    assert connection not in asked["state"][0]


def test_a31_a_state_works_once_and_only_in_its_own_browser(stage: Stage) -> None:
    browser = requests.Session()
    connection, _, back = begun(stage, browser)

    stranger = requests.get(back, timeout=10)
    assert status(stage, connection) == "pending"
    browser.get(back, timeout=10)
    assert status(stage, connection) == "active"
    replayed = browser.get(back, timeout=10)

    assert (stranger.status_code, replayed.status_code) == (400, 400)


@pytest.mark.parametrize("change", ["state", "code"])
def test_a31_a_forged_state_or_code_connects_nobody(stage: Stage, change: str) -> None:
    browser = requests.Session()
    connection, _, back = begun(stage, browser)
    parts = urlsplit(back)
    query = dict(parse_qsl(parts.query))
    query[change] = query[change][:-6] + "AAAAAA"

    browser.get(urlunsplit(parts._replace(query=urlencode(query))), timeout=10)

    assert status(stage, connection) == "pending"


def test_a31_a_link_of_one_tenant_connects_nothing_of_another(stage: Stage) -> None:
    made = stage.crm.ok("POST", "/v1/connections", {"user_id": "anna"})
    parts = urlsplit(made["authorize_url"])
    query = dict(parse_qsl(parts.query))
    tenant, _, connection = query["c"].partition(".")
    query["c"] = f"{'0' * len(tenant)}.{connection}"

    answer = requests.get(urlunsplit(parts._replace(query=urlencode(query))), allow_redirects=False, timeout=10)

    assert answer.status_code == 400
