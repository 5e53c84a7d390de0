"""Events that no mapping names by id: copies become views, the rest is imported by the settings (rule 22)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from msgspec.structs import replace

from shared.google.events import Event, Tombstone
from shared.google.series import is_later_half
from shared.model.ids import TaskId, digest_of, tenant_path
from shared.model.stored import read_as
from shared.model.task import Sync, Task, View
from shared.ports import Document, Filter, Query, Revision
from shared.sync.copies import claim_on, had_again, owner_changed, uids_of_people
from shared.sync.exceptions import exceptions_found
from shared.sync.fields import FIELDS
from shared.sync.google_fields import google_fields
from shared.sync.mapping import event_key, id_of_import, uid_key, with_keys
from shared.sync.observe import observed, print_in, uids_of
from shared.sync.policy import arrives, in_window
from shared.sync.settle import found
from shared.sync.state import with_state
from shared.sync.to_content import imported
from shared.sync.told import Told
from shared.usecases.family import Seen, exceptions_of
from shared.usecases.inbound.judge import outcome_of
from shared.usecases.inbound.meeting_ids import AtTheIds, at_the_ids, stub_of
from shared.usecases.inbound.outcome import Outcome, jobs_for
from shared.usecases.inbound.single_dates import with_its_dates
from shared.usecases.inbound.views import view_linked
from shared.usecases.outbound.remember import task_writes
from shared.usecases.outbound.superseded import superseded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.model.ids import TenantId
    from shared.sync.context import Context
    from shared.usecases.inbound.arrivals import Arrivals

IN_A_QUERY = 30
NONE: Mapping[str, Document] = MappingProxyType({})


def known_by_uid(arrivals: Arrivals, strangers: Sequence[Event]) -> dict[str, Document]:
    """The tasks of this tenant that have these events, by event id; no query when there are no strangers.

    An occurrence without its series may be a task by itself, or belong to the series that another user has.
    """
    wanted = {event.id: [uid_key(uid) for uid in uids_of(event)] for event in strangers}
    keys = list(dict.fromkeys(key for each in wanted.values() for key in each))
    by_key: dict[str, list[tuple[Task, Document]]] = {}
    for first in range(0, len(keys), IN_A_QUERY):
        query = Query(
            collection=f"{tenant_path(arrivals.tenant)}/tasks",
            filters=(Filter("sync.keys", "array_contains_any", keys[first : first + IN_A_QUERY]),),
        )
        for document in arrivals.world.store.query(query):
            task = read_as(Task, document)
            for key in task.sync.keys:
                by_key.setdefault(key, []).append((task, document))
    found = {event: next((key for key in each if key in by_key), None) for event, each in wanted.items()}
    return {
        event: max(by_key[key], key=lambda known: claim_on(event, key, known[0]))[1]
        for event, key in found.items()
        if key is not None
    }


def imported_id(tenant: TenantId, event: Event) -> TaskId:
    """The id of the task that is born from this event: the same, whoever sees the event first (rule 22).

    The later half of a series may share its iCalUID, so its own id is part of it (rule 34).
    """
    if is_later_half(event.id):
        return TaskId(f"g_{digest_of('half', tenant, event.ical_uid or '', event.id)}")
    return id_of_import(tenant, event.ical_uid or event.id, event.original_start or "")


def guest_of_one(arrivals: Arrivals, item: Event, known: Document | None) -> Outcome:
    """An occurrence whose series is listed nowhere: to a guest of this one alone it is an event like any other.

    A series that this account can see after all comes by itself, or stays foreign with all its occurrences.
    """
    alone = replace(item, recurring_event_id=None)
    if known is None and (item.recurring_event_id is None or _stays(arrivals, alone, arrivals.context()) is not None):
        return Outcome(item=item)
    if known is None and isinstance(arrivals.get(item.recurring_event_id or item.id), Event):
        return Outcome(item=item)
    return replace(adopted_or_imported(arrivals, alone, known), item=item)


def adopted_or_imported(
    arrivals: Arrivals,
    item: Event,
    known: Document | None,
    beside: Sequence[Event | Tombstone] = (),
    alone: Mapping[str, Document] = NONE,
) -> Outcome:
    """What a foreign event becomes: a view of the task that has it, that task's own again, a new task, or nothing.

    Args:
        beside: Of a series, what is listed of its occurrences.
        alone: By event id, the tasks that some of these have by themselves.
    """
    at = AtTheIds(known=known)
    if known is None and arrivals.contested:
        at = at_the_ids(arrivals, item, imported_id(arrivals.tenant, item))
        known = at.known
    if known is not None:
        task, revision = read_as(Task, known), Revision(known.revision)
        if arrivals.is_superseded(task, item):  # left behind in an account that is connected anew
            return superseded(arrivals, task, revision, item)
        return copied(arrivals, task, revision, item)
    context = arrivals.context()
    if _stays(arrivals, item, context) is not None:
        return Outcome(item=item)
    task = born(arrivals.tenant, item, context)
    if item.recurrence and not (arrivals.whole or arrivals.only_asked):
        seen = arrivals.look(task)
        if not isinstance(seen, Seen):  # it has ended since it was listed
            return Outcome(item=item)
        item, beside = seen.event, tuple(seen.exceptions.values())
        task, alone = born(arrivals.tenant, item, context), arrivals.by_themselves(beside)
    told = Told(
        kind="task.created",
        origin="google",
        action="made a task of the event",
        policy=f"import_external: {context.settings.import_external}",
    )
    news: tuple[Told, ...] = ()
    if item.recurrence:
        exceptions = exceptions_of(item.id, beside)
        task, news = exceptions_found(replace(task, version=0), task, item, exceptions, context)
        task = with_state(task, context, item)
    if arrivals.overtaken:
        task = replace(task, sync=replace(task.sync, verify=True, state="pending"))
    task, of_dates = with_its_dates(arrivals, task, item, beside, alone)
    writes = task_writes(arrivals.world, arrivals.tenant, None, task, (told, *news), at.must)
    writes += [*stub_of(arrivals, item, task.id, at.stub), *of_dates]
    jobs = jobs_for(arrivals.world, arrivals.tenant, task)
    return Outcome(item=item, beside=tuple(beside), writes=tuple(writes), action="create", task=task, jobs=jobs)


def _stays(arrivals: Arrivals, event: Event, context: Context) -> str | None:
    """Why the event stays Google's alone; what lies outside the window stays too."""
    settings = replace(context.settings, import_external="all") if arrivals.import_all else context.settings
    reason = arrives(event, settings, context.time_zone)
    if reason is None and not in_window(
        event.when, context.now, settings.window, context.time_zone, recurrence=event.recurrence
    ):
        return "window"
    return reason


def born(tenant: TenantId, event: Event, context: Context) -> Task:
    """A task born from an event; both sides agree on every field from the start."""
    connection = context.connection
    bare = Task(id=imported_id(tenant, event), created_in="google", version=1, changed_at=context.now)
    content = replace(imported(event, context.rendering(bare)), user_id=connection.user)
    sync = with_keys(
        Sync(connection=connection.id, calendar=context.calendar.calendar_id if context.calendar else None,
             event_id=event.id, adopted=True, id_version=1),
        event_key(connection.id, event.id),
    )  # fmt: skip
    task = observed(replace(bare, content=content, sync=sync), event, None)
    ours, theirs = context.fields_of(task), google_fields(event, context.rendering(task))
    base = {name: (print_in(ours, name), print_in(theirs, name)) for name in FIELDS}
    return with_state(replace(task, sync=replace(task.sync, base=base, synced_at=context.now)), context, event)


def copied(arrivals: Arrivals, task: Task, revision: Revision, item: Event) -> Outcome:
    """What this connection's copy of an event means that has its task: the task's own again, a view, or nothing new."""
    sync, connection, context = task.sync, arrivals.reading.connection, arrivals.context()
    ownerless = sync.connection is None or sync.event_id is None
    of_one_date = task.is_series and item.original_start is not None
    wanted = not of_one_date and task.deleted_at is None and task.content.status != "cancelled"
    own = sync.connection == connection.id and not ownerless and not sync.gone
    instead = own and wanted and _is_let_go(task, item, context)
    if own and not instead:
        return Outcome(item=item)
    made_by_us = item.id == context.event_id(task.id, task.sync.generation)
    if (ownerless and wanted) or instead:
        view = View(user=connection.user, calendar=arrivals.place, event_id=item.id, organizer=item.organizer_self)
        mine = had_again(task, connection.id, view) if instead else owner_changed(task, connection.id, view)
        mine = replace(mine, sync=replace(mine.sync, adopted=not made_by_us))
        settled = found(mine, item, context)
        after = with_state(settled.task, context, item)
        # A try of its own reads a series' exceptions, and sees if the connection has ended since this pull read it.
        after = replace(after, sync=replace(after.sync, verify=True, state="pending"))
        told = (Told(kind=None, origin="tandem", action="the task has its event again"), *settled.told)
        writes = task_writes(arrivals.world, arrivals.tenant, task, after, told, revision)
        return Outcome(
            item=item,
            writes=tuple(writes),
            action="update",
            jobs=jobs_for(arrivals.world, arrivals.tenant, after),
            task=after,
        )
    kept = ownerless and made_by_us  # cancelled, as its event was left by a connection that ended
    if sync.gone or task.deleted_at is not None or kept:
        return _organizers(arrivals, task, revision, item) if item.organizer_self else Outcome(item=item)
    return view_linked(arrivals, task, revision, item)


def _is_let_go(task: Task, item: Event, context: Context) -> bool:
    """The task had this event, and an ended connection kept it; the one it has a place for now is still to be made."""
    sync = task.sync
    unmade = sync.is_unmade and sync.intent is None
    return unmade and not frozenset(uids_of(item)[:1]).isdisjoint(uids_of_people(task, context))


def _organizers(arrivals: Arrivals, task: Task, revision: Revision, item: Event) -> Outcome:
    """The task's own event lives, though the task ended with a guest's copy (rule 14).

    One that this connection had seen end was restored. One that a connection before this one kept is still to be
    deleted. One that people made, and that this connection never had a task of, stays theirs.
    """
    context, connection = arrivals.context(), arrivals.reading.connection
    known = event_key(connection.id, item.id) in task.sync.keys
    made_by_us = item.id == context.event_id(task.id, task.sync.generation)
    seen = arrivals.get(item.id) if known or made_by_us else None
    if not isinstance(seen, Event):
        return Outcome(item=item)
    view = View(user=connection.user, calendar=arrivals.place, event_id=seen.id, organizer=True)
    mine = owner_changed(task, connection.id, view)
    mine = replace(mine, sync=replace(mine.sync, gone=task.sync.gone and known))
    settled = found(mine, seen, context)  # as an adopted one: what nobody has read of it is nobody's edit
    after = replace(settled.task, sync=replace(settled.task.sync, adopted=not made_by_us))
    return outcome_of(arrivals, item, task, with_state(after, context), settled.told, revision, "update")
