"""The jobs there are, with their names. A name starts with a hash and ends in what makes this enqueue new (rule 12).

A name is blocked for up to 24 h after its first use, so no two enqueues that must both run share one. What a commit has
left due is enqueued by `enqueue_due`: nothing depends on the queue taking it.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from shared.errors import RetryLater
from shared.model.ids import CalendarId, ConnectionId, RunId, TaskId, TenantId, digest_of, key_of
from shared.ports import Job

if TYPE_CHECKING:
    from shared.usecases.world import Options, World

DELIVER_EVERY_S = 0.5


def enqueue_due(world: World, job: Job) -> None:
    """What is stored as due begins now rather than at the next sweep, which finds it if the queue takes nothing now.

    For work whose `due_at` is committed already. Whoever asked has been heard, so a queue that fails is logged and told
    to nobody.
    """
    try:
        world.queue.enqueue(job)
    except RetryLater as error:
        payload = job.payload
        named = {name: str(payload[name]) for name in ("tenant", "connection", "task", "run") if payload.get(name)}
        world.log.event(
            "enqueue", "left_to_sweep", function=job.function, error=error.code, detail=error.detail, **named
        )


def sync_task_job(
    tenant: TenantId,
    connection: ConnectionId,
    calendar: CalendarId | None,
    task: TaskId,
    *,
    version: int,
    attempt: str | int,
    not_before: datetime | None = None,
) -> Job:
    """One outbound try of one task; `attempt` differs for every reason to try again."""
    return Job(
        queue="sync",
        function="sync_task",
        name=f"{digest_of('sync', tenant, task, length=12)}-{version}-{attempt}",
        payload={"schema": 1, "tenant": tenant, "connection": connection, "calendar": calendar, "task": task},
        not_before=not_before,
    )


def pull_job(
    tenant: TenantId, connection: ConnectionId, calendar_key: str, *, now: datetime, options: Options, reason: str = "n"
) -> Job:
    """One pull of a calendar for everything notified within one time bucket; it starts after the bucket's end."""
    bucket = math.floor(now.timestamp() / options.coalesce_s)
    starts = datetime.fromtimestamp((bucket + 1) * options.coalesce_s, tz=UTC) + timedelta(seconds=options.guard_s)
    return Job(
        queue="pull",
        function="pull_calendar",
        name=f"{digest_of('pull', tenant, connection, calendar_key, length=12)}-{reason}{bucket}",
        payload={"schema": 1, "tenant": tenant, "connection": connection, "calendar": calendar_key},
        not_before=starts,
    )


def pull_now_job(tenant: TenantId, connection: ConnectionId, calendar: CalendarId, *, attempt: str) -> Job:
    """One pull of a calendar at once: sweep, 'sync now', a first sync."""
    key = key_of(calendar)
    return Job(
        queue="pull",
        function="pull_calendar",
        name=f"{digest_of('pull', tenant, connection, key, length=12)}-x{attempt}",
        payload={"schema": 1, "tenant": tenant, "connection": connection, "calendar": key},
    )


def run_job(
    tenant: TenantId, run: RunId, step: int, *, attempt: str | int = 0, not_before: datetime | None = None
) -> Job:
    """One step of a run."""
    return Job(
        queue="runs",
        function="run_step",
        name=f"{digest_of('run', tenant, run, length=12)}-{step}-{attempt}",
        payload={"schema": 1, "tenant": tenant, "run": run},
        not_before=not_before,
    )


def deliver_job(
    tenant: TenantId,
    *,
    now: datetime,
    options: Options,
    attempt: str | int = 0,
    not_before: datetime | None = None,
) -> Job:
    """One delivery of what a tenant's webhook has not been told: one job for all that is told within half a second.

    Args:
        attempt: Another one for every reason beside news.
        not_before: None: as soon as the half second is over everywhere (rule 25).
    """
    bucket = math.floor(now.timestamp() / DELIVER_EVERY_S)
    if not_before is None:
        ends = datetime.fromtimestamp((bucket + 1) * DELIVER_EVERY_S, tz=UTC)
        not_before = ends + timedelta(seconds=options.guard_s)
    return Job(
        queue="deliver",
        function="deliver_changes",
        name=f"{digest_of('deliver', tenant, length=12)}-{bucket}-{attempt}",
        payload={"schema": 1, "tenant": tenant},
        not_before=not_before,
    )
