"""Every half hour some calendars are read whole and compared with their mappings, whatever pulls and pushes have said.

Tasks whose event is gone and events whose task is gone are each proved by a get; only an event whose *id* is our hash
for a task is ever touched, and the brake holds what would be much. What cannot be proved is counted and left. A
position is kept, so that all calendars have their turn. It imports nothing and moves no cursor.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from shared.errors import LostRace, TandemError
from shared.google.events import Event
from shared.google.requests import EventsRequest
from shared.model.connection import Connection, Watched
from shared.model.ids import Path, tenant_path
from shared.model.stored import read_as
from shared.model.task import Task
from shared.model.tenant import Tenant
from shared.ports import Must, Patch, Query, Revision, Set
from shared.sync.brake import brake_holds
from shared.sync.marker import read_marker
from shared.usecases.connecting.access import with_calendar
from shared.usecases.inbound.arrivals import Arrivals
from shared.usecases.inbound.committing import commit_outcomes
from shared.usecases.inbound.foreign import known_by_uid
from shared.usecases.inbound.hold import hold
from shared.usecases.inbound.missing import mapped_in, mappings_of, not_shown
from shared.usecases.inbound.pull import PullReading
from shared.usecases.outbound.superseded import superseded

if TYPE_CHECKING:
    from shared.ports import Calendar, Document
    from shared.usecases.world import World

CALENDARS = 25
"""In one sweep at most: a whole list costs quota, and nobody waits for it."""
POSITION = Path("sweeps/orphans")
PAGE_SIZE = 2500


class SweptOrphans(msgspec.Struct, frozen=True, kw_only=True):
    """What a sweep of some calendars found.

    Args:
        calendars: How many were compared.
        healed: Tasks that were put right.
        strangers: Events with a marker of ours that no task proves: left alone.
        held: Calendars at which the brake held.
        failed: Calendars that could not be read now; their turn comes again.
    """

    calendars: int = 0
    healed: int = 0
    strangers: int = 0
    held: int = 0
    failed: int = 0


def sweep_orphans(world: World) -> SweptOrphans:
    """Some more calendars agree with their tasks, or a person was asked."""
    until = world.clock.now() + timedelta(seconds=world.options.run_step_s)
    kept = world.store.get_many([POSITION])[POSITION]
    behind = None if kept is None else kept.data.get("after")
    after = (behind,) if isinstance(behind, str) else None
    page = world.store.query(Query(collection="calendars", group=True, limit=CALENDARS, after=after))
    swept = SweptOrphans()
    last: str | None = None
    for document in page:
        if world.clock.now() >= until:
            break
        swept = _added(swept, _compared(world, document))
        last = document.path
    finished = last is None or (last == page[-1].path and len(page) < CALENDARS)
    _keep(world, kept, None if finished else last)
    return swept


def _compared(world: World, document: Document) -> SweptOrphans:
    reading = _read(world, document)
    if reading is None:
        return SweptOrphans()
    try:
        return with_calendar(world, reading.connection, lambda google: _healed(world, reading, google))
    except TandemError as error:
        world.log.event(
            "sweep", "orphans_failed", tenant=reading.tenant.id, connection=reading.connection.id, reason=error.code
        )
        return SweptOrphans(failed=1)


def _read(world: World, document: Document) -> PullReading | None:
    """The calendar with its connection, if it may be compared now."""
    watched = read_as(Watched, document)
    if not watched.watched or watched.state == "suspended" or watched.sync_token is None:
        return None
    owner, link = tenant_path(watched.tenant), document.path.partition("/calendars/")[0]
    found = world.store.get_many([owner, link])
    tenant, connection = found[owner], found[link]
    if tenant is None or connection is None:
        return None
    reading = PullReading(
        tenant=read_as(Tenant, tenant),
        connection=read_as(Connection, connection),
        shelf=watched,
        shelf_path=Path(document.path),
        shelf_revision=Revision(document.revision),
    )
    slow = reading.connection.slow_until
    waits = slow is not None and slow > world.clock.now()
    return None if reading.connection.status != "active" or waits else reading


def _healed(world: World, reading: PullReading, google: Calendar) -> SweptOrphans:
    arrivals = Arrivals(world=world, reading=reading, calendar=google)
    strangers: list[Event] = []
    page_token: str | None = None
    while True:
        request = EventsRequest(calendar_id=arrivals.place, page_token=page_token, page_size=PAGE_SIZE)
        page = google.list(request)
        arrivals.take(page)
        strangers += [item for item in page.items if isinstance(item, Event) and _is_marked(item)]
        page_token = page.page_token
        if page_token is None:
            break
    arrivals.decide()
    outcomes = [each for each in [*arrivals.outcomes, *not_shown(arrivals)] if each.action != "create"]
    deletions = [each for each in outcomes if each.action == "delete"]
    if brake_holds(
        deletions=len(deletions),
        creations=0,
        mappings=lambda: world.store.count(mappings_of(reading.tenant.id, reading.connection.id)),
    ):
        hold(world, reading, deletions)
        return SweptOrphans(calendars=1, held=1)
    healed = commit_outcomes(arrivals, outcomes)
    mapped = [(document, read_as(Task, document)) for document in _mappings(arrivals)]
    woken = sum(_woken(world, document) for document, task in mapped if _forgotten(task))
    gone, left = _unproved(arrivals, strangers, frozenset(task.sync.event_id for _, task in mapped))
    _shown(arrivals, left)
    return SweptOrphans(calendars=1, healed=healed + woken + gone, strangers=left)


def _is_marked(event: Event) -> bool:
    """It carries a marker of ours; on an occurrence that may be its series', which Google copies."""
    return event.recurring_event_id is None and read_marker(event.private) is not None


def _mappings(arrivals: Arrivals) -> Iterator[Document]:
    return mapped_in(arrivals.world, arrivals.tenant, arrivals.reading.connection.id)


def _forgotten(task: Task) -> bool:
    """Something is still to be done at Google, its deletion perhaps, and nothing is due."""
    return task.sync.state == "pending" and task.due_at is None


def _woken(world: World, document: Document) -> bool:
    """The next sweep of tasks finds it; somebody who writes it just now makes it due himself."""
    due = Patch(path=document.path, fields={"due_at": world.clock.now()}, must=Revision(document.revision))
    try:
        world.store.commit([due])
    except LostRace:
        return False
    return True


def _unproved(arrivals: Arrivals, marked: list[Event], mapped: frozenset[str | None]) -> tuple[int, int]:
    """Events with a marker that are no task's: an earlier generation goes, proved by its id; the rest is left."""
    world, link = arrivals.world, arrivals.reading.connection
    candidates = [event for event in marked if event.id not in mapped]
    by_uid = known_by_uid(arrivals, candidates)
    healed, left = 0, 0
    for event in candidates:
        document = by_uid.get(event.id)
        task = None if document is None else read_as(Task, document)
        if document is None or task is None or not _earlier(arrivals, task, event):
            left += 1
            continue
        seen = arrivals.get(event.id)
        if isinstance(seen, Event):
            commit_outcomes(arrivals, [superseded(arrivals, task, Revision(document.revision), seen)])
            healed += 1
    if left:
        world.log.event("sweep", "marked_events_without_task", tenant=arrivals.tenant, connection=link.id, number=left)
    return healed, left


def _shown(arrivals: Arrivals, left: int) -> None:
    """The calendar tells how many there are; it may have been removed meanwhile."""
    reading = arrivals.reading
    if left == reading.shelf.strangers:
        return
    try:
        arrivals.world.store.commit([Patch(path=reading.shelf_path, fields={"strangers": left}, must=Must.EXIST)])
    except LostRace:
        arrivals.world.log.event("sweep", "calendar_gone", tenant=arrivals.tenant)


def _earlier(arrivals: Arrivals, task: Task, event: Event) -> bool:
    """The *whole* id is our hash for an earlier generation of the task (rule 15)."""
    context = arrivals.context()
    return any(context.event_id(task.id, each) == event.id for each in range(task.sync.generation))


def _keep(world: World, kept: Document | None, after: str | None) -> None:
    """The next sweep goes on behind this calendar, or begins again; another sweep of the same time may have said so."""
    must = Must.BE_ABSENT if kept is None else Revision(kept.revision)
    if after is None and kept is None:
        return
    try:
        world.store.commit([Set(path=POSITION, data={"schema": 1, "after": after}, must=must)])
    except LostRace:
        world.log.event("sweep", "two_at_once", kind="orphans")


def _added(one: SweptOrphans, other: SweptOrphans) -> SweptOrphans:
    names = SweptOrphans.__struct_fields__
    return SweptOrphans(**{name: getattr(one, name) + getattr(other, name) for name in names})
