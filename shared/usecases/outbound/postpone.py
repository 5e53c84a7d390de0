"""A try that did not succeed: enqueued again, left until its user acts, or shown as an error; never dropped."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from msgspec.structs import replace

from shared.errors import GoogleRefused, LostRace, NeedsHuman, QuotaExceeded, RateLimited, Refused, RetryLater
from shared.model.ids import connection_path, task_path
from shared.model.stored import to_data
from shared.model.task import SyncError
from shared.ports import Must, Patch, Set
from shared.sync.copies import handed_on, passed_on
from shared.sync.mapping import freed
from shared.sync.told import Told
from shared.usecases.jobs import enqueue_due, sync_task_job
from shared.usecases.outbound.remember import task_writes

if TYPE_CHECKING:
    from shared.usecases.reading import TaskReading
    from shared.usecases.world import World

FIRST_S, LAST_S = 2.0, 600.0
QUOTA_S = (3600.0, 21_600.0)


def delay_s(error: RetryLater | None, attempts: int, jitter: float) -> float:
    """How long to wait: what Google asked for; else 2 s doubling to 10 min, with jitter; quota 1 h, then 6 h."""
    if error is not None and error.after_s is not None:
        return error.after_s
    if isinstance(error, QuotaExceeded):
        return QUOTA_S[min(attempts, 1)] * (1 + jitter / 10)
    return min(LAST_S, FIRST_S * float(2 ** min(attempts, 10))) * (0.75 + jitter / 2)


def postponed(world: World, reading: TaskReading, error: RetryLater | None, *, until: datetime | None = None) -> str:
    """The task stays pending and its next try is enqueued under a name of its own (rule 12).

    Raises:
        LostRace: The task changed meanwhile; whoever changed it enqueued a try.
    """
    task, tenant = reading.task, reading.tenant.id
    now = world.clock.now()
    attempts = task.sync.attempts + (error is not None)
    wait = timedelta(seconds=delay_s(error, task.sync.attempts, world.ids.jitter()))
    due = max(until, now) if until is not None else now + wait
    fault = task.sync.error if error is None else SyncError(code=error.code, detail=error.detail)
    after = replace(
        task, due_at=due + timedelta(seconds=world.options.pending_after_s),
        sync=replace(task.sync, state="pending", reason=None, attempts=attempts, error=fault),
    )  # fmt: skip
    world.store.commit([Set(path=task_path(tenant, task.id), data=to_data(after), must=reading.revision)])
    if isinstance(error, RateLimited):
        slow_down(world, reading, due)
    if task.sync.connection is not None:
        attempt = f"r{attempts}-{int(due.timestamp() * 1000)}"
        job = sync_task_job(
            tenant,
            task.sync.connection,
            task.sync.calendar,
            task.id,
            version=task.version,
            attempt=attempt,
            not_before=due,
        )
        enqueue_due(world, job)
    return "later" if error is None else f"later:{error.code}"


def slow_down(world: World, reading: TaskReading, until: datetime) -> None:
    """Google asked this user's jobs to slow down: the others go back delayed too."""
    if reading.connection is None:
        return
    path = connection_path(reading.tenant.id, reading.connection.id)
    try:
        world.store.commit([Patch(path=path, fields={"slow_until": until}, must=Must.EXIST)])
    except LostRace:
        world.log.event("sync_task", "connection_gone", connection=reading.connection.id)


def waits_for_its_user(world: World, reading: TaskReading) -> str:
    """The task keeps its edits; the backlog run after a reconnect or resume sends them.

    One that got to a connection when that had let go of its tasks already is let go too: it waits for the next one.

    Raises:
        LostRace: The task changed meanwhile.
    """
    status = reading.connection.status if reading.connection is not None else None
    if status == "disconnected":
        return let_go(world, reading)
    if status == "disconnecting":
        return _left_to_the_sweep(world, reading)
    return _at_rest(world, reading, paused=status == "paused")


def waits_for_its_target(world: World, reading: TaskReading, *, paused: bool) -> str:
    """The task stays where it is, with its edits, until the connection that it is to go to works, or has ended.

    Args:
        paused: That connection is; else it waits for its user.

    Raises:
        LostRace: The task changed meanwhile.
    """
    return _at_rest(world, reading, paused=paused)


def _at_rest(world: World, reading: TaskReading, *, paused: bool) -> str:
    """Nothing is due: what makes the connection work again sends its tasks."""
    task = reading.task
    if task.due_at is None:
        return "waits"
    state = (
        replace(task.sync, state="off", reason="paused") if paused else replace(task.sync, state="pending", reason=None)
    )
    after = replace(task, due_at=None, sync=state)
    world.store.commit([Set(path=task_path(reading.tenant.id, task.id), data=to_data(after), must=reading.revision)])
    return "waits"


def _left_to_the_sweep(world: World, reading: TaskReading) -> str:
    """A connection on its way out lets go of its tasks itself; a sweep brings back what it misses."""
    due = world.clock.now() + timedelta(seconds=world.options.pending_after_s)
    after = replace(reading.task, due_at=due, sync=replace(reading.task.sync, state="pending", reason=None))
    path = task_path(reading.tenant.id, after.id)
    world.store.commit([Set(path=path, data=to_data(after), must=reading.revision)])
    return "waits"


def let_go(world: World, reading: TaskReading) -> str:
    """The task goes on with another copy of its event (rule 41), or has no connection and waits for its user's next.

    That one may have begun while the task was on its way here, and looked for it in vain: a sweep looks once more.

    Raises:
        LostRace: The task changed meanwhile.
    """
    task, tenant = reading.task, reading.tenant.id
    copy = passed_on(task) or (handed_on(task) if task.sync.target_connection is None else None)
    free = freed(task.sync, gone=task.sync.gone, living=task.sync.views.keys() - {task.sync.connection})
    told = Told(kind=None, origin="tandem", action="let go of the connection, which had ended", policy="disconnected")
    due = None if task.deleted_at is not None else world.clock.now() + timedelta(seconds=world.options.pending_after_s)
    after = copy or replace(task, due_at=due, sync=free)
    world.store.commit(task_writes(world, tenant, task, after, (told,), reading.revision))
    owner, calendar = after.sync.connection, after.sync.calendar
    if owner is not None:
        attempt = f"o{world.ids.new()}"
        enqueue_due(world, sync_task_job(tenant, owner, calendar, task.id, version=task.version, attempt=attempt))
    return "let_go"


def failed_for_good(world: World, reading: TaskReading, error: NeedsHuman | Refused) -> str:
    """The task shows why Google refuses it, and is told once; its next edit tries again.

    Raises:
        LostRace: The task changed meanwhile.
    """
    task = reading.task
    reason = error.reason if isinstance(error, GoogleRefused) else error.code
    fault = SyncError(code=error.code, detail=error.detail)
    after = replace(
        task, sync=replace(task.sync, state="error", reason=None, error=fault, attempts=task.sync.attempts + 1)
    )
    told = Told(kind="task.error", origin="tandem", action="could not sync the task", detail=f"Google: {reason}")
    known = task.sync.error is not None and task.sync.state == "error" and task.sync.error.code == error.code
    writes = task_writes(world, reading.tenant.id, task, after, () if known else (told,), reading.revision)
    world.store.commit(writes)
    return f"refused:{reason}"
