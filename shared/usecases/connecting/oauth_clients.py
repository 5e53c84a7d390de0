"""Which OAuth client a connection uses: the operator's, or one of its tenant's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.errors import ClientRefused, NotFound
from shared.model.ids import TenantId, oauth_app_path
from shared.model.oauth import Client, OAuthApp
from shared.model.stored import read_as

if TYPE_CHECKING:
    from shared.usecases.world import World


def client_of(world: World, tenant: TenantId, oauth_app: str | None) -> Client:
    """The client with its secret; a tenant's own is read from its document and the place its secret is kept.

    Raises:
        ClientRefused: There is none: the operator has not set one, or the tenant has removed its own.
    """
    try:
        if oauth_app is None:
            return world.clients.client()
        path = oauth_app_path(tenant, oauth_app)
        document = world.store.get_many([path])[path]
        if document is None:
            raise ClientRefused("This connection's OAuth app was removed; connect again with another one.")
        app = read_as(OAuthApp, document)
        return Client(client_id=app.client_id, client_secret=world.secrets.read(path, app.secret_ref))
    except NotFound as error:
        raise ClientRefused(error.detail) from error
