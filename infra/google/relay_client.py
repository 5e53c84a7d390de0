"""OAuth through a relay: the relay holds the operator's client, this deployment the verifier and the grant.

Implements `shared.ports.OAuth`. A tenant's own client goes to Google directly, as ever. Start at `authorize_url`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from infra.google.oauth_client import FORM, OAuthClient, read_tokens
from infra.google.transport import TIMEOUT_S, OnRequest, Transport, lower_case, utc_now
from shared.errors import BadRequest, GrantRevoked
from shared.google.oauth_errors import classify_oauth
from shared.model.oauth import RELAYED, Client, Consent, Identity, Tokens
from shared.relay.installations import signed
from shared.relay.sealed import MARK

if TYPE_CHECKING:
    from shared.relay.installations import InstallationToken


class RelayClient:
    """The operator's client through a relay, all others as `google` does it.

    Args:
        url: The relay's address, as far as before `/relay`.
        google: Google itself.
        token: Signs the requests to start; None: the relay lists our origin.
    """

    def __init__(
        self,
        url: str,
        google: OAuthClient,
        *,
        token: InstallationToken | None = None,
        timeout_s: float = TIMEOUT_S,
        on_request: OnRequest | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._url = f"{url}/relay"
        self._google = google
        self._token = token
        self._transport = Transport(timeout_s=timeout_s, on_request=on_request)
        self._now = now

    def authorize_url(self, client: Client, consent: Consent) -> str:
        if client != RELAYED:
            return self._google.authorize_url(client, consent)
        query = {
            "return_to": consent.redirect_uri,
            "state": consent.state,
            "code_challenge": consent.challenge,
            "scope": " ".join(consent.scopes),
            **({"login_hint": consent.login_hint} if consent.login_hint else {}),
        }
        whole = signed(self._token, query, now=self._now()) if self._token else query
        return f"{self._url}/start?{urlencode(whole)}"

    def exchange(self, client: Client, *, code: str, verifier: str, redirect_uri: str) -> Tokens:
        if client != RELAYED:
            return self._google.exchange(client, code=code, verifier=verifier, redirect_uri=redirect_uri)
        try:
            return self._tokens({"grant_type": "authorization_code", "code": code, "code_verifier": verifier})
        except GrantRevoked:
            raise BadRequest("The relay does not accept this code: it was used before, or is too old.") from None

    def refresh(self, client: Client, refresh_token: str) -> Tokens:
        if client != RELAYED:
            return self._google.refresh(client, refresh_token)
        return self._tokens({"grant_type": "refresh_token", "refresh_token": refresh_token})

    def identity(self, access_token: str) -> Identity:
        return self._google.identity(access_token)

    def revoke(self, token: str) -> None:
        """The grant is gone, at the relay that sealed its token, or else at Google."""
        if not token.startswith(MARK):
            self._google.revoke(token)
            return
        answer = self._transport.send("POST", f"{self._url}/revoke", body=urlencode({"token": token}), headers=FORM)
        if answer.status_code != 200:
            raise classify_oauth(answer.status_code, answer.content, lower_case(answer.headers))

    def _tokens(self, form: dict[str, str]) -> Tokens:
        asked_at = self._now()
        answer = self._transport.send("POST", f"{self._url}/token", body=urlencode(form), headers=FORM)
        return read_tokens(answer, asked_at=asked_at)
