"""What one task is decided in: whose connection, which settings, which calendar, and when. Values only."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypeAlias

import msgspec

from shared.google.events import Event
from shared.google.tasks import IN_A_LIST
from shared.model.connection import Connection, Watched
from shared.model.ids import EventId, TaskId, TenantId, event_id_of
from shared.model.settings import Settings
from shared.model.task import OffReason, Task
from shared.model.task_lists import is_list
from shared.model.times import AllDay, Timed, When
from shared.sync.crm_fields import Rendering, crm_fields, rendering_of, when_of
from shared.sync.decide import Policy
from shared.sync.expansion import slots
from shared.sync.fields import FIELDS, PRIVATE, TWO_WAY, Fields
from shared.sync.merge import MergePolicy
from shared.sync.observe import print_in
from shared.sync.policy import is_private, qualifies, sends_private, takes_private

Unwanted: TypeAlias = OffReason | Literal["deleted", "cancelled", "done"]
ENDED: frozenset[Unwanted] = frozenset({"deleted", "cancelled", "done"})
"""Why the CRM itself wants no event; the other reasons are settings."""


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """Read once per job; `calendar` is the one the mapping names, None when it is not watched (yet)."""

    deployment: str
    tenant: TenantId
    connection: Connection
    settings: Settings
    calendar: Watched | None
    now: datetime

    def rendering(self, task: Task) -> Rendering:
        """How this connection's calendar shows the task."""
        return rendering_of(
            task.content,
            self.settings,
            self.time_zone,
            account=self.connection.google.email if self.connection.google else None,
            google_guests=bool(task.sync.responses),
            by_hand=task.sync.by_hand,
            in_list=is_list(task.sync.calendar),
        )

    def is_over(self, task: Task) -> bool:
        """The task ended before now, a series with its last occurrence; a whole day ends with its last day in UTC."""
        rendering = self.rendering(task)
        when = when_of(task.content, rendering)
        if when is None:
            return False
        return self._ended(when) and all(self._ended(slot.when) for slot in slots(task.content, rendering))

    def _ended(self, when: When) -> bool:
        match when:
            case AllDay(end=end):
                return end < self.now.date()
            case Timed(end=end):
                return end < self.now

    @property
    def time_zone(self) -> str:
        """The calendar's zone: what a time without one means."""
        return (self.calendar.time_zone if self.calendar else None) or self.connection.time_zone or "UTC"

    def fields_of(self, task: Task) -> Fields:
        """The canonical values that the CRM owns."""
        return crm_fields(task.content, self.rendering(task))

    def unwanted(self, task: Task) -> Unwanted | None:
        """Why the task wants no event now; None when it wants one."""
        if task.deleted_at is not None:
            return "deleted"
        if task.content.status == "cancelled":
            return "cancelled"
        if task.content.status == "done" and self.settings.on_done == "delete" and not is_list(task.sync.calendar):
            return "done"
        if self._is_left_behind(task):
            return "not_selected"
        return qualifies(task.content, self.rendering(task), created_in=task.created_in)

    def _is_left_behind(self, task: Task) -> bool:
        """It was made in a list of Google Tasks that the settings no longer name."""
        place, made_there = task.sync.calendar, task.created_in == "google" or task.sync.adopted
        return made_there and is_list(place) and place != self.connection.task_list

    def may_send(self, task: Task, event: Event | None = None) -> frozenset[str]:
        """Fields that the direction, the calendar's access and this copy of the event allow us to write."""
        if self.settings.direction == "from_google" or (self.calendar is not None and not self.calendar.writable):
            return frozenset()
        if task.content.private is True and not sends_private(self.settings):
            return frozenset()
        if is_list(task.sync.calendar):
            return IN_A_LIST
        organizer = task.sync.organizer if event is None else event.organizer_self and not event.locked
        if not organizer:
            return PRIVATE
        whole = event is None or event.guests_complete
        return frozenset(FIELDS) if whole else frozenset(FIELDS) - {"attendees"}

    def may_take(self, task: Task, event: Event | None = None) -> frozenset[str]:
        """Fields in which Google's changes reach the CRM."""
        if self.settings.direction == "to_google" or self.withholds(task, event):
            return frozenset()
        return TWO_WAY

    def withholds(self, task: Task, event: Event | None = None) -> bool:
        """What a person writes into this event is private, and such things do not reach the CRM now."""
        private = task.content.private is True or (event is not None and is_private(event))
        return private and not takes_private(self.settings)

    def policy(self, task: Task, event: Event | None = None, google: Fields | None = None) -> Policy:
        """Whose word counts for this task, whose event, if it lives, shows these values."""
        return Policy(
            on_google_delete="unlink" if self.settings.direction == "to_google" else self.settings.on_google_delete,
            merge=MergePolicy(
                conflict="google_wins" if self.settings.direction == "from_google" else self.settings.conflict,
                may_send=self.may_send(task, event),
                may_take=self.may_take(task, event),
                withheld=TWO_WAY if self.withholds(task, event) else frozenset(),
                crm_stamps={name: edit.at for name, edit in task.sync.edits.items()},
                google_stamps=_google_stamps(task, event, google or {}),
            ),
        )

    def event_id(self, task: TaskId, generation: int) -> EventId:
        """The id that this generation of the task's event is inserted under."""
        return event_id_of(self.deployment, self.tenant, task, generation)


def _google_stamps(task: Task, event: Event | None, google: Fields) -> dict[str, datetime]:
    """When each value that Google shows was first seen there; what is kept of an earlier value tells nothing of it."""
    first = {name: at for name, (value, at) in task.sync.stamps.items() if value == print_in(google, name)}
    if event is None or event.updated is None:
        return first
    return {name: first.get(name, event.updated) for name in FIELDS}
