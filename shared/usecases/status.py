"""How a tenant stands, in numbers that cost counts, not scans: for dashboards, and for a first look when in doubt."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, get_args

import msgspec

from shared.model.connection import Connection, Status
from shared.model.ids import TenantId, tenant_path
from shared.model.stored import read_as
from shared.model.task import State, Task
from shared.model.webhook import Webhook, WebhookState
from shared.ports import Filter, Query
from shared.remedies import remedy_of
from shared.webhooks.stored import read_webhook

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shared.usecases.world import World

_TROUBLED: tuple[Status, ...] = ("needs_reconnect", "needs_review")
_SAMPLE = 500
"""Documents with problems that are looked at; beyond, `n` is a lower bound."""


class ChannelsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Watched calendars: pushed to us, pushed by a channel that is due for renewal, and polled."""

    live: int
    expiring: int
    polled: int


class ProblemAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of trouble: how often, and what helps."""

    code: str
    n: int
    remedy: str


class StatusAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """How the tenant stands.

    Args:
        lag_s: How late the most overdue work is; 0 when nothing is late.
        oldest_pending_s: How long the longest waiting task has waited; null when none waits.
        webhook: Its state; null when there is none.
    """

    connections: dict[Status, int]
    tasks: dict[State, int]
    lag_s: float
    oldest_pending_s: float | None
    channels: ChannelsAnswer
    webhook: WebhookState | None
    problems: tuple[ProblemAnswer, ...]


def status_of_tenant(world: World, tenant: TenantId) -> StatusAnswer:
    """Count connections and tasks by state, calendars by how they are heard, and problems by kind."""
    root, now = tenant_path(tenant), world.clock.now()
    states: tuple[State, ...] = get_args(State)
    statuses: tuple[Status, ...] = get_args(Status)
    count = world.store.count
    _, webhook = read_webhook(world, tenant)
    return StatusAnswer(
        connections={
            name: count(Query(collection=f"{root}/connections", filters=(Filter("status", "==", name),)))
            for name in statuses
        },
        tasks={
            name: count(Query(collection=f"{root}/tasks", filters=(Filter("listed.state", "==", name),)))
            for name in states
        },
        lag_s=_lag_s(world, root, now),
        oldest_pending_s=_oldest_pending_s(world, root, now),
        channels=_channels(world, tenant, now),
        webhook=webhook.state if webhook else None,
        problems=tuple(_problems(world, root, webhook)),
    )


def _lag_s(world: World, root: str, now: datetime) -> float:
    overdue = Query(collection=f"{root}/tasks", filters=(Filter("due_at", "<", now),), order=("due_at",), limit=1)
    due = [read_as(Task, document).due_at for document in world.store.query(overdue)]
    return max(((now - at).total_seconds() for at in due if at), default=0.0)


def _oldest_pending_s(world: World, root: str, now: datetime) -> float | None:
    waiting = Query(
        collection=f"{root}/tasks",
        filters=(Filter("listed.state", "==", "pending"),),
        order=("listed.changed_at",),
        limit=1,
    )
    since = [read_as(Task, document).changed_at for document in world.store.query(waiting)]
    return max(((now - at).total_seconds() for at in since if at), default=None)


def _channels(world: World, tenant: TenantId, now: datetime) -> ChannelsAnswer:
    def calendars(*filters: Filter) -> int:
        ours = (Filter("tenant", "==", tenant), *filters)
        return world.store.count(Query(collection="calendars", group=True, filters=ours))

    watched = Filter("watched", "==", True)  # noqa: FBT003 - a stored value
    pushed = Filter("state", "==", "push")
    expiring = calendars(pushed, Filter("renew_at", "<=", now))
    return ChannelsAnswer(
        live=calendars(watched, pushed) - expiring,
        expiring=expiring,
        polled=calendars(watched, Filter("state", "==", "poll")),
    )


def _problems(world: World, root: str, webhook: Webhook | None) -> Iterator[ProblemAnswer]:
    found: Counter[str] = Counter()
    for status in _TROUBLED:
        stuck = Query(collection=f"{root}/connections", filters=(Filter("status", "==", status),), limit=_SAMPLE)
        for document in world.store.query(stuck):
            problem = read_as(Connection, document).problem
            found[problem.code if problem else status] += 1
    failed = Query(collection=f"{root}/tasks", filters=(Filter("listed.state", "==", "error"),), limit=_SAMPLE)
    for document in world.store.query(failed):
        error = read_as(Task, document).sync.error
        found[error.code if error else "error"] += 1
    if webhook is not None and webhook.state != "active":
        found[f"webhook_{webhook.state}"] = 1
    for code, n in found.most_common():
        yield ProblemAnswer(code=code, n=n, remedy=remedy_of(code))
