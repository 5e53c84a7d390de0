"""`/v1/oauth_apps`: a tenant's own Google clients. A client's secret goes in and never comes out."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from functions.api.operation import Answer, Call, Page, PageQuery, Resource
from functions.api.slices import slice_of
from shared.model.oauth import CALENDAR_SCOPES, SCOPE_TASKS, OAuthApp
from shared.usecases.connecting.oauth_apps import (
    AppFields,
    change_oauth_app,
    create_oauth_app,
    list_oauth_apps,
    remove_oauth_app,
)

oauth_apps = Resource("oauth_apps")

Name = Annotated[str, Meta(min_length=1, max_length=128, pattern="\\S")]
GoogleId = Annotated[str, Meta(max_length=256, pattern="^[!-~]+$(?!\\n)", description="as Google shows it")]
GoogleSecret = Annotated[str, Meta(max_length=256, pattern="^[!-~]+$(?!\\n)", description="write-only")]


class OAuthAppBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A client of the tenant's own Google project, of the type `Web application`."""

    name: Name
    client_id: GoogleId
    client_secret: GoogleSecret


class OAuthAppPatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to change; the client id only while no connection uses the app."""

    name: Name | UnsetType = UNSET
    client_id: GoogleId | UnsetType = UNSET
    client_secret: GoogleSecret | UnsetType = UNSET


class OAuthAppAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The client, with what to register for it at Google.

    Args:
        redirect_uris: To copy into the client's authorized redirect URIs.
        scopes: To copy into the project's data access; the one of Google Tasks is asked for only where it is used.
    """

    id: str
    name: str
    client_id: str
    redirect_uris: tuple[str, ...]
    scopes: tuple[str, ...]


@oauth_apps.call("GET /v1/oauth_apps", answers={200: Page[OAuthAppAnswer]})
def list_apps(call: Call, query: PageQuery) -> Answer:
    """The tenant's own Google clients, oldest first; never their secrets."""
    found = [_shown(call, app) for app in list_oauth_apps(call.world, call.tenant)]
    return Answer(value=slice_of(call, "oauth_apps", found, query, name=lambda app: app.id))


@oauth_apps.call(
    "POST /v1/oauth_apps",
    answers={201: OAuthAppAnswer},
    refusals=(409,),
    example={
        "name": "Acme",
        "client_id": "123456789-abc.apps.googleusercontent.com",
        "client_secret": "GOCSPX-as-google-showed-it",
    },
)
def create_app_of_tenant(call: Call, body: OAuthAppBody) -> Answer:
    """Connections can be made with this client, by its id as `oauth_app`."""
    app = create_oauth_app(
        call.world, call.tenant, name=body.name, client_id=body.client_id, client_secret=body.client_secret
    )
    return Answer(value=_shown(call, app), status=201)


@oauth_apps.call(
    "PATCH /v1/oauth_apps/{oauth_app_id}",
    answers={200: OAuthAppAnswer},
    refusals=(404, 409),
    example={"client_secret": "GOCSPX-a-newer-one"},
)
def change_app(call: Call, oauth_app_id: str, body: OAuthAppPatch) -> Answer:
    """The client is as sent; a new secret is used from the next refresh on."""
    fields = AppFields(name=body.name, client_id=body.client_id, client_secret=body.client_secret)
    return Answer(value=_shown(call, change_oauth_app(call.world, call.tenant, oauth_app_id, fields)))


@oauth_apps.call("DELETE /v1/oauth_apps/{oauth_app_id}", answers={204: None}, refusals=(404, 409))
def remove_app(call: Call, oauth_app_id: str) -> Answer:
    """The client and its secret are gone; refused while connections use it."""
    remove_oauth_app(call.world, call.tenant, oauth_app_id)
    return Answer(status=204)


def _shown(call: Call, app: OAuthApp) -> OAuthAppAnswer:
    return OAuthAppAnswer(
        id=app.id,
        name=app.name,
        client_id=app.client_id,
        redirect_uris=(call.world.addresses.oauth_callback,),
        scopes=(*CALENDAR_SCOPES, SCOPE_TASKS),
    )
