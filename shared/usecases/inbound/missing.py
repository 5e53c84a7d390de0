"""After a full list: the mappings it did not show. It has no tombstones, so each is got and judged (rule 20)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec.structs import replace

from shared.google.events import Tombstone
from shared.model.ids import CalendarId, ConnectionId, TenantId, tenant_path
from shared.model.stored import read_as
from shared.model.task import Task
from shared.ports import Document, Filter, Query, Revision
from shared.sync.settle import found
from shared.sync.state import with_state
from shared.usecases.family import Seen
from shared.usecases.inbound.judge import SECOND_LOOK_S, judged, outcome_of

if TYPE_CHECKING:
    from shared.model.connection import Connection
    from shared.usecases.inbound.arrivals import Arrivals
    from shared.usecases.inbound.outcome import Outcome
    from shared.usecases.world import World

PAGE = 500


def not_shown(arrivals: Arrivals) -> Iterator[Outcome]:
    """What became of each mapping in this calendar whose event the list did not show."""
    for document in mapped_in(arrivals.world, arrivals.tenant, arrivals.reading.connection.id, arrivals.place):
        task = read_as(Task, document)
        if task.sync.event_id is None or task.sync.gone or task.sync.event_id in arrivals.seen:
            continue
        outcome = _candidate(arrivals, task, Revision(document.revision))
        if outcome is not None:
            yield replace(outcome, from_page=False)


def mapped_in(
    world: World, tenant: TenantId, connection: ConnectionId, calendar: CalendarId | None = None
) -> Iterator[Document]:
    """The tasks whose mapping names this connection (and calendar), page by page."""
    filters = [Filter("sync.connection", "==", connection)]
    if calendar is not None:
        filters.append(Filter("sync.calendar", "==", calendar))
    after: tuple[object, ...] | None = None
    while True:
        query = Query(collection=f"{tenant_path(tenant)}/tasks", filters=tuple(filters), limit=PAGE, after=after)
        page = world.store.query(query)
        yield from page
        if len(page) < PAGE:
            return
        after = (page[-1].path,)


def mappings_of(tenant: TenantId, connection: ConnectionId) -> Query:
    """Counts a connection's mappings."""
    return Query(collection=f"{tenant_path(tenant)}/tasks", filters=(Filter("sync.connection", "==", connection),))


def unplaced_of(connection: Connection) -> Query:
    """The living tasks of the connection's user that no connection has."""
    filters = (Filter("listed.user", "==", connection.user), Filter("listed.connection", "==", None))
    return Query(collection=f"{tenant_path(connection.tenant)}/tasks", filters=filters)


def refused_of(connection: Connection) -> Query:
    """The connection's living tasks that show an error."""
    filters = (Filter("listed.connection", "==", connection.id), Filter("listed.state", "==", "error"))
    return Query(collection=f"{tenant_path(connection.tenant)}/tasks", filters=filters)


def arriving_at(tenant: TenantId, connection: ConnectionId) -> Query:
    """The tasks that other connections have and that are to go to this one."""
    filters = (Filter("sync.target_connection", "==", connection),)
    return Query(collection=f"{tenant_path(tenant)}/tasks", filters=filters)


def _candidate(arrivals: Arrivals, task: Task, revision: Revision) -> Outcome | None:
    """Living: keep. Cancelled: a person's deletion. 404: only if it was confirmed, and again after a delay."""
    event_id = task.sync.event_id
    if event_id is None:
        return None
    context = arrivals.context()
    seen = arrivals.look(task)
    match seen:
        case Seen():
            settled = found(task, seen.event, context, seen.exceptions)
            after = with_state(settled.task, context)
            if after == task:
                return None
            return outcome_of(arrivals, seen.event, task, after, settled.told, revision, "update")
        case Tombstone():
            return judged(arrivals, task, revision, seen, seen)
        case None:
            if task.sync.etag is None or task.sync.missing or context.unwanted(task) is not None:
                return None
            after = replace(task, sync=replace(task.sync, missing=1, verify=True, state="pending"))
            ghost = Tombstone(id=event_id)
            return outcome_of(arrivals, ghost, task, after, (), revision, "delete", delay_s=SECOND_LOOK_S)
