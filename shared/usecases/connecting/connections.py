"""Connections as the API shows and changes them. Connecting is `connect.py`; long work is a run.

Reading costs the same few calls however many connections are shown, apart from the counts of what is not in step.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import msgspec

from shared.errors import NotFound
from shared.model.connection import Connection, Status, Watched
from shared.model.ids import ConnectionId, TenantId, UserId, connection_path, tenant_path
from shared.model.settings import settings_of
from shared.model.stored import read_as
from shared.model.tenant import Tenant
from shared.ports import Document, Filter, Query
from shared.usecases.answers import ConnectionAnswer, CountsAnswer
from shared.usecases.cursors import open_cursor, seal_cursor
from shared.usecases.present import connection_answer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shared.model.task import State
    from shared.usecases.world import World

_A_PAGE = 500
_AT_ONCE = 30
"""Values that one filter takes."""


class ConnectionPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some connections, and the cursor behind them; None: there are no more."""

    connections: tuple[Connection, ...]
    cursor: str | None


def find_connection(world: World, tenant: TenantId, connection_id: ConnectionId) -> tuple[Connection, Document]:
    """The connection and its document.

    Raises:
        NotFound: The tenant has none with this id.
    """
    path = connection_path(tenant, connection_id)
    document = world.store.get_many([path])[path]
    if document is None:
        message = "there is no such connection"
        raise NotFound(message)
    return read_as(Connection, document), document


def list_connections(
    world: World, tenant: TenantId, *, user_id: UserId | None, status: Status | None, cursor: str | None, limit: int
) -> ConnectionPage:
    """The tenant's connections in a stable order.

    Raises:
        Invalid: The cursor is another list's.
    """
    scope = f"connections {user_id} {status}"
    filters = [Filter("user", "==", user_id)] if user_id is not None else []
    filters += [Filter("status", "==", status)] if status is not None else []
    query = Query(
        collection=f"{tenant_path(tenant)}/connections",
        filters=tuple(filters),
        limit=limit + 1,
        after=open_cursor(world, tenant, scope, cursor) if cursor else None,
    )
    documents = world.store.query(query)
    shown = documents[:limit]
    more = len(documents) > limit
    return ConnectionPage(
        connections=tuple(read_as(Connection, document) for document in shown),
        cursor=seal_cursor(world, tenant, scope, (shown[-1].path,)) if more else None,
    )


def described(world: World, tenant: TenantId, connections: Sequence[Connection]) -> tuple[ConnectionAnswer, ...]:
    """The connections as the API answers them: with settings that hold, calendars, and what is not in step."""
    if not connections:
        return ()
    root = tenant_path(tenant)
    document = world.store.get_many([root])[root]
    defaults = read_as(Tenant, document).settings if document else {}
    calendars = _calendars(world, tenant, connections)
    counts = _counts(world, tenant, connections)
    return tuple(
        connection_answer(
            connection,
            settings=settings_of(defaults, connection.settings),
            calendars=calendars[connection.id],
            counts=counts[connection.id],
        )
        for connection in connections
    )


def _calendars(world: World, tenant: TenantId, connections: Sequence[Connection]) -> dict[ConnectionId, list[Watched]]:
    found: dict[ConnectionId, list[Watched]] = defaultdict(list)
    ids = [connection.id for connection in connections]
    for first in range(0, len(ids), _AT_ONCE):
        some = ids[first : first + _AT_ONCE]
        filters = (Filter("tenant", "==", tenant), Filter("connection", "in", some))
        for document in _every(world, Query(collection="calendars", group=True, filters=filters, limit=_A_PAGE)):
            watched = read_as(Watched, document)
            found[watched.connection].append(watched)
    return found


def _every(world: World, query: Query) -> Iterator[Document]:
    while True:
        documents = world.store.query(query)
        yield from documents
        if len(documents) < query.limit:
            return
        query = msgspec.structs.replace(query, after=(documents[-1].path,))


def _counts(world: World, tenant: TenantId, connections: Sequence[Connection]) -> dict[ConnectionId, CountsAnswer]:
    """Mostly nothing is amiss: three counts for the whole tenant say so, and only what they find is counted apart."""

    def count(state: State, *filters: Filter) -> int:
        asked = (Filter("listed.state", "==", state), *filters)
        return world.store.count(Query(collection=f"{tenant_path(tenant)}/tasks", filters=asked))

    def of(connection: ConnectionId, state: State, overall: int) -> int:
        return count(state, Filter("listed.connection", "==", connection)) if overall else 0

    pending, error, conflict = count("pending"), count("error"), count("conflict")
    return {
        connection.id: CountsAnswer(
            pending=of(connection.id, "pending", pending),
            error=of(connection.id, "error", error),
            conflict=of(connection.id, "conflict", conflict),
        )
        for connection in connections
    }
