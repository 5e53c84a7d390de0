"""The relay under attack: open redirects, forged and taken-back tokens, swapped and widened requests."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient

from infra.keys import PurposeKeys
from shared.relay.installations import InstallationToken, issue, signed
from tests.functions.relay_place import BACK, VERIFIER, Relay, query_of
from tests.google.worlds import ANNA, local

PRIVATE = "http://192.168.1.20:8080/oauth/callback"


@pytest.fixture
def browser(relay: Relay) -> FlaskClient:
    return relay.browser()


def token_of(relay: Relay, *, days: int = 1, keys: PurposeKeys | None = None) -> InstallationToken:
    world = relay.place.world
    until = world.clock.now() + timedelta(days=days)
    return issue(keys or world.keys, "acme", chance="0123456789", until=until)


def by(relay: Relay, token: InstallationToken, **other: str) -> dict[str, str]:
    """A start request that the token signs."""
    return signed(token, relay.asked(**other), now=relay.place.world.clock.now())


def refused(relay: Relay, browser: FlaskClient, query: dict[str, str]) -> str:
    """What the page says that leads nowhere."""
    answer = relay.start(browser, query)
    assert answer.status_code in {400, 403}, answer.headers.get("Location")
    assert "Location" not in answer.headers
    return answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "return_to",
    [
        "https://evil.example/oauth/callback",
        "https://crm.example.com.evil.example/",
        "https://crm.example.com@evil.example/",
        "https://evil.example\\@crm.example.com/",
        "https://evil.example#https://crm.example.com",
        "https://crm.example.com:444/oauth/callback",
        "http://crm.example.com/oauth/callback",
        "//evil.example/",
        "javascript:alert(1)//https://crm.example.com",
        "https://crm.example.com/\r\nSet-Cookie: a=b",
        "https://crm.example.com/ x",
        "https://crm.example.com/#fragment",
        "",
        "https:crm.example.com/oauth",
        "https://crm.example.com/" + "x" * 3000,
    ],
)
def test_the_relay_leads_nowhere_but_to_listed_origins(relay: Relay, browser: FlaskClient, return_to: str) -> None:
    refused(relay, browser, relay.asked(return_to=return_to))


@pytest.mark.parametrize("return_to", ["https://CRM.example.com/other/path", "https://crm.example.com:443/"])
def test_one_origin_may_be_written_in_several_ways(relay: Relay, browser: FlaskClient, return_to: str) -> None:
    assert relay.start(browser, relay.asked(return_to=return_to)).status_code == 302


def test_a_return_address_in_the_callback_is_not_looked_at(relay: Relay, browser: FlaskClient) -> None:
    onward = browser.get(f"{local(relay.consented(browser))}&return_to=https://evil.example/")

    assert onward.headers["Location"].startswith(f"{BACK}?")


def test_a_signed_request_leads_to_an_address_that_nobody_listed(relay: Relay, browser: FlaskClient) -> None:
    answer = relay.start(browser, by(relay, token_of(relay), return_to=PRIVATE))

    assert answer.status_code == 302


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1:8080", "localhost", "[::1]:80", "10.0.0.5", "[fd00::1]", "crm", "crm.local", "crm.office.lan"],
)
def test_plain_http_leads_to_private_names_when_signed(relay: Relay, browser: FlaskClient, host: str) -> None:
    assert relay.start(browser, by(relay, token_of(relay), return_to=f"http://{host}/back")).status_code == 302


@pytest.mark.parametrize(
    "host",
    [
        "crm.example.org",
        "8.8.8.8",
        "134744072",
        "0x08080808",
        "0.0.0.0",  # noqa: S104 - never bound
        "[::ffff:8.8.8.8]",
    ],
)
def test_plain_http_never_leads_to_public_names(relay: Relay, browser: FlaskClient, host: str) -> None:
    assert "plain http" in refused(relay, browser, by(relay, token_of(relay), return_to=f"http://{host}/back"))


@pytest.mark.parametrize("name", ["return_to", "state", "code_challenge", "scope", "at", "installation", "login_hint"])
def test_a_signed_request_cannot_be_changed_on_the_way(relay: Relay, browser: FlaskClient, name: str) -> None:
    query = by(relay, token_of(relay), return_to=PRIVATE)
    other = {"return_to": "https://evil.example/", "code_challenge": "x" * 43, "scope": "openid email", "at": "1"}

    refused(relay, browser, {**query, name: other.get(name, "other.4000000000")})


def test_a_signature_of_other_keys_is_refused(relay: Relay, browser: FlaskClient) -> None:
    token = token_of(relay, keys=PurposeKeys((b"x" * 32,)))

    refused(relay, browser, by(relay, token, return_to=PRIVATE))


def test_a_bad_signature_is_refused_even_where_none_is_needed(relay: Relay, browser: FlaskClient) -> None:
    refused(relay, browser, {**by(relay, token_of(relay)), "signature": "forged"})


def test_a_signed_link_is_good_for_ten_minutes(relay: Relay, browser: FlaskClient) -> None:
    query = by(relay, token_of(relay), return_to=PRIVATE)
    relay.place.advance(minutes=11)

    assert "ten minutes" in refused(relay, browser, query)


def test_a_token_that_has_ended_signs_no_more(relay: Relay, browser: FlaskClient) -> None:
    token = token_of(relay)
    relay.place.advance(days=1, seconds=1)

    assert "has ended" in refused(relay, browser, by(relay, token, return_to=PRIVATE))


def test_a_token_that_was_taken_back_signs_no_more(relay: Relay, browser: FlaskClient) -> None:
    token = token_of(relay)
    relay.allow(refused=(token.id,))

    assert "taken its permission back" in refused(relay, browser, by(relay, token, return_to=PRIVATE))


def test_a_token_that_was_taken_back_refreshes_no_more(relay: Relay, browser: FlaskClient) -> None:
    token = token_of(relay)
    went = relay.start(browser, by(relay, token, return_to=PRIVATE))
    back = relay.place.simulator.google.consent(query_of(went.headers["Location"]), ANNA)
    code = query_of(browser.get(local(back)).headers["Location"])["code"]
    tokens = relay.exchange(code).get_json()
    relay.allow(refused=(token.id,))

    answer = relay.refresh(tokens["refresh_token"])

    assert (answer.status_code, answer.get_json()["error"]) == (403, "unauthorized_client")


def test_an_origin_that_is_no_longer_listed_refreshes_no_more(relay: Relay) -> None:
    tokens = relay.tokens()
    relay.allow()

    assert relay.refresh(tokens["refresh_token"]).get_json()["error"] == "unauthorized_client"


def test_what_is_sealed_as_one_thing_opens_as_no_other(relay: Relay, browser: FlaskClient) -> None:
    code, tokens = relay.code(), relay.tokens()
    state = query_of(relay.start(browser, relay.asked()).headers["Location"])["state"]

    assert [relay.refresh(text).status_code for text in (code, state)] == [400, 400]
    assert [relay.exchange(text).status_code for text in (tokens["refresh_token"], state)] == [400, 400]
    assert browser.get(f"/relay/callback?{urlencode({'state': code, 'code': 'c'})}").status_code == 400


@pytest.mark.parametrize(
    "changed",
    [
        {"code_challenge": ""},
        {"code_challenge": "short"},
        {"code_challenge": VERIFIER, "code_challenge_method": "plain"},
        {"state": ""},
        {"state": "x" * 3000},
        {"scope": "openid https://www.googleapis.com/auth/gmail.readonly"},
        {"scope": "https://www.googleapis.com/auth/drive"},
    ],
    ids=str,
)
def test_what_would_weaken_or_widen_the_grant_is_refused(
    relay: Relay, browser: FlaskClient, changed: dict[str, str]
) -> None:
    refused(relay, browser, relay.asked(**changed))


def test_a_parameter_that_stands_twice_is_refused(relay: Relay, browser: FlaskClient) -> None:
    twice = f"/relay/start?{urlencode(relay.asked())}&return_to=https://evil.example/"

    assert browser.get(twice).status_code == 400


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"grant_type": "password"},
        {"grant_type": "authorization_code", "code": "c"},
        {"grant_type": "refresh_token"},
        {"grant_type": "client_credentials"},
    ],
    ids=str,
)
def test_other_forms_of_the_token_address_are_refused(relay: Relay, form: dict[str, str]) -> None:
    answer = relay.browser().post("/relay/token", data=form)

    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_request")


def test_a_body_that_is_no_form_or_too_large_is_refused(relay: Relay) -> None:
    as_json = relay.browser().post("/relay/token", json={"grant_type": "refresh_token"})
    large = relay.browser().post("/relay/token", data={"grant_type": "refresh_token", "refresh_token": "x" * 20_000})

    assert (as_json.status_code, large.status_code) == (400, 400)


def test_an_error_word_of_google_is_passed_on_only_if_it_is_one(relay: Relay, browser: FlaskClient) -> None:
    state = query_of(relay.start(browser, relay.asked()).headers["Location"])["state"]

    onward = browser.get(f"/relay/callback?{urlencode({'error': '<script>', 'state': state})}")

    assert query_of(onward.headers["Location"])["error"] == "server_error"
