"""A user connects in a browser: the link, Google's consent page, and back, as the product's own functions take it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal
from urllib.parse import parse_qsl, urlsplit

from shared.model.ids import ConnectionId, UserId
from shared.usecases.connecting.connect import authorize, create_connection
from shared.usecases.connecting.consent import Page, callback, start

if TYPE_CHECKING:
    from collections.abc import Callable

    from infra.simulator.state import Google
    from shared.model.ids import TenantId
    from shared.usecases.world import World


def connect_anew(
    world: World,
    google: Google,
    tenant: TenantId,
    user: str,
    account: str,
    *,
    made: Callable[[ConnectionId], None] = lambda _: None,
    first_sync: Literal["auto", "hold"] = "auto",
) -> tuple[ConnectionId, str]:
    """The user has one more connection, to this account; its id, and the page that the browser ended at.

    Args:
        made: Told of the connection before its user follows the link.
        first_sync: `hold`: it waits for somebody who starts it.
    """
    opened = create_connection(world, tenant, user_id=UserId(user), first_sync=first_sync)
    made(opened.connection.id)
    return opened.connection.id, _walked(world, google, opened.authorize_url, account)


def connect_again(world: World, google: Google, tenant: TenantId, connection: ConnectionId, account: str) -> str:
    """The connection has a new grant; the page that the browser ended at."""
    return _walked(world, google, authorize(world, tenant, connection).authorize_url, account)


def _walked(world: World, google: Google, link: str, account: str) -> str:
    there = start(world, _query(link))
    if isinstance(there, Page):
        return there.kind
    back = google.consent(_query(there.location), account)
    return callback(world, _query(back), {there.cookie: there.cookie_value}).kind


def _query(address: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(address).query))
