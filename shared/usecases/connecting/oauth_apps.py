"""A tenant's own Google clients: made, listed, changed, removed. Secrets go in and are never shown again.

The port `Secrets` keeps the secret, the document a reference. Which client a connection uses: `oauth_clients.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from shared.errors import Conflicting, LostRace, NotFound
from shared.model.connection import Connection
from shared.model.ids import TenantId, oauth_app_path, tenant_path
from shared.model.oauth import OAuthApp
from shared.model.stored import read_as, to_data
from shared.ports import Delete, Filter, Must, Query, Revision, Set

if TYPE_CHECKING:
    from shared.ports import Document
    from shared.usecases.world import World

MOST = 100
_ROUNDS = 5


class AppFields(msgspec.Struct, frozen=True, kw_only=True):
    """What is to change of an app."""

    name: str | UnsetType = UNSET
    client_id: str | UnsetType = UNSET
    client_secret: str | UnsetType = UNSET


def create_oauth_app(world: World, tenant: TenantId, *, name: str, client_id: str, client_secret: str) -> OAuthApp:
    """The tenant has another client.

    Raises:
        Conflicting: It has as many as it can have.
    """
    if world.store.count(Query(collection=_apps(tenant))) >= MOST:
        message = f"a tenant has at most {MOST} OAuth apps; remove one that no connection uses"
        raise Conflicting(message)
    id_ = world.ids.new()
    path = oauth_app_path(tenant, id_)
    reference = world.secrets.keep(path, client_secret)
    app = OAuthApp(id=id_, name=name, client_id=client_id, secret_ref=reference, created_at=world.clock.now())
    world.store.commit([Set(path=path, data=to_data(app), must=Must.BE_ABSENT)])
    return app


def list_oauth_apps(world: World, tenant: TenantId) -> list[OAuthApp]:
    """The tenant's clients, oldest first."""
    documents = world.store.query(Query(collection=_apps(tenant)))
    return sorted((read_as(OAuthApp, document) for document in documents), key=lambda app: (app.created_at, app.id))


def change_oauth_app(world: World, tenant: TenantId, app_id: str, fields: AppFields) -> OAuthApp:
    """The app is as sent; a new secret is used from the next refresh on.

    Raises:
        NotFound: The tenant has no such app.
        Conflicting: Connections use it, and their grants belong to the client id that would go.
    """
    path = oauth_app_path(tenant, app_id)
    for _ in range(_ROUNDS):
        before, document = _read(world, tenant, app_id)
        plain = {"name": fields.name, "client_id": fields.client_id}
        after = replace(before, **{name: value for name, value in plain.items() if value is not UNSET})
        if after.client_id != before.client_id:
            _refuse_if_used(world, tenant, app_id, "make another app for another client id")
        if fields.client_secret is not UNSET:
            after = replace(after, secret_ref=world.secrets.keep(path, fields.client_secret))
        if after == before:
            return before
        renewed = after.secret_ref != before.secret_ref
        try:
            world.store.commit([Set(path=path, data=to_data(after), must=Revision(document.revision))])
        except LostRace:
            if renewed:
                world.secrets.forget(path, after.secret_ref)
            continue
        if renewed:
            world.secrets.forget(path, before.secret_ref)
        return after
    message = "the app is being changed by many at once; try again"
    raise LostRace(message)


def remove_oauth_app(world: World, tenant: TenantId, app_id: str) -> None:
    """The app and its secret are gone.

    Raises:
        NotFound: The tenant has no such app.
        Conflicting: Connections use it; disconnect them first.
    """
    for _ in range(_ROUNDS):
        app, document = _read(world, tenant, app_id)
        _refuse_if_used(world, tenant, app_id, "disconnect them first")
        try:
            world.store.commit([Delete(path=document.path, must=Revision(document.revision))])
        except LostRace:
            continue
        world.secrets.forget(document.path, app.secret_ref)
        return
    message = "the app is being used or changed by many at once; try again"
    raise LostRace(message)


def _apps(tenant: TenantId) -> str:
    return f"{tenant_path(tenant)}/oauth_apps"


def _read(world: World, tenant: TenantId, app_id: str) -> tuple[OAuthApp, Document]:
    path = oauth_app_path(tenant, app_id)
    document = world.store.get_many([path])[path]
    if document is None:
        raise NotFound
    return read_as(OAuthApp, document), document


def _refuse_if_used(world: World, tenant: TenantId, app_id: str, remedy: str) -> None:
    filters = (Filter("oauth_app", "==", app_id),)
    found = world.store.query(Query(collection=f"{tenant_path(tenant)}/connections", filters=filters))
    using = sum(read_as(Connection, document).status != "disconnected" for document in found)
    if using:
        message = f"{using} connections use this app: {remedy}"
        raise Conflicting(message)
