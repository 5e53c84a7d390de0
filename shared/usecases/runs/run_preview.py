"""What a first sync would do, on each side; nothing is written anywhere.

Events are decided by what a pull would decide and tasks by what an export would; the same title at the same time on
both sides is told as a likely duplicate. It reads in one go: there is nothing to resume.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from msgspec.structs import replace

from shared.errors import Conflicting
from shared.google.events import Event
from shared.google.requests import EventsRequest
from shared.model.connection import Watched
from shared.model.ids import CalendarId, Path, TaskId, calendar_path
from shared.model.run import ItemAction, ItemSide, RunItem
from shared.ports import Revision
from shared.sync.likeness import Likeness, likeness_of_event, likeness_of_task
from shared.sync.policy import arrives, in_window
from shared.usecases.connecting.access import with_calendar
from shared.usecases.connecting.calendars import as_watched, entries_of
from shared.usecases.inbound.arrivals import Arrivals
from shared.usecases.inbound.pull import PullReading
from shared.usecases.runs.only_looking import OnlyLooking
from shared.usecases.runs.run_backlog import change_previewed
from shared.usecases.runs.run_export import tasks_of
from shared.usecases.runs.run_outbound import item_of, wanted
from shared.usecases.runs.run_work import Ends

if TYPE_CHECKING:
    from shared.ports import Calendar
    from shared.sync.context import Context
    from shared.sync.crm_fields import Rendering
    from shared.usecases.inbound.outcome import Outcome
    from shared.usecases.runs.run_outbound import Wanted
    from shared.usecases.runs.run_work import Account, Stopped, Work

SAMPLES = 200
"""Lines of a kind in the list; the totals count all."""
PAGE_SIZE = 2500
"""Google's most."""
SHOWING = frozenset({"pending", "ready", "active", "paused", "needs_review"})
UNBEGUN = frozenset({"pending", "ready"})
STANDS_ALREADY = "an event with this title stands at this time already"


def preview(work: Work) -> Stopped:
    """The totals and samples of what a first sync, or with `settings` a change to them, would create and change."""
    account = work.account()
    if account.connection.status not in SHOWING or account.connection.google is None:
        raise Conflicting(f"the connection is {account.connection.status}; its user must connect it first")
    if isinstance(changed := work.run.options.get("settings"), dict):
        own = account.connection.settings | changed
        account = replace(account, connection=replace(account.connection, settings=own, settings_before=None))
        if account.connection.status not in UNBEGUN:
            return change_previewed(work, account)
    seen = _Seen(work)
    with_calendar(work.world, account.connection, lambda google: _look_at_events(work, account, google, seen))
    shown = {shelf: account.shelves[shelf] for shelf in account.shelves} | seen.shelves
    account = replace(account, shelves=shown)
    for each in tasks_wanted(work, account):
        seen.task(each, account.context(work.world, each.task.sync.calendar).rendering(each.task))
        work.done += 1
    work.total = work.done
    return Ends()


class _Seen:
    """What was looked at: counted, sampled, and compared."""

    def __init__(self, work: Work) -> None:
        self.shelves: dict[CalendarId, Watched] = {}
        self._work = work
        self._samples: Counter[tuple[ItemSide, ItemAction]] = Counter()
        self._strangers: dict[Likeness, Event] = {}
        self._regained: set[TaskId] = set()

    def event(self, outcome: Outcome, why: str | None, *, current: bool) -> None:
        """An event, and what it would lead to in the CRM; what is long past is only counted."""
        item = outcome.item
        if not isinstance(item, Event):
            return
        if is_stranger(outcome) and (like := likeness_of_event(item)) is not None:
            self._strangers[like] = item
        if (regained := regained_by(outcome)) is not None:
            self._regained.add(regained)
        line = RunItem(
            side="crm",
            action="skip" if outcome.action == "nothing" else outcome.action,
            task_id=outcome.task.id if outcome.task and outcome.action != "create" else None,
            event_id=item.id,
            title=item.summary,
            start=item.raw_start,
            reason=why,
        )
        self.note(line, listed=current)

    def task(self, each: Wanted, rendering: Rendering) -> None:
        """A task, and what it would lead to in Google."""
        action: ItemAction = "skip" if each.action == "create" and each.task.id in self._regained else each.action
        self.note(item_of(each, action, each.reason or each.unwanted), listed=each.reason != "window")
        like = likeness_of_task(each.task.content, rendering)
        twin = self._strangers.get(like) if like is not None else None
        if action == "create" and twin is not None:
            self.note(replace(item_of(each, "duplicate", STANDS_ALREADY), event_id=twin.id), listed=True)

    def note(self, item: RunItem, *, listed: bool) -> None:
        kind = (item.side, item.action)
        self._samples[kind] += listed
        self._work.note(item, listed=listed and self._samples[kind] <= SAMPLES)


def _look_at_events(work: Work, account: Account, google: Calendar, seen: _Seen) -> None:
    for context, outcome in events_decided(work, account, google):
        if context.calendar is not None:
            seen.shelves[context.calendar.calendar_id] = context.calendar
        item = outcome.item
        current = isinstance(item, Event) and in_window(
            item.when, context.now, context.settings.window, context.time_zone, recurrence=item.recurrence
        )
        why = None
        if isinstance(item, Event) and outcome.action == "nothing":
            why = arrives(item, context.settings, context.time_zone) or (None if current else "window")
        seen.event(outcome, why, current=current)
        work.done += 1


def events_decided(
    work: Work, account: Account, google: Calendar, *, times: tuple[datetime, datetime] | None = None
) -> Iterator[tuple[Context, Outcome]]:
    """Every event of the calendars that a first sync would pull, decided and not committed, with its context.

    Args:
        times: Only what lies between; None: everything.
    """
    looking = OnlyLooking(google)
    first, last = times or (None, None)
    for shelf in _shelves(work, account, google):
        reading = PullReading(
            tenant=account.tenant,
            connection=account.connection,
            shelf=shelf,
            shelf_path=Path(calendar_path(work.tenant, account.connection.id, shelf.calendar_id)),
            shelf_revision=Revision(""),
        )
        arrivals = Arrivals(world=work.world, reading=reading, calendar=looking, whole=times is None, only_asked=True)
        context = arrivals.context()
        page_token: str | None = None
        while True:
            page = looking.list(
                EventsRequest(
                    calendar_id=shelf.calendar_id,
                    page_token=page_token,
                    page_size=PAGE_SIZE,
                    time_min=first,
                    time_max=last,
                )
            )
            arrivals.take(page)
            page_token = page.page_token
            if page_token is None:
                break
        arrivals.decide()
        yield from ((context, outcome) for outcome in arrivals.outcomes)


def is_stranger(outcome: Outcome) -> bool:
    """The event belongs to no task yet."""
    return outcome.action == "create" or (outcome.action != "update" and outcome.task is None)


def regained_by(outcome: Outcome) -> TaskId | None:
    """The task whose event this is, though nothing had shown it to this connection yet: none is made for it."""
    return outcome.task.id if outcome.task is not None and outcome.action == "update" else None


def _shelves(work: Work, account: Account, google: Calendar) -> list[Watched]:
    """The calendars that are watched; before there is one, the calendar that the connection's tasks would go to."""
    watched = account.watched()
    if any(shelf.calendar_id == account.connection.calendar for shelf in watched):
        return watched
    for entry in entries_of(google):
        if entry.id == account.connection.calendar:
            return [*watched, as_watched(work.world, account.connection, entry, None)]
    return watched


def tasks_wanted(work: Work, account: Account) -> Iterator[Wanted]:
    """What an export would do with each task of the connection."""
    query = tasks_of(account.connection)
    while page := work.world.store.query(query):
        for document in page:
            if (each := wanted(work.world, account, document, window=True)) is not None:
                yield each
        query = replace(query, after=(page[-1].path,))
