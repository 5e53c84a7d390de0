"""One task to its event: read, plan, write to Google under a precondition, remember what Google answered.

One read call, one Google call, one commit when nothing is in the way. A lost commit or a failed precondition throws
everything
away and starts from the read (rule 9), at most five times. What Google refuses for now is enqueued again, later, so
that no other task waits for this one; what it refuses for good is shown on the task and tried again at its next edit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from shared.errors import (
    AccessTokenRefused,
    CalendarGone,
    ConnectionRests,
    GrantRevoked,
    LostRace,
    NeedsHuman,
    NoWriteAccess,
    PreconditionFailed,
    Refused,
    RetryLater,
)
from shared.model.connection import WORKING
from shared.model.ids import CalendarId, ConnectionId, TaskId, TenantId
from shared.model.task_lists import is_list
from shared.usecases.connecting.access import access_token, renewed_access_token
from shared.usecases.jobs import pull_now_job
from shared.usecases.outbound.attempt import Attempt
from shared.usecases.outbound.list_attempt import ListAttempt
from shared.usecases.outbound.postpone import (
    failed_for_good,
    let_go,
    postponed,
    waits_for_its_target,
    waits_for_its_user,
)
from shared.usecases.outbound.trying import Done
from shared.usecases.reading import TaskReading, read_task

if TYPE_CHECKING:
    from datetime import datetime

    from shared.model.task import Task
    from shared.usecases.world import World

ROUNDS = 5


class SyncTaskPayload(msgspec.Struct, frozen=True, kw_only=True):
    """What a `sync_task` job carries: where to read, never what to write."""

    schema: int = 1
    tenant: TenantId
    connection: ConnectionId | None = None
    calendar: CalendarId | None = None
    task: TaskId


def sync_task(world: World, payload: SyncTaskPayload, *, quiet: bool = False, since: datetime | None = None) -> str:
    """The task stands in Google as the CRM wants it, or why not yet is stored with it. Returns the outcome's name.

    Args:
        quiet: No mail to guests, whatever the settings say (exports and repairs).
        since: When what is quiet began: a task that was changed later is news, and its guests hear as always.

    Raises:
        RetryLater: Only when not even the reason could be stored; the queue tries again.
    """
    refreshed, reading, by = False, None, world.ids.new()
    for _ in range(ROUNDS):
        reading = read_task(world, payload.tenant, payload.task, payload.connection, payload.calendar)
        if reading is None or reading.task.moved_to is not None:
            return "gone"
        if (rests := _rests(world, reading)) is not None:
            return rests
        try:
            token = _token(world, reading, anew=refreshed)
            silent = quiet and not _is_news(reading.task, since)
            done = _attempt(world, reading, token, quiet=silent, by=by).run()
        except (LostRace, PreconditionFailed):
            by = world.ids.new()  # what this round has inserted, the next one must find
            continue
        except AccessTokenRefused as error:
            if refreshed:
                return _stored(world, reading, error)
            refreshed = True
            continue
        except (RetryLater, NeedsHuman, Refused) as error:
            return _stored(world, reading, error)
        if done is Done.AGAIN:
            continue
        return str(done.value)
    if reading is None:
        return "gone"
    return _stored(world, reading, LostRace("many writers met at this task"))


def _is_news(task: Task, since: datetime | None) -> bool:
    return since is not None and task.changed_at is not None and task.changed_at > since


def _attempt(world: World, reading: TaskReading, token: str, *, quiet: bool, by: str) -> Attempt:
    """The try for the place in which the task is."""
    if is_list(reading.task.sync.calendar):
        return ListAttempt.of(world, reading, token, quiet=quiet, by=by)
    return Attempt.of(world, reading, token, quiet=quiet)


def _rests(world: World, reading: TaskReading) -> str | None:
    """Why this try ends before Google is asked, or None."""
    task, connection = reading.task, reading.connection
    if connection is None:
        # Its person was erased while a late job gave the task to it: who lets go of everything has passed.
        return "no_connection" if task.sync.connection is None else let_go(world, reading)
    moving = task.sync.target is not None or task.sync.target_connection is not None
    settled = (
        task.sync.synced_version == task.version and task.sync.state in {"synced", "off", "conflict"} and not moving
    )
    meet_pending = task.sync.meet is not None and task.sync.meet.state == "pending"
    if settled and not task.sync.verify and task.sync.again is None and not meet_pending:
        return "already_synced"
    if task.sync.state == "error" and task.due_at is None:
        return "already_refused"
    if connection.status not in WORKING:
        return waits_for_its_user(world, reading)
    if connection.slow_until is not None and connection.slow_until > world.clock.now():
        return postponed(world, reading, None, until=connection.slow_until)
    return None


def _token(world: World, reading: TaskReading, *, anew: bool) -> str:
    if reading.connection is None:
        raise LostRace("the connection went away")
    return (renewed_access_token if anew else access_token)(world, reading.connection)


def _doubt_the_calendar(world: World, reading: TaskReading) -> None:
    """A calendar that refuses is read now, so that its loss is told before the next safety pull."""
    shelf = reading.calendar
    if shelf is not None and shelf.watched and shelf.state != "suspended":
        world.queue.enqueue(
            pull_now_job(shelf.tenant, shelf.connection, shelf.calendar_id, attempt=f"d{world.ids.new()}")
        )


def _stored(world: World, reading: TaskReading, error: RetryLater | NeedsHuman | Refused) -> str:
    try:
        if isinstance(error, RetryLater):
            return postponed(world, reading, error)
        if isinstance(error, GrantRevoked):
            return waits_for_its_user(world, reading)
        if isinstance(error, ConnectionRests):
            return waits_for_its_target(world, reading, paused=error.paused)
        if isinstance(error, CalendarGone | NoWriteAccess):
            _doubt_the_calendar(world, reading)
        return failed_for_good(world, reading, error)
    except LostRace:
        raise RetryLater(f"could not note down: {error.code}", after_s=1.0) from error
