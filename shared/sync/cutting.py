"""A series that a person ended sooner in Google: what is kept of it until its later half has come, or has not. Pure.

Google cuts a series in two by a nearer end of the old master and a new master. Both are told together, or one after the
other; nothing of the CRM's may be lost in between (rules 35 to 37). Start at `with_cut`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec.structs import replace

from shared.model.task import Cut, Task
from shared.model.times import AllDay
from shared.sync.crm_fields import series_zone, when_of
from shared.sync.expansion import slots, without_end
from shared.sync.mapping import marker_key, with_keys
from shared.sync.marker import binding_of
from shared.sync.rules import canonical_rules

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shared.sync.context import Context
    from shared.sync.marker import Marker

_END = re.compile(r"(?:UNTIL|COUNT)=([^;]+)", re.IGNORECASE)


def with_cut(before: Task, after: Task, carried: Marker | None, context: Context) -> Task:
    """The task after Google's values were taken; what it was is kept beside when its series ends sooner now.

    Args:
        carried: A marker of ours that no commit had confirmed.
    """
    if not ends_sooner(_lines(before, context), _lines(after, context)):
        return after
    binding = binding_of(context.deployment, context.tenant, before)
    cut = replace(cut_of(before, context), written=None if carried is None else carried.write_id)
    return replace(after, cut=cut, sync=with_keys(after.sync, marker_key(binding)))


def cut_of(task: Task, context: Context) -> Cut:
    """What is kept of the series as stored; a write that no commit has confirmed may have come after the split."""
    return Cut(content=task.content, base=dict(task.sync.base), edits=dict(task.sync.edits), at=context.now)


def _lines(task: Task, context: Context) -> list[str]:
    rendering = context.rendering(task)
    zone, all_day = series_zone(task.content, rendering), isinstance(when_of(task.content, rendering), AllDay)
    return [str(line) for line in canonical_rules(task.content.recurrence or (), all_day=all_day, zone=zone) or ()]


def ends_sooner(old: Iterable[str], new: Iterable[str]) -> bool:
    """Whether lines in one spelling differ in nothing but an end, and that is nearer, or of another kind."""
    before, after = tuple(old), tuple(new)
    if sorted(without_end(before)) != sorted(without_end(after)) or sorted(before) == sorted(after):
        return False
    was, is_ = _end_of(before), _end_of(after)
    if is_ is None:
        return False
    if was is None or ("T" in was or len(was) > _COUNT) != ("T" in is_ or len(is_) > _COUNT):
        return True
    return int(is_) < int(was) if is_.isdigit() and was.isdigit() else is_ < was


_COUNT = 5
"""The longest COUNT has so many digits; a day has eight."""


def _end_of(lines: Iterable[str]) -> str | None:
    return next((found[1] for line in lines if line.startswith("RRULE") and (found := _END.search(line))), None)


def first_beyond(task: Task, context: Context) -> str | None:
    """The first occurrence that the series had before it was cut and has no more; None when it had none."""
    if task.cut is None:
        return None
    rendering = context.rendering(task)
    still = {slot.original_start for slot in slots(task.content, rendering)}
    before = (slot.original_start for slot in slots(task.cut.content, rendering))
    return next((start for start in before if start not in still), None)
