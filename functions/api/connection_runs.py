"""Long work on a connection: preview, start, sync, export, import, review. Each answers 202 with a run to follow."""

from __future__ import annotations

from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from functions.api.operation import Answer, Call, Resource, RunStarted
from functions.api.settings import SettingsPatch, stored_settings
from shared.model.ids import ConnectionId, RunId
from shared.usecases.connecting.begin import begin
from shared.usecases.runs.connection_runs import review, run_on_connection

connection_runs = Resource("connection_runs")

_STARTED = {202: RunStarted}
_REFUSALS = (404, 409)


class ReviewBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What becomes of the changes that the brake held."""

    decision: Literal["confirm", "discard"]


class PreviewBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings to look ahead with; without any, those that hold."""

    settings: SettingsPatch | UnsetType = UNSET


@connection_runs.call(
    "POST /v1/connections/{connection_id}/preview",
    answers=_STARTED,
    refusals=_REFUSALS,
    example={"settings": {"direction": "to_google"}},
)
def preview(call: Call, connection_id: str, body: PreviewBody) -> Answer:
    """What a first sync, or a change of settings, would do is being listed; nothing is written on either side."""
    options = {} if body.settings is UNSET else {"settings": stored_settings(body.settings, "/settings")}
    return _started(run_on_connection(call.world, call.tenant, ConnectionId(connection_id), "preview", options))


@connection_runs.call("POST /v1/connections/{connection_id}/start", answers=_STARTED, refusals=_REFUSALS)
def start(call: Call, connection_id: str) -> Answer:
    """A connection that was held begins: import by policy, then all future tasks go out."""
    return _started(begin(call.world, call.tenant, ConnectionId(connection_id)))


@connection_runs.call("POST /v1/connections/{connection_id}/sync", answers=_STARTED, refusals=_REFUSALS)
def sync(call: Call, connection_id: str) -> Answer:
    """The connection's calendars are being pulled now."""
    return _started(run_on_connection(call.world, call.tenant, ConnectionId(connection_id), "sync"))


@connection_runs.call("POST /v1/connections/{connection_id}/export", answers=_STARTED, refusals=_REFUSALS)
def export(call: Call, connection_id: str) -> Answer:
    """All future tasks are going out."""
    return _started(run_on_connection(call.world, call.tenant, ConnectionId(connection_id), "export"))


@connection_runs.call("POST /v1/connections/{connection_id}/import", answers=_STARTED, refusals=_REFUSALS)
def import_events(call: Call, connection_id: str) -> Answer:
    """All future events are coming in."""
    return _started(run_on_connection(call.world, call.tenant, ConnectionId(connection_id), "import"))


@connection_runs.call(
    "POST /v1/connections/{connection_id}/review",
    answers=_STARTED,
    refusals=_REFUSALS,
    example={"decision": "confirm"},
)
def decide(call: Call, connection_id: str, body: ReviewBody) -> Answer:
    """What the brake held is being carried out, or undone where it came from."""
    return _started(review(call.world, call.tenant, ConnectionId(connection_id), body.decision))


def _started(run: RunId) -> Answer:
    return Answer(value=RunStarted(run_id=run), status=202)
