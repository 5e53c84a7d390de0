"""Where a task that the CRM has written goes: to be sent, or `off` while its user has no connection.

A user may connect while the write is under way. It read the user before, and the first sync looked for tasks before it
was stored: so whoever stores a task of a user without a connection looks once more (`placed_since`).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from msgspec.structs import replace

from shared.errors import LostRace
from shared.model.connection import User
from shared.model.ids import UserId, task_path, user_path
from shared.model.stored import read_as, to_data
from shared.model.task import Task
from shared.ports import Revision, Set
from shared.sync.place import Placing, place

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from shared.model.ids import Path, TenantId
    from shared.ports import Document
    from shared.usecases.tasks.put_task import PutResult
    from shared.usecases.world import World


def placed_since(
    world: World, tenant: TenantId, results: Sequence[PutResult], found: Mapping[str, Document | None]
) -> list[PutResult]:
    """The results, where tasks whose user has connected since have their place.

    Args:
        found: What the write has read, by path. Users who had no connection then are read again, and nobody else.
    """
    waiting = {at: path for at, result in enumerate(results) if (path := _waiting(tenant, result, found)) is not None}
    users = world.store.get_many(sorted(set(waiting.values()))) if waiting else {}
    placed = list(results)
    for at, path in waiting.items():
        user, known = users[path], found.get(path)
        if user is not None and (known is None or known.revision != user.revision):
            placed[at] = _placed(world, tenant, results[at], read_as(User, user))
    return placed


def _waiting(tenant: TenantId, result: PutResult, found: Mapping[str, Document | None]) -> Path | None:
    """The user who has this task only since this write, and had no connection; what was theirs before, a run finds."""
    task, known = result.task, found.get(task_path(tenant, result.id))
    if task is None or not result.changed or task.sync.connection is not None or not task.content.user_id:
        return None
    before = None if known is None or result.created else read_as(Task, known)
    if before is not None and before.content.user_id == task.content.user_id:
        return None
    return user_path(tenant, UserId(task.content.user_id))


def _placed(world: World, tenant: TenantId, result: PutResult, user: User) -> PutResult:
    """The task as it is sent to its user's connection; whoever has written it since has read that user too."""
    path, written = task_path(tenant, result.id), result.task
    document = world.store.get_many([path])[path]
    if document is None or written is None:
        return result
    task = read_as(Task, document)
    if task.version != written.version or task.sync.connection is not None:
        return result
    wants = Placing(deployment=world.deployment, tenant=tenant, user=user)
    after = to_be_sent(place(task, wants, before=task), world, world.clock.now())
    if after.sync.connection is None:
        return result
    try:
        world.store.commit([Set(path=path, data=to_data(after), must=Revision(document.revision))])
    except LostRace:
        return result
    return replace(result, task=after, send=after.sync.state == "pending")


def to_be_sent(task: Task, world: World, now: datetime) -> Task:
    """The task as it waits for its try at Google, due if the try is lost; or why it waits for none."""
    sync = task.sync
    if sync.connection is None:
        return replace(task, sync=replace(sync, state="off", reason="no_connection", error=None), due_at=None)
    idle = sync.event_id is None and not task.content.start
    state = replace(
        sync, state="off" if idle else "pending", reason="no_start" if idle else None, error=None, attempts=0
    )
    due = None if idle else now + timedelta(seconds=world.options.pending_after_s)
    return replace(task, sync=state, due_at=due)
