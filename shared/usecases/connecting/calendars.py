"""The calendars of a connection's account: listed, watched, no longer watched. Start at `list_calendars`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from shared.errors import Conflicting, GrantRevoked, LostRace, NotFound, NoWriteAccess, TandemError
from shared.google.responses import CalendarEntry
from shared.model.connection import WORKING, WRITING, Connection, Watched
from shared.model.ids import CalendarId, ConnectionId, Path, TenantId, calendar_path, connection_path
from shared.model.stored import read_as, to_data
from shared.model.task_lists import is_list
from shared.ports import Must, Precondition, Query, Revision, Set
from shared.usecases.connecting.access import with_calendar
from shared.usecases.connecting.channels import open_channel, stop_channels
from shared.usecases.inbound.missing import arriving_at, refused_of
from shared.usecases.runs.runs import Starting, starting, under_way

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shared.ports import Calendar, Document
    from shared.usecases.world import World

MOST = 500
"""Calendars that one connection watches, at most."""
MAX_PAGES = 40
ROUNDS = 5
ANSWERING = WORKING | {"ready", "paused"}
"""Statuses in which Google can be asked on a person's behalf."""


def list_calendars(world: World, tenant: TenantId, connection_id: ConnectionId) -> list[Watched]:
    """Every calendar of the account, the primary one first, with how each stands here; `watched` is False for most.

    While the connection needs its user only the watched ones are known.

    Raises:
        NotFound: There is no such connection.
        Conflicting: It was never connected, so it has no calendars yet.
        RetryLater: Google does not answer.
    """
    connection = connected(world, tenant, connection_id)
    known = {
        watched.calendar_id: watched
        for watched in watched_calendars(world, tenant, connection_id)
        if not is_list(watched.calendar_id)
    }
    if connection.status not in ANSWERING:
        return list(known.values())
    try:
        entries = with_calendar(world, connection, lambda google: list(entries_of(google)))
    except GrantRevoked:
        return list(known.values())
    shown = [
        _merged(known.pop(entry.id, None), entry, connection)
        for entry in entries
        if not entry.hidden or entry.id in known
    ]
    return [*shown, *known.values()]


def watch_calendar(
    world: World, tenant: TenantId, connection_id: ConnectionId, calendar_id: CalendarId, *, to_write: bool = False
) -> Watched:
    """The calendar is watched, by push or by polling, and pulled once; `primary` means the account's own.

    What was refused before, because this calendar was lost or not there, is tried again.

    Args:
        to_write: It is only watched because tasks go there.

    Raises:
        NotFound: No such connection, or the account has no such calendar.
        Conflicting: The connection does not work now.
        NoWriteAccess: It is to be written and may only be read.
    """
    connection = connected(world, tenant, connection_id)
    if connection.status not in ANSWERING:
        raise Conflicting(f"The connection is {connection.status}; its user must connect it first.")
    entry = with_calendar(world, connection, lambda google: _entry(google, calendar_id))
    path = calendar_path(tenant, connection_id, entry.id)
    if to_write and entry.access_role not in WRITING:
        raise NoWriteAccess
    for _ in range(ROUNDS):
        document = world.store.get_many([path])[path]
        after = as_watched(world, connection, entry, document)
        must: Precondition = Must.BE_ABSENT if document is None else Revision(document.revision)
        begun: Starting | None = None
        if connection.status in WORKING and (_had_rested(document, after) or _refused(world, connection)):
            options = {"reason": "calendar"}
            begun = starting(world, tenant, kind="backlog", connection=connection_id, options=options)
        try:
            world.store.commit([Set(path=path, data=to_data(after), must=must), *(begun.writes if begun else ())])
        except LostRace:
            continue
        if begun is not None:
            under_way(world, tenant, begun)
        if connection.status in WORKING:
            with_calendar(world, connection, lambda google: open_channel(world, google, path))
        stored = world.store.get_many([path])[path]
        return after if stored is None else read_as(Watched, stored)
    raise LostRace("many writers met at this calendar")


def _had_rested(document: Document | None, after: Watched) -> bool:
    """Something may wait for this calendar: it was suspended, or could only be read and takes events by now."""
    if document is None:
        return False
    before = read_as(Watched, document)
    return before.state == "suspended" or (after.writable and not before.writable)


def _refused(world: World, connection: Connection) -> bool:
    """Some tasks of the connection show an error, or some of another are to go to it and do not."""
    arriving = world.store.query(replace(arriving_at(connection.tenant, connection.id), limit=1))
    return bool(arriving or world.store.query(replace(refused_of(connection), limit=1)))


def unwatch_calendar(world: World, tenant: TenantId, connection_id: ConnectionId, calendar_id: CalendarId) -> None:
    """The calendar is neither pushed nor polled; its cursor stays, so that watching it again misses nothing.

    Raises:
        NotFound: No such connection, or it never watched this calendar.
    """
    connection = connected(world, tenant, connection_id)
    if is_list(calendar_id):
        raise NotFound("That is a list of Google Tasks; set google_tasks to null instead.")
    own = connection.primary if calendar_id == "primary" else calendar_id
    before = _unwatched(world, calendar_path(tenant, connection_id, own or calendar_id))
    if before is None:
        return
    try:
        with_calendar(world, connection, lambda google: stop_channels(world, google, before))
    except TandemError as error:  # its channels end by themselves within days; their messages lead nowhere
        world.log.event("channel", "not_stopped", connection=connection_id, reason=error.code)


def _unwatched(world: World, path: Path) -> Watched | None:
    """The calendar as it was while watched; None when it was not."""
    for _ in range(ROUNDS):
        document = world.store.get_many([path])[path]
        if document is None:
            raise NotFound("This connection does not watch such a calendar.")
        before = read_as(Watched, document)
        if not before.watched:
            return None
        after = replace(before, watched=False, channel=None, previous_channel=None, due_at=None, renew_at=None)
        try:
            world.store.commit([Set(path=path, data=to_data(after), must=Revision(document.revision))])
        except LostRace:
            continue
        return before
    raise LostRace("many writers met at this calendar")


def as_watched(world: World, connection: Connection, entry: CalendarEntry, document: Document | None) -> Watched:
    """The calendar's document as one that is watched from now on: due at once, whatever becomes of the caller."""
    now = world.clock.now()
    before = read_as(Watched, document) if document is not None else None
    merged = _merged(before, entry, connection)
    return replace(
        merged,
        watched=True,
        state="poll" if merged.state == "suspended" else merged.state,
        reason=None,
        due_at=now,
        renew_at=now,
    )


def watched_calendars(world: World, tenant: TenantId, connection_id: ConnectionId) -> list[Watched]:
    """The calendars that the connection watches or once did."""
    collection = f"{connection_path(tenant, connection_id)}/calendars"
    return [read_as(Watched, found) for found in world.store.query(Query(collection=collection, limit=MOST))]


def connected(world: World, tenant: TenantId, connection_id: ConnectionId) -> Connection:
    """The connection, once a user has connected it."""
    path = connection_path(tenant, connection_id)
    document = world.store.get_many([path])[path]
    if document is None:
        raise NotFound("There is no such connection.")
    connection = read_as(Connection, document)
    if connection.google is None:
        raise Conflicting("Nobody has connected this connection yet; open its authorize_url in a browser.")
    return connection


def entries_of(google: Calendar) -> Iterator[CalendarEntry]:
    """The account's whole calendar list, the primary one first, then by name."""
    entries: list[CalendarEntry] = []
    page_token: str | None = None
    for _ in range(MAX_PAGES):
        page, page_token = google.calendars(page_token)
        entries += page
        if page_token is None:
            break
    yield from sorted(entries, key=lambda entry: (not entry.primary, entry.name.casefold()))


def _entry(google: Calendar, calendar_id: CalendarId) -> CalendarEntry:
    for entry in entries_of(google):
        if entry.id == calendar_id or (entry.primary and calendar_id == "primary"):
            return entry
    raise NotFound("This Google account has no such calendar.")


def _merged(known: Watched | None, entry: CalendarEntry, connection: Connection) -> Watched:
    blank = Watched(tenant=connection.tenant, connection=connection.id, calendar_id=entry.id, watched=False)
    return replace(
        known or blank,
        name=entry.name,
        access_role=entry.access_role,
        time_zone=entry.time_zone,
        color=entry.color,
    )
