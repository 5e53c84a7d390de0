"""A pulled item that a mapping names: alive, moved here by a person, or gone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec.structs import replace

from shared.google.events import Event, Tombstone
from shared.sync.settle import found, lost
from shared.sync.shown import Exceptions, needs_the_family
from shared.sync.state import with_state
from shared.usecases.family import Seen
from shared.usecases.inbound.outcome import Outcome, jobs_for
from shared.usecases.outbound.elsewhere import arrived, look_elsewhere, other_calendars
from shared.usecases.outbound.remember import task_writes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.model.ids import CalendarId
    from shared.model.task import Task
    from shared.ports import Revision
    from shared.sync.context import Context
    from shared.sync.told import Told
    from shared.usecases.inbound.arrivals import Arrivals
    from shared.usecases.inbound.groups import Group

SECOND_LOOK_S = 3.0


def living_here(arrivals: Arrivals, task: Task, revision: Revision, item: Event, group: Group) -> Outcome:
    """A living event of ours in this calendar: an echo, an older page, a person's edit, restore or move.

    Args:
        group: The event, with what is listed of its occurrences.
    """
    sync = task.sync
    context = arrivals.context()
    moved = sync.calendar != arrivals.place
    nothing = Outcome(item=item, beside=group.beside)
    same = not moved and not sync.gone and all(each.etag == sync.etag for each in group.items)
    if same and not _shows_more(task, item, group, context):
        return nothing
    older = item.updated is not None and sync.updated is not None and item.updated < sync.updated
    if not moved and older and not sync.gone:
        return nothing
    equal = sync.etag is not None and (item.updated is None or item.updated == sync.updated)
    exceptions = group.exceptions(task)
    seen: Seen | Tombstone | None = Seen(event=item, exceptions=exceptions)
    doubted = sync.verify or sync.looks or sync.missing  # a newer page may have shown its end
    unsure = _is_unsure(arrivals, task, item, exceptions)
    if moved or equal or doubted or sync.gone or unsure or same or context.unwanted(task) is not None:
        seen = arrivals.look(task)
    if not isinstance(seen, Seen):
        # It was alive on the page and is not now: the pull that sees its tombstone decides.
        return nothing
    if moved:
        return moved_here(arrivals, task, revision, item, seen, arrivals.place)
    return _taken_in(arrivals, task, revision, nothing, seen)


def without_master(arrivals: Arrivals, task: Task, revision: Revision, group: Group) -> Outcome:
    """Occurrences of a series of ours, listed without it: judged by a read of the whole family (rule 30)."""
    sync, nothing = task.sync, Outcome(item=group.beside[0], beside=group.beside[1:])
    known = all(each.etag == sync.etag for each in group.beside)
    if sync.gone or sync.calendar != arrivals.place or known or not group.exceptions(task):
        return nothing
    seen = arrivals.look(task)
    match seen:
        case Seen():
            return _taken_in(arrivals, task, revision, nothing, seen)
        case Tombstone():
            return judged(arrivals, task, revision, nothing.item, seen)
        case None:
            return nothing


def _shows_more(task: Task, item: Event, group: Group, context: Context) -> bool:
    """A series under the etag of our own write to an occurrence: that write did not prove that nobody changed it."""
    if not group.beside or context.unwanted(task) is not None:
        return False
    settled = found(task, item, context, group.exceptions(task))
    seen = replace(settled.task, sync=replace(settled.task.sync, synced_at=task.sync.synced_at))
    return bool(settled.told) or seen != task


def _is_unsure(arrivals: Arrivals, task: Task, item: Event, exceptions: Exceptions) -> bool:
    """The page does not tell all that a decision about this series needs."""
    if not task.is_series and not item.recurrence:
        return False
    return not arrivals.whole or needs_the_family(task, item, exceptions, arrivals.context())


def _taken_in(arrivals: Arrivals, task: Task, revision: Revision, nothing: Outcome, seen: Seen) -> Outcome:
    context = arrivals.context()
    settled = found(task, seen.event, context, seen.exceptions)
    after = with_state(settled.task, context, seen.event) if not settled.delete else with_state(settled.task, context)
    as_before, news = replace(after.sync, synced_at=task.sync.synced_at), list(settled.told)
    if seen.event.withheld and task.sync.state == "error":  # it waits for a right: another try would change nothing
        as_before = replace(as_before, state="error", reason=None, error=task.sync.error, attempts=task.sync.attempts)
        news = [told for told in news if told.kind != "task.linked"]
    if replace(after, sync=as_before) == task and not news:
        return nothing  # the members of a series need not share an etag, and then are read anew with each whole list
    outcome = outcome_of(arrivals, nothing.item, task, after, settled.told, revision, "update")
    return replace(outcome, beside=nothing.beside)


def moved_here(
    arrivals: Arrivals, task: Task, revision: Revision, item: Event | Tombstone, seen: Seen, place: CalendarId
) -> Outcome:
    """A person moved the event into this calendar; a get must follow the commit (rules 38 and 40)."""
    context = arrivals.context()
    if task.sync.gone:
        task = replace(task, sync=replace(task.sync, calendar=place))
    after, told = arrived(task, place, seen, context)
    return outcome_of(arrivals, item, task, after, told, revision, "update")


def gone_here(arrivals: Arrivals, task: Task, revision: Revision, item: Tombstone) -> Outcome:
    """A tombstone of ours: judged on a get made now, after looking where else it may be (rules 11, 38, 39)."""
    sync = task.sync
    if sync.gone or sync.calendar != arrivals.place:
        return Outcome(item=item)
    seen = arrivals.look(task)
    if isinstance(seen, Seen):
        context = arrivals.context()
        settled = found(task, seen.event, context, seen.exceptions)
        return outcome_of(arrivals, item, task, with_state(settled.task, context), settled.told, revision, "update")
    return judged(arrivals, task, revision, item, seen if isinstance(seen, Tombstone) else item)


def judged(
    arrivals: Arrivals, task: Task, revision: Revision, item: Event | Tombstone, tombstone: Tombstone | None
) -> Outcome:
    """Gone from here, by a get; nothing of it elsewhere after a second look means that a person deleted it."""
    context, sync = arrivals.context(), task.sync
    places = other_calendars(arrivals.world, context, task)
    there = look_elsewhere(arrivals.world, context, arrivals.calendar, task, places)
    if there is not None:
        return moved_here(arrivals, task, revision, item, Seen(event=there[1]), there[0])
    stays = context.unwanted(task) is None and sync.again is None and sync.target_connection is None
    if places and not sync.looks and stays:
        after = replace(task, sync=replace(sync, looks=1, verify=True, state="pending"))
        return outcome_of(arrivals, item, task, after, (), revision, "delete", delay_s=SECOND_LOOK_S)
    settled = lost(task, tombstone, context)
    cancels = any(told.kind in {"task.cancelled", "task.updated"} for told in settled.told)
    after = with_state(settled.task, context)
    return outcome_of(arrivals, item, task, after, settled.told, revision, "delete" if cancels else "update")


def outcome_of(
    arrivals: Arrivals,
    item: Event | Tombstone,
    before: Task,
    after: Task,
    told: Sequence[Told],
    revision: Revision,
    action: Literal["update", "create", "delete"],
    *,
    delay_s: float = 0.0,
) -> Outcome:
    """The outcome that stores this step, with the job for what is left to do at Google."""
    writes = task_writes(arrivals.world, arrivals.tenant, before, after, told, revision)
    jobs = jobs_for(arrivals.world, arrivals.tenant, after, delay_s)
    return Outcome(
        item=item, writes=tuple(writes), action=action, jobs=jobs, task=after, before=before, told=tuple(told),
        must=revision,
    )  # fmt: skip
