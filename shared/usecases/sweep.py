"""What is overdue is enqueued again: one kind a sweep, one query, a page of 500, then a continuation. Nothing scans.

A sweep believes nothing but `due_at`: whoever wrote it may have died before or after its enqueue. Each enqueue is named
by the `due_at` it answers, so a sweep that dies and is repeated adds nothing. Start at `sweep`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal, TypeAlias, assert_never

import msgspec

from shared.errors import LostRace, Refused
from shared.model.connection import WORKING, Connection, User, Watched
from shared.model.ids import ConnectionId, Path, TenantId, UserId, user_path
from shared.model.run import Run
from shared.model.stored import read_as
from shared.model.task import Task
from shared.ports import Filter, Job, Patch, Query, Revision
from shared.sync.place import Placing, place
from shared.usecases.inbound.sweep_orphans import SweptOrphans, sweep_orphans
from shared.usecases.jobs import deliver_job, pull_now_job, run_job, sync_task_job
from shared.usecases.runs.runs import next_look, start_run

if TYPE_CHECKING:
    from shared.ports import Document
    from shared.usecases.world import World

SweepKind: TypeAlias = Literal["tasks", "calendars", "runs", "webhooks", "orphans"]
PAGE = 500
CHUNK = 100
MANY = 25
"""So many overdue tasks of one connection go out as one run, which paces itself, and not as so many jobs."""


class SweepPayload(msgspec.Struct, frozen=True, kw_only=True):
    """What a sweep is asked: which kind, and behind which position a continuation goes on."""

    schema: int = 1
    kind: SweepKind
    after: tuple[datetime, str] | None = None


class Swept(msgspec.Struct, frozen=True, kw_only=True):
    """How much was due, and whether a continuation follows."""

    due: int = 0
    continued: bool = False


def sweep(world: World, payload: SweepPayload) -> Swept | SweptOrphans:
    """Everything of this kind that was due is under way again, or rests because nothing can come of it now."""
    match payload.kind:
        case "tasks" | "calendars" | "runs" | "webhooks":
            return _sweep_due(world, payload)
        case "orphans":
            return sweep_orphans(world)
        case unknown:
            assert_never(unknown)


def _sweep_due(world: World, payload: SweepPayload) -> Swept:
    query = Query(
        collection="webhook" if payload.kind == "webhooks" else payload.kind,
        group=True,
        filters=(Filter("due_at", "<=", world.clock.now()),),
        order=("due_at",),
        limit=PAGE,
        after=payload.after,
    )
    due = world.store.query(query)
    if not due:
        return Swept()
    match payload.kind:
        case "tasks":
            writes = _tasks(world, due)
        case "calendars":
            writes = _calendars(world, due)
        case "webhooks":
            writes = _webhooks(world, due)
        case _:
            writes = _runs(world, due)
    _store(world, writes)
    continued = len(due) == PAGE
    if continued:
        last = due[-1]
        position = (msgspec.convert(last.data["due_at"], datetime), last.path)
        world.queue.enqueue(sweep_job(SweepPayload(kind=payload.kind, after=position)))
    return Swept(due=len(due), continued=continued)


def sweep_job(payload: SweepPayload) -> Job:
    """The next page of a sweep."""
    return Job(queue="runs", function="sweep", payload=msgspec.to_builtins(payload))


def _tasks(world: World, due: Sequence[Document]) -> list[Patch]:
    """Each task is tried again under a name of its own; many of one connection go out as a run."""
    tasks = [(document, read_as(Task, document), tenant_of(document)) for document in due]
    looked = _looked_for(world, [(tenant, task) for _, task, tenant in tasks if task.sync.connection is None])
    many = Counter((tenant, task.sync.connection) for _, task, tenant in tasks)
    in_runs = {key for key, number in many.items() if number >= MANY and key[1] is not None and _run(world, *key)}
    again = world.clock.now() + timedelta(seconds=world.options.pending_after_s)
    writes = []
    for document, task, tenant in tasks:
        connection = task.sync.connection
        if connection is None:
            writes.append(_patch(document, None if looked else again))
            continue
        if (tenant, connection) not in in_runs or task.deleted_at is not None:
            job = sync_task_job(
                tenant, connection, task.sync.calendar, task.id, version=task.version, attempt=_attempt(document)
            )
            world.queue.enqueue(job)
        writes.append(_patch(document, again))
    return writes


def _looked_for(world: World, unplaced: Sequence[tuple[TenantId, Task]]) -> bool:
    """Who connected while such a task was stored, after their first sync had looked for it, has it looked for anew.

    False: other long work of that connection is under way, so it has to be asked again.
    """
    users = {(tenant, task.id): _user_of(tenant, task) for tenant, task in unplaced if task.deleted_at is None}
    paths = sorted({path for path in users.values() if path is not None})
    found = world.store.get_many(paths) if paths else {}
    wanted: set[tuple[TenantId, ConnectionId]] = set()
    for tenant, task in unplaced:
        path = users.get((tenant, task.id))
        document = None if path is None else found[path]
        if document is not None:
            wants = Placing(deployment=world.deployment, tenant=tenant, user=read_as(User, document))
            connection = place(task, wants, before=task).sync.connection
            wanted |= {(tenant, connection)} if connection is not None else set()
    begun = [_run(world, tenant, connection, "resume") for tenant, connection in sorted(wanted)]
    return all(begun)


def _user_of(tenant: TenantId, task: Task) -> Path | None:
    user = task.content.user_id
    return user_path(tenant, UserId(user)) if isinstance(user, str) else None


def _run(world: World, tenant: TenantId, connection: ConnectionId | None, reason: str = "batch") -> bool:
    try:
        start_run(world, tenant, kind="backlog", connection=connection, options={"reason": reason})
    except Refused as refusal:
        world.log.event("sweep", "run_not_started", tenant=tenant, connection=connection, reason=refusal.code)
        return False
    return True


def _calendars(world: World, due: Sequence[Document]) -> list[Patch]:
    """Each calendar is pulled; one that nobody can pull now rests, and whatever wakes its connection makes it due."""
    paths = sorted({document.path.partition("/calendars/")[0] for document in due})
    connections = world.store.get_many(paths)
    again = world.clock.now() + timedelta(seconds=world.options.pending_after_s)
    writes = []
    for document in due:
        watched = read_as(Watched, document)
        link = connections[document.path.partition("/calendars/")[0]]
        works = link is not None and read_as(Connection, link).status in WORKING
        if not works or not watched.watched or watched.state == "suspended":
            writes.append(_patch(document, None))
            continue
        job = pull_now_job(watched.tenant, watched.connection, watched.calendar_id, attempt=_attempt(document))
        world.queue.enqueue(job)
        writes.append(_patch(document, again))
    return writes


def _runs(world: World, due: Sequence[Document]) -> list[Patch]:
    """Each run's next step is enqueued again."""
    writes = []
    for document in due:
        run = read_as(Run, document)
        world.queue.enqueue(run_job(run.tenant, run.id, run.step, attempt=_attempt(document)))
        writes.append(_patch(document, next_look(world)))
    return writes


def _webhooks(world: World, due: Sequence[Document]) -> list[Patch]:
    """Each webhook is looked at: what was told and not delivered, and tries that are overdue, go out."""
    now, options = world.clock.now(), world.options
    again = now + timedelta(seconds=options.pending_after_s)
    writes = []
    for document in due:
        world.queue.enqueue(deliver_job(tenant_of(document), now=now, options=options, attempt=_attempt(document)))
        writes.append(_patch(document, again))
    return writes


def _attempt(document: Document) -> str:
    due_at = msgspec.convert(document.data["due_at"], datetime)
    return f"s{int(due_at.timestamp() * 1000)}"


def _patch(document: Document, due_at: datetime | None) -> Patch:
    return Patch(path=document.path, fields={"due_at": due_at}, must=Revision(document.revision))


def _store(world: World, writes: Sequence[Patch]) -> None:
    """Everything is due later; what somebody writes just now has a `due_at` of its own by then."""
    for first in range(0, len(writes), CHUNK):
        chunk = writes[first : first + CHUNK]
        try:
            world.store.commit(chunk)
        except LostRace:
            _store_each(world, chunk)


def _store_each(world: World, writes: Sequence[Patch]) -> None:
    lost: defaultdict[str, int] = defaultdict(int)
    for write in writes:
        try:
            world.store.commit([write])
        except LostRace:
            lost[write.path.rsplit("/", 2)[-2]] += 1
    for collection, number in lost.items():
        world.log.event("sweep", "written_meanwhile", kind=collection, number=number)


def tenant_of(document: Document) -> TenantId:
    """The tenant whose document this is."""
    return TenantId(document.path.split("/", 2)[1])
