"""Proves that a call to `/jobs/…` comes from this deployment's queues and schedules: by Google's OIDC token.

The platform may have looked at the token already; it is proved here all the same. Start at `GoogleJobTokens`.
Source: https://docs.cloud.google.com/run/docs/authenticating/service-to-service
"""

from __future__ import annotations

import re
import threading
from base64 import urlsafe_b64decode
from typing import TYPE_CHECKING, TypeVar

import msgspec
from google.auth import crypt

from infra.google.transport import Transport
from shared.errors import GoogleUnavailable, UnknownKey

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from requests import Response

    from infra.jobs_auth import Headers
    from shared.ports import Clock

CERTS_URL = "https://www.googleapis.com/oauth2/v1/certs"
ISSUERS = frozenset({"https://accounts.google.com", "accounts.google.com"})
SKEW_S = 30.0
FETCH_TIMEOUT_S = 5.0
LEAST_AGE_S, MOST_AGE_S = 60.0, 86_400.0
"""Certificates are asked for again no sooner, and used no longer, than this after they were fetched."""
MAX_AGE = re.compile(r"max-age=(\d{1,9})")
Part = TypeVar("Part", bound=msgspec.Struct)


class _Header(msgspec.Struct, frozen=True):
    alg: str
    kid: str


class _Claims(msgspec.Struct, frozen=True, kw_only=True):
    iss: str
    aud: str
    email: str
    email_verified: bool
    iat: int
    exp: int


class Certificates:
    """Google's certificates by key id, fetched when first needed and kept as long as Google says.

    Args:
        url: Where a JSON object of them is.
        clock: Tells when they are to be fetched again.
    """

    def __init__(self, url: str, *, clock: Clock) -> None:
        self._url = url
        self._clock = clock
        self._transport = Transport(timeout_s=FETCH_TIMEOUT_S)
        self._lock = threading.Lock()
        self._known: Mapping[str, str] = {}
        self._tried_at: datetime | None = None
        self._fetched_at: datetime | None = None
        self._max_age_s = 0.0

    def named(self, key_id: str) -> str | None:
        """The certificate of this key in PEM; None: Google has none of that name.

        Raises:
            GoogleUnavailable: They could not be fetched, and there are none or they are a day old.
        """
        with self._lock:
            age_s = self._since_s(self._fetched_at)
            stale = age_s is None or age_s > self._max_age_s
            tried_s = self._since_s(self._tried_at)
            # A made-up key id must not make every call ask Google; a failure is tried again after the same wait.
            if (stale or key_id not in self._known) and (age_s is None or tried_s is None or tried_s >= LEAST_AGE_S):
                self._fetch(usable=age_s is not None and age_s <= MOST_AGE_S)
            elif age_s is not None and age_s > MOST_AGE_S:
                raise GoogleUnavailable("Google's certificates are too old, and were just asked for in vain")
            return self._known.get(key_id)

    def _since_s(self, moment: datetime | None) -> float | None:
        return None if moment is None else (self._clock.now() - moment).total_seconds()

    def _fetch(self, *, usable: bool) -> None:
        """The certificates are new, or, where Google did not answer, still the usable old ones."""
        self._tried_at = self._clock.now()
        try:
            answer = self._answer()
            self._known = msgspec.json.decode(answer.content, type=dict[str, str])
        except (GoogleUnavailable, msgspec.MsgspecError) as fault:
            if usable:
                return
            raise GoogleUnavailable("Google's certificates could not be read; jobs are tried again later") from fault
        found = MAX_AGE.search(answer.headers.get("Cache-Control", ""))
        self._max_age_s = min(max(float(found[1]) if found else 0.0, LEAST_AGE_S), MOST_AGE_S)
        self._fetched_at = self._tried_at

    def _answer(self) -> Response:
        answer = self._transport.send("GET", self._url)
        if answer.status_code != 200:
            raise GoogleUnavailable(f"Google's certificates were answered with {answer.status_code}")
        return answer


class GoogleJobTokens:
    """Proves the tokens with which Cloud Tasks and Cloud Scheduler call.

    Args:
        certificates: Google's.
        clock: Tells when a token is over.
        audience: Whom the token must be for.
        account: The service account that it must be about.
    """

    def __init__(self, certificates: Certificates, *, clock: Clock, audience: str, account: str) -> None:
        self._certificates = certificates
        self._clock = clock
        self._audience = audience
        self._account = account

    def verify(self, headers: Headers) -> None:
        """Nothing happens when the call is our own.

        Args:
            headers: Found by the name `Authorization`, as Flask's are in any case of letters.

        Raises:
            UnknownKey: The token is missing, forged, for somebody else, or over.
            GoogleUnavailable: Nothing is known, for Google's certificates cannot be read.
        """
        claims = self._proved(headers.get("Authorization", ""))
        now = self._clock.now().timestamp()
        if claims.iss not in ISSUERS:
            raise _stranger("was not issued by Google")
        if claims.aud != self._audience:
            raise _stranger("is for another audience: compare TANDEM_JOBS_AUDIENCE with the queue's")
        if claims.email != self._account or not claims.email_verified:
            raise _stranger("is another account's: compare TANDEM_JOBS_ACCOUNT with the queue's")
        if claims.exp + SKEW_S <= now:
            raise _stranger("is over")
        if claims.iat - SKEW_S > now:
            raise _stranger("is from the future: this machine's clock is wrong")

    def _proved(self, authorization: str) -> _Claims:
        """What Google signed.

        Raises:
            UnknownKey: It did not sign this.
        """
        scheme, _, token = authorization.partition(" ")
        parts = token.strip().split(".")
        if scheme.lower() != "bearer" or len(parts) != 3:
            raise _stranger("is missing")
        header, claims = _read(parts[0], _Header), _read(parts[1], _Claims)
        # Google signs with RSA; a token may not choose how it is proved.
        if header.alg != "RS256":
            raise _stranger("is forged")
        certificate = self._certificates.named(header.kid)
        signed = f"{parts[0]}.{parts[1]}".encode()
        proved = certificate is not None and crypt.verify_signature(  # type: ignore[no-untyped-call]
            signed, _bytes(parts[2]), certificate
        )
        if not proved:
            raise _stranger("is forged")
        return claims


def _read(part: str, kind: type[Part]) -> Part:
    try:
        return msgspec.json.decode(_bytes(part), type=kind)
    except msgspec.MsgspecError as fault:
        raise _stranger("is no token of Google's") from fault


def _bytes(part: str) -> bytes:
    try:
        return urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError as fault:
        raise _stranger("is no token of Google's") from fault


def _stranger(wrong: str) -> UnknownKey:
    return UnknownKey(f"this address takes only this deployment's own jobs; the token {wrong}")
