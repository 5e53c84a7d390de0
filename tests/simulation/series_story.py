"""The words of `story` for a series: Anna's task `t1` repeats weekly; occurrences go by their original start."""

from __future__ import annotations

from typing import Any

import msgspec

from infra.simulator.wire import ApiError
from shared.model.content import Content
from shared.model.ids import TaskId
from shared.usecases.tasks.occurrences import Expanded, get_occurrence
from shared.usecases.tasks.put_occurrence import cancel_occurrence, put_occurrence
from tests.simulation.story import Story

WEEKLY: dict[str, Any] = {
    "start": "2026-07-02T10:00:00",
    "end": "2026-07-02T11:00:00",
    "time_zone": "Europe/Berlin",
    "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=6"],
}
FIRST, SECOND, THIRD = "20260702T080000Z", "20260709T080000Z", "20260716T080000Z"


class SeriesStory(Story):
    """A series in step; `google` are the simulator's switches."""

    def __init__(self, *, google: dict[str, Any] | None = None, **more: Any) -> None:  # noqa: ANN401 - as Story's
        super().__init__(**more)
        settings = self.sim.google.settings
        self.sim.google.settings = msgspec.structs.replace(settings, **(google or {}))
        self.synced(**WEEKLY)

    def id_of(self, at: str) -> str:
        """Google's id of an occurrence."""
        return f"{self.task().sync.event_id}_{at}"

    def writes_one(self, at: str, **fields: object) -> None:
        """The CRM changes one occurrence."""
        content = msgspec.convert(fields, Content)
        put_occurrence(self.sim.world, self.tenant, TaskId("t1"), at, content, if_match=None)

    def cancels_one(self, at: str) -> None:
        """The CRM cancels one."""
        cancel_occurrence(self.sim.world, self.tenant, TaskId("t1"), at, if_match=None)

    def edits_one(self, at: str, **fields: Any) -> None:  # noqa: ANN401 - Google's own fields
        """Anna changes one in Google."""
        self.later()
        self.anna.edit(self.id_of(at), **fields)

    def deletes_one(self, at: str) -> None:
        """Anna deletes one in Google."""
        self.later()
        self.anna.delete(self.id_of(at))

    def one(self, at: str) -> Expanded:
        """An occurrence as the CRM reads it."""
        return get_occurrence(self.sim.world, self.tenant, TaskId("t1"), at)

    def titles_of(self, at: str) -> tuple[object, object]:
        """What both sides call it; None where Google has none."""
        try:
            shown = self.anna.get(self.id_of(at))
        except ApiError:
            shown = {}
        there = shown.get("summary") if shown.get("status") == "confirmed" else None
        return self.one(at).content.title, there
