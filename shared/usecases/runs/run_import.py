"""All future events of the watched calendars come in, whatever `import_external` says; the cursor is not touched."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from shared.errors import SyncTokenExpired
from shared.google.events import Event
from shared.google.requests import EventsRequest
from shared.model.connection import WORKING, Watched
from shared.model.ids import CalendarId, Path, calendar_path
from shared.model.run import RunItem
from shared.model.stored import read_as
from shared.ports import Revision
from shared.sync.policy import window_of
from shared.usecases.connecting.access import with_calendar
from shared.usecases.inbound.arrivals import Arrivals
from shared.usecases.inbound.committing import commit_beside, commit_outcomes
from shared.usecases.inbound.pull import PullReading
from shared.usecases.reading import in_force
from shared.usecases.runs.run_work import Ends

if TYPE_CHECKING:
    from shared.ports import Calendar
    from shared.usecases.inbound.outcome import Outcome
    from shared.usecases.runs.run_work import Account, Stopped, Work


def import_events(work: Work) -> Stopped:
    """Every event in the window that may become a task is one."""
    account = work.account()
    if account.connection.status not in WORKING:
        return Ends(state="failed", detail=f"the connection is {account.connection.status}")
    left = work.texts("calendars")
    if left is None:
        left = [shelf.calendar_id for shelf in account.watched()]
    while left:
        work.place["calendars"] = left
        if (stopped := work.stop()) is not None:
            return stopped
        if not _page(work, account, CalendarId(left[0])):
            left = left[1:]
            work.place = {"calendars": left}
    return Ends()


def pull_reading(work: Work, account: Account, calendar: CalendarId) -> PullReading | None:
    """The documents of a pull of this calendar, for deciding its items; None when it is no longer known."""
    path = calendar_path(work.tenant, account.connection.id, calendar)
    document = work.world.store.get_many([path])[path]
    if document is None:
        return None
    return PullReading(
        tenant=account.tenant,
        connection=account.connection,
        shelf=read_as(Watched, document),
        shelf_path=Path(path),
        shelf_revision=Revision(document.revision),
    )


def _page(work: Work, account: Account, calendar: CalendarId) -> bool:
    """One page of the calendar is taken in; whether another follows. The checkpoint names it."""
    reading = pull_reading(work, account, calendar)
    if reading is None:
        return False
    request = _request(work, reading)

    def take(google: Calendar) -> tuple[Arrivals, str | None]:
        page = google.list(request)
        arrivals = Arrivals(world=work.world, reading=reading, calendar=google, import_all=True, whole=False)
        arrivals.take(page)
        arrivals.decide()
        return arrivals, page.page_token

    try:
        arrivals, page_token = with_calendar(work.world, account.connection, take)
    except SyncTokenExpired:  # the list's own page token is too old: the calendar is listed again
        work.place.pop("page_token", None)
        return True
    commit_outcomes(arrivals, [each for each in arrivals.outcomes if each.action != "create"])
    new = [each for each in arrivals.outcomes if each.action == "create"]
    if new or arrivals.late:
        commit_beside(arrivals, new, lambda shelf: shelf)
    for outcome in arrivals.outcomes:
        _note(work, outcome)
    work.place["page_token"] = page_token
    return page_token is not None


def _request(work: Work, reading: PullReading) -> EventsRequest:
    """The next page; the window is the one that the list began with."""
    settings = in_force(reading.tenant, reading.connection)
    if work.text("first") is None:
        first, last = window_of(work.world.clock.now(), settings.window, reading.shelf.time_zone)
        work.place |= {"first": first.isoformat(), "last": last.isoformat()}
    return EventsRequest(
        calendar_id=reading.shelf.calendar_id,
        page_token=work.text("page_token"),
        time_min=datetime.fromisoformat(work.text("first") or ""),
        time_max=datetime.fromisoformat(work.text("last") or ""),
    )


def _note(work: Work, outcome: Outcome) -> None:
    work.done += 1
    if outcome.action == "nothing" or outcome.task is None:
        work.counts["crm", "skip"] += 1
        return
    item, content = outcome.item, outcome.task.content
    work.note(
        RunItem(
            side="crm",
            action=outcome.action,
            task_id=outcome.task.id,
            event_id=item.id,
            title=(item.summary if isinstance(item, Event) else None) or content.title or None,
            start=content.start or None,
        )
    )
