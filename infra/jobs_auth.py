"""Proves that a call to `/jobs/…` is this deployment's own: a short-lived token, signed with its keys. Knows no store.

The token is a JWT (RFC 7519, HS256), because Cloud Tasks and Cloud Scheduler send one too.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import TYPE_CHECKING, Protocol

import msgspec

from shared.errors import UnknownKey

if TYPE_CHECKING:
    from shared.ports import Clock, SigningKeys

ISSUER = "tandem"
PURPOSE = "jobs"
LIFETIME_S = 300


class Headers(Protocol):
    """A request's headers, whatever the framework makes of them."""

    def get(self, name: str, default: str, /) -> str:
        """The header's value, or the default."""


class JobTokens(Protocol):
    """Proves whose call it is."""

    def verify(self, headers: Headers, /) -> None:
        """Nothing happens when the call is our own.

        Raises:
            UnknownKey: It is a stranger's.
        """


class _Header(msgspec.Struct, frozen=True):
    alg: str
    typ: str


class _Claims(msgspec.Struct, frozen=True, kw_only=True):
    iss: str
    aud: str
    iat: int
    exp: int


class LocalJobTokens:
    """Makes and proves the tokens of jobs that one machine sends to itself.

    Args:
        keys: The first signs, all verify.
        clock: Tells when a token is over.
        audience: Whom the token is for; another deployment's token has another.
    """

    def __init__(self, keys: SigningKeys, *, clock: Clock, audience: str) -> None:
        self._keys = keys
        self._clock = clock
        self._audience = audience

    def mint(self) -> str:
        """The value of an Authorization header, good for five minutes."""
        now = int(self._clock.now().timestamp())
        claims = _Claims(iss=ISSUER, aud=self._audience, iat=now, exp=now + LIFETIME_S)
        signed = f"{_part(_Header('HS256', 'JWT'))}.{_part(claims)}"
        return f"Bearer {signed}.{_signature(self._keys.for_purpose(PURPOSE)[0], signed)}"

    def verify(self, headers: Headers) -> None:
        """Nothing happens when the call is our own.

        Args:
            headers: Found by the name `Authorization`, as Flask's are in any case of letters.

        Raises:
            UnknownKey: The token is missing, forged, for somebody else, or over.
        """
        signed, _, signature = headers.get("Authorization", "").removeprefix("Bearer ").rpartition(".")
        header, _, body = signed.partition(".")
        given = signature.encode("utf-8", "replace")
        proved = [
            hmac.compare_digest(_signature(key, signed).encode(), given) for key in self._keys.for_purpose(PURPOSE)
        ]
        if not any(proved) or header != _part(_Header("HS256", "JWT")):
            raise UnknownKey("this address takes only this deployment's own jobs; the token is missing or forged")
        claims = msgspec.json.decode(urlsafe_b64decode(body + "=" * (-len(body) % 4)), type=_Claims)
        if claims.iss != ISSUER or claims.aud != self._audience:
            raise UnknownKey("this address takes only this deployment's own jobs; the token is another one's")
        if claims.exp <= self._clock.now().timestamp():
            raise UnknownKey("this address takes only this deployment's own jobs; the token is over")


def _part(value: msgspec.Struct) -> str:
    return urlsafe_b64encode(msgspec.json.encode(value)).decode().rstrip("=")


def _signature(key: bytes, signed: str) -> str:
    digest = hmac.new(key, signed.encode("utf-8", "replace"), hashlib.sha256).digest()
    return urlsafe_b64encode(digest).decode().rstrip("=")
