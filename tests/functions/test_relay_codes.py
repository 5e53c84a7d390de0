"""What a relay's state, cookie and code are worth: once, to whoever began, for minutes."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient

from tests.functions.relay_place import Relay, query_of
from tests.google.worlds import BEN, local


@pytest.fixture
def browser(relay: Relay) -> FlaskClient:
    return relay.browser()


def test_a_consent_begun_by_an_attacker_does_not_end_in_a_victims_browser(relay: Relay) -> None:
    attackers = relay.consented(relay.browser(), account=BEN)

    answer = relay.browser().get(local(attackers))

    assert (answer.status_code, "Location" in answer.headers) == (400, False)


@pytest.mark.parametrize("state", ["", "x", "relay.gAAAA", "ä", "relay." + "A" * 200])
def test_a_made_up_state_leads_nowhere(relay: Relay, browser: FlaskClient, state: str) -> None:
    answer = browser.get(f"/relay/callback?{urlencode({'state': state, 'code': 'c'})}")

    assert (answer.status_code, "Location" in answer.headers) == (400, False)


def test_a_state_lives_ten_minutes(relay: Relay, browser: FlaskClient) -> None:
    back = relay.consented(browser)
    relay.place.advance(minutes=10)

    assert browser.get(local(back)).status_code == 400


def test_a_callback_works_once_in_a_browser(relay: Relay, browser: FlaskClient) -> None:
    back = relay.consented(browser)
    browser.get(local(back))

    assert browser.get(local(back)).status_code == 400


def test_the_cookie_is_bound_to_this_host(relay: Relay) -> None:
    addresses = replace(relay.place.world.addresses, relay="https://relay.example")
    relay.place.with_world(addresses=addresses)

    cookie = relay.start(relay.browser(), relay.asked()).headers["Set-Cookie"]

    assert cookie.startswith("__Host-tandem_relay_")
    assert all(word in cookie for word in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"))


def test_a_stolen_code_is_worth_nothing_without_the_verifier(relay: Relay) -> None:
    answer = relay.exchange(relay.code(), verifier="w" * 43)

    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_grant")


def test_a_wrong_verifier_does_not_spend_the_code(relay: Relay) -> None:
    code = relay.code()
    relay.exchange(code, verifier="w" * 43)

    assert relay.exchange(code).status_code == 200


def test_a_code_works_once(relay: Relay) -> None:
    code = relay.code()
    relay.exchange(code)

    assert relay.exchange(code).get_json()["error"] == "invalid_grant"


def test_a_code_lives_five_minutes(relay: Relay) -> None:
    code = relay.code()
    relay.place.advance(minutes=5)

    assert relay.exchange(code).get_json()["error"] == "invalid_grant"


def test_googles_own_code_is_taken_only_from_the_callback(relay: Relay, browser: FlaskClient) -> None:
    code = query_of(relay.consented(browser))["code"]

    assert relay.exchange(code).get_json()["error"] == "invalid_grant"


def test_a_refresh_token_stolen_elsewhere_is_not_refreshed(relay: Relay) -> None:
    relay.tokens()
    (googles,) = relay.googles_refresh_tokens()

    assert relay.refresh(googles).get_json()["error"] == "invalid_grant"
