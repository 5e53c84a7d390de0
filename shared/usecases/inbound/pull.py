"""One read of a calendar: list what changed, decide each item on its mapping, commit, and only then the cursor.

A pull writes nothing to Google; what is left to do there is enqueued. It infers deletions and creations, so the brake
counts them before anything is committed. Start at `pull_calendar`; what one item means is in `arrivals.py`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from shared.errors import (
    AccessTokenRefused,
    CalendarGone,
    EventMissing,
    GrantRevoked,
    LostRace,
    NeedsHuman,
    RateLimited,
    Refused,
    RetryLater,
    SyncTokenExpired,
)
from shared.google.cursor import cursor_token
from shared.google.requests import EventsRequest
from shared.model.connection import WORKING, WRITING, Connection, Watched
from shared.model.ids import ConnectionId, Key, Path, TenantId, connection_path, key_of, tenant_path
from shared.model.stored import read_as, to_data
from shared.model.tenant import Tenant
from shared.ports import Calendar, Patch, Revision, Set
from shared.sync.brake import brake_holds, recent
from shared.usecases.changes import News, change_write
from shared.usecases.connecting.access import access_token, renewed_access_token
from shared.usecases.inbound.advance import advance
from shared.usecases.inbound.arrivals import Arrivals
from shared.usecases.inbound.committing import commit_outcomes
from shared.usecases.inbound.hold import hold
from shared.usecases.inbound.missing import mappings_of, not_shown
from shared.usecases.inbound.outcome import Outcome, deletions_of
from shared.usecases.jobs import enqueue_due, pull_job, pull_now_job
from shared.usecases.outbound.postpone import delay_s
from shared.usecases.reading import in_force

if TYPE_CHECKING:
    from shared.google.responses import EventPage
    from shared.usecases.world import World


LISTING = timedelta(seconds=60)
READ_ONLY_NOW = (
    "this account may only read the calendar by now; ask its owner for the right to change events and watch it again, "
    "or watch it again as it is: then it only comes in"
)
ROUNDS = 5


class PullPayload(msgspec.Struct, frozen=True, kw_only=True):
    """What a `pull_calendar` job carries."""

    schema: int = 1
    tenant: TenantId
    connection: ConnectionId
    calendar: Key


class PullReading(msgspec.Struct, frozen=True, kw_only=True):
    """The documents of a pull, read in one call."""

    tenant: Tenant
    connection: Connection
    shelf: Watched
    shelf_path: Path
    shelf_revision: Revision


class Pulled(msgspec.Struct, frozen=True, kw_only=True):
    """How a pull ended, for logs and runs."""

    outcome: str
    shown: int = 0
    created: int = 0
    changed: int = 0


def pull_calendar(
    world: World, payload: PullPayload, *, first: bool = False, ignore: frozenset[str] = frozenset()
) -> Pulled:
    """Everything that changed in the calendar since its cursor is taken in.

    Args:
        first: The first import of a connection: the brake does not count its creations.
        ignore: Event ids that stay foreign: a person discarded their import.

    Raises:
        RetryLater: Not even the reason could be stored, or somebody else writes the same tasks; the queue tries again.
    """
    for renew in (False, True):
        reading = _read(world, payload)
        if reading is None:
            return Pulled(outcome="gone")
        if (rests := _rests(world, reading)) is not None:
            return Pulled(outcome=rests)
        try:
            token = (renewed_access_token if renew else access_token)(world, reading.connection)
            return _pull(world, reading, world.google.calendar(token), first=first, ignore=ignore)
        except AccessTokenRefused:
            continue
        except (CalendarGone, EventMissing) as error:
            return _suspended(world, reading, error.detail)
        except GrantRevoked:
            return Pulled(outcome="needs_reconnect")
        except LostRace:
            raise
        except RetryLater as error:
            return _later(world, reading, error)
        except (NeedsHuman, Refused) as error:
            return _suspended(world, reading, error.detail)
    raise AccessTokenRefused("Google refuses a fresh access token", after_s=60)


def _pull(world: World, reading: PullReading, calendar: Calendar, *, first: bool, ignore: frozenset[str]) -> Pulled:
    cursor = cursor_token(reading.shelf)
    if cursor is not None:
        try:
            return _taken_in(world, reading, calendar, cursor, first=first, ignore=ignore)
        except SyncTokenExpired as error:
            world.log.event("pull_calendar", error.code, tenant=reading.tenant.id, connection=reading.connection.id)
    alone = _listing_alone(world, reading)
    if alone is None:
        _follows(world, reading)
        return Pulled(outcome="later:listing")
    try:
        return _taken_in(world, alone, calendar, None, first=first, ignore=ignore)
    except LostRace:
        # Who begins anew lists again, at once.
        world.store.commit([Patch(path=alone.shelf_path, fields={"listing_until": None})])
        raise


def _follows(world: World, reading: PullReading) -> None:
    """Another pull comes: Google may have made the list that is being read before what this one was asked for."""
    tenant, link, place = reading.tenant.id, reading.connection.id, key_of(reading.shelf.calendar_id)
    world.queue.enqueue(pull_job(tenant, link, place, now=world.clock.now(), options=world.options, reason="l"))


def _taken_in(
    world: World,
    reading: PullReading,
    calendar: Calendar,
    cursor: str | None,
    *,
    first: bool,
    ignore: frozenset[str],
) -> Pulled:
    arrivals = Arrivals(world=world, reading=reading, calendar=calendar, ignore=ignore)
    last = _listed(arrivals, cursor)
    if _is_downgraded(reading, last):
        # A reader is not shown what private events say. The cursor stays: all of it is listed again for a writer.
        return _suspended(world, reading, READ_ONLY_NOW, role=last.access_role)
    had_cursor = reading.shelf.sync_token is not None
    if cursor is None:
        arrivals.outcomes.extend(not_shown(arrivals))
    held = reading.connection.status == "needs_review"
    outcomes = [each for each in arrivals.outcomes if not (held and each.inferred)]
    inferred = [each for each in arrivals.outcomes if each.inferred]
    if not held and _brake_holds(world, reading, inferred, count_creations=had_cursor and not first):
        run = hold(world, reading, inferred)
        return Pulled(outcome=f"held:{run}", shown=arrivals.shown)
    changed = commit_outcomes(arrivals, [each for each in outcomes if each.action != "create"])
    if held and inferred:
        return Pulled(outcome="held", shown=arrivals.shown, changed=changed)
    advance(arrivals, last, outcomes)
    created = sum(each.action == "create" for each in outcomes)
    return Pulled(outcome="pulled", shown=arrivals.shown, created=created, changed=changed + created)


def _is_downgraded(reading: PullReading, last: EventPage) -> bool:
    """Tasks go to this calendar, and by now it may only be read. One that was always read-only comes in as it did."""
    settings = in_force(reading.tenant, reading.connection)
    writable = last.access_role in WRITING
    return reading.shelf.writable and not writable and settings.direction != "from_google"


def _listing_alone(world: World, reading: PullReading) -> PullReading | None:
    """The reading to list the whole calendar with, which takes long; None when somebody else is at it already.

    The lease only spares the same work twice: should it end too early, two lists meet as two pulls do. It leaves the
    calendar due, so that the sweep goes on when whoever has it dies.
    """
    now = world.clock.now()
    if reading.shelf.listing_until is not None and reading.shelf.listing_until > now:
        return None
    until = now + LISTING
    mine = replace(reading.shelf, listing_until=until, due_at=until)
    try:
        world.store.commit([Set(path=reading.shelf_path, data=to_data(mine), must=reading.shelf_revision)])
    except LostRace:
        return None
    document = world.store.get_many([reading.shelf_path])[reading.shelf_path]
    if document is None:
        return None
    return replace(reading, shelf=read_as(Watched, document), shelf_revision=Revision(document.revision))


def _brake_holds(world: World, reading: PullReading, inferred: list[Outcome], *, count_creations: bool) -> bool:
    """The brake's answer for this connection; its mappings are only counted when it comes near."""
    deletions = deletions_of(inferred)
    if deletions:
        deletions += recent(reading.shelf.deletions, now=world.clock.now())
    creations = sum(each.action == "create" for each in inferred) if count_creations else 0
    return brake_holds(
        deletions=deletions,
        creations=creations,
        mappings=lambda: world.store.count(mappings_of(reading.tenant.id, reading.connection.id)),
    )


def _listed(arrivals: Arrivals, cursor: str | None) -> EventPage:
    """The last page of one list; mappings are looked up after all of it arrived, never before (rule 10)."""
    page_token: str | None = None
    while True:
        request = EventsRequest(calendar_id=arrivals.place, sync_token=cursor, page_token=page_token)
        page = arrivals.calendar.list(request)
        arrivals.take(page)
        page_token = page.page_token
        if page_token is None:
            arrivals.decide()
            return page


def _read(world: World, payload: PullPayload) -> PullReading | None:
    owner, link = tenant_path(payload.tenant), connection_path(payload.tenant, payload.connection)
    shelf = Path(f"{link}/calendars/{payload.calendar}")
    found = world.store.get_many([owner, link, shelf])
    tenant, connection, watched = found[owner], found[link], found[shelf]
    if tenant is None or connection is None or watched is None:
        return None
    return PullReading(
        tenant=read_as(Tenant, tenant),
        connection=read_as(Connection, connection),
        shelf=read_as(Watched, watched),
        shelf_path=shelf,
        shelf_revision=Revision(watched.revision),
    )


def _rests(world: World, reading: PullReading) -> str | None:
    connection, shelf = reading.connection, reading.shelf
    if connection.status not in WORKING:
        return "waits"
    if not shelf.watched or shelf.state == "suspended":
        return "not_watched"
    if connection.slow_until is not None and connection.slow_until > world.clock.now():
        _enqueue_later(world, reading, (connection.slow_until - world.clock.now()).total_seconds())
        return "later"
    return None


def _suspended(world: World, reading: PullReading, detail: str, *, role: str | None = None) -> Pulled:
    """The calendar is gone or not ours to read: suspended, shown and told, never replaced by another."""
    # Read again: a pull that lists the whole calendar has written the shelf since.
    document = world.store.get_many([reading.shelf_path])[reading.shelf_path]
    shelf = None if document is None else read_as(Watched, document)
    if document is None or shelf is None or not shelf.watched or shelf.state == "suspended":
        return Pulled(outcome="not_watched")
    after = replace(
        shelf, state="suspended", reason=detail, access_role=role or shelf.access_role,
        due_at=None, renew_at=None, listing_until=None,
    )  # fmt: skip
    news = News(
        origin="google",
        kind="calendar.suspended",
        connection_id=reading.connection.id,
        calendar_id=reading.shelf.calendar_id,
        user_id=reading.connection.user,
        detail=detail,
    )
    write = Set(path=reading.shelf_path, data=to_data(after), must=Revision(document.revision))
    world.store.commit([write, change_write(world, reading.tenant.id, news)])
    return Pulled(outcome="suspended")


def _later(world: World, reading: PullReading, error: RetryLater) -> Pulled:
    """Google is not to be had now: the cursor stays, and the calendar is due again soon whatever becomes of the job."""
    connection = reading.connection
    wait = delay_s(error, connection.slow_step, world.ids.jitter())
    until = world.clock.now() + timedelta(seconds=wait)
    if isinstance(error, RateLimited):
        slow = {"slow_until": until, "slow_step": connection.slow_step + 1}
        world.store.commit([Patch(path=connection_path(reading.tenant.id, connection.id), fields=slow)])
    world.store.commit([Patch(path=reading.shelf_path, fields={"due_at": until, "listing_until": None})])
    _enqueue_later(world, reading, wait)
    return Pulled(outcome=f"later:{error.code}")


def _enqueue_later(world: World, reading: PullReading, wait_s: float) -> None:
    job = pull_now_job(reading.tenant.id, reading.connection.id, reading.shelf.calendar_id, attempt=world.ids.new())
    enqueue_due(world, replace(job, not_before=world.clock.now() + timedelta(seconds=wait_s)))
