"""Dates of a series that are tasks by themselves, as their guests' calendars were read before the series' own.

To a guest of one date it is an event like any other. Once the series has its task, the date is that one's: the guest's
copy is a view of it, and the task that the date had by itself is let go, told as deleted (rules 22, 41).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from shared.google.events import Event, Tombstone
from shared.model.ids import ConnectionId, UserId, task_path
from shared.model.stored import read_as, to_data
from shared.model.task import Task, View
from shared.ports import Must, Revision, Set
from shared.sync.mapping import event_key, id_of_import, with_keys_of_copies
from shared.sync.observe import uid_of_whole
from shared.usecases.changes import Why, task_change
from shared.usecases.inbound.groups import Group
from shared.usecases.outbound.remember import task_writes
from shared.usecases.tasks.claim import STUB_KEPT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from shared.ports import Document, Precondition, Write
    from shared.usecases.inbound.arrivals import Arrivals
    from shared.usecases.inbound.outcome import Outcome


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """A task that a date had by itself, as read, and the date as its series shows it."""

    task: Task
    date: Event
    must: Revision


def dates_of_guests(group: Group) -> list[Event]:
    """The occurrences to which somebody is invited who is not invited to the series."""
    invited = {guest.email for guest in group.master.guests} if isinstance(group.master, Event) else set[str]()
    return [
        item
        for item in group.beside
        if isinstance(item, Event)
        and item.original_start is not None
        and not {guest.email for guest in item.guests} <= invited
    ]


def with_its_dates(
    arrivals: Arrivals, series: Task, item: Event, beside: Iterable[Event | Tombstone], alone: Mapping[str, Document]
) -> tuple[Task, list[Write]]:
    """A series that is about to be stored for the first time, with its dates, and what is written beside it.

    The id of a date names the series, so that a guest's pull that is under way makes no task of it.

    Args:
        alone: By the event id of a date as this calendar has it, the task that this date has by itself.
    """
    dates = [each for each in beside if isinstance(each, Event) and each.original_start in series.occurrences]
    series, ended = _joined(series, dates, alone)
    asked = dates_of_guests(Group(key=item.id, master=item, beside=tuple(dates)))
    return series, [*_let_go(arrivals, series, ended), *_barred(arrivals, series, asked, [each.task for each in ended])]


def taken_over(
    arrivals: Arrivals, outcome: Outcome, stored: Document, group: Group, alone: Mapping[str, Document]
) -> Outcome:
    """The outcome of a series that has its task, which takes over those of its dates that have tasks by themselves."""
    before = read_as(Task, stored)
    series = outcome.task or before
    dates = [date for date in group.beside if isinstance(date, Event) and date.original_start in series.occurrences]
    series, ended = _joined(series, dates, alone)
    if not ended:
        return outcome
    must = Revision(stored.revision)
    writes = task_writes(arrivals.world, arrivals.tenant, before, series, outcome.told, must)
    writes += _let_go(arrivals, series, ended)
    return replace(
        outcome,
        writes=tuple(writes),
        action="update" if outcome.action == "nothing" else outcome.action,
        task=series,
        before=before,
        must=must,
    )


def _joined(series: Task, dates: Iterable[Event], alone: Mapping[str, Document]) -> tuple[Task, list[Ended]]:
    """The series with the copies of its dates' guests as views, and the tasks that these dates have by themselves.

    A date that its guest or the CRM has ended stays as it is: its copy is on its way out of the guest's calendar.
    """
    ended: dict[str, Ended] = {}
    for date in dates:
        document = alone.get(date.id)
        task = None if document is None else read_as(Task, document)
        if document is None or task is None or task.id == series.id or not _stands_alone(task):
            continue
        if task.sync.ical_uid in {date.ical_uid, uid_of_whole(date)}:
            series = _with_copies_of(series, task, date.original_start)
            ended[task.id] = Ended(task=task, date=date, must=Revision(document.revision))
    return series, list(ended.values())


def _let_go(arrivals: Arrivals, series: Task, alone: Iterable[Ended]) -> list[Write]:
    """Their ids name the dates of the series. The CRM is told that each is deleted, with all that was said of it."""
    writes: list[Write] = []
    for task, date, must in ((each.task, each.date, each.must) for each in alone):
        after = replace(task, version=task.version + 1, changed_at=arrivals.world.clock.now())
        unsent = "; an edit of it had not reached Google" if task.sync.edits else ""
        why = Why(action="let the task go to its series", detail=f"it is a date of {series.id}{unsent}")
        told = task_change(
            arrivals.world, arrivals.tenant, after, kind="task.deleted", origin="tandem", before=task, why=why
        )
        writes += [_stub(arrivals, after, series, date, must), told]
    return writes


def _barred(arrivals: Arrivals, series: Task, dates: Iterable[Event], ended: Iterable[Task]) -> list[Write]:
    ids = {id_of_import(arrivals.tenant, each.ical_uid or each.id, each.original_start or ""): each for each in dates}
    taken = {task.id for task in ended}
    paths = {task_path(arrivals.tenant, each): each for each in ids if each not in taken}
    found = arrivals.world.store.get_many(list(paths)) if paths else {}
    return [
        _stub(arrivals, Task(id=each, created_in="google", version=1), series, ids[each], Must.BE_ABSENT)
        for path, each in paths.items()
        if found[path] is None
    ]


def _stub(arrivals: Arrivals, of: Task, series: Task, date: Event, must: Precondition) -> Set:
    now = arrivals.world.clock.now()
    stub = Task(
        id=of.id, created_in=of.created_in, version=of.version, changed_at=now, moved_to=series.id,
        moved_date=date.original_start, expires_at=now + STUB_KEPT,
    )  # fmt: skip
    return Set(path=task_path(arrivals.tenant, of.id), data=to_data(stub), must=must)


def _stands_alone(task: Task) -> bool:
    """It is the task of one living event, which nobody wants gone."""
    sync = task.sync
    ended = task.moved_to is not None or task.deleted_at is not None or task.content.status == "cancelled"
    return not ended and not task.is_series and sync.event_id is not None and not sync.gone


def _with_copies_of(series: Task, date: Task, original_start: str | None) -> Task:
    sync, views = date.sync, dict(date.sync.views)
    user = date.content.user_id or series.content.user_id
    if sync.connection is not None and sync.calendar is not None and sync.event_id is not None and user:
        views[sync.connection] = View(user=UserId(user), calendar=sync.calendar, event_id=sync.event_id)
    of_others = {
        known: replace(view, original_start=original_start, organizer=False)
        for known, view in views.items()
        if known != series.sync.connection
    }
    keys = [event_key(ConnectionId(known), view.event_id) for known, view in of_others.items()]
    keyed = with_keys_of_copies(series.sync, *keys)
    return replace(series, sync=replace(keyed, views={**of_others, **series.sync.views}))
