"""What waited for a connection is carried out: after a batch, a reconnect, a resume, or a changed setting.

A batch only sends what is pending. Every other backlog looks at all tasks of the connection and at those of its user
that never had a place: what no longer qualifies is removed, what newly does goes out, and the brake counts both before
anything is done.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from msgspec.structs import replace

from shared.errors import LostRace
from shared.model.connection import WORKING, Problem
from shared.model.ids import calendar_path, connection_path, tenant_path
from shared.ports import Filter, Patch, Query
from shared.sync.brake import brake_holds
from shared.usecases.connecting.renew_channels import renew_job
from shared.usecases.inbound.missing import mapped_in, mappings_of, unplaced_of
from shared.usecases.jobs import enqueue_due
from shared.usecases.runs.run_arriving import arriving
from shared.usecases.runs.run_defaults import defaults_followed
from shared.usecases.runs.run_outbound import Wanted, item_of, outbound, send, wanted
from shared.usecases.runs.run_work import Ends, GoesOn, in_phases
from shared.usecases.standing import standing_writes

if TYPE_CHECKING:
    from shared.model.connection import Connection
    from shared.model.run import ItemAction, ItemSide
    from shared.ports import Document, Write
    from shared.usecases.runs.run_work import Account, Stopped, Work

SAMPLES = 200
"""Lines of a kind in a preview's list; the totals count all."""
ASKS_FIRST = "so much would change that the brake holds it: somebody has to confirm it with POST …/review"
RESTS = "the connection does not work now; what waits goes out when it does"


def backlog(work: Work) -> Stopped:
    """Everything that waited for the connection is done, or held by the brake."""
    if work.run.connection is None:
        return defaults_followed(work)
    if work.option("reason") == "batch":
        return in_phases(work, [("pending", _pending)])
    return in_phases(
        work,
        [
            ("brake", _brake),
            ("wake", _wake),
            ("mapped", _mapped),
            ("unplaced", _unplaced),
            ("arriving", lambda work: arriving(work, work.account().connection.id)),
        ],
    )


def mapped_to(connection: Connection) -> Query:
    """The tasks whose mapping names the connection, deleted ones among them."""
    return mappings_of(connection.tenant, connection.id)


def _pending(work: Work) -> Stopped | None:
    account = work.account()
    if account.connection.status not in WORKING:
        return Ends(detail=RESTS)
    filters = (Filter("listed.connection", "==", account.connection.id), Filter("listed.state", "==", "pending"))
    query = Query(collection=f"{tenant_path(work.tenant)}/tasks", filters=filters)
    if work.total is None:
        work.total = work.world.store.count(query)
    return outbound(work, account, query, window=False, quiet=False)


def _brake(work: Work) -> Stopped | None:
    """Nothing is done yet; a mass change that only follows from settings waits for a person."""
    account = work.account()
    if account.connection.status not in WORKING:
        return Ends(detail=RESTS)
    held = account.connection.status == "needs_review"
    if _rests_since(work) is None and (since := account.connection.last_sync_at) is not None:
        work.place["kept"] = {"rests_since": since.isoformat()}
    inferred = [] if held else [each for each in _every(work, account.ahead()) if each.inferred]
    if not held and not _brake_holds(work, account, inferred, settings=work.option("reason") == "settings"):
        return let_in(work, account)
    if (stopped := _asked_for(work, account)) is not None:
        return stopped
    if held:
        return Ends(detail="something is held already: confirm or discard it first")
    now = work.account()
    return _held(work, now, inferred) if now.connection.status == "active" else GoesOn()


def _asked_for(work: Work, account: Account) -> Stopped | None:
    """What the CRM asked for by name has gone out: no list that waits for a word holds that."""
    since = _rests_since(work)
    for each in _every(work, account):
        if each.inferred or not each.goes_out or each.before.sync.state != "pending":
            continue
        if (stopped := work.stop()) is not None:
            return stopped
        send(work, each, quiet=since is None or not each.waited(since))
    return None


def let_in(work: Work, account: Account) -> Stopped | None:
    """Changed settings, of which it is known what they do, are in force."""
    if account.connection.settings_before is None:
        return None
    path = connection_path(work.tenant, account.connection.id)
    try:
        work.world.store.commit([Patch(path=path, fields={"settings_before": None}, must=account.revision)])
    except LostRace:  # perhaps they were changed again
        return GoesOn()
    return None


def change_previewed(work: Work, account: Account) -> Ends:
    """What these settings, once in force, would do to what exists; nothing is written. It reads in one go."""
    counted: Counter[tuple[ItemSide, ItemAction]] = Counter()
    inferred: list[Wanted] = []
    for each in _every(work, account):
        rests = each.reason is not None and each.before.sync.state != "off"
        item = item_of(each, each.action, each.reason or each.unwanted)
        counted[item.side, item.action] += 1
        listed = (rests or each.action != "skip") and counted[item.side, item.action] <= SAMPLES
        work.note(item, listed=listed)
        work.done += 1
        inferred += [each] if each.inferred else []
    work.total = work.done
    return Ends(detail=ASKS_FIRST if _brake_holds(work, account, inferred, settings=True) else None)


def _brake_holds(work: Work, account: Account, inferred: list[Wanted], *, settings: bool) -> bool:
    deletions = sum(each.action == "delete" for each in inferred)
    return brake_holds(
        deletions=deletions,
        creations=len(inferred) - deletions if settings else 0,
        mappings=lambda: work.world.store.count(mapped_to(account.connection)),
    )


def _every(work: Work, account: Account) -> Iterator[Wanted]:
    def all_documents() -> Iterator[Document]:
        yield from mapped_in(work.world, work.tenant, account.connection.id)
        query = unplaced_of(account.connection)
        while page := work.world.store.query(query):
            yield from page
            query = replace(query, after=(page[-1].path,))

    for document in all_documents():
        each = wanted(work.world, account, document, window=False)
        if each is not None:
            yield each


def _held(work: Work, account: Account, inferred: list[Wanted]) -> Ends:
    for each in inferred:
        work.note(item_of(each, each.action, each.unwanted or "newly qualifies"))
    work.done, work.total = 0, len(inferred)
    problem = Problem(
        code="brake_held",
        detail=f"{len(inferred)} events would change at once; look at the list and confirm or discard it",
    )
    after = replace(account.connection, status="needs_review", review=work.run.id, problem=problem)
    writes = standing_writes(
        work.world, after, must=account.revision, user=account.user_document, told="connection.needs_review"
    )
    work.world.log.event(
        "brake", "held", tenant=work.tenant, connection=account.connection.id, run=work.run.id, number=len(inferred)
    )
    return Ends(state="held", detail=problem.detail, writes=tuple(writes))


def _wake(work: Work) -> Stopped | None:
    wake_calendars(work)
    account = work.account()
    counted = [mapped_to(account.connection), unplaced_of(account.connection)]
    work.total = sum(work.world.store.count(query) for query in counted)
    return None


def wake_calendars(work: Work) -> None:
    """Calendars that rested while the connection did not work are due again, and so is a channel nobody has asked for.

    A pull that somebody wanted may have come before the first one, or its renewal rested: Google refused none of these.
    """
    account = work.account()
    now = work.world.clock.now()
    writes: list[Write] = []
    for shelf in account.watched():
        rested = {"due_at": now} if shelf.due_at is None else {}
        unasked = shelf.renew_at is None and shelf.reason is None
        if rested or unasked:
            path = calendar_path(work.tenant, account.connection.id, shelf.calendar_id)
            writes.append(Patch(path=path, fields=rested | {"renew_at": now}))
    if writes:
        work.world.store.commit(writes)
        enqueue_due(work.world, renew_job())


def _mapped(work: Work) -> Stopped | None:
    account = work.account()
    return outbound(
        work, account, mapped_to(account.connection), window=False, quiet=True, rests_since=_rests_since(work)
    )


def _rests_since(work: Work) -> datetime | None:
    """When the connection last worked, as this run found it: by now it is read again."""
    kept = work.place.get("kept")
    since = kept.get("rests_since") if isinstance(kept, dict) else None
    return datetime.fromisoformat(since) if isinstance(since, str) else None


def _unplaced(work: Work) -> Stopped | None:
    account = work.account()
    return outbound(work, account, unplaced_of(account.connection), window=False, quiet=True)
