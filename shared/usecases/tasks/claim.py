"""A task born in Google gets the CRM's own id (rule 22): its new document and the stub of the old one in one commit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from shared.errors import Conflicting, LostRace, Moved, NotFound, TandemError
from shared.model.ids import TaskId, TenantId, task_path
from shared.model.stored import read_as, to_data
from shared.model.task import Task
from shared.ports import Document, Must, Revision, Set
from shared.usecases.changes import Why, task_change
from shared.usecases.jobs import enqueue_due, sync_task_job

if TYPE_CHECKING:
    from shared.usecases.world import World

STUB_KEPT = timedelta(days=30)
_ROUNDS = 5


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """The id that a task has, and the one it is to have."""

    old: TaskId
    new: TaskId


class Claimed(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one claim: the task under its new id, or why not."""

    claim: Claim
    task: Task | None = None
    error: TandemError | None = None


def claim_tasks(world: World, tenant: TenantId, claims: Sequence[Claim]) -> list[Claimed]:
    """Each task stands under its new id and the old one names it for 30 days; each claim stands on its own, in order.

    A claim that was carried out before succeeds again.
    """
    return [_claimed(world, tenant, claim) for claim in claims]


def _claimed(world: World, tenant: TenantId, claim: Claim) -> Claimed:
    try:
        for _ in range(_ROUNDS):
            try:
                return Claimed(claim=claim, task=_carry_out(world, tenant, claim))
            except LostRace:
                continue
        message = "the task is being written by many at once; try again"
        return Claimed(claim=claim, error=LostRace(message))
    except (NotFound, Moved, Conflicting) as error:
        return Claimed(claim=claim, error=error)


def _carry_out(world: World, tenant: TenantId, claim: Claim) -> Task:
    old_path, new_path = task_path(tenant, claim.old), task_path(tenant, claim.new)
    found = world.store.get_many([old_path, new_path])
    old, new = _task(found[old_path]), _task(found[new_path])
    document = found[old_path]
    now = world.clock.now()
    if old is None or document is None or old.deleted_at is not None or old.is_worn_off(now):
        message = "there is no task with the id in `from`"
        raise NotFound(message)
    if old.moved_to is not None:
        if old.moved_to == claim.new and new is not None and new.deleted_at is None:
            return new
        raise Moved(old.moved_to)
    if old.created_in != "google":
        message = "only a task that was made in Google can be claimed; this one has the CRM's own id already"
        raise Conflicting(message)
    if new is not None:
        message = "the id in `to` is taken by another task"
        raise Conflicting(message)
    after = replace(
        old, id=claim.new, claimed_from=claim.old, changed_at=now, due_at=now if old.due_at else None, expires_at=None
    )
    stub = Task(
        id=claim.old, created_in=old.created_in, version=old.version, changed_at=now, moved_to=claim.new,
        expires_at=now + STUB_KEPT,
    )  # fmt: skip
    told = task_change(
        world,
        tenant,
        after,
        kind="task.updated",
        origin="crm",
        before=old,
        why=Why(action="gave the task its own id", detail=f"claimed: was {old.id}"),
    )
    world.store.commit(
        [
            Set(path=new_path, data=to_data(after), must=Must.BE_ABSENT),
            Set(path=old_path, data=to_data(stub), must=Revision(document.revision)),
            told,
        ]
    )
    if after.sync.state == "pending" and after.sync.connection is not None:
        enqueue_due(
            world,
            sync_task_job(
                tenant, after.sync.connection, after.sync.calendar, after.id, version=after.version, attempt="claim"
            ),
        )
    return after


def _task(document: Document | None) -> Task | None:
    return read_as(Task, document) if document else None
