"""Long work, started and looked at. What its steps do is in `run_step.py` and, kind by kind, in the files beside it.

A run is stored with `due_at` before its first job is enqueued, so nothing depends on the enqueue.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, get_args

import msgspec
from msgspec.structs import replace

from shared.errors import Conflicting, Fault, Invalid, LostRace, NotFound
from shared.model.connection import Connection
from shared.model.ids import (
    ConnectionId,
    Path,
    RunId,
    TenantId,
    connection_path,
    digest_of,
    run_page_path,
    run_path,
    user_path,
)
from shared.model.run import ItemAction, ItemSide, Run, RunItem, RunKind, RunPage, RunState
from shared.model.stored import read_as, to_data
from shared.ports import Must, Patch, Precondition, Revision, Set, Write
from shared.usecases.cursors import open_cursor, seal_cursor
from shared.usecases.jobs import enqueue_due, run_job
from shared.usecases.runs.pace import UNITS_A_SECOND
from shared.usecases.standing import standing_writes

if TYPE_CHECKING:
    from shared.ports import Document
    from shared.usecases.world import World

ROUNDS = 5
PAGES_AT_ONCE = 10
GOES_ROUND = frozenset({"sync", "export", "backlog"})
"""Kinds that, asked for again while they run, go round once more: what came meanwhile must not wait."""


class RunView(msgspec.Struct, frozen=True, kw_only=True):
    """A run as `GET /v1/runs/{run_id}` answers it; `eta_s` are seconds from now, null when nobody can say."""

    id: str
    kind: RunKind
    connection_id: str | None
    state: RunState
    done: int
    total: int | None
    eta_s: float | None
    totals: dict[ItemSide, dict[ItemAction, int]]
    detail: str | None
    items: tuple[RunItem, ...]
    next_cursor: str | None


class Starting(msgspec.Struct, frozen=True, kw_only=True):
    """A run that is under way once these writes are committed; `joined`: it was already."""

    run: RunId
    writes: tuple[Write, ...]
    joined: bool = False


def start_run(
    world: World,
    tenant: TenantId,
    *,
    kind: RunKind,
    connection: ConnectionId | None = None,
    user: str | None = None,
    options: Mapping[str, object] | None = None,
) -> RunId:
    """The run is under way; the same run of the same connection, still running, is joined and not doubled.

    Args:
        kind, connection, user: What is to be done, to which connection or (erase) person.
        options: backlog: `reason` (batch, settings, resume, calendar, or defaults for all connections of the tenant)
            and for settings and defaults `before`, what to go back to; disconnect and erase: `events` (keep, delete);
            review: `decision` (confirm, discard) and `held`, the run whose list was seen; preview: `settings`.

    Raises:
        NotFound: There is no such connection.
        Conflicting: The same is under way with other options.
    """
    for _ in range(ROUNDS):
        begun = starting(world, tenant, kind=kind, connection=connection, user=user, options=options)
        try:
            if begun.writes:
                world.store.commit(begun.writes)
        except LostRace:
            continue
        return under_way(world, tenant, begun)
    raise LostRace("the same work is being started by many at once; try again")


def starting(
    world: World,
    tenant: TenantId,
    *,
    kind: RunKind,
    connection: ConnectionId | None = None,
    user: str | None = None,
    options: Mapping[str, object] | None = None,
) -> Starting:
    """What starts the run, to be committed together with what makes it necessary, so that neither is without the other.

    Whoever has committed it calls `under_way`. Arguments and errors are those of `start_run`.
    """
    asked = dict(options or {})
    slot = _slot(tenant, kind, connection, user, asked)
    paths: list[Path] = [slot] if connection is None else [slot, connection_path(tenant, connection)]
    found = world.store.get_many(paths)
    known = found[slot]
    link = None if connection is None else found[connection_path(tenant, connection)]
    if connection is not None and link is None:
        raise NotFound("there is no such connection")
    if known is not None and (joined := _joined(world, tenant, known, asked)) is not None:
        return joined
    whose = user if link is None else read_as(Connection, link).user
    run = Run(
        id=RunId(world.ids.new()), tenant=tenant, kind=kind, connection=connection, user=whose, options=asked,
        created_at=world.clock.now(), due_at=next_look(world),
    )  # fmt: skip
    must: Precondition = Must.BE_ABSENT if known is None else Revision(known.revision)
    writes = (
        Set(path=slot, data={"schema": 1, "run": run.id}, must=must),
        Set(path=run_path(tenant, run.id), data=to_data(run), must=Must.BE_ABSENT),
        *(_ending(world, link) if run.kind == "disconnect" and link is not None else ()),
    )
    return Starting(run=run.id, writes=writes)


def under_way(world: World, tenant: TenantId, begun: Starting) -> RunId:
    """The run's first step is enqueued, unless it was under way before."""
    if not begun.joined:
        enqueue_due(world, run_job(tenant, begun.run, 0))
    return begun.run


def get_run(world: World, tenant: TenantId, run_id: RunId, *, cursor: str | None = None, limit: int = 100) -> RunView:
    """The run as it stands, with some of its items.

    Raises:
        NotFound: The tenant has no such run.
        Invalid: The cursor is another list's.
    """
    path = run_path(tenant, run_id)
    document = world.store.get_many([path])[path]
    if document is None:
        raise NotFound("there is no such run")
    run = read_as(Run, document)
    scope = f"run {run_id}"
    page, skip = _position(open_cursor(world, tenant, scope, cursor)) if cursor else (0, 0)
    items, behind = _items(world, run, page, skip, limit)
    return RunView(
        id=run.id,
        kind=run.kind,
        connection_id=run.connection,
        state=run.state,
        done=run.done,
        total=run.total,
        eta_s=_eta_s(world, run),
        totals={
            side: {action: run.totals.get(side, {}).get(action, 0) for action in get_args(ItemAction)}
            for side in get_args(ItemSide)
        },
        detail=run.detail,
        items=tuple(items),
        next_cursor=seal_cursor(world, tenant, scope, behind) if behind else None,
    )


def was_previewed(world: World, tenant: TenantId, connection: ConnectionId) -> bool:
    """Somebody could look at what a first sync of the connection would do: its latest preview is there to be read."""
    slot = _slot(tenant, "preview", connection, None, {})
    latest = world.store.get_many([slot])[slot]
    if latest is None:
        return False
    path = run_path(tenant, RunId(str(latest.data["run"])))
    document = world.store.get_many([path])[path]
    return document is not None and read_as(Run, document).state == "done"


def next_look(world: World, wait_s: float = 0.0) -> datetime:
    """When the sweep looks after a run whose next step is to begin in so many seconds."""
    return world.clock.now() + timedelta(seconds=wait_s + world.options.run_step_s + world.options.pending_after_s)


def _slot(
    tenant: TenantId, kind: RunKind, connection: ConnectionId | None, user: str | None, options: Mapping[str, object]
) -> Path:
    """The document that names the latest run of this kind; the reasons of a backlog are runs of their own."""
    reason = str(options.get("reason", "")) if kind == "backlog" else ""
    return Path(f"tenants/{tenant}/latest_runs/{digest_of(kind, connection or '', user or '', reason)}")


def _joined(world: World, tenant: TenantId, slot: Document, options: dict[str, object]) -> Starting | None:
    """The run that the slot names, if it still runs."""
    run_id = RunId(str(slot.data["run"]))
    path = run_path(tenant, run_id)
    document = world.store.get_many([path])[path]
    run = None if document is None else read_as(Run, document)
    if document is None or run is None or run.state != "running":
        return None
    if run.kind in GOES_ROUND:
        once_more = Patch(path=path, fields={"again": True}, must=Revision(document.revision))
        return Starting(run=run_id, writes=() if run.again else (once_more,), joined=True)
    if run.options != options:
        raise Conflicting(f"a {run.kind} is under way with other options; wait until run {run_id} has ended")
    return Starting(run=run_id, writes=(), joined=True)


def _ending(world: World, link: Document) -> list[Write]:
    """A connection that is to end takes no new work from the moment its run exists."""
    connection = read_as(Connection, link)
    if connection.status == "disconnecting":
        return []
    if connection.status == "disconnected":
        raise Conflicting("the connection is disconnected already")
    person = user_path(connection.tenant, connection.user)
    user = world.store.get_many([person])[person]
    after = replace(connection, status="disconnecting", start_nonce=None, start_expires_at=None)
    return standing_writes(world, after, must=Revision(link.revision), user=user)


def _items(world: World, run: Run, page: int, skip: int, limit: int) -> tuple[list[RunItem], tuple[int, int] | None]:
    """Items from a position on, and the position behind them; None at the end of what there is."""
    items: list[RunItem] = []
    while page < run.pages:
        numbers = range(page, min(page + PAGES_AT_ONCE, run.pages))
        found = world.store.get_many([run_page_path(run.tenant, run.id, number) for number in numbers])
        for number in numbers:
            document = found[run_page_path(run.tenant, run.id, number)]
            there: Sequence[RunItem] = read_as(RunPage, document).items if document is not None else ()
            taken = there[skip : skip + limit - len(items)]
            items.extend(taken)
            if skip + len(taken) < len(there):
                return items, (number, skip + len(taken))
            page, skip = number + 1, 0
            if len(items) == limit:
                return items, (page, 0) if page < run.pages else None
    return items, None


def _position(opened: tuple[object, ...]) -> tuple[int, int]:
    match opened:
        case (int() as page, int() as skip):
            return page, skip
    raise Invalid([Fault("cursor", "is not a cursor of this run's items; use next_cursor as it was given")])


def _eta_s(world: World, run: Run) -> float | None:
    """Seconds until it is done: by the pace it has shown, and before that by the quota it may use."""
    if run.state != "running":
        return 0.0 if run.state == "done" else None
    if run.total is None:
        return None
    left = max(0, run.total - run.done)
    elapsed_s = (world.clock.now() - run.created_at).total_seconds()
    pace = run.done / elapsed_s if run.done and elapsed_s > 0 else UNITS_A_SECOND
    return round(left / pace, 1)
