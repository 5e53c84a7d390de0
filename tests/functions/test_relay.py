"""The relay leads people to Google and back, serves tokens, and keeps nothing; its store here fails at every touch."""

from __future__ import annotations

import pytest

from infra.simulator.model import Fault
from shared.model.oauth import RELAYED, SCOPE_TASKS
from tests.functions.relay_place import BACK, RELAY, STATE, Relay, query_of
from tests.google.worlds import ANNA, OneClient, local


def test_a_person_is_led_to_google_under_the_relays_own_address(relay: Relay) -> None:
    went = relay.start(relay.browser(), relay.asked(login_hint=ANNA))

    asked = query_of(went.headers["Location"])
    assert (asked["redirect_uri"], asked["login_hint"]) == (f"{RELAY}/relay/callback", ANNA)
    assert (asked["code_challenge"], asked["prompt"]) == (relay.asked()["code_challenge"], "consent")
    assert STATE not in went.headers["Location"]


def test_a_person_comes_back_to_the_installation_with_its_own_state(relay: Relay) -> None:
    browser = relay.browser()

    onward = browser.get(local(relay.consented(browser)))

    address, _, _ = onward.headers["Location"].partition("?")
    assert (address, query_of(onward.headers["Location"])["state"]) == (BACK, STATE)


def test_a_query_of_the_return_address_is_kept(relay: Relay) -> None:
    browser = relay.browser()

    onward = browser.get(local(relay.consented(browser, return_to=f"{BACK}?site=2")))

    assert query_of(onward.headers["Location"]).keys() == {"site", "state", "code"}


def test_a_refusal_is_passed_on_in_googles_word(relay: Relay) -> None:
    browser = relay.browser()
    state = query_of(relay.start(browser, relay.asked()).headers["Location"])["state"]

    onward = browser.get(f"/relay/callback?error=access_denied&state={state}")

    assert query_of(onward.headers["Location"]) == {"state": STATE, "error": "access_denied"}


def test_a_code_and_its_verifier_give_tokens_that_open_the_calendar(relay: Relay) -> None:
    tokens = relay.tokens()

    assert relay.place.world.oauth.identity(tokens["access_token"]).email == ANNA
    assert (tokens["token_type"], str(tokens["expires_in"])) == ("Bearer", "3599")
    assert "calendar.events" in tokens["scope"]


def test_without_a_scope_the_usual_ones_are_asked_for(relay: Relay) -> None:
    asked = query_of(relay.start(relay.browser(), relay.asked(scope="")).headers["Location"])

    assert "calendar.events" in asked["scope"]
    assert SCOPE_TASKS not in asked["scope"]


def test_a_refresh_token_gives_new_access_and_is_sealed_anew(relay: Relay) -> None:
    first = relay.tokens()

    again = relay.refresh(first["refresh_token"]).get_json()

    assert relay.place.world.oauth.identity(again["access_token"]).email == ANNA
    assert again["refresh_token"] != first["refresh_token"]
    assert relay.refresh(again["refresh_token"]).status_code == 200


def test_a_grant_is_given_back_through_the_relay(relay: Relay) -> None:
    tokens = relay.tokens()

    answer = relay.browser().post("/relay/revoke", data={"token": tokens["refresh_token"]})

    assert (answer.status_code, relay.googles_refresh_tokens()) == (200, [])
    assert relay.refresh(tokens["refresh_token"]).get_json()["error"] == "invalid_grant"


def test_a_revoked_grant_is_told_in_oauths_word(relay: Relay) -> None:
    tokens = relay.tokens()
    relay.place.simulator.google.revoke_grant(ANNA)

    answer = relay.refresh(tokens["refresh_token"])

    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_grant")


def test_an_outage_of_googles_is_told_as_passing(relay: Relay) -> None:
    tokens = relay.tokens()
    relay.place.simulator.google.add_fault(Fault(effect="backendError503", path="token"))

    answer = relay.refresh(tokens["refresh_token"])

    assert (answer.status_code, answer.get_json()["error"]) == (503, "temporarily_unavailable")


def test_answers_with_tokens_are_kept_by_nobody_on_the_way(relay: Relay) -> None:
    answer = relay.exchange(relay.code())

    assert answer.headers["Cache-Control"] == "no-store"


def test_no_line_of_the_log_holds_a_code_a_token_a_state_or_an_address(relay: Relay) -> None:
    browser = relay.browser()
    back = relay.consented(browser, login_hint=ANNA)
    onward = query_of(browser.get(local(back)).headers["Location"])
    tokens = relay.exchange(onward["code"]).get_json()
    again = relay.refresh(tokens["refresh_token"]).get_json()
    relay.start(browser, relay.asked(return_to="https://evil.example/x"))
    relay.browser().post("/relay/revoke", data={"token": again["refresh_token"]})

    lines = str(relay.place.log.lines)

    assert [line["outcome"] for line in relay.place.log.lines if line["flow"] == "relay"] == [
        "to_google", "to_installation", "exchanged", "refreshed", "refused", "revoked"
    ]  # fmt: skip
    secrets = [*query_of(back).values(), *onward.values(), *relay.googles_refresh_tokens(), BACK, "evil", ANNA, STATE]
    secrets += [tokens["access_token"], tokens["refresh_token"], again["access_token"], again["refresh_token"]]
    assert [secret for secret in secrets if len(secret) > 7 and secret in lines and secret != "consent"] == []


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/relay/start", "GET"),
        ("PUT", "/relay/callback", "GET"),
        ("GET", "/relay/token", "POST"),
        ("GET", "/relay/revoke", "POST"),
    ],
)
def test_each_address_takes_one_method(relay: Relay, method: str, path: str, allowed: str) -> None:
    answer = relay.browser().open(path, method=method)

    assert (answer.status_code, answer.headers["Allow"]) == (405, allowed)


def test_there_is_nothing_at_other_addresses(relay: Relay) -> None:
    assert relay.browser().get("/relay/keys").status_code == 404


def test_who_uses_a_relay_is_none_itself(relay: Relay) -> None:
    relay.place.with_world(clients=OneClient(RELAYED))

    assert relay.start(relay.browser(), relay.asked()).status_code == 404
