"""Google's OAuth endpoints: oauthlib makes and reads the messages, `Transport` sends them. No token is in any error.

Changed scopes are no error here: users untick boxes, and the caller checks what was granted. The PKCE verifier is the
caller's, since `/oauth/start` and `/oauth/callback` may run on two machines. Start at `OAuthClient.exchange`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from infra.google.transport import TIMEOUT_S, OnRequest, Transport, lower_case, utc_now
from shared.errors import AccessTokenRefused, BadRequest, GoogleUnavailable, GrantRevoked
from shared.google.oauth_errors import classify_oauth
from shared.google.wire import mapping, word
from shared.model.oauth import Client, Consent, Identity, Tokens

if TYPE_CHECKING:
    from requests import Response

GOOGLE_AUTH_URL = "https://accounts.google.com/o/oauth2/v2/auth"
GOOGLE_TOKEN_URL = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address
GOOGLE_REVOKE_URL = "https://oauth2.googleapis.com/revoke"
GOOGLE_USERINFO_URL = "https://openidconnect.googleapis.com/v1/userinfo"

FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}


class OAuthClient:
    """Google's OAuth endpoints, one HTTP request a call; implements `shared.ports.OAuth`.

    Every argument is a whole address, Google's own by default; anything that speaks the protocol can stand in.
    """

    def __init__(
        self,
        *,
        auth_url: str = GOOGLE_AUTH_URL,
        token_url: str = GOOGLE_TOKEN_URL,
        revoke_url: str = GOOGLE_REVOKE_URL,
        userinfo_url: str = GOOGLE_USERINFO_URL,
        timeout_s: float = TIMEOUT_S,
        on_request: OnRequest | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._auth_url = auth_url
        self._token_url = token_url
        self._revoke_url = revoke_url
        self._userinfo_url = userinfo_url
        self._transport = Transport(timeout_s=timeout_s, on_request=on_request)
        self._now = now

    def authorize_url(self, client: Client, consent: Consent) -> str:
        query = {
            "client_id": client.client_id,
            "redirect_uri": consent.redirect_uri,
            "response_type": "code",
            "scope": " ".join(consent.scopes),
            "access_type": "offline",
            "include_granted_scopes": "true",
            "prompt": "consent",
            "state": consent.state,
            "code_challenge": consent.challenge,
            "code_challenge_method": "S256",
        }
        if consent.login_hint:
            query["login_hint"] = consent.login_hint
        joint = "&" if "?" in self._auth_url else "?"
        return f"{self._auth_url}{joint}{urlencode(query)}"

    def exchange(self, client: Client, *, code: str, verifier: str, redirect_uri: str) -> Tokens:
        from oauthlib.oauth2 import WebApplicationClient

        protocol = WebApplicationClient(client.client_id)
        body = protocol.prepare_request_body(
            code=code,
            redirect_uri=redirect_uri,
            code_verifier=verifier,
            include_client_id=True,
            client_secret=client.client_secret,
        )
        try:
            return self._tokens(body)
        except GrantRevoked:
            raise BadRequest("Google does not accept this code: it was used before, or is too old.") from None

    def refresh(self, client: Client, refresh_token: str) -> Tokens:
        from oauthlib.oauth2 import WebApplicationClient

        protocol = WebApplicationClient(client.client_id)
        body = protocol.prepare_refresh_body(
            refresh_token=refresh_token, client_id=client.client_id, client_secret=client.client_secret
        )
        return self._tokens(body)

    def identity(self, access_token: str) -> Identity:
        answer = self._transport.send(
            "GET", self._userinfo_url, headers={"Authorization": f"Bearer {access_token}", "Accept": "application/json"}
        )
        if answer.status_code == 401:
            raise AccessTokenRefused
        if answer.status_code != 200:
            raise classify_oauth(answer.status_code, answer.content, lower_case(answer.headers))
        fields = _json(answer.content)
        sub = word(fields, "sub")
        if sub is None:
            raise GoogleUnavailable("Google did not say whose account this is; it is asked again later.")
        return Identity(sub=sub, email=word(fields, "email") or "")

    def revoke(self, token: str) -> None:
        answer = self._transport.send("POST", self._revoke_url, body=urlencode({"token": token}), headers=FORM)
        if answer.status_code in {200, 400}:  # 400: Google knows no such token, so the grant is gone
            return
        raise classify_oauth(answer.status_code, answer.content, lower_case(answer.headers))

    def _tokens(self, body: str) -> Tokens:
        asked_at = self._now()
        return read_tokens(self._transport.send("POST", self._token_url, body=body, headers=FORM), asked_at=asked_at)


def read_tokens(answer: Response, *, asked_at: datetime) -> Tokens:
    """The tokens in an answer of a token address.

    Raises:
        TandemError: There are none; what `classify_oauth` makes of the reason, or GoogleUnavailable.
    """
    from oauthlib.oauth2 import OAuth2Error, WebApplicationClient

    if answer.status_code != 200:
        raise classify_oauth(answer.status_code, answer.content, lower_case(answer.headers))
    try:
        token = WebApplicationClient("").parse_request_body_response(answer.text if _json(answer.content) else "")
    except (OAuth2Error, ValueError):
        raise GoogleUnavailable("Google's token answer cannot be read; it is asked for again later.") from None
    said: Mapping[str, object] = dict(token)
    lives_s = said.get("expires_in")
    return Tokens(
        access_token=str(said["access_token"]),
        expires_at=asked_at + timedelta(seconds=lives_s if isinstance(lives_s, int) else 3600),
        scopes=tuple(sorted(token.scopes or ())),
        refresh_token=word(said, "refresh_token"),
    )


def _json(content: bytes) -> Mapping[str, object]:
    try:
        return mapping(json.loads(content))
    except ValueError:
        raise GoogleUnavailable("Google's answer is not JSON; it is asked for again later.") from None
