"""Occurrences of a series as the CRM reads them: expanded from the rule, each with what it has for itself."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from itertools import islice
from typing import TYPE_CHECKING

import msgspec

from shared.errors import Fault, Invalid, Moved, NotFound
from shared.model.ids import TaskId, TenantId
from shared.model.task import Occurrence, Task
from shared.model.times import AllDay
from shared.sync.crm_fields import Rendering, when_of
from shared.sync.expansion import Slot, is_original_start, slots, yielded
from shared.sync.occurrence import content_of
from shared.usecases.reading import TaskReading, read_task

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shared.model.content import Content
    from shared.model.times import When
    from shared.usecases.world import World

AHEAD = timedelta(days=366)
"""How far a list reaches when no end is asked for."""
NOT_YIELDED = "the series has no occurrence with this original start; list them with GET …/occurrences"


class Expanded(msgspec.Struct, frozen=True, kw_only=True):
    """One occurrence: where the rule puts it, what is kept of it, and its content as it is in effect."""

    task: Task
    slot: Slot
    occurrence: Occurrence
    content: Content


class OccurrencePage(msgspec.Struct, frozen=True, kw_only=True):
    """Some occurrences in the order of their original starts, and the cursor behind them; None: there are no more."""

    occurrences: tuple[Expanded, ...]
    cursor: str | None


def list_occurrences(
    world: World, tenant: TenantId, task_id: TaskId, *, first: datetime | None, last: datetime | None,
    cursor: str | None, limit: int,
) -> OccurrencePage:  # fmt: skip
    """The occurrences that take any time between two instants: now and a year from then, where none are named.

    Cancelled ones count by where they would have been.

    Raises:
        NotFound: There is no such task, or it is no series.
        Moved: It was claimed under another id.
        Invalid: The end lies before the beginning, or the cursor is another list's.
    """
    reading = read_series(world, tenant, task_id)
    begins = first or world.clock.now()
    ends = last or begins + AHEAD
    if ends < begins:
        raise Invalid([Fault("to", "lies before from; exchange them")])
    if cursor is not None and not is_original_start(cursor):
        raise Invalid([Fault("cursor", "is not one of this list's; start without it")])
    rendering = rendering_for(world, reading)
    found = list(islice(_between(reading.task, rendering, begins, ends, cursor), limit + 1))
    shown = tuple(found[:limit])
    return OccurrencePage(occurrences=shown, cursor=shown[-1].slot.original_start if len(found) > limit else None)


def get_occurrence(world: World, tenant: TenantId, task_id: TaskId, original_start: str) -> Expanded:
    """One occurrence, whether it differs from the series or not.

    Raises:
        NotFound: There is no such series, or its rule does not yield this original start.
        Moved: It was claimed under another id.
    """
    reading = read_series(world, tenant, task_id)
    return expanded(reading.task, rendering_for(world, reading), original_start)


def expanded(task: Task, rendering: Rendering, original_start: str) -> Expanded:
    """The occurrence that the series has at this original start.

    Raises:
        NotFound: It has none there.
    """
    slot = yielded(task.content, rendering, {original_start}).get(original_start)
    if slot is None:
        raise NotFound(NOT_YIELDED)
    return _expanded(task, rendering, slot)


def read_series(world: World, tenant: TenantId, task_id: TaskId) -> TaskReading:
    """A task that repeats, with its connection.

    Raises:
        NotFound: There is none, or it happens once.
        Moved: It was claimed under another id.
    """
    reading = read_task(world, tenant, task_id, None, None)
    if reading is None or reading.task.deleted_at is not None or reading.task.is_worn_off(world.clock.now()):
        raise NotFound("there is no such task")
    if reading.task.moved_to is not None:
        raise Moved(reading.task.moved_to)
    if not reading.task.content.recurrence:
        raise NotFound("the task happens once; give it a recurrence first")
    return reading


def rendering_for(world: World, reading: TaskReading) -> Rendering:
    """How the series stands in its calendar; as its task says while it has none."""
    context = reading.context(world)
    if context is not None:
        return context.rendering(reading.task)
    return Rendering(task_zone=reading.task.content.time_zone or None)


def _between(
    task: Task, rendering: Rendering, begins: datetime, ends: datetime, cursor: str | None
) -> Iterator[Expanded]:
    """In order; one that was moved counts by where it is, so the rule is looked through as far as any was moved."""
    behind = cursor.replace("-", "") if cursor else ""
    furthest = max((start.replace("-", "") for start in task.occurrences), default="")
    for slot in slots(task.content, rendering):
        order = slot.original_start.replace("-", "")
        if _span(slot.when)[0] >= ends and order > furthest:
            return
        if order <= behind:
            continue
        kept = slot.original_start in task.occurrences
        if not kept and not _lies_in(slot.when, begins, ends):
            continue
        one = _expanded(task, rendering, slot)
        when = when_of(one.content, rendering) or slot.when
        if _lies_in(when, begins, ends):
            yield one


def _expanded(task: Task, rendering: Rendering, slot: Slot) -> Expanded:
    occurrence = task.occurrences.get(slot.original_start, Occurrence())
    return Expanded(
        task=task, slot=slot, occurrence=occurrence, content=content_of(task.content, occurrence, slot, rendering)
    )


def _lies_in(when: When, begins: datetime, ends: datetime) -> bool:
    first, last = _span(when)
    return first < ends and (last > begins or (first == last and first >= begins))


def _span(when: When) -> tuple[datetime, datetime]:
    if isinstance(when, AllDay):
        return datetime.combine(when.start, time(), UTC), datetime.combine(when.end, time(), UTC)
    return when.start, when.end
