"""The two signed values of connecting: the link that a CRM gives its user, and the state that travels through Google.

Both are proved before the store is read. A link lives 24 hours and names one connection; a state lives ten minutes,
works once and only in the browser it was made for (`consent.py`).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import msgspec

from shared.errors import BadState
from shared.model.connection import Connection
from shared.model.ids import ConnectionId, Path, TenantId, digest_of, state_path

if TYPE_CHECKING:
    from shared.usecases.world import World

LINK_PURPOSE = "oauth-link"
STATE_PURPOSE = "oauth-state"


class StartLink(msgspec.Struct, frozen=True, kw_only=True):
    """What a proved link names; whether it is still the connection's current one is told by its document."""

    tenant: TenantId
    connection: ConnectionId
    nonce: str


def authorize_url_of(world: World, connection: Connection) -> str | None:
    """The link under which this connection's user connects; None when none is valid now."""
    nonce, expires_at = connection.start_nonce, connection.start_expires_at
    if nonce is None or expires_at is None or expires_at <= world.clock.now():
        return None
    named = f"{connection.tenant}.{connection.id}"
    until = int(expires_at.timestamp())
    proof = _sign(world, LINK_PURPOSE, f"{named}\n{nonce}\n{until}")
    return f"{world.addresses.oauth}/oauth/start?{urlencode({'c': named, 'n': f'{nonce}.{until}.{proof}'})}"


def read_link(world: World, named: str, proof: str) -> StartLink:
    """The link behind `?c=…&n=…`, proved without the store.

    Raises:
        BadState: It is forged or older than 24 hours.
    """
    tenant, _, connection = named.partition(".")
    nonce, _, rest = proof.partition(".")
    until, _, signature = rest.partition(".")
    if not _signed(world, LINK_PURPOSE, f"{named}\n{nonce}\n{until}", signature):
        raise BadState
    if datetime.fromtimestamp(int(until), UTC) <= world.clock.now():
        raise BadState
    return StartLink(tenant=TenantId(tenant), connection=ConnectionId(connection), nonce=nonce)


def seal_state(world: World, nonce: str) -> str:
    """The state that travels through Google and back."""
    return f"{nonce}.{_sign(world, STATE_PURPOSE, nonce)}"


def open_state(world: World, state: str) -> str:
    """The nonce of a state of ours, proved without the store.

    Raises:
        BadState: It is none of ours.
    """
    nonce, _, signature = state.partition(".")
    if not nonce or not _signed(world, STATE_PURPOSE, nonce, signature):
        raise BadState
    return nonce


def state_document(nonce: str) -> Path:
    """Where a state is kept; who reads the store cannot make the state from its name."""
    return state_path(digest_of("oauth-state", nonce))


def browser_digest(cookie: str) -> str:
    """What is kept of a browser's cookie."""
    return digest_of("oauth-browser", cookie, length=52)


def cookie_name(world: World, nonce: str) -> str:
    """The cookie of one consent; `__Host-` keeps other hosts of the domain from planting one.

    Source: https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Set-Cookie#cookie_prefixes
    """
    prefix = "__Host-" if world.addresses.oauth.startswith("https://") else ""
    return f"{prefix}tandem_oauth_{digest_of('oauth-cookie', nonce, length=8)}"


def challenge_of(verifier: str) -> str:
    """The S256 challenge of a PKCE verifier.

    Source: https://datatracker.ietf.org/doc/html/rfc7636#section-4.2
    """
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode("ascii").rstrip("=")


def _sign(world: World, purpose: str, text: str) -> str:
    return _proof(world.keys.for_purpose(purpose)[0], text)


def _signed(world: World, purpose: str, text: str, signature: str) -> bool:
    given = signature.encode("utf-8", "replace")
    fits = [hmac.compare_digest(_proof(key, text).encode(), given) for key in world.keys.for_purpose(purpose)]
    return any(fits)


def _proof(key: bytes, text: str) -> str:
    digest = hmac.new(key, text.encode("utf-8", "replace"), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode("ascii").rstrip("=")
