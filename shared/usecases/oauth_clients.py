"""Which OAuth client a connection uses: the operator's, or one of its tenant's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.errors import ClientRefused, NotFound
from shared.model.ids import Path, TenantId

if TYPE_CHECKING:
    from shared.model.oauth import Client
    from shared.usecases.world import World


def oauth_app_path(tenant: TenantId, oauth_app: str) -> Path:
    """Where a tenant's own client is kept."""
    return Path(f"tenants/{tenant}/oauth_apps/{oauth_app}")


def client_of(world: World, tenant: TenantId, oauth_app: str | None) -> Client:
    """The client with its secret; a tenant's own is read from its document and the place its secret is kept.

    Raises:
        ClientRefused: There is none: the operator has not set one, or the tenant has removed its own.
    """
    try:
        if oauth_app is None:
            return world.clients.client(None)
        path = oauth_app_path(tenant, oauth_app)
        document = world.store.get_many([path])[path]
        if document is None:
            raise ClientRefused("This connection's OAuth app was removed; connect again with another one.")
        secret_ref = document.data.get("secret_ref")
        return world.clients.client(oauth_app, secret_ref if isinstance(secret_ref, str) else None)
    except NotFound as error:
        raise ClientRefused(error.detail) from error
