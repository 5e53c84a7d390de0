"""Google's OAuth: consent, codes with PKCE, refresh tokens and their ends, who the user is."""

import base64
import hashlib
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import msgspec
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from infra.simulator.model import Client as OAuthClient
from infra.simulator.oauth import Refused
from infra.simulator.state import Google
from infra.simulator.wire import Request
from infra.simulator.world import DEMO_CLIENT_ID, DEMO_CLIENT_SECRET
from tests.simulator.client import ANNA, Answer, Client, Clock

EVENTS = "https://www.googleapis.com/auth/calendar.events"
LISTS = "https://www.googleapis.com/auth/calendar.calendarlist.readonly"
EMAIL = "https://www.googleapis.com/auth/userinfo.email"
CALLBACK = "http://127.0.0.1:8080/oauth/callback"
VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")


def asked(**more: str) -> dict[str, str]:
    """Give the parameters of an authorization address."""
    return {
        "client_id": DEMO_CLIENT_ID,
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "scope": f"openid email {EVENTS} {LISTS}",
        "access_type": "offline",
        "state": "s",
    } | more


def code_of(address: str) -> str:
    """Give the code in a redirect."""
    return parse_qs(urlsplit(address).query)["code"][0]


def post(google: Google, path: str, **form: str) -> Answer:
    """Post a form to an OAuth endpoint."""
    return Answer(google.handle(Request(method="POST", path=path, body=urlencode(form).encode())))


def exchange(google: Google, code: str, **more: str) -> Answer:
    """Exchange a code."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACK,
        "client_id": DEMO_CLIENT_ID,
        "client_secret": DEMO_CLIENT_SECRET,
    }
    return post(google, "/token", **form | more)


def refresh(google: Google, token: str) -> Answer:
    """Refresh an access token."""
    return post(
        google,
        "/token",
        grant_type="refresh_token",
        refresh_token=token,
        client_id=DEMO_CLIENT_ID,
        client_secret=DEMO_CLIENT_SECRET,
    )


def connect(google: Google, **more: str) -> dict[str, Any]:
    """Consent and exchange."""
    body: dict[str, Any] = exchange(google, code_of(google.consent(asked(**more), ANNA))).body
    return body


def test_consent_sends_the_browser_back_with_code_and_state(google: Google) -> None:
    address = google.consent(asked(), ANNA)

    query = parse_qs(urlsplit(address).query)
    assert address.startswith(CALLBACK)
    assert (query["state"], len(query["code"])) == (["s"], 1)


def test_refusal_sends_access_denied(google: Google) -> None:
    assert google.deny(asked()) == f"{CALLBACK}?state=s&error=access_denied"


def test_exchange_gives_what_googles_answer_has(google: Google) -> None:
    body = connect(google)

    assert set(body) == {"access_token", "expires_in", "refresh_token", "scope", "token_type", "id_token"}
    assert (body["expires_in"], body["token_type"]) == (3599, "Bearer")
    assert set(body["scope"].split()) == {"openid", EMAIL, EVENTS, LISTS}


def test_token_opens_the_calendar(google: Google) -> None:
    client = Client(google, ANNA)
    client.token = connect(google)["access_token"]

    assert client.list().status == 200


def test_unticked_scope_is_missing_in_the_token(google: Google) -> None:
    code = code_of(google.consent(asked(), ANNA, ("openid", "email", EVENTS)))

    body = exchange(google, code).body

    assert set(body["scope"].split()) == {"openid", EMAIL, EVENTS}


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"client_id": "nobody"}, "invalid_client"),
        ({"redirect_uri": "https://crm.example.com/callback"}, "redirect_uri_mismatch"),
        ({"response_type": "token"}, "invalid_request"),
        ({"scope": ""}, "invalid_request"),
        ({"code_challenge": "x", "code_challenge_method": "plain"}, "invalid_request"),
    ],
)
def test_bad_authorization_request_is_never_sent_back(google: Google, more: dict[str, str], code: str) -> None:
    with pytest.raises(Refused) as refused:
        google.consent(asked(**more), ANNA)

    assert refused.value.code == code


def test_registered_redirect_uri_must_match_exactly(google: Google) -> None:
    google.add_client(
        OAuthClient(client_id="c", client_secret="s", name="CRM", redirect_uris=["https://crm.example.com/cb"])
    )

    assert google.consent(asked(client_id="c", redirect_uri="https://crm.example.com/cb"), ANNA)
    for near in ("https://crm.example.com/cb/", "https://crm.example.com/CB", "http://crm.example.com/cb", CALLBACK):
        with pytest.raises(Refused, match="redirect_uri_mismatch"):
            google.consent(asked(client_id="c", redirect_uri=near), ANNA)


@pytest.mark.parametrize(
    ("verifier", "status"), [({"code_verifier": VERIFIER}, 200), ({"code_verifier": "w" * 64}, 400), ({}, 400)]
)
def test_code_with_a_challenge_needs_its_verifier(google: Google, verifier: dict[str, str], status: int) -> None:
    code = code_of(google.consent(asked(code_challenge=CHALLENGE, code_challenge_method="S256"), ANNA))

    answer = exchange(google, code, **verifier)

    assert answer.status == status
    assert status == 200 or answer.body["error"] == "invalid_grant"


def test_code_works_once_and_for_ten_minutes(google: Google, clock: Clock) -> None:
    used, late = code_of(google.consent(asked(), ANNA)), code_of(google.consent(asked(), ANNA))
    assert exchange(google, used).status == 200

    clock.advance(minutes=10)

    assert exchange(google, used).body["error"] == "invalid_grant"
    assert exchange(google, late).body["error"] == "invalid_grant"


def test_exchange_needs_the_same_redirect_uri_and_the_secret(google: Google) -> None:
    code = code_of(google.consent(asked(), ANNA))

    assert exchange(google, code, redirect_uri=f"{CALLBACK}/").body["error"] == "redirect_uri_mismatch"
    assert exchange(google, code, client_secret="wrong").body["error"] == "invalid_client"


def test_second_consent_gives_a_refresh_token_only_with_prompt_consent(google: Google) -> None:
    connect(google)

    assert "refresh_token" not in connect(google)
    assert "refresh_token" in connect(google, prompt="consent")


def test_online_access_has_no_refresh_token(google: Google) -> None:
    assert "refresh_token" not in connect(google, access_type="online")


def test_refresh_gives_an_access_token_that_works_after_the_first_has_expired(google: Google, clock: Clock) -> None:
    first = connect(google)
    clock.advance(hours=2)

    second = refresh(google, first["refresh_token"]).body

    client = Client(google, ANNA)
    client.token = first["access_token"]
    assert client.list().status == 401
    client.token = second["access_token"]
    assert client.list().status == 200
    assert "refresh_token" not in second


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_revoking_either_token_ends_both(google: Google, kind: str) -> None:
    body = connect(google)

    assert post(google, "/revoke", token=body[kind]).status == 200

    dead = refresh(google, body["refresh_token"])
    assert (dead.status, dead.body) == (
        400,
        {"error": "invalid_grant", "error_description": "Token has been expired or revoked."},
    )
    assert post(google, "/revoke", token=body[kind]).status == 400


def test_consent_after_a_revocation_gives_a_refresh_token_again(google: Google) -> None:
    connect(google)
    google.revoke_grant(ANNA)

    assert "refresh_token" in connect(google)


def test_hundred_and_first_refresh_token_silently_ends_the_oldest(google: Google) -> None:
    tokens = [connect(google, prompt="consent")["refresh_token"] for _ in range(101)]

    assert refresh(google, tokens[0]).body["error"] == "invalid_grant"
    assert refresh(google, tokens[1]).status == 200


def test_refresh_token_of_an_app_in_testing_ends_after_seven_days(google: Google, clock: Clock) -> None:
    google.ctx.world.clients[DEMO_CLIENT_ID].testing = True
    body = connect(google)
    assert body["refresh_token_expires_in"] == 604_800

    clock.advance(days=7)

    assert refresh(google, body["refresh_token"]).body["error"] == "invalid_grant"


def test_testing_app_that_asks_only_who_you_are_has_no_seven_day_clock(google: Google) -> None:
    google.ctx.world.clients[DEMO_CLIENT_ID].testing = True

    assert "refresh_token_expires_in" not in connect(google, scope="openid email")


def test_granted_scopes_are_included_on_request(google: Google) -> None:
    connect(google, scope=EVENTS)

    alone = connect(google, scope=LISTS)
    together = connect(google, scope=LISTS, include_granted_scopes="true")

    assert alone["scope"] == LISTS
    assert set(together["scope"].split()) == {EVENTS, LISTS}


def test_userinfo_shows_what_the_scopes_allow(google: Google) -> None:
    def userinfo(token: str) -> Answer:
        request = Request(method="GET", path="/v1/userinfo", headers={"Authorization": f"Bearer {token}"})
        return Answer(google.handle(request))

    sub = google.ctx.world.accounts[ANNA].sub
    assert userinfo(connect(google)["access_token"]).body == {"sub": sub, "email": ANNA, "email_verified": True}
    assert userinfo(connect(google, scope="openid")["access_token"]).body == {"sub": sub}
    assert userinfo("nothing").status == 401


def test_id_token_is_signed_by_the_published_key_for_this_client(google: Google, clock: Clock) -> None:
    text = connect(google, nonce="n")["id_token"]
    header, claims, signature = text.split(".")

    key = Answer(google.handle(Request(method="GET", path="/oauth2/v3/certs"))).body["keys"][0]

    def number(part: str) -> int:
        return int.from_bytes(base64.urlsafe_b64decode(part + "=="), "big")

    public = rsa.RSAPublicNumbers(number(key["e"]), number(key["n"])).public_key()
    public.verify(
        base64.urlsafe_b64decode(signature + "=="), f"{header}.{claims}".encode(), padding.PKCS1v15(), hashes.SHA256()
    )
    told = msgspec.json.decode(base64.urlsafe_b64decode(claims + "=="))
    assert (told["iss"], told["aud"], told["email"], told["nonce"]) == (
        "https://accounts.google.com",
        DEMO_CLIENT_ID,
        ANNA,
        "n",
    )
    assert told["exp"] - clock().timestamp() == 3600


def test_unknown_grant_type_and_client_are_refused(google: Google) -> None:
    assert post(google, "/token", grant_type="password", client_id=DEMO_CLIENT_ID, client_secret="x").status == 401
    assert post(google, "/token", grant_type="password").body["error"] == "invalid_client"
