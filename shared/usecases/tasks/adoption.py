"""Tasks that take over events which exist: another system's mapping, or what a preview named as a likely duplicate.

An event belongs to one task. One query for 30 events finds those that have theirs; without `event_id` none is made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.errors import Conflicting, Fault, Invalid, TandemError
from shared.model.connection import User
from shared.model.ids import ConnectionId, EventId, Path, TenantId, UserId, task_path, tenant_path, user_path
from shared.model.stored import read_as, to_data
from shared.model.task import Task
from shared.ports import Document, Filter, Must, Precondition, Query, Revision, Set, Write
from shared.sync.likeness import LIKELY_DUPLICATE
from shared.sync.mapping import event_key, id_of_import, uid_key, uid_of
from shared.usecases.tasks.claim import STUB_KEPT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from shared.model.content import Content
    from shared.usecases.tasks.put_task import TaskWrite
    from shared.usecases.world import World

IN_A_QUERY = 30


def holders_of(
    world: World, tenant: TenantId, items: Sequence[TaskWrite], found: Mapping[str, Document | None]
) -> dict[str, Task]:
    """The tasks that have the events which these writes name, through whichever connection, by event id.

    A deleted task has its event until that is gone too: it may yet come back with what a person wrote into it.
    """
    asked = {key: item.id for item in items if item.event_id is not None for key in _keys(tenant, item, found)}
    keys = list(asked)
    held: dict[str, Task] = {}
    for first in range(0, len(keys), IN_A_QUERY):
        some = Filter("sync.keys", "array_contains_any", keys[first : first + IN_A_QUERY])
        for document in world.store.query(Query(collection=f"{tenant_path(tenant)}/tasks", filters=(some,))):
            task = read_as(Task, document)
            sync = task.sync
            if not sync.gone and (task.deleted_at is None or sync.state == "pending"):
                held |= dict.fromkeys([view.event_id for view in sync.views.values()], task)
                held |= {sync.event_id: task} if sync.event_id is not None else {}
    return held


def adopted_by(task: Task, event: EventId, held: dict[str, Task]) -> None:
    """The event is this task's from now on.

    Raises:
        Conflicting: It has a task already.
    """
    holder = held.setdefault(event, task)
    if holder.id == task.id:
        return
    if holder.deleted_at is not None:
        remedy = "that one was deleted, and takes the event with it: put it again, or send yours without event_id"
    elif holder.id.startswith("g_"):
        remedy = "give that task your id with POST /v1/tasks/claim"
    else:
        remedy = "send one of them"
    raise Conflicting(f"the event belongs to the task {holder.id} already; {remedy}")


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


def not_adopted(before: Task, after: Task) -> TandemError:
    """Why the task did not get the event that its write names."""
    if before.sync.event_id is not None:
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
