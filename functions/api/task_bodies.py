"""What callers send about tasks, as types; the fields of a task itself are those of `shared.model.content`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, cast

import msgspec
from msgspec import UNSET, Meta, UnsetType

from functions.api.operation import PageQuery
from shared.errors import Fault, Invalid
from shared.model.content import CONTENT_NAMES, Content, OutsideId
from shared.model.task import State
from shared.usecases.answers import ErrorAnswer, Side, TaskAnswer

__all__ = ["EXAMPLE", "ConflictBody", "ErrorAnswer", "TaskAnswer", "TaskBody", "TasksQuery"]

Instant = Annotated[datetime, Meta(tz=True)]
"""With an offset, always."""

EXAMPLE: Mapping[str, object] = {
    "user_id": "anna",
    "type": "meeting",
    "title": "Visit to Ms Rossi",
    "description": "Bring the floor plans",
    "start": "2026-12-01T10:00:00",
    "end": "2026-12-01T11:00:00",
    "time_zone": "Europe/Rome",
    "location": "Via Roma 1, Milano",
    "reminders": [{"method": "popup", "minutes": 30}],
}


class TaskBody(Content, frozen=True, kw_only=True):
    """The fields of a task to write. `event_id` adopts an event that exists, while the task has none."""

    id: OutsideId | UnsetType = UNSET
    event_id: Annotated[str, Meta(min_length=5, max_length=1024)] | UnsetType | None = UNSET

    def content(self) -> Content:
        """The fields that are merged."""
        return Content(**cast("dict[str, Any]", {name: getattr(self, name) for name in CONTENT_NAMES}))


class ConflictBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which side's version holds: for every field, or field by field. `start` and `end` are settled together.

    `occurrence` names one occurrence of a series by its original start; without it the series' own fields are settled.
    """

    resolution: Literal["crm", "google", "fields"]
    fields: dict[str, Side] | None = None
    occurrence: Annotated[str, Meta(max_length=16)] | None = None

    def chosen(self) -> dict[str, Side]:
        """The side per contract field; empty unless `fields` says so.

        Raises:
            Invalid: `fields` is missing, or goes with another resolution.
        """
        if self.resolution == "fields" and not self.fields:
            raise Invalid([Fault("/fields", "must name a side for each field in conflict")])
        if self.resolution != "fields" and self.fields:
            raise Invalid([Fault("/fields", "goes with the resolution `fields` only")])
        return dict(self.fields or {})


class TasksQuery(PageQuery, frozen=True, kw_only=True):
    """One filter (from and to are one), alone or with `user_id`."""

    user_id: OutsideId | None = None
    connection_id: Annotated[str, Meta(max_length=64)] | None = None
    state: State | None = None
    changed_since: Instant | None = None
    start_from: Instant | None = None
    start_to: Instant | None = None
