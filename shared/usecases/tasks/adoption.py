"""Tasks that take over events which exist: another system's mapping, or what a preview named as a likely duplicate.

An event belongs to one task. One query for 30 events finds those that have theirs; without `event_id` none is made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from shared.errors import Conflicting, Fault, Invalid, TandemError
from shared.model.connection import User
from shared.model.ids import ConnectionId, EventId, Path, TenantId, UserId, task_path, tenant_path, user_path
from shared.model.stored import read_as, to_data
from shared.model.task import Task
from shared.ports import Document, Filter, Must, Precondition, Query, Revision, Set, Write
from shared.sync.likeness import LIKELY_DUPLICATE
from shared.sync.mapping import event_key, id_of_import, uid_key, uid_of
from shared.sync.place import may_adopt
from shared.sync.told import Told
from shared.usecases.outbound.remember import task_writes
from shared.usecases.tasks.claim import STUB_KEPT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from shared.model.content import Content
    from shared.usecases.tasks.put_task import TaskWrite
    from shared.usecases.world import World

IN_A_QUERY = 30


class Holders(msgspec.Struct, frozen=True, kw_only=True):
    """Who has, and who had, the events that some writes name; by event id.

    Args:
        held: The task that has the event.
        let_go: Tasks that had it until their connection ended, and would have it again with the next one.
    """

    held: dict[str, Task] = msgspec.field(default_factory=dict)
    let_go: dict[str, list[Document]] = msgspec.field(default_factory=dict)


def holders_of(
    world: World, tenant: TenantId, items: Sequence[TaskWrite], found: Mapping[str, Document | None]
) -> Holders:
    """The tasks that have the events which these writes name, through whichever connection.

    A deleted task has its event until that is gone too: it may yet come back with what a person wrote into it. One that
    let its event go has it as long as the same batch writes that task too.
    """
    asked = {key: item.event_id for item in items if item.event_id is not None for key in _keys(tenant, item, found)}
    keys, written = list(asked), {item.id for item in items}
    known = Holders()
    for first in range(0, len(keys), IN_A_QUERY):
        some = Filter("sync.keys", "array_contains_any", keys[first : first + IN_A_QUERY])
        for document in world.store.query(Query(collection=f"{tenant_path(tenant)}/tasks", filters=(some,))):
            task = read_as(Task, document)
            sync = task.sync
            if not sync.gone and (task.deleted_at is None or sync.state == "pending"):
                known.held.update(dict.fromkeys([view.event_id for view in sync.views.values()], task))
                known.held.update({sync.event_id: task} if sync.event_id is not None else {})
            for event in (
                {asked[key] for key in sync.keys if key in asked} if sync.is_unmade and not task.moved_to else ()
            ):
                if task.id in written:
                    known.held.setdefault(event, task)
                else:
                    known.let_go.setdefault(event, []).append(document)
    return known


def adopted_by(world: World, tenant: TenantId, task: Task, event: EventId, known: Holders) -> list[Write]:
    """The event is this task's from now on; what is written to those that had let it go, and never have it again.

    Raises:
        Conflicting: It has a task already.
    """
    holder = known.held.setdefault(event, task)
    if holder.id == task.id:
        return [
            write for document in known.let_go.get(event, ()) for write in _renounced(world, tenant, document, event)
        ]
    if holder.deleted_at is not None:
        remedy = "that one was deleted, and takes the event with it: put it again, or send yours without event_id"
    elif holder.id.startswith("g_"):
        remedy = "give that task your id with POST /v1/tasks/claim"
    else:
        remedy = "send one of them"
    raise Conflicting(f"the event belongs to the task {holder.id} already; {remedy}")


def _renounced(world: World, tenant: TenantId, document: Document, event: EventId) -> list[Write]:
    """The task is found by the event no more, and its next one has another id."""
    task = read_as(Task, document)
    sync, uid = task.sync, uid_key(uid_of(event))
    after = replace(
        sync,
        keys=tuple(key for key in sync.keys if key != uid),
        views={known: view for known, view in sync.views.items() if view.event_id != event},
        generation=sync.generation + (sync.event_id is None),
    )
    told = Told(kind=None, origin="crm", action="left the event that it had let go to a task that adopts it")
    return task_writes(world, tenant, task, replace(task, sync=after), (told,), Revision(document.revision))


def stub_path(tenant: TenantId, event: EventId) -> Path:
    """Where a pull puts the task that it makes of the event."""
    return task_path(tenant, id_of_import(tenant, uid_of(event)))


def import_barred(
    tenant: TenantId, task: Task, event: EventId | None, found: Mapping[str, Document | None], now: datetime
) -> list[Write]:
    """What keeps a pull that is under way from making a second task of the event: its id there names this one."""
    if event is None:
        return []
    path = stub_path(tenant, event)
    document = found.get(path)
    if document is not None and read_as(Task, document).moved_to is None:
        return []
    stub = Task(
        id=id_of_import(tenant, uid_of(event)), created_in="google", version=1, changed_at=now, moved_to=task.id,
        expires_at=now + STUB_KEPT,
    )  # fmt: skip
    must: Precondition = Must.BE_ABSENT if document is None else Revision(document.revision)
    return [Set(path=path, data=to_data(stub), must=must)]


def not_adopted(before: Task, after: Task, event: EventId) -> TandemError:
    """Why the task did not get the event that its write names."""
    if not may_adopt(before.sync, event):
        return Conflicting("the task has its event already; event_id counts only while a task has none")
    if after.sync.connection is None:
        return Invalid([Fault("/event_id", "the user has no connection yet; connect first, then adopt the event")])
    return Invalid([Fault("/event_id", "the task has no start, so it wants no event; send start as well")])


def waits_for_a_word(before: Task, incoming: Content, *, adopts: bool) -> bool:
    """The task stays as it is until its user says what becomes of the event like it: adopted, or doubled by `sync`."""
    error = before.sync.error
    held = before.sync.state == "error" and error is not None and error.code == LIKELY_DUPLICATE
    return held and not adopts and incoming.sync is not True


def _keys(tenant: TenantId, item: TaskWrite, found: Mapping[str, Document | None]) -> Iterator[str]:
    """The event under every connection that the task may go to, and under its iCalUID."""
    stored, named = found.get(task_path(tenant, item.id)), item.content.user_id
    user = named if isinstance(named, str) else stored and read_as(Task, stored).content.user_id
    owner = found.get(user_path(tenant, UserId(user))) if isinstance(user, str) else None
    for connection in read_as(User, owner).connections if owner is not None else ():
        yield event_key(ConnectionId(connection), item.event_id or "")
    if item.event_id is not None:
        yield uid_key(uid_of(item.event_id))
