"""Pulls as a run: 'sync now', and the first sync of a connection: watched, then pulled, then all future tasks out.

In that order nothing in between is lost: what changes after the watch is notified, what changed before is in the pull.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from shared.model.connection import WORKING
from shared.model.ids import CalendarId, key_of
from shared.model.run import RunItem
from shared.model.settings import settings_of
from shared.model.stored import read_as
from shared.model.task import Task
from shared.usecases.connecting.calendars import watch_calendar
from shared.usecases.inbound.missing import mapped_in
from shared.usecases.inbound.pull import PullPayload, pull_calendar
from shared.usecases.outbound.sync_task import SyncTaskPayload, sync_task
from shared.usecases.runs.run_arriving import arriving
from shared.usecases.runs.run_backlog import wake_calendars
from shared.usecases.runs.run_duplicates import duplicates_asked
from shared.usecases.runs.run_export import tasks_out
from shared.usecases.runs.run_work import Ends, GoesOn, in_phases, soon
from shared.usecases.standing import standing_writes

if TYPE_CHECKING:
    from shared.model.ids import ConnectionId
    from shared.usecases.runs.run_work import Account, Stopped, Work

LATER_S, LISTING_S = 5.0, 0.5
"""How long to wait for Google, and for another pull that lists the calendar just now."""


def sync(work: Work) -> Stopped:
    """Every watched calendar of the connection has been pulled."""
    return pulled(work, first=False) or Ends()


def first_sync(work: Work) -> Stopped:
    """The connection's tasks stand in its calendar and its events were imported as the settings say."""
    return in_phases(
        work,
        [
            ("duplicates", duplicates_asked),
            ("watch", _watch),
            ("pull", _first_pull),
            ("out", tasks_out),
            ("waiting", _waiting),
            ("arriving", lambda work: arriving(work, work.account().connection.id)),
        ],
    )


def pulled(work: Work, *, first: bool) -> Stopped | None:
    """The calendars are pulled one after another; what Google cannot answer now makes the run wait."""
    account = work.account()
    if account.connection.status not in WORKING:
        return Ends(state="failed", detail=f"the connection is {account.connection.status}")
    left = work.texts("calendars")
    if left is None:
        left = [shelf.calendar_id for shelf in account.watched()]
        work.total = len(left)
    while left:
        work.place["calendars"] = left
        if (stopped := work.stop()) is not None:
            return stopped
        ended = _pull(work, account.connection.id, CalendarId(left[0]), first=first)
        if ended is not None:
            return ended
        left = left[1:]
        work.done += 1
    work.place["calendars"] = []
    return None


def _pull(work: Work, connection: ConnectionId, calendar: CalendarId, *, first: bool) -> Stopped | None:
    payload = PullPayload(tenant=work.tenant, connection=connection, calendar=key_of(calendar))
    result = pull_calendar(work.world, payload, first=first)
    work.counts["crm", "create"] += result.created
    work.counts["crm", "update"] += max(0, result.changed - result.created)
    if result.outcome.startswith("later"):
        listing = result.outcome == "later:listing"
        until = work.account().connection.slow_until
        waits = until is not None and until > work.world.clock.now()
        return GoesOn(not_before=until) if waits else soon(work, LISTING_S if listing else LATER_S)
    if result.outcome in {"waits", "needs_reconnect"}:
        return Ends(state="failed", detail="the connection needs its user: Google no longer accepts it")
    if result.outcome != "pulled":
        work.items.append(RunItem(side="crm", action="skip", reason=result.outcome.partition(":")[0]))
    return None


def _watch(work: Work) -> Stopped | None:
    """The connection works, and the calendar that its settings name is watched."""
    account = work.account()
    connection = account.connection
    if connection.status == "ready":
        _activate(work, account)
    elif connection.status not in WORKING:
        return Ends(state="failed", detail=f"the connection is {connection.status}")
    place = connection.calendar
    if place is None or place not in account.shelves:
        wanted = settings_of(account.tenant.settings, connection.settings).calendar_id
        shelf = watch_calendar(work.world, work.tenant, connection.id, CalendarId(place or wanted))
        if place is None:
            _goes_to(work, shelf.calendar_id)
    wake_calendars(work)
    return None


def _activate(work: Work, account: Account) -> None:
    after = replace(account.connection, status="active", first_sync="auto")
    work.world.store.commit(standing_writes(work.world, after, must=account.revision, user=account.user_document))


def _goes_to(work: Work, calendar: CalendarId) -> None:
    """New tasks go to this calendar."""
    account = work.account()
    after = replace(account.connection, calendar=calendar)
    work.world.store.commit(standing_writes(work.world, after, must=account.revision, user=account.user_document))


def _waiting(work: Work) -> Stopped | None:
    """Of a connection that was held: its tasks that wait and that no export finds, as they were deleted meanwhile."""
    if not work.run.options.get("was_held"):
        return None
    for document in mapped_in(work.world, work.tenant, work.account().connection.id):
        task = read_as(Task, document)
        if task.sync.state != "pending" or task.due_at is not None:
            continue
        if (stopped := work.stop()) is not None:
            return stopped
        at = task.sync
        payload = SyncTaskPayload(tenant=work.tenant, connection=at.connection, calendar=at.calendar, task=task.id)
        sync_task(work.world, payload, quiet=True)
    return None


def _first_pull(work: Work) -> Stopped | None:
    stopped = pulled(work, first=True)
    if stopped is None:
        work.total = None
    return stopped
