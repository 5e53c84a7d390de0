"""Who may use the relay: a return address at a listed origin, or a request that an installation token signed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from shared.errors import BadRequest, ClientRefused, NotFound
from shared.model.oauth import RELAYED, Client
from shared.relay.installations import signer_of
from shared.relay.sealed import Caller
from shared.web_addresses import is_private_host, origin_of, plain_address

if TYPE_CHECKING:
    from shared.usecases.world import World

MOST_CHARACTERS = 2048


def caller_of(world: World, request: Mapping[str, str]) -> Caller:
    """Who asks, allowed in.

    Raises:
        BadRequest: The return address or the signature is not acceptable; it says why and what to do.
        ClientRefused: The operator has taken the installation's token back.
    """
    address = request.get("return_to", "")
    parts = plain_address(address)
    if parts is None or parts.fragment or len(address) > MOST_CHARACTERS:
        raise BadRequest("return_to must be a whole http or https address without a fragment")
    if parts.scheme == "http" and not is_private_host(parts.hostname or ""):
        raise BadRequest("return_to must be https: plain http is only for this machine and private names")
    caller = Caller(origin=origin_of(parts), installation=signer_of(world.keys, request, now=world.clock.now()))
    if caller.installation is None and not _is_listed(world, caller.origin):
        raise BadRequest(
            "return_to lies on no origin that this relay's operator has listed (TANDEM_RELAY_RETURN_TO), and the "
            "request is not signed: the operator lists it, or issues an installation token (TANDEM_RELAY_TOKEN)"
        )
    check_still_allowed(world, caller)
    return caller


def check_still_allowed(world: World, caller: Caller) -> None:
    """What was sealed for the caller is still of use.

    Raises:
        ClientRefused: The operator has taken its token back, or no longer lists its origin.
    """
    if caller.installation is None:
        if not _is_listed(world, caller.origin):
            raise ClientRefused("the relay's operator no longer lists this origin in TANDEM_RELAY_RETURN_TO")
    elif caller.installation in world.options.relay_refused:
        raise ClientRefused("the relay's operator has taken this installation's token back")


def relays_client(world: World) -> Client:
    """The relay's own Google client.

    Raises:
        NotFound: It has none, so it is no relay.
    """
    client = world.clients.client()
    if client == RELAYED:
        raise NotFound("this Tandem uses a relay and is none itself")
    return client


def _is_listed(world: World, origin: str) -> bool:
    return origin in {origin_of(urlsplit(listed)) for listed in world.options.relay_return_to}
