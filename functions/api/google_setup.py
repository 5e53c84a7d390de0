"""`/docs/google`: how Google's project is set up for this very deployment, with the values to copy. Holds no secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.pages import Text
from shared.errors import NotFound
from shared.model.oauth import CALENDAR_SCOPES, RELAYED, SCOPE_TASKS

if TYPE_CHECKING:
    from shared.usecases.world import World

CONSOLE = "https://console.cloud.google.com"


def google_setup(world: World) -> Text:
    """The guide: for the operator's client or the relay in its place, and for tenants with a client of their own."""
    client = (
        "For a client of your own, in a project of yours (every tenant can have one): enable the Google Calendar API, "
        "and the Google Tasks API if connections set `google_tasks`. On the consent screen add the scopes below; the "
        "last one only for Google Tasks. Make an OAuth client of the type Web application with the redirect URI "
        f"`{world.addresses.oauth_callback}`."
    )
    hand_over = (
        "Hand id and secret over: a tenant with `POST /v1/oauth_apps`, the operator with `TANDEM_OAUTH_CLIENT_ID` and "
        "`TANDEM_OAUTH_CLIENT_SECRET`. Then open the `authorize_url` of a connection; `python main.py doctor` says "
        "what is missing."
    )
    return Text(
        title="Setting up Google",
        lines=(_operators(world), client, hand_over),
        points=(*CALENDAR_SCOPES, SCOPE_TASKS),
        links=(
            ("APIs", f"{CONSOLE}/apis/library"),
            ("Consent screen", f"{CONSOLE}/auth/scopes"),
            ("Clients", f"{CONSOLE}/auth/clients"),
            ("API", "/docs"),
        ),
    )


def _operators(world: World) -> str:
    """How connections without a tenant's own client get theirs."""
    uri = world.addresses.relay_callback
    try:
        client = world.clients.client()
    except NotFound:
        return "This deployment has no client yet, so its operator makes one as below, or sets `TANDEM_RELAY_URL`."
    if client == RELAYED:
        return f"This deployment uses a relay, whose operator registered `{uri}`: nothing need be set up for it here."
    return (
        "This deployment has a client. If installations without an address come through its relay, register "
        f"`{uri}` with that client, too."
    )
