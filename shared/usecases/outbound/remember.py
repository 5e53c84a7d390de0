"""The one commit of a task's change: its document under the revision it was read at, and what the CRM is told."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, cast

from msgspec.structs import replace

from shared.model.change import Kind
from shared.model.content import Content
from shared.model.ids import UserId, task_path
from shared.model.stored import to_data
from shared.ports import SERVER_TIME, Set
from shared.sync.said import changes_between, prints_of
from shared.usecases.changes import News, OfOccurrence, Why, change_write, task_change

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.model.ids import TenantId
    from shared.model.task import Task
    from shared.ports import Precondition, Write
    from shared.sync.told import Told
    from shared.usecases.world import World

_EMPTY = Content()
KEPT_UNACKED = 50
"""How many unacknowledged changes one task remembers; beyond that the oldest count as acknowledged."""

OF_THE_LIVING: frozenset[Kind] = frozenset({"task.updated", "task.linked", "task.conflict", "task.cancelled"})
"""Of a deleted task these are history only: a CRM that believes the feed would have it again."""


def task_writes(
    world: World, tenant: TenantId, before: Task | None, after: Task, told: Sequence[Told], must: Precondition
) -> list[Write]:
    """The task's document with `due_at` as its state wants it, and one change for each thing told.

    What came from Google counts as not acknowledged until the CRM has read on past the change that tells it (rule 5).
    """
    after = _due(world, after)
    names = changes_between(before.content, after.content) if before else changes_between(_EMPTY, after.content)
    changes: list[Set] = []
    unacked: dict[str, object] = {}
    of_occurrences: dict[str, dict[str, object]] = {}
    for entry in told:
        if entry.kind is None or (after.deleted_at is not None and entry.kind in OF_THE_LIVING):
            news = News(
                audience="history", origin=entry.origin, task_id=after.id, user_id=_user(after), version=after.version,
                action=entry.action, policy=entry.policy, detail=entry.detail, occurrence=entry.occurrence,
            )  # fmt: skip
            changes.append(change_write(world, tenant, news))
            continue
        change = task_change(
            world,
            tenant,
            after,
            kind=entry.kind,
            origin=entry.origin,
            before=before,
            why=Why(action=entry.action, policy=entry.policy, detail=entry.detail),
            of=None if entry.occurrence is None else OfOccurrence(start=entry.occurrence, changed=entry.changed),
        )
        changes.append(change)
        if entry.occurrence is not None:
            if entry.prints:
                mark = {"at": SERVER_TIME, "fields": entry.prints}
                of_occurrences.setdefault(entry.occurrence, {})[str(change.data["id"])] = mark
        elif names and entry.origin != "crm" and not unacked:
            unacked[str(change.data["id"])] = {"at": SERVER_TIME, "fields": prints_of(after.content, names)}
    data = to_data(after)
    if unacked:
        _note(cast("dict[str, object]", data["sync"]), unacked)
    for start, marks in of_occurrences.items():
        occurrences = cast("dict[str, dict[str, object]]", data.get("occurrences", {}))
        if start in occurrences:
            _note(occurrences[start], marks)
    return [Set(path=task_path(tenant, after.id), data=data, must=must), *changes]


def _note(place: dict[str, object], unacked: dict[str, object]) -> None:
    known = cast("dict[str, object]", place.get("unacked", {}))
    oldest_first = list(known.items())[-(KEPT_UNACKED - 1) :]
    place["unacked"] = dict(oldest_first) | unacked


def _due(world: World, task: Task) -> Task:
    if task.sync.state == "pending":
        due = world.clock.now() + timedelta(seconds=world.options.pending_after_s)
        return replace(task, due_at=due)
    return task if task.sync.connection is None else replace(task, due_at=None)


def _user(task: Task) -> UserId | None:
    return UserId(task.content.user_id) if isinstance(task.content.user_id, str) else None
