"""What every outbound try has at hand, and how it ends: one commit under the revision that was read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING, Self

import msgspec
from msgspec.structs import replace

from shared.errors import LostRace
from shared.google.events import Event
from shared.model.ids import CalendarId, EventId, digest_of
from shared.model.task import Meet, Task
from shared.model.task_lists import is_list
from shared.ports import Calendar
from shared.sync.context import Context
from shared.sync.fields import PRIVATE, TWO_WAY
from shared.sync.meeting import meet_told, next_read_s, request_for
from shared.sync.occurrence import CANCELLED
from shared.sync.state import unsent
from shared.usecases.jobs import enqueue_due, sync_task_job
from shared.usecases.outbound.remember import task_writes
from shared.usecases.reading import TaskReading
from shared.usecases.world import World

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from shared.sync.told import Told

NOTIFY = {"none": "none", "external_only": "externalOnly", "all": "all"}
SECOND_LOOK_S = 3.0
SEEN_BY_GUESTS = (TWO_WAY - PRIVATE) | {"conference", CANCELLED}
"""What a mail to guests may be about; generated lines only where the CRM changed what they say."""


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """Google's answer to a write of the event, and the Meet that it asked for.

    Args:
        refused: The write went through only without the Meet.
    """

    request: str | None
    answer: Event
    refused: bool = False


class Done(Enum):
    """How a try ended."""

    SYNCED = "synced"
    NOTHING = "nothing_to_do"
    WAITS = "looks_again_later"
    AGAIN = "again"
    """Something was stored that the next round goes on from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trying:
    """The reading, and the calendar as its connection sees it."""

    world: World
    reading: TaskReading
    context: Context
    calendar: Calendar
    place: CalendarId
    event_id: EventId
    quiet: bool

    @classmethod
    def of(cls, world: World, reading: TaskReading, token: str, *, quiet: bool, **more: str) -> Self:
        """A try at the task as it was read."""
        context = reading.context(world)
        if context is None:
            raise LostRace("the connection went away")
        sync = reading.task.sync
        return cls(
            world=world, reading=reading, context=context, calendar=world.google.calendar(token),
            place=sync.calendar or CalendarId(""), event_id=sync.event_id or EventId(""), quiet=quiet, **more,
        )  # fmt: skip

    def commit(self, after: Task, told: Sequence[Told], *, again: str | None = None, delay_s: float = 0.0) -> Done:
        """Store it under the revision that was read; `again` enqueues a further try under a name of its own."""
        before, tenant = self.reading.task, self.context.tenant
        self.world.store.commit(task_writes(self.world, tenant, before, after, told, self.reading.revision))
        if again is None or after.sync.connection is None:
            return Done.SYNCED
        now = self.world.clock.now()
        job = sync_task_job(
            tenant, after.sync.connection, after.sync.calendar, after.id, version=after.version,
            attempt=f"{again}{int(now.timestamp() * 1000)}", not_before=now + timedelta(seconds=delay_s),
        )  # fmt: skip
        enqueue_due(self.world, job)
        return Done.WAITS if delay_s else Done.SYNCED

    def with_meet(self, after: Task, written: Written | None, told: Sequence[Told]) -> tuple[Task, Sequence[Told]]:
        """The task with the Meet that a write of ours asked for, and what is told of it.

        Args:
            written: None when the event itself was not written.
        """
        meet: Meet | None
        if written is not None and written.request is not None and (written.refused or written.answer.meet != "none"):
            state = "refused" if written.refused or written.answer.meet == "none" else written.answer.meet
            meet = Meet(request_id=written.request, state=state, url=written.answer.meet_url)
            after = replace(after, sync=replace(after.sync, meet=meet))
        of_meet = meet_told(self.reading.task.sync.meet, after.sync.meet)
        if of_meet is not None and (of_meet.kind == "task.error" or all(each.kind != "task.linked" for each in told)):
            told = (*told, of_meet)
        return after, told

    def commit_written(self, after: Task, told: Sequence[Told], *, again: str | None = None) -> Done:
        """Google has what the CRM says; a Meet that is not ready yet costs one delayed get.

        Args:
            again: Something is left for a job under this name.
        """
        if again is None and (meet := after.sync.meet) is not None and (wait_s := next_read_s(meet)) is not None:
            after = replace(after, sync=replace(after.sync, meet=replace(meet, reads=meet.reads + 1)))
            return self.commit(after, told, again=f"c{meet.reads}", delay_s=wait_s)
        if again is None and unsent(after, self.context):
            # What Google answered changes what it should show: its guests are gone, so internal lines may stand there.
            self.commit(after, told)
            return Done.AGAIN
        return self.commit(after, told, again=again)

    def meet_request(self, task: Task) -> str | None:
        """One stable id per event, so that Google makes one Meet however often it is asked."""
        if task.content.conference != "google_meet" or is_list(self.place):
            return None
        first = digest_of("meet", self.context.deployment, self.context.tenant, self.event_id)
        return request_for(task.sync.meet, first)

    def notify(self, task: Task, fields: AbstractSet[str] = SEEN_BY_GUESTS) -> str:
        """Guests hear of it only if the tenant asked, if they can see it, and never for what is over.

        Args:
            fields: What is written; by default the whole event is made, moved or deleted.
        """
        asked = NOTIFY[self.context.settings.notify_guests]
        if asked == "none" or self.quiet:
            return "none"
        said = fields & (SEEN_BY_GUESTS | ({"details"} & task.sync.edits.keys()))
        return asked if said and not self.context.is_over(task) else "none"
