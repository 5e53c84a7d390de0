"""A new master that Google made of a series of ours, by "this and following": both halves' tasks in one commit.

It is not foreign, not superseded and no view of the old one, whatever iCalUID it has (rule 34). See `half_arrived`.
"""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from shared.google.events import Event, Tombstone
from shared.google.series import family_of, is_later_half
from shared.model.ids import TaskId, task_path, tenant_path
from shared.model.stored import read_as
from shared.model.task import Task
from shared.model.times import AllDay, When
from shared.ports import Filter, Precondition, Query, Revision, Write
from shared.sync.crm_fields import when_of
from shared.sync.expansion import instant_of_key, slots
from shared.sync.halves import later_half
from shared.sync.mapping import event_key, family_key, marker_key
from shared.sync.marker import read_marker
from shared.sync.settle import found
from shared.sync.told import Told
from shared.usecases.family import Seen, exceptions_of
from shared.usecases.inbound.foreign import copied, imported_id, known_by_uid
from shared.usecases.inbound.meeting_ids import AtTheIds, at_the_ids, stub_of
from shared.usecases.inbound.outcome import Outcome, jobs_for
from shared.usecases.inbound.single_dates import dates_of_guests, with_its_dates
from shared.usecases.outbound.remember import task_writes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shared.ports import Document
    from shared.sync.context import Context
    from shared.sync.halves import Split
    from shared.usecases.inbound.arrivals import Arrivals
    from shared.usecases.inbound.groups import Group


def half_arrived(arrivals: Arrivals, group: Group, decided: list[Outcome]) -> Outcome | None:
    """The outcome of a series that no mapping of this connection names; None when it is no later half of ours.

    Args:
        decided: What was decided before in this pull; the old half's outcome is taken out and becomes part of this one.
    """
    item = group.master or arrivals.get(group.key)
    if not isinstance(item, Event):
        return None
    task = imported_id(arrivals.tenant, item)
    known, at = _known(arrivals, task), AtTheIds()
    if known is None and arrivals.contested:
        at = at_the_ids(arrivals, item, task)
        known = at.known
    if known is not None:
        return copied(arrivals, read_as(Task, known), Revision(known.revision), item)
    linked = is_later_half(item.id)
    origin = _origin(arrivals, item, decided) if linked else _predecessor(arrivals, item, decided)
    if origin is None:
        return None
    exceptions = exceptions_of(item.id, group.beside)
    split = later_half(
        origin.after, item, exceptions, arrivals.context(), task=task, place=arrivals.place, linked=linked
    )  # fmt: skip
    return _both_halves(arrivals, item, group, origin, split, at)


def may_be_half(group: Group) -> bool:
    """Whether a series that nobody knows may be what a person made of one of ours.

    When its time or rule was changed too, Google gives it an id of its own, and only our marker, copied with it, tells.
    """
    if group.master is None:
        return is_later_half(group.key)
    if not isinstance(group.master, Event):
        return False
    return is_later_half(group.key) or (bool(group.master.recurrence) and read_marker(group.master.private) is not None)


def in_order_of_begin(halves: Iterable[Group]) -> list[Group]:
    """The earlier ones first: a later one may have been cut off from them."""
    return sorted(halves, key=lambda group: (_begins(group), group.key))


def may_come_of(half: Group, others: Iterable[Group]) -> bool:
    """Whether one of these, of which no task is stored yet, may be what this one was cut off from."""
    family, marker = family_of(half.key), _binding(half)
    return any(family == family_of(each.key) or (marker and marker == _binding(each)) for each in others)


def _begins(group: Group) -> datetime:
    if isinstance(group.master, Event):
        return _instant(group.master.when)
    return min(
        (instant_of_key(item.original_start) for item in group.beside if item.original_start), default=_NOT_KNOWN
    )


def _binding(group: Group) -> str | None:
    marker = read_marker(group.master.private) if isinstance(group.master, Event) else None
    return None if marker is None else marker.binding


_NOT_KNOWN = datetime.max.replace(tzinfo=UTC)


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """The task of the half that was there before: as stored, as this pull leaves it, and what is told of that."""

    before: Task
    after: Task
    told: tuple[Told, ...] = ()
    must: Precondition
    items: tuple[Event | Tombstone, ...] = ()


def _both_halves(arrivals: Arrivals, item: Event, group: Group, origin: Origin, split: Split, at: AtTheIds) -> Outcome:
    """One commit that leaves the old half without what the new one has (rule 36)."""
    world, tenant = arrivals.world, arrivals.tenant
    told = (*origin.told, *split.of_origin)
    writes: list[Write] = []
    if split.origin != origin.before or told:
        writes += task_writes(world, tenant, origin.before, split.origin, told, origin.must)
    alone = known_by_uid(arrivals, dates_of_guests(group))
    half, of_dates = with_its_dates(arrivals, split.half, item, group.beside, alone)
    # A pull that overtook this one may have seen it end, or change: one get follows.
    half = replace(half, sync=replace(half.sync, verify=True, state="pending"))
    writes += task_writes(world, tenant, None, half, split.of_half, at.must)
    writes += [*stub_of(arrivals, item, half.id, at.stub), *of_dates]
    jobs = (*jobs_for(world, tenant, split.origin), *jobs_for(world, tenant, half))
    beside = (*group.beside, *origin.items)
    return Outcome(item=item, beside=beside, writes=tuple(writes), action="update", jobs=jobs, task=half)


def _known(arrivals: Arrivals, task: TaskId) -> Document | None:
    """The half's document, also under the id that the CRM has given it since."""
    for _ in range(2):
        document = arrivals.world.store.get_many([path := task_path(arrivals.tenant, task)])[path]
        moved = None if document is None else read_as(Task, document).moved_to
        if moved is None:
            return document
        task = moved
    return None


def _origin(arrivals: Arrivals, item: Event, decided: list[Outcome]) -> Origin | None:
    """The task of the series that this master was cut off from: of its halves the last that begins before it."""
    connection = arrivals.reading.connection.id
    family = _having(arrivals, event_key(connection, family_of(item.id)), family_key(connection, item.id))
    before = _last_before(arrivals, [task for task, _ in family.values()], item)
    if before is None:
        return None
    now = _decided_now(decided, before.id)
    if now is not None:
        return now
    _, must = family[before.id]
    seen = _seen_now(arrivals, before)
    if seen is None:
        return Origin(before=before, after=before, must=must)
    settled = found(before, seen.event, arrivals.context(), seen.exceptions)
    return Origin(before=before, after=settled.task, told=settled.told, must=must)


def _predecessor(arrivals: Arrivals, item: Event, decided: list[Outcome]) -> Origin | None:
    """The series that ends where this one begins, and whose marker it carries; a mere copy begins elsewhere."""
    marker, context = read_marker(item.private), arrivals.context()
    if marker is None:
        return None
    key = marker_key(marker.binding)

    def goes_on(task: Task) -> bool:
        return task.cut is not None and key in task.sync.keys and _ends_before(task, item, context)

    stored = _having(arrivals, key)
    tasks = {task.id: task for task, _ in stored.values()}
    tasks |= {each.task.id: each.task for each in decided if each.task is not None and each.before is not None}
    best = _last_before(arrivals, filter(goes_on, tasks.values()), item)
    if best is None:
        return None
    return _decided_now(decided, best.id) or Origin(before=best, after=best, must=stored[best.id][1])


def _ends_before(task: Task, item: Event, context: Context) -> bool:
    return all(_instant(slot.when) < _instant(item.when) for slot in slots(task.content, context.rendering(task)))


def _decided_now(decided: list[Outcome], task: TaskId) -> Origin | None:
    for outcome in decided:
        if outcome.task is not None and outcome.task.id == task and outcome.before is not None:
            decided.remove(outcome)
            return Origin(
                before=outcome.before, after=outcome.task, told=outcome.told, must=outcome.must,
                items=(outcome.item, *outcome.beside),
            )  # fmt: skip
    return None


def _having(arrivals: Arrivals, *keys: str) -> dict[TaskId, tuple[Task, Revision]]:
    """The tasks that one of these keys finds, in their own calendar or by their copy here."""
    query = Query(
        collection=f"{tenant_path(arrivals.tenant)}/tasks",
        filters=(Filter("sync.keys", "array_contains_any", list(keys)),),
    )
    read = [(read_as(Task, document), Revision(document.revision)) for document in arrivals.world.store.query(query)]
    return {task.id: (task, must) for task, must in read if task.moved_to is None and _is_here(arrivals, task)}


def _seen_now(arrivals: Arrivals, task: Task) -> Seen | None:
    """The old half, if nobody has seen yet that it ends sooner; what it was before is merged with."""
    sync = task.sync
    own = sync.connection == arrivals.reading.connection.id and sync.calendar == arrivals.place
    if not own or sync.gone or task.cut is not None or task.deleted_at is not None:
        return None
    seen = arrivals.look(task)
    return seen if isinstance(seen, Seen) else None


def _last_before(arrivals: Arrivals, tasks: Iterable[Task], item: Event) -> Task | None:
    begins = [
        (start, task) for task in tasks if (start := _start(arrivals, task)) is not None and start < _instant(item.when)
    ]
    return max(begins, key=lambda pair: pair[0])[1] if begins else None


def _is_here(arrivals: Arrivals, task: Task) -> bool:
    """Its event, or this connection's copy of it, is in the calendar that is pulled."""
    connection = arrivals.reading.connection.id
    view = task.sync.views.get(connection)
    own = task.sync.connection == connection and task.sync.calendar == arrivals.place
    return own or (view is not None and view.calendar == arrivals.place)


def _start(arrivals: Arrivals, task: Task) -> datetime | None:
    when = when_of(task.content, arrivals.context().rendering(task))
    return None if when is None else _instant(when)


def _instant(when: When) -> datetime:
    return datetime.combine(when.start, time(), UTC) if isinstance(when, AllDay) else when.start
