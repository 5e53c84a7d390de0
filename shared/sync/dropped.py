"""Occurrences that a series no longer has, because its start, zone or rule changed (rule 37). Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from shared.sync.expansion import without_end, yielded
from shared.sync.told import Told

if TYPE_CHECKING:
    from shared.model.content import Content
    from shared.model.task import Task
    from shared.sync.crm_fields import Rendering


def without_the_unyielded(
    before: Content, after: Task, rendering: Rendering, *, park: bool
) -> tuple[Task, tuple[Told, ...]]:
    """The series without the occurrences that it no longer has; an edit that so got lost is told (rule 37).

    Args:
        before: The series' content as it was.
        rendering: Of the series as it is now.
        park: What lies beyond a new end stays: a later half of the series may turn up that it belongs to (rule 36).
    """
    if not after.occurrences or _pattern(before) == _pattern(after.content):
        return after, ()
    stays = set(yielded(after.content, rendering, after.occurrences.keys()))
    if park and after.content.recurrence:
        unending = replace(after.content, recurrence=without_end(after.content.recurrence))
        stays |= yielded(unending, rendering, after.occurrences.keys()).keys()
    told = tuple(
        Told(
            kind="task.updated", origin="tandem", action="dropped an occurrence that the series no longer has",
            detail="an edit of it had not reached Google", occurrence=start,
            changed={name: (value, None) for name, value in _plain(occurrence.content).items()},
        )
        for start, occurrence in after.occurrences.items()
        if start not in stays and occurrence.edits
    )  # fmt: skip
    return replace(after, occurrences={key: each for key, each in after.occurrences.items() if key in stays}), told


def _pattern(content: Content) -> tuple[object, ...]:
    return content.start, content.time_zone, content.recurrence


def _plain(content: Content) -> dict[str, object]:
    built = msgspec.to_builtins(content)
    return built if isinstance(built, dict) else {}
