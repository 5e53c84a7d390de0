"""A connection begins or wakes: its calendars are due, a run carries out what waited. Start at `begin`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from msgspec.structs import replace

from shared.errors import Conflicting, LostRace, NotFound
from shared.model.connection import Connection, Watched
from shared.model.ids import ConnectionId, RunId, TenantId, connection_path, run_path, user_path
from shared.model.run import Run, RunKind
from shared.model.stored import read_as, to_data
from shared.ports import Must, Patch, Query, Revision, Set
from shared.usecases.connecting.renew_channels import renew_job
from shared.usecases.inbound.missing import mappings_of, unplaced_of
from shared.usecases.jobs import enqueue_due, run_job
from shared.usecases.runs.runs import was_previewed
from shared.usecases.standing import standing_writes

if TYPE_CHECKING:
    from shared.ports import Document, Write
    from shared.usecases.world import World

ROUNDS = 5
UNSEEN: dict[str, object] = {"duplicates": "ask"}
"""Of a first sync that nobody has previewed."""
HELD: dict[str, object] = {"was_held": True}
"""Of one that had to wait for somebody's word, and with it what the CRM wrote meanwhile."""


def begin(world: World, tenant: TenantId, connection_id: ConnectionId) -> RunId:
    """A connection that was held works from now on: watched, imported by policy, and all future tasks go out.

    Unless somebody has previewed it, tasks like an event that stands already wait for a word, as without a hold.

    Raises:
        NotFound: There is no such connection.
        Conflicting: It is not held.
    """
    place = connection_path(tenant, connection_id)
    for _ in range(ROUNDS):
        document = world.store.get_many([place])[place]
        if document is None:
            raise NotFound("There is no such connection.")
        connection = read_as(Connection, document)
        if connection.status != "ready":
            raise Conflicting(f"The connection is {connection.status}; only one that is ready can be started.")
        person = user_path(tenant, connection.user)
        user = world.store.get_many([person])[person]
        after, run = replace(connection, status="active", first_sync="auto"), RunId(world.ids.new())
        unseen = not was_previewed(world, tenant, connection_id)
        writes = [
            *standing_writes(world, after, must=Revision(document.revision), user=user),
            # What nobody has looked at is compared before anything is read; that run wakes the calendars then.
            *([] if unseen and may_double(world, after) else waking_writes(world, after)),
            run_write(world, after, run, "first_sync", HELD | (UNSEEN if unseen else {})),
        ]
        try:
            world.store.commit(writes)
        except LostRace:
            continue
        go_on(world, after, run)
        return run
    raise LostRace("many writers met at this connection")


def waking_writes(world: World, connection: Connection) -> list[Write]:
    """Every calendar that the connection watches is due, for a channel and for a pull."""
    shelves = world.store.query(Query(collection=f"{connection_path(connection.tenant, connection.id)}/calendars"))
    return [write for shelf in shelves if (write := woken(world, shelf)) is not None]


def run_write(
    world: World, connection: Connection, run: RunId, kind: RunKind, options: Mapping[str, object] | None = None
) -> Write:
    """A run that the sweep starts, should the job that follows be lost."""
    now = world.clock.now()
    document = Run(
        id=run,
        tenant=connection.tenant,
        kind=kind,
        connection=connection.id,
        user=connection.user,
        options=dict(options or {}),
        created_at=now,
        due_at=now + timedelta(seconds=world.options.run_step_s + world.options.pending_after_s),
    )
    return Set(path=run_path(connection.tenant, run), data=to_data(document), must=Must.BE_ABSENT)


def may_double(world: World, connection: Connection) -> bool:
    """Tasks are to go to this connection, and some of them may stand in its calendar already."""
    queries = (unplaced_of(connection), mappings_of(connection.tenant, connection.id))
    return any(world.store.query(replace(query, limit=1)) for query in queries)


def woken(world: World, shelf: Document) -> Write | None:
    """The write after which a calendar is due; None for one that nobody watches or that is suspended."""
    watched = read_as(Watched, shelf)
    if not watched.watched or watched.state == "suspended":
        return None
    now = world.clock.now()
    return Patch(path=shelf.path, fields={"due_at": now, "renew_at": now}, must=Revision(shelf.revision))


def go_on(world: World, after: Connection, run: RunId | None) -> None:
    """What is due begins now rather than at the next sweep."""
    if run is not None:
        enqueue_due(world, renew_job())
        enqueue_due(world, run_job(after.tenant, run, 0))
