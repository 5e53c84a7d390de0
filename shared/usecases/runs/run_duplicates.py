"""A first sync that nobody has previewed doubles nothing: tasks like an event that stands already wait for a word.

Such a task shows the error `likely_duplicate` with the event's id, and the event is not imported. Its user adopts the
event (`event_id`), or has both (`sync: true`, or an export). Everything else goes on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from shared.errors import LostRace
from shared.google.events import Event
from shared.model.settings import settings_of
from shared.model.stored import read_as
from shared.model.task import SyncError, Task
from shared.ports import Revision
from shared.sync.likeness import LIKELY_DUPLICATE, Likeness, likeness_of_event, likeness_of_task
from shared.sync.mapping import event_key, with_keys
from shared.sync.policy import window_of
from shared.sync.told import Told
from shared.usecases.connecting.access import with_calendar
from shared.usecases.outbound.remember import task_writes
from shared.usecases.runs.run_outbound import item_of, wanted
from shared.usecases.runs.run_preview import STANDS_ALREADY, events_decided, is_stranger, regained_by, tasks_wanted

if TYPE_CHECKING:
    from shared.model.ids import EventId, TaskId
    from shared.ports import Calendar
    from shared.usecases.runs.run_outbound import Wanted
    from shared.usecases.runs.run_work import Account, Work

ROUNDS = 5
REMEDY = "adopt it with event_id {event}, or send sync: true to have both"


def duplicates_asked(work: Work) -> None:
    """Every task that would be doubled waits, and is found by its event, which so stays foreign.

    A task whose own event stands has that one again, whatever else looks like it: a person may have copied it.
    """
    if work.option("duplicates") != "ask":
        return
    account = work.account()
    alike = [(like, each) for each in tasks_wanted(work, account) if (like := _likeness(work, account, each))]
    if not alike:
        return
    events, regained = with_calendar(work.world, account.connection, lambda google: _standing(work, account, google))
    for like, each in alike:
        if like in events and each.task.id not in regained:
            _held(work, account, each, events[like])


def _likeness(work: Work, account: Account, each: Wanted) -> Likeness | None:
    if each.action != "create":
        return None
    return likeness_of_task(
        each.task.content, account.context(work.world, each.task.sync.calendar).rendering(each.task)
    )


def _standing(work: Work, account: Account, google: Calendar) -> tuple[dict[Likeness, EventId], set[TaskId]]:
    """The events that no task has, by their likeness, and the tasks that have theirs again once this is pulled."""
    settings = settings_of(account.tenant.settings, account.connection.settings)
    zone = account.connection.time_zone or "UTC"
    times = window_of(work.world.clock.now(), settings.window, zone)
    found: dict[Likeness, EventId] = {}
    regained: set[TaskId] = set()
    for _, outcome in events_decided(work, account, google, times=times):
        if (task := regained_by(outcome)) is not None:
            regained.add(task)
        like = likeness_of_event(outcome.item) if isinstance(outcome.item, Event) and is_stranger(outcome) else None
        if like is not None:
            found[like] = outcome.item.id
    return found, regained


def _held(work: Work, account: Account, each: Wanted, event: EventId) -> None:
    """The task waits and shows why; one that somebody writes just now is read again, and goes out if it differs."""
    document = each.document
    for _ in range(ROUNDS):
        before = read_as(Task, document)
        error = SyncError(code=LIKELY_DUPLICATE, detail=f"{STANDS_ALREADY}: {REMEDY.format(event=event)}")
        keyed = with_keys(before.sync, event_key(account.connection.id, event))
        sync = replace(keyed, connection=account.connection.id, state="error", reason=None, error=error)
        told = Told(kind="task.error", origin="tandem", action="asks whether an event is this task's", detail=event)
        after = replace(before, sync=sync)
        try:
            work.world.store.commit(
                task_writes(work.world, work.tenant, before, after, (told,), Revision(document.revision))
            )
        except LostRace:
            again = work.world.store.get_many([document.path])[document.path]
            now = wanted(work.world, account, again, window=True) if again is not None else None
            if again is None or now is None or _likeness(work, account, now) != _likeness(work, account, each):
                return
            document = again
            continue
        work.note(replace(item_of(each, "duplicate", STANDS_ALREADY), event_id=event))
        return
    raise LostRace("a task kept changing while it was compared", after_s=1.0)
