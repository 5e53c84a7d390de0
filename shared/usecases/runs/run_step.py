"""One job of a run: read it, work at it for a while, store how far it came, and enqueue the rest. Start at `run_step`.

Every stretch of work is committed under the run's revision together with its items, so that two jobs of one run never
count twice; what they do at Google and to tasks is safe to repeat. Nothing here waits: a run that has to goes on as a
later job.
"""

from __future__ import annotations

from dataclasses import replace as with_fields
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, assert_never

import msgspec
from msgspec.structs import replace

from shared.errors import LostRace, NeedsHuman, RateLimited, Refused, RetryLater, StartOver
from shared.model.ids import RunId, TenantId, UserId, connection_path, run_page_path, run_path
from shared.model.run import Run, RunItem, RunKind, RunPage
from shared.model.stored import read_as, to_data
from shared.ports import Patch, Revision, Set
from shared.usecases.changes import News, change_write
from shared.usecases.jobs import enqueue_due, run_job
from shared.usecases.outbound.postpone import delay_s
from shared.usecases.runs.pace import Meter, MeteredGoogle
from shared.usecases.runs.run_backlog import backlog
from shared.usecases.runs.run_disconnect import disconnect
from shared.usecases.runs.run_erase import erase
from shared.usecases.runs.run_export import export
from shared.usecases.runs.run_first_sync import first_sync, sync
from shared.usecases.runs.run_import import import_events
from shared.usecases.runs.run_preview import preview
from shared.usecases.runs.run_review import review
from shared.usecases.runs.run_work import Ends, GoesOn, Stopped, Work
from shared.usecases.runs.runs import GOES_ROUND, next_look

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from shared.ports import Document, Write
    from shared.usecases.world import World

PAGE_BYTES = 480_000
"""A page of items stays below 500 KB."""
KEPT = timedelta(days=30)
"""How long a run that is over can be looked at."""
STORE_ROUNDS = 5
MOST_DOUBLINGS = 16
MOST_BUGS = 12
"""By then the queue has tried for some minutes, with longer and longer waits."""
BUG = "this is a fault of Tandem's: report it with the run's id; the same can be started again"

KINDS: dict[RunKind, Callable[[Work], Stopped]] = {
    "backlog": backlog,
    "disconnect": disconnect,
    "erase": erase,
    "export": export,
    "first_sync": first_sync,
    "import": import_events,
    "preview": preview,
    "review": review,
    "sync": sync,
}


class RunPayload(msgspec.Struct, frozen=True, kw_only=True):
    """What a `run_step` job carries."""

    schema: int = 1
    tenant: TenantId
    run: RunId


def run_step(world: World, payload: RunPayload) -> str:
    """The run has come as far as time and quota allow now; the rest is enqueued. Returns the outcome's name.

    Raises:
        LostRace: Others kept writing the run; the queue tries again.
        Exception: A fault of ours, which is counted; after some in a row the run has failed, and its CRM is told.
    """
    began = world.clock.now()
    until = began + timedelta(seconds=world.options.run_step_s)
    path = run_path(payload.tenant, payload.run)
    meter: Meter | None = None
    while True:
        document = world.store.get_many([path])[path]
        if document is None:
            return "gone"
        run = read_as(Run, document)
        if run.state != "running":
            return "over"
        meter = meter or Meter(world.clock, run.spent)
        work = Work(
            world=with_fields(world, google=MeteredGoogle(world.google, meter)), run=run, meter=meter, until=until,
            place=dict(run.checkpoint), total=run.total,
        )  # fmt: skip
        try:
            stopped, failed = _worked(work)
        except StartOver:
            raise
        except Exception:
            _bug_counted(world, document)
            raise
        after = _stored(world, work, document, stopped, failed=failed)
        if after is None:
            return "overtaken"
        if after.state != "running":
            return after.state
        not_before = stopped.not_before if isinstance(stopped, GoesOn) else None
        if not_before is not None or world.clock.now() >= until:
            enqueue_due(world, run_job(run.tenant, run.id, after.step, not_before=not_before))
            return "goes_on"


def _worked(work: Work) -> tuple[Stopped, bool]:
    """A stretch of work, and whether a failure ended it; what it had done by then is kept."""
    try:
        return KINDS[work.run.kind](work), False
    except RetryLater as error:
        wait_s = delay_s(error, min(work.run.attempts, MOST_DOUBLINGS), work.world.ids.jitter())
        until = work.world.clock.now() + timedelta(seconds=wait_s)
        if isinstance(error, RateLimited):
            _slow_down(work, until)
        work.world.log.event("run_step", "later", run=work.run.id, kind=work.run.kind, reason=error.code)
        return GoesOn(not_before=until), True
    except (NeedsHuman, Refused) as error:
        return Ends(state="failed", detail=error.detail), False


def _bug_counted(world: World, document: Document) -> None:
    """One more fault of ours is noted with the run, so that nothing repeats it for ever; what it had done is kept."""
    run = read_as(Run, document)
    bugs = run.bugs + 1
    after = replace(run, bugs=bugs)
    writes: list[Write] = []
    if bugs >= MOST_BUGS:
        after = replace(after, state="failed", detail=BUG, due_at=None, expires_at=world.clock.now() + KEPT)
        writes = [_finished(world, after)]
    try:
        world.store.commit([Set(path=document.path, data=to_data(after), must=Revision(document.revision)), *writes])
    except RetryLater as error:
        world.log.event("run_step", "bug_not_counted", run=run.id, error=error.code)


def _slow_down(work: Work, until: datetime) -> None:
    """Google asked for less: the connection's other jobs wait too."""
    if work.run.connection is None:
        return
    try:
        link = connection_path(work.tenant, work.run.connection)
        work.world.store.commit([Patch(path=link, fields={"slow_until": until})])
    except LostRace:
        work.world.log.event("run_step", "connection_gone", run=work.run.id)


def _stored(world: World, work: Work, document: Document, stopped: Stopped, *, failed: bool) -> Run | None:
    """The run as committed after a stretch; None when another job of it was faster, whose account of it stands."""
    for _ in range(STORE_ROUNDS):
        before = read_as(Run, document)
        if before.state != "running" or before.step != work.run.step:
            return None
        pages = list(_pages(work.items))
        after = _after(world, work, before, stopped, pages=len(pages), failed=failed)
        writes: list[Write] = [
            Set(path=document.path, data=to_data(after), must=Revision(document.revision)),
            *(_page_write(before, number, page) for number, page in enumerate(pages, before.pages)),
        ]
        if isinstance(stopped, Ends) and after.state != "running":
            writes += stopped.writes
            writes += [_finished(world, after)] if after.state != "held" else []
        try:
            world.store.commit(writes)
        except LostRace:
            found = world.store.get_many([document.path])[document.path]
            if found is None:
                return None
            if found.revision == document.revision:
                raise  # it was one of the writes beside the run: the stretch is worked at again
            document = found
            continue
        return after
    raise LostRace("the run is being written by many at once", after_s=1.0)


def _after(world: World, work: Work, before: Run, stopped: Stopped, *, pages: int, failed: bool) -> Run:
    now = world.clock.now()
    totals = {side: dict(actions) for side, actions in before.totals.items()}
    for (side, action), number in work.counts.items():
        counted = totals.setdefault(side, {})
        counted[action] = counted.get(action, 0) + number
    after = replace(
        before,
        checkpoint=work.place,
        step=before.step + 1,
        attempts=before.attempts + 1 if failed and not work.done else int(failed),
        done=before.done + work.done,
        total=work.total,
        totals=totals,
        bugs=0,
        pages=before.pages + pages,
        spent=work.meter.spent,
    )
    match stopped:
        case GoesOn(not_before=not_before):
            wait_s = (not_before - now).total_seconds() if not_before is not None else 0.0
            return replace(after, due_at=next_look(world, max(0.0, wait_s)))
        case Ends(state=state, detail=detail):
            if before.again and before.kind in GOES_ROUND and state == "done":
                return replace(after, again=False, checkpoint={}, done=0, total=None, due_at=next_look(world))
            total = after.total if after.total is not None or state != "done" else after.done
            if before.kind == "erase" and state == "done":
                after = replace(after, user=None, checkpoint={})  # the run stays for a while, and names nobody
            return replace(after, state=state, detail=detail, due_at=None, total=total, expires_at=now + KEPT)
        case unknown:
            assert_never(unknown)


def _finished(world: World, run: Run) -> Write:
    news = News(
        origin="tandem",
        kind="run.finished",
        connection_id=run.connection,
        run_id=run.id,
        user_id=UserId(run.user) if run.user else None,
        detail=run.detail,
    )
    return change_write(world, run.tenant, news)


def _page_write(run: Run, number: int, items: Sequence[RunItem]) -> Write:
    page = RunPage(items=tuple(items), expires_at=run.created_at + 2 * KEPT)
    return Set(path=run_page_path(run.tenant, run.id, number), data=to_data(page))


def _pages(items: Sequence[RunItem]) -> Iterator[list[RunItem]]:
    """The items in pages, each below its size."""
    page: list[RunItem] = []
    size = 0
    for item in items:
        weight = len(msgspec.json.encode(item)) + 1
        if page and size + weight > PAGE_BYTES:
            yield page
            page, size = [], 0
        page.append(item)
        size += weight
    if page:
        yield page
