"""Tokens for installations: a code with its verifier, a refresh token, and giving a grant back. Nothing is kept.

The relay adds its client's secret and nothing else. What it gives out for refreshing is sealed with whom it was for, so
a token that was stolen elsewhere is refreshed by no relay, and a caller that was taken back is refreshed no longer.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from msgspec.structs import replace

from shared.errors import BadRequest
from shared.relay.callers import check_still_allowed, relays_client
from shared.relay.sealed import Caller, Code, Grant, opened, seal
from shared.usecases.connecting.oauth_links import challenge_of

if TYPE_CHECKING:
    from shared.model.oauth import Tokens
    from shared.usecases.world import World


def exchanged(world: World, code: str, verifier: str) -> tuple[Tokens, Caller]:
    """Tokens for a code of ours; its refresh token is sealed.

    Raises:
        BadRequest: The code is none of ours, is old or used, or the verifier is another one's.
        ClientRefused: The caller is no longer allowed in.
    """
    client = relays_client(world)
    found = opened(world, Code, code)
    if found.until <= world.clock.now():
        raise BadRequest("the code is older than five minutes")
    if not hmac.compare_digest(challenge_of(verifier), found.challenge):
        raise BadRequest("code_verifier does not belong to this code")
    check_still_allowed(world, found.caller)
    tokens = world.oauth.exchange(
        client, code=found.code, verifier=verifier, redirect_uri=world.addresses.relay_callback
    )
    return _sealed(world, tokens, found.caller, tokens.refresh_token), found.caller


def refreshed(world: World, refresh_token: str) -> tuple[Tokens, Caller]:
    """A new access token, and the refresh token sealed anew, so that it outlives a change of the relay's keys.

    Raises:
        BadRequest: The refresh token is none of ours.
        GrantRevoked: Google no longer accepts it.
        ClientRefused: The caller is no longer allowed in.
    """
    client = relays_client(world)
    found = opened(world, Grant, refresh_token)
    check_still_allowed(world, found.caller)
    tokens = world.oauth.refresh(client, found.refresh_token)
    return _sealed(world, tokens, found.caller, tokens.refresh_token or found.refresh_token), found.caller


def revoked(world: World, token: str) -> None:
    """The grant is gone at Google; what is none of ours is no failure (RFC 7009, 2.2)."""
    try:
        found = opened(world, Grant, token)
    except BadRequest:
        return
    world.oauth.revoke(found.refresh_token)


def _sealed(world: World, tokens: Tokens, caller: Caller, refresh_token: str | None) -> Tokens:
    if refresh_token is None:
        return tokens
    return replace(tokens, refresh_token=seal(world, Grant(caller=caller, refresh_token=refresh_token)))
