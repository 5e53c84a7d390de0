"""A person's everything is forgotten: connections end, then tasks, changes, runs and the person's own document go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.model.connection import User
from shared.model.ids import ConnectionId, UserId, connection_path, run_path, tenant_path, user_path
from shared.model.run import RunItem
from shared.model.stored import read_as
from shared.ports import Delete, Filter, Query
from shared.usecases.connecting.portal_sessions import forget_portal_sessions
from shared.usecases.feed import position_path
from shared.usecases.inbound.missing import mappings_of
from shared.usecases.runs.run_disconnect import disconnecting
from shared.usecases.runs.run_work import Ends, GoesOn, in_phases
from shared.webhooks.manage import forget_person

if TYPE_CHECKING:
    from shared.usecases.runs.run_work import Phase, Stopped, Work

PAGE = 100


def erase(work: Work) -> Stopped:
    """Nothing of the person is stored any more; that this run was done is, without saying for whom."""
    if work.run.user is None:
        return Ends(state="failed", detail="this run names nobody")
    if not work.place.get("kept"):
        return _noted(work)
    connections = _connections(work)
    phases: list[tuple[str, Phase]] = []
    for number, connection in enumerate(connections):
        phases += disconnecting(connection, prefix=f"{number}:")
    phases += [
        ("tasks", lambda work: _emptied(work, "tasks", "owner", side=True)),
        ("changes", lambda work: _emptied(work, "changes", "user_id", side=False)),
        ("deliveries", lambda work: forget_person(work.world, work.tenant, work.run.user or "")),
        ("portal", lambda work: forget_portal_sessions(work.world, work.tenant, UserId(work.run.user or ""))),
        ("runs", _runs_forgotten),
        ("connections", _connections_forgotten),
    ]
    return in_phases(work, phases)


def _connections(work: Work) -> list[ConnectionId]:
    """The person's connections as they were when the run began."""
    kept = work.place["kept"]
    named = kept.get("connections") if isinstance(kept, dict) else None
    return [ConnectionId(str(each)) for each in named] if isinstance(named, list) else []


def _noted(work: Work) -> Stopped:
    """The connections to end are stored before one is ended: a late job must not end those of a person come back."""
    path = user_path(work.tenant, UserId(work.run.user or ""))
    document = work.world.store.get_many([path])[path]
    known = [] if document is None else sorted(read_as(User, document).connections)
    work.place["kept"] = {"connections": known}
    work.total = _expected(work, [ConnectionId(each) for each in known])
    return GoesOn()


def _expected(work: Work, connections: list[ConnectionId]) -> int:
    """How much there is to count: each task that a connection lets go, and each that is deleted."""
    named = [mappings_of(work.tenant, each) for each in connections]
    return sum(map(work.world.store.count, [*named, _naming(work, "tasks", "owner")]))


def _naming(work: Work, collection: str, field: str) -> Query:
    filters = (Filter(field, "==", work.run.user),)
    return Query(collection=f"{tenant_path(work.tenant)}/{collection}", filters=filters, limit=PAGE)


def _emptied(work: Work, collection: str, field: str, *, side: bool) -> Stopped | None:
    """Every document of the collection that names the person is gone."""
    query = _naming(work, collection, field)
    while page := work.world.store.query(query):
        if (stopped := work.stop()) is not None:
            return stopped
        work.world.store.commit([Delete(path=document.path) for document in page])
        for _ in page if side else ():
            work.note(RunItem(side="crm", action="delete"), listed=False)
            work.done += 1
    return None


def _runs_forgotten(work: Work) -> Stopped | None:
    """Earlier runs held titles."""
    own = run_path(work.tenant, work.run.id)
    named = [Filter("user", "==", work.run.user), *(Filter("connection", "==", each) for each in _connections(work))]
    for condition in named:
        query = Query(collection=f"{tenant_path(work.tenant)}/runs", filters=(condition,), limit=PAGE)
        while page := [document for document in work.world.store.query(query) if document.path != own]:
            if (stopped := work.stop()) is not None:
                return stopped
            for document in page:
                pages = work.world.store.query(Query(collection=f"{document.path}/pages"))
                work.world.store.commit([*(Delete(path=each.path) for each in pages), Delete(path=document.path)])
    return None


def _connections_forgotten(work: Work) -> None:
    for connection in _connections(work):
        link = connection_path(work.tenant, connection)
        shelves = work.world.store.query(Query(collection=f"{link}/calendars"))
        work.world.store.commit([*(Delete(path=shelf.path) for shelf in shelves), Delete(path=link)])
    person = UserId(work.run.user or "")
    work.world.store.commit(
        [Delete(path=user_path(work.tenant, person)), Delete(path=position_path(work.tenant, person))]
    )
