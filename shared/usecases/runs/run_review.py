"""What the brake held is confirmed or discarded (rule 42). The list says only what may be done, never what is done.

Each listed item is decided anew from a get. Then the connection works again, and a pull takes in what is not on the
list and moves the cursor; whatever that infers is counted by the brake afresh. Start at `review`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from msgspec.structs import replace

from shared.errors import EventMissing, LostRace, NeedsHuman, Refused
from shared.google.events import Event, Tombstone
from shared.model.ids import CalendarId, EventId, Path, RunId, TaskId, key_of, run_page_path, run_path, task_path
from shared.model.run import Run, RunItem, RunPage
from shared.model.settings import settings_of
from shared.model.stored import read_as, to_data
from shared.model.task import Task
from shared.ports import Revision, Set
from shared.sync.mapping import next_generation
from shared.sync.state import with_state
from shared.sync.told import Told
from shared.usecases.connecting.access import with_calendar
from shared.usecases.connecting.change_connection import aimed
from shared.usecases.connecting.task_lists import list_writes
from shared.usecases.inbound.arrivals import Arrivals
from shared.usecases.inbound.pull import PullPayload, pull_calendar
from shared.usecases.jobs import enqueue_due, run_job
from shared.usecases.outbound.remember import task_writes
from shared.usecases.outbound.sync_task import SyncTaskPayload, sync_task
from shared.usecases.runs.run_backlog import let_in
from shared.usecases.runs.run_import import pull_reading
from shared.usecases.runs.run_outbound import wanted
from shared.usecases.runs.run_work import Ends, in_phases, soon
from shared.usecases.runs.runs import starting
from shared.usecases.standing import standing_writes

if TYPE_CHECKING:
    from shared.model.connection import Connection
    from shared.model.tenant import Tenant
    from shared.ports import Calendar, Document
    from shared.usecases.inbound.outcome import Outcome
    from shared.usecases.runs.run_work import Account, Stopped, Work

ROUNDS = 5
LATER_S = 5.0
SOON_S = 1.0
"""Longer than it takes to commit what a run comes to."""


def review(work: Work) -> Stopped:
    """The list is settled and the connection works again."""
    return in_phases(
        work,
        [("settings", _let_in), ("items", _items), ("ignore", _ignored), ("resume", _resumed), ("pull", _pulled)],
    )


def _let_in(work: Work) -> Stopped | None:
    """What a changed setting wants is sent under that setting."""
    held = _held(work)
    account = work.account()
    stands = held is not None and held.kind == "backlog" and account.connection.review == held.id
    return let_in(work, account) if stands and _confirmed(work) else None


def _items(work: Work) -> Stopped | None:
    held = _held(work)
    if held is None:
        return Ends(state="failed", detail="there is no such list any more")
    account = work.account()
    if account.connection.status != "needs_review" or account.connection.review != held.id:
        return Ends(state="failed", detail="something else is held by now: look at its list first")
    work.total = held.total
    begun = work.place.get("item")
    first = begun if isinstance(begun, int) else 0
    for number, item in enumerate(_list_of(work, held)):
        if number < first:
            continue
        if (stopped := work.stop()) is not None:
            return stopped
        _settle(work, account, held, item)
        work.place["item"] = number + 1
        work.done += 1
    return None


def _settle(work: Work, account: Account, held: Run, item: RunItem) -> None:
    """One item, by what the person decided; an item that is no longer as it was listed is left alone."""
    if item.side == "google":
        done = _confirmed(work) and _sent(work, account, item)
    elif _confirmed(work):
        done = _carried_out(work, account, held, item)
    else:
        done = item.action == "delete" and _made_again(work, account, item)
    work.note(item if done else replace(item, action="skip", reason="left as it is"))


def _carried_out(work: Work, account: Account, held: Run, item: RunItem) -> bool:
    """What a pull would do with this one event, by a get made now."""
    place = CalendarId(str(held.checkpoint.get("calendar", "")))
    reading = pull_reading(work, account, place)
    if reading is None or item.event_id is None:
        return False
    event_id = EventId(item.event_id)

    def decided(google: Calendar) -> tuple[Arrivals, Outcome]:
        arrivals = Arrivals(world=work.world, reading=reading, calendar=google, whole=False)
        seen = arrivals.get(event_id)
        return arrivals, arrivals.again(seen if seen is not None else Tombstone(id=event_id))

    for _ in range(ROUNDS):
        arrivals, outcome = with_calendar(work.world, account.connection, decided)
        if not outcome.writes:
            return False
        try:
            work.world.store.commit(outcome.writes)
        except LostRace:
            continue
        for job in outcome.jobs:
            enqueue_due(arrivals.world, job)
        return outcome.action == item.action or bool(outcome.jobs)
    raise LostRace("a task kept changing while its event was looked at", after_s=1.0)


def _made_again(work: Work, account: Account, item: RunItem) -> bool:
    """The task stays and gets a new event, if the old one is really gone."""
    path = task_path(work.tenant, TaskId(item.task_id or ""))
    for _ in range(ROUNDS):
        document = work.world.store.get_many([path])[path]
        task = None if document is None else read_as(Task, document)
        if document is None or task is None or task.sync.event_id != item.event_id or task.sync.gone:
            return False
        context = account.context(work.world, task.sync.calendar)
        if context.unwanted(task) is not None or _lives(work, account, task):
            return False
        after = with_state(next_generation(task, context), context)
        told = Told(kind=None, origin="tandem", action="made the event again", policy="a held deletion was discarded")
        try:
            work.world.store.commit(
                task_writes(work.world, work.tenant, task, after, (told,), Revision(document.revision))
            )
        except LostRace:
            continue
        _send(work, after)
        return True
    raise LostRace("a task kept changing while its event was made again", after_s=1.0)


def _sent(work: Work, account: Account, item: RunItem) -> bool:
    """What a changed setting wants of this task is done now; a removal on a get of its event."""
    path = task_path(work.tenant, TaskId(item.task_id or ""))
    for _ in range(ROUNDS):
        document = work.world.store.get_many([path])[path]
        each = None if document is None else wanted(work.world, account, document, window=False)
        if document is None or each is None or each.action != item.action:
            return False
        after = each.task
        if item.action == "delete":
            after = replace(after, sync=replace(after.sync, verify=True))
        try:
            work.world.store.commit(
                task_writes(work.world, work.tenant, each.before, after, (), Revision(document.revision))
            )
        except LostRace:
            continue
        return _send(work, after) not in {"already_synced", "waits"}
    raise LostRace("a task kept changing while it was sent", after_s=1.0)


def _ignored(work: Work) -> Stopped | None:
    """Discarded creations stay foreign: the calendar is pulled once past them, and nothing inferred is carried out."""
    held = _held(work)
    place = None if held is None else held.checkpoint.get("calendar")
    if held is None or not isinstance(place, str) or work.run.connection is None or _confirmed(work):
        return None
    payload = PullPayload(tenant=work.tenant, connection=work.run.connection, calendar=key_of(place))
    outcome = pull_calendar(work.world, payload, ignore=_foreign(work, held)).outcome
    return soon(work, LATER_S) if outcome.startswith("later") else None


def _resumed(work: Work) -> None:
    """The connection works again, and its list is settled; a discarded change of settings is taken back."""
    account, held = work.account(), _held(work)
    if held is None or account.connection.review != held.id:
        return
    after = replace(account.connection, status="active", review=None, problem=None)
    weighed = account.connection.settings_before
    before = held.options.get("before") if weighed is None else weighed
    if held.kind == "backlog" and not _confirmed(work) and isinstance(before, dict):
        after = _taken_back(work, account.tenant, after, before)
    path = run_path(work.tenant, held.id)
    document = work.world.store.get_many([path])[path]
    writes = standing_writes(work.world, after, must=account.revision, user=account.user_document)
    writes += list_writes(work.world, account.connection, after)
    if document is not None:
        settled = replace(held, state="done", detail="confirmed" if _confirmed(work) else "discarded")
        writes.append(Set(path=path, data=to_data(settled), must=Revision(document.revision)))
    work.world.store.commit(writes)


def _taken_back(work: Work, tenant: Tenant, connection: Connection, before: dict[str, object]) -> Connection:
    """With the settings that held before, its tasks go where they went; if they cannot any more, the run tells it."""
    now, then = settings_of(tenant.settings, connection.settings), settings_of(tenant.settings, before)
    back = replace(connection, settings=before, settings_before=None)
    try:
        return aimed(work.world, back, replace(now, direction=then.direction), then, {})
    except (NeedsHuman, Refused) as error:
        work.note(RunItem(side="google", action="skip", reason=f"its tasks cannot go where they went: {error.detail}"))
        return back


def _confirmed(work: Work) -> bool:
    return work.option("decision") == "confirm"


def _pulled(work: Work) -> Stopped:
    """Every calendar moves on from where it stood when the brake held, and what waited for that is carried out.

    A changed setting acts on what is left. A backlog that came while a pull's list was held had to leave everything as
    it was, such as what rested during a pause: it is begun again, and the brake counts afresh.
    """
    held = _held(work)
    ignore = _foreign(work, held) if held is not None and not _confirmed(work) else frozenset()
    account = work.account()
    for shelf in account.watched():
        payload = PullPayload(tenant=work.tenant, connection=account.connection.id, calendar=key_of(shelf.calendar_id))
        pull_calendar(work.world, payload, ignore=ignore)
    if held is not None and held.kind == "backlog" and _confirmed(work):
        options = held.options
    elif (before := account.connection.settings_before) is not None:
        options = {"reason": "settings", "before": before}
    elif held is not None and held.kind != "backlog":
        options = {"reason": "resume"}
    else:
        return Ends()
    begun = starting(work.world, work.tenant, kind="backlog", connection=account.connection.id, options=options)
    if not begun.joined:  # the commit that ends this run begins that one, so that no death in between begins it twice
        after = work.world.clock.now() + timedelta(seconds=SOON_S)
        enqueue_due(work.world, run_job(work.tenant, begun.run, 0, not_before=after))
    return Ends(writes=begun.writes)


def _foreign(work: Work, held: Run) -> frozenset[str]:
    return frozenset(item.event_id for item in _list_of(work, held) if item.action == "create" and item.event_id)


def _held(work: Work) -> Run | None:
    """The run whose list was seen."""
    held = work.option("held")
    path = run_path(work.tenant, RunId(held or ""))
    document = work.world.store.get_many([path])[path] if held else None
    return None if document is None else read_as(Run, document)


def _list_of(work: Work, held: Run) -> Iterator[RunItem]:
    for number in range(held.pages):
        path = run_page_path(work.tenant, held.id, number)
        document: Document | None = work.world.store.get_many([Path(path)])[path]
        yield from read_as(RunPage, document).items if document is not None else ()


def _send(work: Work, task: Task) -> str:
    payload = SyncTaskPayload(
        tenant=work.tenant, connection=task.sync.connection, calendar=task.sync.calendar, task=task.id
    )
    return sync_task(work.world, payload, quiet=True)


def _lives(work: Work, account: Account, task: Task) -> bool:
    place, event_id = task.sync.calendar or CalendarId(""), task.sync.event_id or EventId("")
    try:
        seen = with_calendar(work.world, account.connection, lambda google: google.get(place, event_id))
    except EventMissing:
        return False
    return isinstance(seen, Event)
