"""A connection's access token, refreshed 5 minutes early and by one job at a time.

Who finds it too old takes a lease in the connection's document; the others go on with the old token while it is valid.
Where Google no longer accepts the grant, the connection needs its user: that is stored, told once, and its jobs stop.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from msgspec.structs import replace

from shared.errors import AccessTokenRefused, GrantRevoked, LostRace, RetryLater
from shared.model.connection import Connection, Problem
from shared.model.ids import connection_path, user_path
from shared.model.stored import read_as
from shared.ports import Patch, Revision
from shared.usecases.connecting.oauth_clients import client_of
from shared.usecases.standing import standing_writes

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.model.oauth import Tokens
    from shared.ports import Calendar, Document
    from shared.usecases.world import World

T = TypeVar("T")

EARLY = timedelta(minutes=5)
LEASE = timedelta(seconds=30)
"""How long one job may refresh undisturbed; also the shortest time between two refreshes."""
ROUNDS = 5
WAIT_S = 2.0

RECONNECT = "Google no longer accepts this connection: its user must connect again with the same Google account."


def access_token(world: World, connection: Connection) -> str:
    """A token that is valid for some minutes; costs nothing while the one in the connection is.

    Raises:
        GrantRevoked: The user must connect again; stored and told.
        RetryLater: Google does not answer, or another job is refreshing and there is no valid token meanwhile.
    """
    if _lasts(connection, world.clock.now() + EARLY):
        return _opened(world, connection)
    return _renewed(world, connection, refused=None)


def renewed_access_token(world: World, connection: Connection) -> str:
    """A token other than the connection's, which Google has refused (401); raises as `access_token` does."""
    return _renewed(world, connection, refused=connection.access_token)


def with_calendar(world: World, connection: Connection, use: Callable[[Calendar], T]) -> T:
    """What `use` gives with the connection's calendar API; once more with a new token if Google refused the first."""
    try:
        return use(world.google.calendar(access_token(world, connection)))
    except AccessTokenRefused:
        return use(world.google.calendar(renewed_access_token(world, connection)))


def _renewed(world: World, connection: Connection, *, refused: str | None) -> str:
    for _ in range(ROUNDS):
        now = world.clock.now()
        document, current = _read(world, connection)
        if current.refresh_token is None:
            raise GrantRevoked
        usable = current.access_token != refused and _lasts(current, now)
        if usable and _lasts(current, now + EARLY):
            return _opened(world, current)
        if current.lease_until is not None and current.lease_until > now:
            if usable:
                return _opened(world, current)
            raise RetryLater("another job is refreshing the access token", after_s=WAIT_S)
        lease = now + LEASE
        try:
            world.store.commit(
                [Patch(path=document.path, fields={"lease_until": lease}, must=Revision(document.revision))]
            )
        except LostRace:
            continue
        try:
            return _refresh(world, current, lease)
        except RetryLater:
            if usable:
                return _opened(world, current)
            raise
    raise RetryLater("many jobs want to refresh the access token", after_s=WAIT_S)


def _refresh(world: World, current: Connection, lease: datetime) -> str:
    """Ask Google and keep the answer; the caller holds the lease."""
    path = connection_path(current.tenant, current.id)
    client = client_of(world, current.tenant, current.oauth_app)
    try:
        tokens = world.oauth.refresh(client, world.cipher.open(path, current.refresh_token or ""))
    except GrantRevoked:
        _grant_lost(world, current)
        raise
    _keep(world, current, tokens, lease)
    return tokens.access_token


def _keep(world: World, held: Connection, tokens: Tokens, lease: datetime) -> None:
    """Store the new token under our lease; without the lease somebody reconnected meanwhile, and theirs stays."""
    path = connection_path(held.tenant, held.id)
    fields: dict[str, object] = {
        "access_token": world.cipher.seal(path, tokens.access_token),
        "access_expires_at": tokens.expires_at,
    }
    if tokens.refresh_token is not None:
        fields["refresh_token"] = world.cipher.seal(path, tokens.refresh_token)
    for _ in range(ROUNDS):
        document, current = _read(world, held)
        if current.lease_until != lease or current.refresh_token != held.refresh_token:
            return
        try:
            world.store.commit([Patch(path=path, fields=fields, must=Revision(document.revision))])
        except LostRace:
            continue
        return
    world.log.event("access", "token_not_kept", tenant=held.tenant, connection=held.id)


def _grant_lost(world: World, held: Connection) -> None:
    """The connection needs its user, told once, unless somebody reconnected it.

    One on its way out forgets the grant: what asks for it next hears that at once, and waits for nobody's lease.
    """
    place, person = connection_path(held.tenant, held.id), user_path(held.tenant, held.user)
    for _ in range(ROUNDS):
        found = world.store.get_many([place, person])
        document = found[place]
        if document is None:
            return
        current = read_as(Connection, document)
        settled = current.status in {"pending", "needs_reconnect", "disconnected"}
        if settled or current.refresh_token != held.refresh_token:
            return
        ends = current.status == "disconnecting"
        after = replace(
            current,
            status="disconnecting" if ends else "needs_reconnect",
            problem=None if ends else Problem(code="needs_reconnect", detail=RECONNECT),
            refresh_token=None if ends else current.refresh_token,
            access_token=None,
            access_expires_at=None,
            lease_until=None,
        )
        writes = standing_writes(
            world,
            after,
            must=Revision(document.revision),
            user=found[person],
            told=None if ends else "connection.needs_reconnect",
            detail=RECONNECT,
        )
        try:
            world.store.commit(writes)
        except LostRace:
            continue
        world.log.event("access", "grant_lost" if ends else "needs_reconnect", tenant=held.tenant, connection=held.id)
        return
    raise LostRace("many writers met at this connection")


def _read(world: World, connection: Connection) -> tuple[Document, Connection]:
    path = connection_path(connection.tenant, connection.id)
    document = world.store.get_many([path])[path]
    if document is None:
        raise GrantRevoked("This connection was removed.")
    return document, read_as(Connection, document)


def _lasts(connection: Connection, until: datetime) -> bool:
    expires = connection.access_expires_at
    return connection.access_token is not None and expires is not None and until < expires


def _opened(world: World, connection: Connection) -> str:
    return world.cipher.open(connection_path(connection.tenant, connection.id), connection.access_token or "")
