"""What a first sync would do, on each side; nothing is written anywhere.

Events are decided by what a pull would decide and tasks by what an export would; the same title at the same time on
both sides is told as a likely duplicate. It reads in one go: there is nothing to resume.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec.structs import replace

from shared.errors import Conflicting
from shared.google.events import Event
from shared.google.requests import EventsRequest
from shared.model.connection import Watched
from shared.model.ids import CalendarId, Path, calendar_path
from shared.model.listing import starts_at
from shared.model.run import ItemAction, ItemSide, RunItem
from shared.ports import Revision
from shared.sync.policy import arrives, in_window
from shared.usecases.connecting.access import with_calendar
from shared.usecases.connecting.calendars import as_watched, entries_of
from shared.usecases.inbound.arrivals import Arrivals
from shared.usecases.inbound.pull import PullReading
from shared.usecases.runs.only_looking import OnlyLooking
from shared.usecases.runs.run_export import tasks_of
from shared.usecases.runs.run_outbound import item_of, wanted
from shared.usecases.runs.run_work import Ends

if TYPE_CHECKING:
    from shared.ports import Calendar
    from shared.usecases.inbound.outcome import Outcome
    from shared.usecases.runs.run_outbound import Wanted
    from shared.usecases.runs.run_work import Account, Stopped, Work

SAMPLES = 200
"""Lines of a kind in the list; the totals count all."""
PAGE_SIZE = 2500
"""Google's most."""
SHOWING = frozenset({"pending", "ready", "active", "paused", "needs_review"})


def preview(work: Work) -> Stopped:
    """The totals and samples of what a first sync would create, change and leave."""
    account = work.account()
    if account.connection.status not in SHOWING or account.connection.google is None:
        raise Conflicting(f"the connection is {account.connection.status}; its user must connect it first")
    seen = _Seen(work)
    with_calendar(work.world, account.connection, lambda google: _events(work, account, google, seen))
    shown = {shelf: account.shelves[shelf] for shelf in account.shelves} | seen.shelves
    for each in _tasks(work, replace(account, shelves=shown)):
        seen.task(each)
        work.done += 1
    work.total = work.done
    return Ends()


class _Seen:
    """What was looked at: counted, sampled, and compared."""

    def __init__(self, work: Work) -> None:
        self.shelves: dict[CalendarId, Watched] = {}
        self._work = work
        self._samples: Counter[tuple[ItemSide, ItemAction]] = Counter()
        self._strangers: dict[tuple[str, str], Event] = {}

    def event(self, outcome: Outcome, why: str | None, *, current: bool) -> None:
        """An event, and what it would lead to in the CRM; what is long past is only counted."""
        item = outcome.item
        if not isinstance(item, Event):
            return
        if (outcome.action != "update" and outcome.task is None) or outcome.action == "create":
            self._strangers[_likeness(item.summary, item.raw_start, None)] = item
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

    def task(self, each: Wanted) -> None:
        """A task, and what it would lead to in Google."""
        action = each.action
        self.note(item_of(each, action, each.reason or each.unwanted), listed=each.reason != "window")
        content = each.task.content
        twin = self._strangers.get(_likeness(content.title or None, content.start or None, content.time_zone or None))
        if action == "create" and twin is not None:
            reason = "an event with this title stands at this time already"
            self.note(replace(item_of(each, "duplicate", reason), event_id=twin.id), listed=True)

    def note(self, item: RunItem, *, listed: bool) -> None:
        kind = (item.side, item.action)
        self._samples[kind] += listed
        self._work.note(item, listed=listed and self._samples[kind] <= SAMPLES)


def _events(work: Work, account: Account, google: Calendar, seen: _Seen) -> None:
    """Every event of the calendars that a first sync would pull, decided and not committed."""
    looking = OnlyLooking(google)
    for shelf in _shelves(work, account, google):
        seen.shelves[shelf.calendar_id] = shelf
        reading = PullReading(
            tenant=account.tenant,
            connection=account.connection,
            shelf=shelf,
            shelf_path=Path(calendar_path(work.tenant, account.connection.id, shelf.calendar_id)),
            shelf_revision=Revision(""),
        )
        arrivals = Arrivals(world=work.world, reading=reading, calendar=looking)
        context = arrivals.context()
        page_token: str | None = None
        while True:
            request = EventsRequest(calendar_id=shelf.calendar_id, page_token=page_token, page_size=PAGE_SIZE)
            page = looking.list(request)
            arrivals.take(page)
            decided, arrivals.outcomes = arrivals.outcomes, []
            for outcome in decided:
                item = outcome.item
                current = isinstance(item, Event) and in_window(
                    item.when, context.now, context.settings.window, context.time_zone, recurrence=item.recurrence
                )
                why = None
                if isinstance(item, Event) and outcome.action == "nothing":
                    why = arrives(item, context.settings, context.time_zone) or (None if current else "window")
                seen.event(outcome, why, current=current)
                work.done += 1
            page_token = page.page_token
            if page_token is None:
                break


def _shelves(work: Work, account: Account, google: Calendar) -> list[Watched]:
    """The calendars that are watched; before there is one, the calendar that the connection's tasks would go to."""
    watched = account.watched()
    if any(shelf.calendar_id == account.connection.calendar for shelf in watched):
        return watched
    for entry in entries_of(google):
        if entry.id == account.connection.calendar:
            return [*watched, as_watched(work.world, account.connection, entry, None)]
    return watched


def _tasks(work: Work, account: Account) -> Iterator[Wanted]:
    query = tasks_of(account.connection)
    while page := work.world.store.query(query):
        for document in page:
            if (each := wanted(work.world, account, document, window=True)) is not None:
                yield each
        query = replace(query, after=(page[-1].path,))


def _likeness(title: str | None, start: str | None, zone: str | None) -> tuple[str, str]:
    """Equal for what a person would take for the same thing."""
    at = starts_at(start, zone)
    return " ".join((title or "").casefold().split()), at.isoformat() if at else ""
