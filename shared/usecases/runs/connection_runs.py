"""Long work that a caller asks of a connection: when it may begin, and what to do when it may not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, TypeAlias

from shared.errors import Conflicting, Invalid
from shared.model.ids import tenant_path
from shared.model.settings import settings_of
from shared.model.stored import read_as
from shared.model.tenant import Tenant
from shared.sync.contradictions import contradictions
from shared.usecases.connecting.connections import find_connection
from shared.usecases.runs.runs import start_run

if TYPE_CHECKING:
    from shared.model.connection import Connection, Status
    from shared.model.ids import ConnectionId, RunId, TenantId
    from shared.usecases.world import World

AskedKind: TypeAlias = Literal["preview", "sync", "export", "import"]

_MAY: dict[AskedKind, frozenset[Status]] = {
    "preview": frozenset({"ready", "active", "paused"}),
    "sync": frozenset({"active"}),
    "export": frozenset({"active"}),
    "import": frozenset({"active"}),
}
_REMEDIES: dict[Status, str] = {
    "pending": "its user must open authorize_url first",
    "ready": "begin with POST …/start",
    "active": "it works already",
    "paused": "resume it with PATCH {paused: false}",
    "needs_reconnect": "its user must connect again: POST …/authorize",
    "needs_review": "decide with POST …/review first",
    "disconnecting": "create a new one for this user",
    "disconnected": "create a new one for this user",
}


def run_on_connection(
    world: World,
    tenant: TenantId,
    connection_id: ConnectionId,
    kind: AskedKind,
    options: Mapping[str, object] | None = None,
) -> RunId:
    """The work has begun.

    Args:
        options: preview: `settings` to look ahead with, over the connection's own.

    Raises:
        NotFound: There is no such connection.
        Conflicting: It stands so that this cannot be done; the detail says what helps.
        Invalid: The settings to look ahead with contradict each other, or those that hold already.
    """
    connection, _ = find_connection(world, tenant, connection_id)
    if connection.status not in _MAY[kind]:
        raise Conflicting(f"the connection is {connection.status}: {_REMEDIES[connection.status]}")
    if options and isinstance(ahead := options.get("settings"), dict):
        _check_settings(world, connection, ahead)
    return start_run(world, tenant, kind=kind, connection=connection_id, options=options)


def review(
    world: World, tenant: TenantId, connection_id: ConnectionId, decision: Literal["confirm", "discard"]
) -> RunId:
    """What the brake held is being carried out, or undone where it came from (rule 42).

    Raises:
        NotFound: There is no such connection.
        Conflicting: Nothing is held.
    """
    connection, _ = find_connection(world, tenant, connection_id)
    if connection.status != "needs_review" or connection.review is None:
        raise Conflicting("nothing is held: there is no list to confirm or discard")
    options = {"decision": decision, "held": connection.review}
    return start_run(world, tenant, kind="review", connection=connection_id, options=options)


def _check_settings(world: World, connection: Connection, ahead: Mapping[str, object]) -> None:
    path = tenant_path(connection.tenant)
    owner = world.store.get_many([path])[path]
    defaults = read_as(Tenant, owner).settings if owner else {}
    if faults := contradictions(settings_of(defaults, connection.settings, dict(ahead))):
        raise Invalid(faults)
