"""The feed: every change the CRM must know, in one order, and how far it has read (rules 5, 23 and 24).

Reading on past changes acknowledges them, so the position that a cursor proves is kept; it never goes back. Changes are
written by `shared.usecases.changes`, in the commit that makes them true.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from shared.errors import CursorExpired, Fault, Invalid, LostRace
from shared.model.change import Change
from shared.model.ids import Path, TenantId, UserId, change_path, feed_path, key_of, tenant_path
from shared.model.stored import read_as, to_data
from shared.model.tenant import FeedPosition
from shared.ports import Document, Filter, Must, Query, Revision, Set
from shared.usecases.changes import KEPT
from shared.usecases.cursors import open_cursor, seal_cursor

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shared.usecases.world import World

_RENEW_AFTER = timedelta(days=1)
"""A cursor that found nothing moves up when it is older, so that a quiet tenant's never expires."""
_SETTLED = timedelta(seconds=60)
"""No commit stays under way for so long: what is older is visible."""
_BEFORE_ALL, _BEHIND_ALL = "0", "~"
"""Sort before and behind every change id."""
_SCOPE = "changes"
_ROUNDS = 3


class FeedPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some changes in order, and the cursor behind them; there always is one."""

    changes: tuple[Change, ...]
    cursor: str


def read_changes(
    world: World,
    tenant: TenantId,
    cursor: str | None = None,
    *,
    limit: int = 100,
    user_id: UserId | None = None,
    include_crm: bool = False,
) -> FeedPage:
    """The changes strictly behind the cursor, and everything up to the cursor is acknowledged.

    Args:
        world, tenant: Whose feed.
        cursor: As an earlier page gave it; `now`: the end of the feed; None: its beginning.
        limit: How many at most.
        user_id: Only this user's; then only these are acknowledged.
        include_crm: Also the CRM's own writes.

    Raises:
        Invalid: The cursor is none of this tenant's, or was given for another user or for all.
        CursorExpired: It is older than the feed keeps changes.
    """
    if cursor == "now":
        return FeedPage(changes=(), cursor=_sealed(world, tenant, user_id, _end(world, tenant)))
    now = world.clock.now()
    behind = FeedPosition(at=now - KEPT, id=_BEFORE_ALL)
    if cursor is not None:
        behind = _opened(world, tenant, user_id, cursor)
        if behind.at < now - KEPT:
            raise CursorExpired
        _acknowledge(world, position_path(tenant, user_id), behind)
    changes = _behind(world, tenant, behind, limit=limit, user_id=user_id, include_crm=include_crm)
    if changes:
        behind = FeedPosition(at=changes[-1].at, id=changes[-1].id)
    elif behind.at < now - _RENEW_AFTER:
        behind = FeedPosition(at=now - max(_SETTLED, _horizon(world)), id=_BEFORE_ALL)
    return FeedPage(changes=changes, cursor=_sealed(world, tenant, user_id, behind))


def position_path(tenant: TenantId, user_id: UserId | None = None) -> Path:
    """Where the reading position is kept: of the whole feed, or of one user's part of it."""
    return feed_path(tenant) if user_id is None else Path(f"tenants/{tenant}/feed/{key_of(user_id)}")


def is_acknowledged(at: datetime, change_id: str, positions: Iterable[Document | None]) -> bool:
    """Whether a change lies at or before one of the positions that concern its user."""
    read = (read_as(FeedPosition, document) for document in positions if document)
    return any((at, change_id) <= (position.at, position.id) for position in read)


def _behind(
    world: World, tenant: TenantId, behind: FeedPosition, *, limit: int, user_id: UserId | None, include_crm: bool
) -> tuple[Change, ...]:
    filters = [Filter("told", "in", ["out", "own"]) if include_crm else Filter("told", "==", "out")]
    if user_id is not None:
        filters.append(Filter("user_id", "==", user_id))
    if horizon := _horizon(world):
        # Rule 24: a commit may take an earlier time and become visible later.
        filters.append(Filter("at", "<", world.clock.now() - horizon))
    query = Query(
        collection=f"{tenant_path(tenant)}/changes",
        filters=tuple(filters),
        order=("at",),
        limit=limit,
        after=(behind.at, change_path(tenant, behind.id)),
    )
    return tuple(read_as(Change, document) for document in world.store.query(query))


def _end(world: World, tenant: TenantId) -> FeedPosition:
    """Behind everything that is visible now, and before everything that is not."""
    now, horizon = world.clock.now(), _horizon(world)
    if horizon:
        return FeedPosition(at=now - horizon, id=_BEFORE_ALL)
    newest = Query(collection=f"{tenant_path(tenant)}/changes", order=("-at",), limit=1)
    for document in world.store.query(newest):
        change = read_as(Change, document)
        if change.at >= now - KEPT:
            return FeedPosition(at=change.at, id=_BEHIND_ALL)
    return FeedPosition(at=now - _SETTLED, id=_BEFORE_ALL)


def _acknowledge(world: World, path: Path, reached: FeedPosition) -> None:
    """Keep the position unless a later one is kept; after some lost races another reader has moved it on."""
    for _ in range(_ROUNDS):
        document = world.store.get_many([path])[path]
        if document is not None:
            kept = read_as(FeedPosition, document)
            if (kept.at, kept.id) >= (reached.at, reached.id):
                return
        must = Must.BE_ABSENT if document is None else Revision(document.revision)
        try:
            world.store.commit([Set(path=path, data=to_data(reached), must=must)])
        except LostRace:
            continue
        return


def _horizon(world: World) -> timedelta:
    return timedelta(seconds=world.store.horizon_s())


def _scope(user_id: UserId | None) -> str:
    """A cursor of one user's changes proves nothing of the others', which its reader never saw (rule 5)."""
    return _SCOPE if user_id is None else f"{_SCOPE} of {user_id}"


def _sealed(world: World, tenant: TenantId, user_id: UserId | None, position: FeedPosition) -> str:
    return seal_cursor(world, tenant, _scope(user_id), (position.at, position.id))


def _opened(world: World, tenant: TenantId, user_id: UserId | None, cursor: str) -> FeedPosition:
    match open_cursor(world, tenant, _scope(user_id), cursor):
        case (datetime() as at, str() as id_):
            return FeedPosition(at=at.astimezone(UTC), id=id_)
    raise Invalid([Fault("cursor", "is not a cursor of the feed; use next_cursor as it was given")])
