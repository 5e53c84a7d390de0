"""The CRM deletes a task: a tombstone at once, and its event follows. One read call, one commit, and no Google."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, cast

from msgspec.structs import replace

from shared.errors import LostRace, Moved, Stale
from shared.model.ids import TaskId, TenantId, task_path
from shared.model.stored import read_as, to_data
from shared.model.task import INHERITS, Occurrence, Task
from shared.ports import Revision, Set
from shared.sync.fingerprint import fingerprint
from shared.sync.mapping import buried
from shared.usecases.changes import task_change
from shared.usecases.jobs import enqueue_due, sync_task_job

if TYPE_CHECKING:
    from shared.sync.fields import Value
    from shared.usecases.world import World

ROUNDS = 5


def delete_task(world: World, tenant: TenantId, task_id: TaskId, *, if_match: int | None) -> None:
    """The task is deleted for the CRM; its event follows. An unknown or deleted id is no failure."""
    path = task_path(tenant, task_id)
    for _ in range(ROUNDS):
        document = world.store.get_many([path])[path]
        if document is None:
            return
        task = read_as(Task, document)
        if task.is_worn_off(world.clock.now()):
            return
        if task.moved_to is not None:
            raise Moved(task.moved_to, task.moved_date)
        if task.deleted_at is not None:
            return
        check_version(task, if_match)
        after = _deleted(task, world)
        change = task_change(world, tenant, after, kind="task.deleted", origin="crm", before=task)
        try:
            world.store.commit([Set(path=path, data=to_data(after), must=Revision(document.revision)), change])
        except LostRace:
            continue
        enqueue_try(world, tenant, after, "w")
        return
    message = "this task is being written by many at once; try again"
    raise LostRace(message)


def check_version(task: Task, if_match: int | None) -> None:
    """Refuse a write that was meant for another version."""
    if if_match is not None and if_match != task.version:
        raise Stale(
            f"the task is at version {task.version}, and If-Match asks for another; read it again", current=task
        )


def _deleted(task: Task, world: World) -> Task:
    """Deleted for the CRM. What Google showed of an open conflict counts as seen (rule 17)."""
    now = world.clock.now()
    sync = task.sync
    seen = {
        name: (sync.base.get(name, ("", ""))[0], fingerprint(cast("Value", conflict.google)))
        for name, conflict in sync.conflict.items()
    }
    gone = sync.event_id is None or sync.gone
    after = replace(
        task,
        occurrences={start: seen_by_the_crm(each) for start, each in task.occurrences.items()},
        version=task.version + 1,
        changed_at=now,
        deleted_at=now,
        due_at=None if gone else now + timedelta(seconds=world.options.pending_after_s),
        expires_at=now + timedelta(seconds=world.options.tombstone_s),
        sync=replace(
            sync,
            base={**sync.base, **seen},
            conflict={},
            again=None,
            error=None,
            attempts=0,
            state="off" if gone else "pending",
            reason=None,
        ),
    )
    return buried(after, confirmed=sync.gone) if gone else after


def seen_by_the_crm(occurrence: Occurrence) -> Occurrence:
    """What Google showed of an open conflict counts as seen (rule 17)."""
    seen = {
        name: (occurrence.base.get(name, (INHERITS, ""))[0], fingerprint(cast("Value", conflict.google)))
        for name, conflict in occurrence.conflict.items()
    }
    return replace(occurrence, base={**occurrence.base, **seen}, conflict={})


def enqueue_try(world: World, tenant: TenantId, task: Task, attempt: str) -> None:
    """A job takes the task to Google, if something is left to do there."""
    sync = task.sync
    if sync.connection is not None and sync.state == "pending":
        job = sync_task_job(tenant, sync.connection, sync.calendar, task.id, version=task.version, attempt=attempt)
        enqueue_due(world, job)
