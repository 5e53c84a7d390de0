"""A task lets go of a connection that ends: its event goes or stays, another user's copy takes over (rule 41)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from shared.errors import (
    CalendarGone,
    EventDeleted,
    EventMissing,
    GoogleRefused,
    GrantRevoked,
    NoWriteAccess,
    PreconditionFailed,
)
from shared.google.events import Event
from shared.model.connection import User
from shared.model.ids import CalendarId, ConnectionId, EventId, UserId, event_id_of, user_path
from shared.model.run import RunItem
from shared.model.stored import read_as, to_data
from shared.model.task import Task
from shared.ports import Patch, Revision
from shared.sync.copies import handed_on, passed_on
from shared.sync.mapping import event_key, freed, placed_at
from shared.sync.place import Placing, place
from shared.sync.settle import found
from shared.sync.told import Told
from shared.usecases.connecting.access import with_calendar
from shared.usecases.inbound.outcome import jobs_for
from shared.usecases.jobs import enqueue_due
from shared.usecases.outbound.remember import task_writes
from shared.usecases.runs.run_work import Account

if TYPE_CHECKING:
    from shared.ports import Calendar, Document
    from shared.usecases.world import World


class Releasing(msgspec.Struct, frozen=True, kw_only=True):
    """How a connection lets its tasks go.

    Args:
        delete: Events that Tandem made are deleted; those that people made in Google never are.
        living: Connections that can take a task over.
    """

    world: World
    account: Account
    delete: bool
    living: frozenset[str]


class _Removed(msgspec.Struct, frozen=True, kw_only=True):
    """The task after its event was deleted, or why the event stays."""

    task: Task
    told: tuple[Told, ...] = ()
    gone: bool = False
    stays: str | None = None


def release(releasing: Releasing, document: Document) -> RunItem:
    """The task no longer names the connection; returns its line in the run's list.

    Raises:
        LostRace: The task changed meanwhile.
        RetryLater: Google does not answer.
    """
    world, tenant = releasing.world, releasing.account.tenant.id
    before = read_as(Task, document)
    bound = _bound_for_its_user(releasing, before)
    removed = _removed(releasing, bound)
    after, how = _let_go(releasing, removed)
    told = (*removed.told, Told(kind=None, origin="tandem", action=how, policy="disconnected"))
    world.store.commit(task_writes(world, tenant, before, after, told, Revision(document.revision)))
    for job in jobs_for(world, tenant, after):
        enqueue_due(world, job)
    content = before.content
    return RunItem(
        side="google", action="delete" if removed.gone else "skip", task_id=before.id, event_id=before.sync.event_id,
        title=content.title or None, start=content.start or None, reason=removed.stays,
    )  # fmt: skip


def _bound_for_its_user(releasing: Releasing, task: Task) -> Task:
    """A task that was given to a user who was not connected then: on its way to where that user is by now."""
    account, owner = releasing.account, task.content.user_id
    goes = task.deleted_at is None and task.sync.event_id is not None and not task.sync.gone
    if not goes or not isinstance(owner, str) or owner == account.connection.user or task.sync.target_connection:
        return task
    path = user_path(account.tenant.id, UserId(owner))
    document = releasing.world.store.get_many([path])[path]
    user = None if document is None else read_as(User, document)
    wants = Placing(deployment=releasing.world.deployment, tenant=account.tenant.id, user=user, moved=True)
    return place(task, wants, before=task)


def view_dropped(document: Document, connection: ConnectionId) -> Patch:
    """The write after which the task knows no copy of this connection."""
    task = read_as(Task, document)
    views = {known: view for known, view in task.sync.views.items() if known != connection}
    prefix = event_key(connection, "")
    keys = tuple(key for key in task.sync.keys if not key.startswith(prefix))
    after = to_data(replace(task, sync=replace(task.sync, views=views, keys=keys)))
    return Patch(
        path=document.path,
        fields={"sync": after["sync"], "listed": after.get("listed")},
        must=Revision(document.revision),
    )


def _removed(releasing: Releasing, task: Task) -> _Removed:
    sync = task.sync
    ours = not sync.adopted and (task.created_in == "crm" or _made_anew(releasing, task))
    leaves = sync.target_connection is not None
    if sync.event_id is None or sync.gone or sync.etag is None:
        return _Removed(task=task)
    if task.deleted_at is None and not leaves and not releasing.delete:
        return _Removed(task=task)
    if not ours:
        return _Removed(task=task, stays="made in Google")
    calendar, event_id = sync.calendar or CalendarId(""), sync.event_id
    try:
        return with_calendar(
            releasing.world,
            releasing.account.connection,
            lambda google: _deleted(releasing, google, task, calendar, event_id),
        )
    except GrantRevoked:
        return _Removed(task=task, stays="Google no longer accepts the connection")
    except (CalendarGone, GoogleRefused, NoWriteAccess) as refusal:
        return _Removed(task=task, stays=refusal.code)


def _made_anew(releasing: Releasing, task: Task) -> bool:
    """Tandem made the event, in place of one that people made and deleted."""
    own = event_id_of(releasing.world.deployment, releasing.account.tenant.id, task.id, task.sync.generation)
    return task.sync.event_id == own


def _deleted(releasing: Releasing, google: Calendar, task: Task, calendar: CalendarId, event_id: EventId) -> _Removed:
    """The event is deleted; an edit that nobody had seen is taken into the task first."""
    try:
        google.delete(calendar, event_id, if_match=task.sync.etag, notify="none")
    except (EventDeleted, EventMissing):
        return _Removed(task=task, gone=True)
    except PreconditionFailed:
        return _deleted_as_seen(releasing, google, task, calendar, event_id)
    return _Removed(task=task, gone=True)


def _deleted_as_seen(
    releasing: Releasing, google: Calendar, task: Task, calendar: CalendarId, event_id: EventId
) -> _Removed:
    try:
        seen = google.get(calendar, event_id)
        if not isinstance(seen, Event):
            return _Removed(task=task, gone=True)
        google.delete(calendar, event_id, if_match=seen.etag, notify="none")
    except (EventDeleted, EventMissing):
        return _Removed(task=task, gone=True)
    if task.deleted_at is not None:
        return _Removed(task=task, gone=True)
    settled = found(task, seen, releasing.account.context(releasing.world, calendar))
    return _Removed(task=settled.task, told=settled.told, gone=True)


def _let_go(releasing: Releasing, removed: _Removed) -> tuple[Task, str]:
    """The task as it goes on, and the words for its history."""
    task, own = removed.task, releasing.account.connection.id
    sync = task.sync
    living = {known: view for known, view in sync.views.items() if known in releasing.living}
    left = replace(task, sync=replace(sync, views=living))
    passed = None if removed.gone else passed_on(left)
    if passed is not None:
        return passed, "another connection of the account goes on with the event"
    if task.deleted_at is None and sync.target is not None and sync.target_connection in releasing.living:
        generation = sync.generation + 1
        target = sync.target_connection or own
        moved = placed_at(
            task, ConnectionId(target), sync.target,
            releasing.account.context(releasing.world, None).event_id(task.id, generation), generation=generation,
        )  # fmt: skip
        return moved, "took the event to another account"
    # With an event that was deleted just now its copies go too: nobody's deletion, and no copy to go on with.
    handed = None if removed.gone else handed_on(left)
    if handed is not None:
        return handed, "another user's copy of the event now belongs to the task"
    return replace(task, due_at=None, sync=freed(sync, gone=sync.gone or removed.gone, living=living)), (
        "let go of its event"
    )
