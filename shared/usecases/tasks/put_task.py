"""What the CRM writes: put and patch of tasks. One read call and one commit for up to 100 tasks, and no Google.

A write is sorted out by `shared.sync.said` (what is an edit), given its place (which connection, calendar and event
id), and stored `pending` with `due_at` before anything is enqueued: nothing depends on the enqueue succeeding.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
from msgspec import UNSET
from msgspec.structs import replace

from shared.errors import Conflicting, Invalid, LostRace, Moved, NotFound, Stale, TandemError
from shared.model.connection import User
from shared.model.content import Content
from shared.model.ids import EventId, Path, TaskId, TenantId, UserId, task_path, user_path
from shared.model.stored import read_as, to_data
from shared.model.task import Edit, Task
from shared.model.task_lists import is_list
from shared.ports import Document, Must, Precondition, Revision, Set, Write
from shared.sync.crm_fields import Rendering, crm_fields
from shared.sync.dropped import without_the_unyielded
from shared.sync.observe import with_color_of_the_crm
from shared.sync.place import Placing, looked_at_again, may_adopt, place
from shared.sync.said import Said, said
from shared.usecases.changes import task_change, told_beside
from shared.usecases.feed import is_acknowledged, position_path
from shared.usecases.tasks.adoption import (
    Holders,
    adopted_by,
    holders_of,
    import_barred,
    not_adopted,
    stub_path,
    waits_for_a_word,
)
from shared.usecases.tasks.delete_task import check_version, enqueue_try
from shared.usecases.tasks.task_faults import faults_of_write

if TYPE_CHECKING:
    from shared.model.change import Kind
    from shared.usecases.world import World

CHUNK = 100
ROUNDS = 5


class TaskWrite(msgspec.Struct, frozen=True, kw_only=True):
    """One task as the CRM sends it; `must_exist` for PATCH, `if_match` the version the CRM thinks it changes."""

    id: TaskId
    content: Content
    event_id: EventId | None = None
    must_exist: bool = False
    if_match: int | None = None


class PutResult(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one write."""

    id: TaskId
    task: Task | None = None
    created: bool = False
    changed: bool = False
    error: TandemError | None = None
    send: bool = False
    """The task waits to be sent to its connection."""


def put_tasks(
    world: World, tenant: TenantId, items: Sequence[TaskWrite], *, now: datetime, enqueue: bool = True
) -> list[PutResult]:
    """Every write is stored or has its error; each stands on its own, results in order.

    Args:
        enqueue: One job per task; a batch passes False and starts one run per connection instead.
    """
    results: list[PutResult] = []
    for first in range(0, len(items), CHUNK):
        results.extend(_put_chunk(world, tenant, items[first : first + CHUNK], now, enqueue=enqueue))
    return results


def _put_chunk(
    world: World, tenant: TenantId, items: Sequence[TaskWrite], now: datetime, *, enqueue: bool
) -> list[PutResult]:
    for _ in range(ROUNDS):
        found = world.store.get_many(_paths(tenant, items))
        found |= _owners(world, tenant, items, found)
        known = holders_of(world, tenant, items, found)
        results, writes = _decided(world, tenant, items, found, known, now)
        if writes:
            try:
                world.store.commit(writes)
            except LostRace:
                continue
        if enqueue:
            for result in results:
                if result.task is not None and result.send:
                    # An event that is adopted later makes no new version: its try has a name of its own (rule 12).
                    adopted = f"a{result.task.sync.generation}"
                    enqueue_try(world, tenant, result.task, "w" if result.changed else adopted)
        return results
    message = "these tasks are being written by many at once; try again"
    raise LostRace(message)


def _paths(tenant: TenantId, items: Sequence[TaskWrite]) -> list[Path]:
    users = sorted({UserId(item.content.user_id) for item in items if isinstance(item.content.user_id, str)})
    tasks = sorted({task_path(tenant, item.id) for item in items})
    of_users = [path for user in users for path in (user_path(tenant, user), position_path(tenant, user))]
    stubs = sorted({stub_path(tenant, item.event_id) for item in items if item.event_id is not None})
    return [position_path(tenant), *tasks, *of_users, *stubs]


def _owners(
    world: World, tenant: TenantId, items: Sequence[TaskWrite], found: dict[str, Document | None]
) -> dict[str, Document | None]:
    """The users of tasks that are written without naming them, where the place is not known yet."""
    needed: set[str] = set()
    for item in items:
        document = found[task_path(tenant, item.id)]
        if document is None:
            continue
        stored = read_as(Task, document).content.user_id
        if isinstance(stored, str) and user_path(tenant, UserId(stored)) not in found:
            needed |= {user_path(tenant, UserId(stored)), position_path(tenant, UserId(stored))}
    return world.store.get_many(sorted(needed)) if needed else {}


def _decided(
    world: World,
    tenant: TenantId,
    items: Sequence[TaskWrite],
    found: dict[str, Document | None],
    known: Holders,
    now: datetime,
) -> tuple[list[PutResult], list[Write]]:
    results: list[PutResult] = []
    writes: list[Write] = []
    seen: set[TaskId] = set()
    for item in items:
        try:
            if item.id in seen:
                raise Conflicting("the batch names this task twice; send it once")
            seen.add(item.id)
            result, more = _one(world, tenant, item, found, known, now)
        except TandemError as error:
            result, more = PutResult(id=item.id, error=error), []
        results.append(result)
        writes.extend(more)
    return results, writes


def _one(
    world: World,
    tenant: TenantId,
    item: TaskWrite,
    found: dict[str, Document | None],
    known: Holders,
    now: datetime,
) -> tuple[PutResult, list[Write]]:
    path = task_path(tenant, item.id)
    document = found[path]
    task = None if document is None else read_as(Task, document)
    if task is not None and task.is_worn_off(now):
        task = None
    if task is not None and task.moved_to is not None:
        raise Moved(task.moved_to, task.moved_date)
    alive = task is not None and task.deleted_at is None
    if item.must_exist and not alive:
        raise NotFound("there is no such task; create it with PUT")
    if task is not None and alive:
        check_version(task, item.if_match)
    elif item.if_match is not None:
        raise Stale("there is no such task, so no version of it")
    before = task or Task(id=item.id, content=Content(status="open"))
    user = before.content.user_id or item.content.user_id
    positions = [found.get(position_path(tenant)), found.get(position_path(tenant, UserId(user))) if user else None]
    sorted_out = said(
        before.content if alive else _reopened(before),
        item.content,
        before.sync,
        lambda at, change: is_acknowledged(at, change, positions),
    )
    if faults := faults_of_write(item.content, sorted_out.content, sorted_out.changed, new=not alive):
        raise Invalid(faults)
    after = replace(
        before,
        content=_elsewhere(before.content, item.content, sorted_out),
        sync=replace(before.sync, sent=sorted_out.sent, unacked=sorted_out.unacked),
    )
    revived = task is not None and not alive
    edited = bool(sorted_out.changed) or not alive
    if edited:
        after = replace(after, version=before.version + 1, changed_at=now, deleted_at=None, expires_at=None)
        after = _with_edits(before, after, now)
        if sorted_out.changed & {"color", "type"}:
            after = with_color_of_the_crm(after)
    owner = _owner(found, tenant, after)
    rendering = Rendering(task_zone=after.content.time_zone or None)
    after, dropped = without_the_unyielded(before.content, after, rendering, park=False)
    adopts = may_adopt(before.sync, item.event_id)
    if (edited or adopts) and not waits_for_a_word(before, item.content, adopts=adopts):
        moved = bool(sorted_out.changed & {"user_id", "connection_id", "calendar_id"})
        wants = Placing(
            deployment=world.deployment, tenant=tenant, user=owner, adopt=item.event_id, moved=moved, revived=revived
        )
        after = looked_at_again(place(after, wants, before=before))
        after = to_be_sent(after, world, now)
    if item.event_id is not None and after.sync.event_id != item.event_id:
        raise not_adopted(before, after, item.event_id)
    taken = adopted_by(world, tenant, after, item.event_id, known) if item.event_id is not None and adopts else ()
    if after == before:
        return PutResult(id=item.id, task=before), []
    must: Precondition = Must.BE_ABSENT if document is None else Revision(document.revision)
    writes: list[Write] = [Set(path=path, data=to_data(after), must=must)]
    writes += [*taken, *import_barred(tenant, after, item.event_id, found, now)] if adopts else ()
    if edited:
        kind: Kind = "task.created" if task is None else "task.restored" if revived else "task.updated"
        writes.append(task_change(world, tenant, after, kind=kind, origin="crm", before=task))
        writes.extend(told_beside(world, tenant, after, each) for each in dropped)
    return PutResult(
        id=item.id,
        task=after,
        created=not alive,
        changed=edited,
        send=(edited or adopts) and after.sync.state == "pending",
    ), writes


def _elsewhere(before: Content, incoming: Content, sorted_out: Said) -> Content:
    """A calendar belongs to one account: a task that goes to another goes to the default there, unless one is named."""
    leaves = isinstance(before.user_id, str) and sorted_out.changed & {"user_id", "connection_id"}
    if not leaves or "calendar_id" in sorted_out.changed or not isinstance(before.calendar_id, str):
        return sorted_out.content
    named = None if incoming.calendar_id is UNSET else incoming.calendar_id
    return replace(sorted_out.content, calendar_id=named)


def _reopened(task: Task) -> Content:
    """A revived task starts from what it was; only its ending is undone."""
    return replace(task.content, status="open") if task.content.status == "cancelled" else task.content


def _owner(found: dict[str, Document | None], tenant: TenantId, task: Task) -> User | None:
    user = task.content.user_id
    document = found.get(user_path(tenant, UserId(user))) if isinstance(user, str) else None
    return None if document is None else read_as(User, document)


def _with_edits(before: Task, after: Task, now: datetime) -> Task:
    """Remember per changed field the agreed value it replaces and the CRM's stamp, at most the receipt (rule 43)."""
    claimed = after.content.updated_at
    at = min(claimed, now) if isinstance(claimed, datetime) else now
    rendering = Rendering(in_list=is_list(before.sync.calendar))
    old, new = crm_fields(before.content, rendering), crm_fields(after.content, rendering)
    edits = dict(after.sync.edits)
    for name in new:
        if new[name] != old.get(name):
            known = edits.get(name)
            edits[name] = Edit(before=known.before if known else old.get(name), at=at)
    return replace(after, sync=replace(after.sync, edits=edits))


def to_be_sent(task: Task, world: World, now: datetime) -> Task:
    """The task as it waits for its try at Google, due if the try is lost; or why it waits for none.

    One whose user has no connection is due once too: its user may have connected while it was being stored.
    """
    sync = task.sync
    later = now + timedelta(seconds=world.options.pending_after_s)
    if sync.connection is None:
        due = later if isinstance(task.content.user_id, str) and task.deleted_at is None else None
        return replace(task, sync=replace(sync, state="off", reason="no_connection", error=None), due_at=due)
    idle = sync.event_id is None and not task.content.start
    state = replace(
        sync, state="off" if idle else "pending", reason="no_start" if idle else None, error=None, attempts=0
    )
    return replace(task, sync=state, due_at=None if idle else later)
