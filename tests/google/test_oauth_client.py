"""The OAuth client over HTTP against the simulated Google."""

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest

from infra.google.oauth_client import OAuthClient
from infra.simulator.server import RunningSimulator
from shared import errors
from shared.model.oauth import CALENDAR_SCOPES, SCOPE_CALENDARS, SCOPE_EVENTS, Client, Consent
from tests.google.conftest import ANNA, Count
from tests.google.weather import OneShot

REDIRECT = "http://127.0.0.1:9/oauth/callback"
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)


def asked(oauth: OAuthClient, client: Client, login_hint: str | None = None) -> dict[str, str]:
    consent = Consent(
        redirect_uri=REDIRECT, scopes=CALENDAR_SCOPES, state="s1", challenge=CHALLENGE, login_hint=login_hint
    )
    return dict(parse_qsl(urlsplit(oauth.authorize_url(client, consent)).query))


def code_for(
    simulator: RunningSimulator, oauth: OAuthClient, client: Client, scopes: tuple[str, ...] | None = None
) -> str:
    back = simulator.google.consent(asked(oauth, client), ANNA, scopes)
    return parse_qs(urlsplit(back).query)["code"][0]


def test_the_consent_page_is_asked_for_a_refresh_token_every_time(oauth: OAuthClient, client: Client) -> None:
    query = asked(oauth, client, login_hint=ANNA)

    assert (query["access_type"], query["prompt"], query["response_type"]) == ("offline", "consent", "code")
    assert (query["code_challenge"], query["code_challenge_method"]) == (CHALLENGE, "S256")
    assert (query["state"], query["redirect_uri"], query["login_hint"]) == ("s1", REDIRECT, ANNA)
    assert query["scope"].split() == list(CALENDAR_SCOPES)


def test_making_the_address_asks_google_nothing(oauth: OAuthClient, client: Client, count: Count) -> None:
    asked(oauth, client)

    assert count.sent == []


def test_a_code_is_exchanged_for_tokens(simulator: RunningSimulator, oauth: OAuthClient, client: Client) -> None:
    tokens = oauth.exchange(client, code=code_for(simulator, oauth, client), verifier=VERIFIER, redirect_uri=REDIRECT)

    assert tokens.refresh_token is not None
    assert {SCOPE_EVENTS, SCOPE_CALENDARS} <= set(tokens.scopes)
    assert timedelta(minutes=59) < tokens.expires_at - datetime.now(UTC) <= timedelta(hours=1)


def test_unticked_scopes_are_told_and_are_no_error(
    simulator: RunningSimulator, oauth: OAuthClient, client: Client
) -> None:
    code = code_for(simulator, oauth, client, ("openid", "email", SCOPE_EVENTS))

    tokens = oauth.exchange(client, code=code, verifier=VERIFIER, redirect_uri=REDIRECT)

    assert SCOPE_CALENDARS not in tokens.scopes


def test_a_code_is_worth_nothing_a_second_time(simulator: RunningSimulator, oauth: OAuthClient, client: Client) -> None:
    code = code_for(simulator, oauth, client)
    oauth.exchange(client, code=code, verifier=VERIFIER, redirect_uri=REDIRECT)

    with pytest.raises(errors.BadRequest):
        oauth.exchange(client, code=code, verifier=VERIFIER, redirect_uri=REDIRECT)


def test_a_code_without_its_verifier_is_worth_nothing(
    simulator: RunningSimulator, oauth: OAuthClient, client: Client
) -> None:
    with pytest.raises(errors.BadRequest):
        oauth.exchange(client, code=code_for(simulator, oauth, client), verifier="w" * 43, redirect_uri=REDIRECT)


def test_a_refresh_gives_a_new_access_token_and_no_refresh_token(
    simulator: RunningSimulator, oauth: OAuthClient, client: Client
) -> None:
    first = oauth.exchange(client, code=code_for(simulator, oauth, client), verifier=VERIFIER, redirect_uri=REDIRECT)
    assert first.refresh_token is not None

    second = oauth.refresh(client, first.refresh_token)

    assert second.access_token != first.access_token
    assert second.refresh_token is None


def test_a_revoked_grant_is_told_at_the_refresh(
    simulator: RunningSimulator, oauth: OAuthClient, client: Client
) -> None:
    tokens = oauth.exchange(client, code=code_for(simulator, oauth, client), verifier=VERIFIER, redirect_uri=REDIRECT)
    assert tokens.refresh_token is not None
    simulator.google.revoke_grant(ANNA)

    with pytest.raises(errors.GrantRevoked):
        oauth.refresh(client, tokens.refresh_token)


def test_a_wrong_secret_is_the_clients_fault_not_the_users(oauth: OAuthClient, client: Client) -> None:
    with pytest.raises(errors.ClientRefused):
        oauth.refresh(Client(client_id=client.client_id, client_secret="wrong"), "1//0abc")


def test_an_account_is_known_by_its_sub(simulator: RunningSimulator, oauth: OAuthClient, client: Client) -> None:
    tokens = oauth.exchange(client, code=code_for(simulator, oauth, client), verifier=VERIFIER, redirect_uri=REDIRECT)

    identity = oauth.identity(tokens.access_token)

    assert identity.email == ANNA
    assert identity.sub == simulator.google.ctx.world.accounts[ANNA].sub


def test_the_identity_of_a_dead_token_is_refused(oauth: OAuthClient) -> None:
    with pytest.raises(errors.AccessTokenRefused):
        oauth.identity("ya29.dead")


def test_a_revoked_token_ends_the_grant(simulator: RunningSimulator, oauth: OAuthClient, client: Client) -> None:
    tokens = oauth.exchange(client, code=code_for(simulator, oauth, client), verifier=VERIFIER, redirect_uri=REDIRECT)
    assert tokens.refresh_token is not None

    oauth.revoke(tokens.refresh_token)

    with pytest.raises(errors.GrantRevoked):
        oauth.refresh(client, tokens.refresh_token)


def test_revoking_an_unknown_token_is_no_failure(oauth: OAuthClient, count: Count) -> None:
    oauth.revoke("1//0unknown")

    assert count.sent == ["POST revoke"]


def shot(one_shot: OneShot) -> OAuthClient:
    address = f"{one_shot.url}/token"
    return OAuthClient(token_url=address, userinfo_url=address, revoke_url=address, now=lambda: NOW)


@pytest.mark.parametrize(
    "body", [b"<html>", b"{}", b"[]", b'{"token_type": "Bearer"}', b'{"access_token": "a", "expires_in": "soon"}']
)
def test_a_token_answer_that_cannot_be_read_is_asked_for_again(one_shot: OneShot, body: bytes) -> None:
    one_shot.says(200, body)

    with pytest.raises(errors.GoogleUnavailable):
        shot(one_shot).refresh(Client(client_id="c", client_secret="s"), "1//0abc")


def test_a_lifetime_counts_from_the_question(one_shot: OneShot) -> None:
    one_shot.says(200, b'{"access_token": "a", "expires_in": 100, "scope": "openid x", "token_type": "Bearer"}')

    tokens = shot(one_shot).refresh(Client(client_id="c", client_secret="s"), "1//0abc")

    assert tokens.expires_at == NOW + timedelta(seconds=100)
    assert tokens.scopes == ("openid", "x")


def test_no_error_shows_a_token_or_a_secret(one_shot: OneShot) -> None:
    with pytest.raises(errors.GoogleUnavailable) as caught:
        shot(one_shot).refresh(Client(client_id="c", client_secret="GOCSPX-s"), "1//0abc")

    assert "1//0abc" not in repr(caught.value)
    assert "GOCSPX" not in repr(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_an_identity_without_a_sub_is_asked_for_again(one_shot: OneShot) -> None:
    one_shot.says(200, b'{"email": "anna@example.com"}')

    with pytest.raises(errors.GoogleUnavailable):
        shot(one_shot).identity("ya29.a")
