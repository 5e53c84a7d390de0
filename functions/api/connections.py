"""`/v1/connections`: made, shown, changed, removed. Their long work stands in `connection_runs.py`."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from functions.api.operation import Answer, Call, Page, PageQuery, Resource, RunStarted
from functions.api.settings import SettingsPatch, stored_settings
from shared.model.connection import Connection, Status
from shared.model.content import Mail, OutsideId
from shared.model.ids import ConnectionId, UserId
from shared.usecases.answers import ConnectionAnswer, PendingConnectionAnswer
from shared.usecases.connecting.change_connection import change_connection
from shared.usecases.connecting.connect import Opened, authorize, create_connection
from shared.usecases.connecting.connections import described, find_connection, list_connections
from shared.usecases.runs.runs import start_run

connections = Resource("connections")

Address = Annotated[str, Meta(max_length=2048, pattern="^https?://[^\\s]+$(?!\\n)")]


class ConnectionBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose connection, and how it begins."""

    user_id: OutsideId
    oauth_app: Annotated[str, Meta(pattern="^[0-9a-v]{26}$(?!\\n)")] | None = None
    settings: SettingsPatch | UnsetType = UNSET
    first_sync: Literal["auto", "hold"] = "auto"
    return_url: Address | None = None
    login_hint: Mail | None = None


class ConnectionPatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings to change, name by name; and whether the connection pauses."""

    settings: SettingsPatch | UnsetType = UNSET
    paused: bool | UnsetType = UNSET


class ConnectionsQuery(PageQuery, frozen=True, kw_only=True):
    """Whose connections, and how they stand."""

    user_id: OutsideId | None = None
    status: Status | None = None


class EndQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of the events that Tandem made."""

    events: Literal["keep", "delete"] = "keep"


@connections.call(
    "POST /v1/connections",
    answers={200: PendingConnectionAnswer, 201: PendingConnectionAnswer},
    example={"user_id": "anna", "settings": {"conflict": "crm_wins"}, "first_sync": "hold"},
)
def create(call: Call, body: ConnectionBody) -> Answer:
    """The user has a connection to open at `authorize_url`: a new one (201), or the one that was pending (200)."""
    opened = create_connection(
        call.world,
        call.tenant,
        user_id=UserId(body.user_id),
        oauth_app=body.oauth_app,
        settings={} if body.settings is UNSET else stored_settings(body.settings, "/settings"),
        first_sync=body.first_sync,
        return_url=body.return_url,
        login_hint=body.login_hint,
    )
    return _opened(call, opened)


@connections.call("GET /v1/connections", answers={200: Page[ConnectionAnswer]})
def list_all(call: Call, query: ConnectionsQuery) -> Answer:
    """The tenant's connections."""
    page = list_connections(
        call.world,
        call.tenant,
        user_id=UserId(query.user_id) if query.user_id else None,
        status=query.status,
        cursor=query.cursor,
        limit=query.limit,
    )
    return Answer(value=Page(data=described(call.world, call.tenant, page.connections), next_cursor=page.cursor))


@connections.call("GET /v1/connections/{connection_id}", answers={200: ConnectionAnswer}, refusals=(404,))
def read(call: Call, connection_id: str) -> Answer:
    """The connection, with the settings that hold and its calendars."""
    return _answer(call, find_connection(call.world, call.tenant, ConnectionId(connection_id))[0])


@connections.call(
    "PATCH /v1/connections/{connection_id}",
    answers={200: ConnectionAnswer},
    refusals=(404, 409),
    example={"settings": {"direction": "to_google"}, "paused": False},
)
def change(call: Call, connection_id: str, body: ConnectionPatch) -> Answer:
    """The settings are as sent, and what exists follows them; the connection is paused or goes on."""
    after = change_connection(
        call.world,
        call.tenant,
        ConnectionId(connection_id),
        settings={} if body.settings is UNSET else stored_settings(body.settings, "/settings"),
        paused=None if body.paused is UNSET else body.paused,
    )
    return _answer(call, after)


@connections.call(
    "POST /v1/connections/{connection_id}/authorize", answers={200: PendingConnectionAnswer}, refusals=(404, 409)
)
def connect_again(call: Call, connection_id: str) -> Answer:
    """The connection has a fresh `authorize_url`, to connect again or to allow more."""
    return _opened(call, authorize(call.world, call.tenant, ConnectionId(connection_id)))


@connections.call("DELETE /v1/connections/{connection_id}", answers={202: RunStarted}, refusals=(404, 409))
def end(call: Call, connection_id: str, query: EndQuery) -> Answer:
    """The connection is being removed, its events kept or deleted; Google's grant is given back last."""
    options = {"events": query.events}
    run = start_run(call.world, call.tenant, kind="disconnect", connection=ConnectionId(connection_id), options=options)
    return Answer(value=RunStarted(run_id=run), status=202)


def _answer(call: Call, connection: Connection) -> Answer:
    return Answer(value=described(call.world, call.tenant, [connection])[0])


def _opened(call: Call, opened: Opened) -> Answer:
    (shown,) = described(call.world, call.tenant, [opened.connection])
    fields = {name: getattr(shown, name) for name in shown.__struct_fields__}
    answer = PendingConnectionAnswer(**fields, authorize_url=opened.authorize_url)
    return Answer(value=answer, status=201 if opened.created else 200)
