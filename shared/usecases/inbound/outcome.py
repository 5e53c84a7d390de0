"""What one pulled item leads to: writes to commit, jobs to enqueue then, and whether the brake counts it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Literal

import msgspec

from shared.google.events import Event, Tombstone
from shared.model.task import Task
from shared.ports import Job, Must, Precondition, Write
from shared.sync.told import Told
from shared.usecases.jobs import sync_task_job

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shared.model.ids import TenantId
    from shared.usecases.world import World


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What one item leads to.

    Args:
        item: As the page showed it; if the commit loses a race, it is decided again from a new reading.
        beside: Of a series, what else the list said of it.
        action: What it does to the task; `delete` and `create` made by inference are what the brake counts.
        jobs: To enqueue once the writes are committed.
        before, told, must: What the writes were made from, for a commit that writes another document too.
    """

    item: Event | Tombstone
    beside: tuple[Event | Tombstone, ...] = ()
    writes: tuple[Write, ...] = ()
    action: Literal["nothing", "update", "create", "delete"] = "nothing"
    jobs: tuple[Job, ...] = ()
    task: Task | None = None
    before: Task | None = None
    told: tuple[Told, ...] = ()
    must: Precondition = Must.BE_ABSENT
    waits: bool = False
    """What it is shows only when the rest of the list is stored."""
    from_page: bool = True
    """False: found missing from a full list, so it cannot be decided again by itself."""

    @property
    def inferred(self) -> bool:
        """The brake counts it."""
        return self.action in {"create", "delete"}


def deletions_of(outcomes: Iterable[Outcome]) -> int:
    """How many of them take a task's event as deleted."""
    return sum(each.action == "delete" for each in outcomes)


def jobs_for(world: World, tenant: TenantId, task: Task, delay_s: float = 0.0) -> tuple[Job, ...]:
    """What is left to do at Google for a task is a job of its own."""
    if task.sync.state != "pending" or task.sync.connection is None:
        return ()
    now = world.clock.now()
    job = sync_task_job(
        tenant,
        task.sync.connection,
        task.sync.calendar,
        task.id,
        version=task.version,
        attempt=f"p{int(now.timestamp() * 1000)}",
        not_before=now + timedelta(seconds=delay_s) if delay_s else None,
    )
    return (job,)
