"""Occurrences of a series: expanded, and one by one. Each is written as a part of its series, under its version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

import msgspec
from msgspec import UNSET, Meta, UnsetType

from functions.api.operation import Answer, Call, Page, PageQuery, Resource
from functions.api.preconditions import condition_of
from functions.api.task_bodies import Instant
from functions.http import KIB
from shared.model.content import Attendee, Contact, Content, LongText, Reminder, Short, Title, When
from shared.model.ids import TaskId
from shared.sync.occurrence import OWN_NAMES
from shared.usecases.answers import OccurrenceAnswer
from shared.usecases.present import occurrence_answer
from shared.usecases.tasks.occurrences import get_occurrence, list_occurrences
from shared.usecases.tasks.put_occurrence import cancel_occurrence, put_occurrence

if TYPE_CHECKING:
    from shared.usecases.tasks.occurrences import Expanded

occurrences = Resource("occurrences")
Link = Annotated[str, Meta(max_length=2048, pattern="^https?://[^\\s]+$(?!\\n)")]


class OccurrenceBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one occurrence has for itself; a field left out stays as it is, and the series' own value is inherited."""

    title: Title | UnsetType | None = UNSET
    description: LongText | UnsetType | None = UNSET
    notes: LongText | UnsetType | None = UNSET
    start: When | UnsetType | None = UNSET
    end: When | UnsetType | None = UNSET
    location: Short | UnsetType | None = UNSET
    priority: Literal["low", "medium", "high"] | UnsetType | None = UNSET
    status: Literal["open", "done"] | UnsetType = UNSET
    private: bool | UnsetType | None = UNSET
    busy: bool | UnsetType | None = UNSET
    url: Link | UnsetType | None = UNSET
    contact: Contact | UnsetType | None = UNSET
    deal: Short | UnsetType | None = UNSET
    reminders: Annotated[tuple[Reminder, ...], Meta(max_length=5)] | UnsetType | None = UNSET
    attendees: Annotated[tuple[Attendee, ...], Meta(max_length=200)] | UnsetType | None = UNSET
    zoom_url: Link | UnsetType | None = UNSET
    color: Annotated[str, Meta(pattern="^#[0-9A-Fa-f]{6}$(?!\\n)")] | UnsetType | None = UNSET
    updated_at: Instant | UnsetType | None = UNSET

    def content(self) -> Content:
        """The fields that are merged."""
        return Content(**cast("dict[str, Any]", {name: getattr(self, name) for name in (*OWN_NAMES, "updated_at")}))


class OccurrencesQuery(PageQuery, frozen=True, kw_only=True):
    """Between two instants: now and a year from then, where none are named."""

    first: Instant | None = msgspec.field(name="from", default=None)
    last: Instant | None = msgspec.field(name="to", default=None)


@occurrences.call("GET /v1/tasks/{task_id}/occurrences", answers={200: Page[OccurrenceAnswer]}, refusals=(308, 404))
def list_occurrences_of_task(call: Call, task_id: str, query: OccurrencesQuery) -> Answer:
    """The occurrences of a series between two instants, each as it is in effect, by original start."""
    page = list_occurrences(
        call.world, call.tenant, TaskId(task_id), first=query.first, last=query.last, cursor=query.cursor,
        limit=query.limit,
    )  # fmt: skip
    return Answer(value=Page(data=tuple(map(occurrence_answer, page.occurrences)), next_cursor=page.cursor))


@occurrences.call(
    "GET /v1/tasks/{task_id}/occurrences/{original_start}", answers={200: OccurrenceAnswer}, refusals=(308, 404)
)
def read_occurrence(call: Call, task_id: str, original_start: str) -> Answer:
    """One occurrence, whether it differs from the series or not."""
    return _answer(get_occurrence(call.world, call.tenant, TaskId(task_id), original_start))


@occurrences.call(
    "PUT /v1/tasks/{task_id}/occurrences/{original_start}",
    answers={200: OccurrenceAnswer},
    refusals=(308, 404, 409, 412, 413),
    limit=64 * KIB,
    conditional=True,
    example={"title": "Visit, with the architect", "start": "2026-12-01T11:00:00"},
)
def write_occurrence(call: Call, task_id: str, original_start: str, body: OccurrenceBody) -> Answer:
    """The occurrence takes place, with these fields for itself; the series' own value is inherited again."""
    condition = condition_of(call.if_match)
    return _answer(
        put_occurrence(
            call.world, call.tenant, TaskId(task_id), original_start, body.content(), if_match=condition.version
        )
    )


@occurrences.call(
    "DELETE /v1/tasks/{task_id}/occurrences/{original_start}",
    answers={204: None},
    refusals=(308, 404, 409, 412),
    conditional=True,
)
def remove_occurrence(call: Call, task_id: str, original_start: str) -> Answer:
    """The occurrence is cancelled; a PUT lets it take place again."""
    condition = condition_of(call.if_match)
    cancel_occurrence(call.world, call.tenant, TaskId(task_id), original_start, if_match=condition.version)
    return Answer(status=204)


def _answer(one: Expanded) -> Answer:
    return Answer(value=occurrence_answer(one), headers={"ETag": f'"{one.task.version}"'})
