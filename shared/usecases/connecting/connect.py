"""Connections to be: made by the CRM, opened by their user in a browser. What happens there is in `consent.py`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

import msgspec
from msgspec.structs import replace

from shared.errors import Conflicting, Fault, Invalid, LostRace, NotFound
from shared.model.connection import Connection, User
from shared.model.ids import ConnectionId, TenantId, UserId, connection_path, oauth_app_path, tenant_path, user_path
from shared.model.settings import settings_of
from shared.model.stored import read_as, to_data
from shared.model.tenant import Tenant
from shared.ports import Must, Patch, Revision, Set
from shared.sync.contradictions import contradictions
from shared.usecases.connecting.oauth_links import authorize_url_of
from shared.usecases.standing import standing_writes
from shared.web_addresses import plain_address

if TYPE_CHECKING:
    from shared.ports import Document
    from shared.usecases.world import World

LINK_LIVES = timedelta(hours=24)
ROUNDS = 5
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """A connection that its user can open in a browser; `created` is False when it was pending already."""

    connection: Connection
    authorize_url: str
    created: bool


def create_connection(
    world: World,
    tenant: TenantId,
    *,
    user_id: UserId,
    oauth_app: str | None = None,
    settings: Mapping[str, object] | None = None,
    first_sync: Literal["auto", "hold"] = "auto",
    return_url: str | None = None,
    login_hint: str | None = None,
) -> Opened:
    """The user has a pending connection: a new one, or the one that was pending already, as it was made.

    Args:
        world, tenant: Whose.
        user_id, oauth_app, first_sync, return_url, login_hint: As in the contract.
        settings: Checked by the caller against their type.

    Raises:
        Invalid: No such OAuth app, the return address lies on none of the tenant's origins, or the settings contradict
            each other.
    """
    person, owner = user_path(tenant, user_id), tenant_path(tenant)
    paths = [person, owner] if oauth_app is None else [person, owner, oauth_app_path(tenant, oauth_app)]
    for _ in range(ROUNDS):
        found = world.store.get_many(paths)
        app_known = oauth_app is None or found[paths[-1]] is not None
        _check(world, found[owner], return_url, app_known=app_known, settings=settings or {})
        pending = _pending(found[person])
        if pending is not None:
            return _with_link(world, tenant, pending, keep=True)
        now = world.clock.now()
        connection = Connection(
            id=ConnectionId(world.ids.new()),
            tenant=tenant,
            user=user_id,
            created_at=now,
            oauth_app=oauth_app,
            settings=dict(settings or {}),
            first_sync=first_sync,
            return_url=return_url,
            login_hint=login_hint,
            start_nonce=world.ids.new(),
            start_expires_at=now + LINK_LIVES,
        )
        writes = standing_writes(world, connection, must=Must.BE_ABSENT, user=found[person])
        if oauth_app is not None:
            writes.append(Patch(path=oauth_app_path(tenant, oauth_app), fields={"used_at": now}, must=Must.EXIST))
        try:
            world.store.commit(writes)
        except LostRace:
            continue
        return _opened(world, connection, created=True)
    raise LostRace("many writers met at this user")


def authorize(world: World, tenant: TenantId, connection_id: ConnectionId) -> Opened:
    """The connection has a fresh link, to connect again or to allow more; an earlier link no longer works.

    Raises:
        NotFound: There is no such connection.
        Conflicting: It is being removed, or was; make a new one.
    """
    return _with_link(world, tenant, connection_id, keep=False)


def _with_link(world: World, tenant: TenantId, connection_id: ConnectionId, *, keep: bool) -> Opened:
    """A link that lives at least half of its time; with `keep` the one that was given out, while it does."""
    path = connection_path(tenant, connection_id)
    for _ in range(ROUNDS):
        document = world.store.get_many([path])[path]
        if document is None:
            raise NotFound("There is no such connection.")
        connection = read_as(Connection, document)
        if connection.status in {"disconnecting", "disconnected"}:
            raise Conflicting(f"The connection is {connection.status}; create a new one for this user.")
        now = world.clock.now()
        lives_until = connection.start_expires_at
        if keep and lives_until is not None and lives_until - now > LINK_LIVES / 2:
            return _opened(world, connection, created=False)
        after = replace(connection, start_nonce=world.ids.new(), start_expires_at=now + LINK_LIVES)
        try:
            world.store.commit([Set(path=path, data=to_data(after), must=Revision(document.revision))])
        except LostRace:
            continue
        return _opened(world, after, created=False)
    raise LostRace("many writers met at this connection")


def _opened(world: World, connection: Connection, *, created: bool) -> Opened:
    return Opened(connection=connection, authorize_url=authorize_url_of(world, connection) or "", created=created)


def _pending(user: Document | None) -> ConnectionId | None:
    """The user's pending connection, the oldest if there should be several."""
    if user is None:
        return None
    known = read_as(User, user).connections
    pending = sorted((entry.created_at, id_) for id_, entry in known.items() if entry.status == "pending")
    return ConnectionId(pending[0][1]) if pending else None


def _check(
    world: World, owner: Document | None, return_url: str | None, *, app_known: bool, settings: Mapping[str, object]
) -> None:
    if owner is None:
        raise NotFound("There is no such tenant.")
    faults: list[Fault] = []
    if not app_known:
        faults.append(Fault("/oauth_app", "is none of this tenant's OAuth apps"))
    if settings:
        faults += contradictions(settings_of(read_as(Tenant, owner).settings, dict(settings)))
    if return_url is not None and not may_return(world, read_as(Tenant, owner), return_url):
        faults.append(
            Fault("/return_url", "must lie on one of the tenant's return_origins; add it with PATCH /v1/tenant")
        )
    if faults:
        raise Invalid(faults)


def may_return(world: World, tenant: Tenant, return_url: str) -> bool:
    """The address lies on one of the tenant's return origins, or on this machine where that is allowed."""
    parts = plain_address(return_url)
    if parts is None:
        return False
    origin = f"{parts.scheme}://{parts.netloc.lower()}"
    loopback = parts.scheme == "http" and parts.hostname in LOOPBACK and world.options.loopback_allowed
    return loopback or origin in {each.rstrip("/").lower() for each in tenant.return_origins}
