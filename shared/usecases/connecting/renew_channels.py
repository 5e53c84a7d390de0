"""Channels that are due, renewed: one query when there are none, a page of 500 and a continuation when there are many.

A calendar that fails is due again in some minutes; so is one whose channel has long expired, and it is made anew.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from shared.errors import LostRace, TandemError
from shared.model.connection import WORKING, Connection, Watched
from shared.model.ids import Path
from shared.model.stored import read_as
from shared.ports import Filter, Job, Patch, Query, Revision
from shared.usecases.connecting.access import with_calendar
from shared.usecases.connecting.channels import TRY_AGAIN, open_channel

if TYPE_CHECKING:
    from shared.ports import Document
    from shared.usecases.world import World

PAGE = 500
LONGEST = timedelta(days=60)
"""No channel lasts so long."""


class RenewPayload(msgspec.Struct, frozen=True, kw_only=True):
    """What a continuation carries: behind which calendar it goes on (when that was due, and its path)."""

    schema: int = 1
    after: tuple[datetime, str] | None = None


class Renewed(msgspec.Struct, frozen=True, kw_only=True):
    """How many calendars were looked at, how many failed, and whether a continuation follows."""

    done: int = 0
    failed: int = 0
    continued: bool = False


def renew_channels(world: World, payload: RenewPayload | None = None) -> Renewed:
    """Every calendar that is due has a new channel, as far as the time of one step goes; another job does the rest.

    What an instance whose clock is ahead has made due now is due here too: this job may be the one that it asked for.
    """
    started = world.clock.now()
    query = Query(
        collection="calendars",
        group=True,
        filters=(Filter("renew_at", "<=", started + timedelta(seconds=world.options.guard_s)),),
        order=("renew_at",),
        limit=PAGE,
        after=payload.after if payload else None,
    )
    due = world.store.query(query)
    if not due:
        return Renewed()
    connections = world.store.get_many(sorted({_connection_path(document) for document in due}))
    done, failed = 0, 0
    for document in due:
        failed += not _renewed(world, document, connections[_connection_path(document)])
        done += 1
        if world.clock.now() - started >= timedelta(seconds=world.options.run_step_s):
            break
    continued = done < len(due) or len(due) == PAGE
    if continued:
        last = due[done - 1]
        world.queue.enqueue(renew_job((msgspec.convert(last.data["renew_at"], datetime), last.path)))
    return Renewed(done=done, failed=failed, continued=continued)


def ask_for_new_channels(world: World) -> int:
    """Every calendar with a channel is due for another one, since the deployment has another address; how many.

    The channels that there are go on telling the old address until they are replaced.
    """
    now, after, asked = world.clock.now(), None, 0
    while True:
        query = Query(
            collection="calendars",
            group=True,
            filters=(Filter("renew_at", "<=", now + LONGEST),),
            order=("renew_at",),
            limit=PAGE,
            after=after,
        )
        page = world.store.query(query)
        for document in page:
            if read_as(Watched, document).channel is None:
                continue
            try:
                world.store.commit(
                    [Patch(path=document.path, fields={"renew_at": now}, must=Revision(document.revision))]
                )
            except LostRace:
                # Somebody has just written it, with a channel for the address of now or a time to try again.
                continue
            asked += 1
        if len(page) < PAGE:
            return asked
        last = page[-1]
        after = (msgspec.convert(last.data["renew_at"], datetime), last.path)


def renew_job(after: tuple[datetime, str] | None = None) -> Job:
    """Everything that is due now, or behind a position of an earlier job."""
    return Job(queue="runs", function="renew_channels", payload=msgspec.to_builtins(RenewPayload(after=after)))


def _renewed(world: World, document: Document, owner: Document | None) -> bool:
    watched = read_as(Watched, document)
    connection = read_as(Connection, owner) if owner is not None else None
    if connection is None or connection.status not in WORKING or not watched.watched or watched.state == "suspended":
        return _due_at(world, document, None)
    path = Path(document.path)
    try:
        outcome = with_calendar(world, connection, lambda google: open_channel(world, google, path, due_only=True))
    except TandemError as error:
        world.log.event(
            "renew_channels", "failed", tenant=watched.tenant, connection=watched.connection, reason=error.code
        )
        _due_at(world, document, world.clock.now() + TRY_AGAIN)
        return False
    world.log.event("renew_channels", outcome, tenant=watched.tenant, connection=watched.connection)
    return True


def _due_at(world: World, document: Document, moment: datetime | None) -> bool:
    """The calendar is due then; None where nothing lives: whatever wakes it makes it due again.

    False when somebody wrote it meanwhile: then it is due as they say.
    """
    try:
        world.store.commit([Patch(path=document.path, fields={"renew_at": moment}, must=Revision(document.revision))])
    except LostRace:
        return False
    return True


def _connection_path(document: Document) -> str:
    return document.path.partition("/calendars/")[0]
