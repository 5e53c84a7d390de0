"""What one get of a task's event means for an outbound try: alive, moved, gone, or not proved. Start at `look`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgspec.structs import replace

from shared.errors import (
    EventDeleted,
    EventForbidden,
    EventMissing,
    GoogleRefused,
    LostRace,
    NeedsHuman,
    NoWriteAccess,
)
from shared.google.events import Event, Tombstone
from shared.google.requests import EventsRequest
from shared.model.ids import CalendarId
from shared.model.task import Task
from shared.sync.context import ENDED
from shared.sync.copies import had_again
from shared.sync.mapping import buried, next_generation, placed_at
from shared.sync.meeting import next_read_s
from shared.sync.merged import Settled
from shared.sync.plan import leaves
from shared.sync.settle import found, lost
from shared.sync.state import with_state
from shared.sync.told import Told
from shared.usecases.family import Seen, look
from shared.usecases.outbound.elsewhere import arrived, ended_elsewhere, look_elsewhere, other_calendars
from shared.usecases.outbound.kept import kept_event
from shared.usecases.outbound.trying import SECOND_LOOK_S, Done, Trying
from shared.usecases.reading import same_revision

if TYPE_CHECKING:
    from shared.model.ids import ConnectionId


WITHHELD = (
    "the event is private, and this account may not see what it says; ask the calendar's owner for the right to change "
    "events"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judging(Trying, ABC):
    """Decides from what a get shows; whoever writes to Google says how to go on with a living event."""

    @abstractmethod
    def _finish(self, settled: Settled) -> Done:
        """Do at Google what is left, under the etag just seen, and commit all of it at once."""

    def read(self) -> Seen | Tombstone:
        """The event as it is now, of a series with all its exceptions."""
        seen = look(self.calendar, self.place, self.reading.task)
        if isinstance(seen, Seen) and seen.event.withheld:
            raise NoWriteAccess(WITHHELD)
        return seen

    def _had_again(self) -> Done | None:
        """The task has an event that was kept for it; None: there is none."""
        task = self.reading.task
        if task.sync.kept:
            # Under the same id, which another calendar of the account would take a second time.
            there = look_elsewhere(self.world, self.context, self.calendar, task)
            if there is not None:
                return self._relocate(*there)
        if (kept := kept_event(self.world, self.context, self.calendar, task)) is None:
            return None
        told = Told(kind=None, origin="tandem", action="the task has its event again")
        self.commit(had_again(task, self.context.connection.id, kept), (told,))
        return Done.AGAIN

    def _look(self) -> Done:
        try:
            seen = self.read()
        except EventMissing as error:
            return self._vanished(error)
        return self._seen(seen)

    def _met(self) -> Done:
        """Somebody changed the event first: get it and decide anew."""
        try:
            seen = self.read()
        except EventMissing as error:
            return self._vanished(error)
        return self._seen_after_a_refusal(seen)

    def _taken(self) -> Done:
        """The id exists: our own insert whose answer was lost, a person's deletion, or a burnt id (rules 16 and 44)."""
        try:
            seen = self.read()
        except EventMissing:
            return self._burnt()
        return self._seen_after_a_refusal(seen)

    def _seen_after_a_refusal(self, seen: Seen | Tombstone) -> Done:
        """What a get shows after a 409 or 412 counts for the document as it still is, else all starts over (rule 8)."""
        if not same_revision(self.world, self.context.tenant, self.reading):
            raise LostRace("the task changed while its event was read")
        return self._seen(seen)

    def _seen(self, seen: Seen | Tombstone) -> Done:
        if isinstance(seen, Seen):
            return self._finish(found(self.reading.task, seen.event, self.context, seen.exceptions))
        return self._judge(seen)

    def _burnt(self) -> Done:
        task = self.reading.task
        if task.sync.missing:
            self.commit(with_state(next_generation(task, self.context), self.context), ())
            return Done.AGAIN
        after = replace(task, sync=replace(task.sync, missing=1))
        return self.commit(after, (), again="m", delay_s=SECOND_LOOK_S)

    def _vanished(self, error: GoogleRefused, *, if_living: NeedsHuman | None = None) -> Done:
        """Google does not show the event here. A 410 or a purged tombstone says it is deleted, a 404 proves nothing.

        Args:
            if_living: What the refusal means when the event is here all the same.
        """
        try:
            seen: Seen | Tombstone | None = self.read()
        except EventMissing:
            seen = None
        if isinstance(seen, Seen):
            if isinstance(error, EventForbidden):
                raise error
            if if_living is not None:
                raise if_living
            return self._finish(found(self.reading.task, seen.event, self.context, seen.exceptions))
        if seen is None and not isinstance(error, EventDeleted):
            return self._unproved()
        return self._judge(seen)

    def _unproved(self) -> Done:
        """A 404: elsewhere, or not inserted yet; a deletion only if it was confirmed, and twice (rule 20)."""
        task = self.reading.task
        if (there := look_elsewhere(self.world, self.context, self.calendar, task)) is not None:
            return self._relocate(*there)
        if (reason := self.context.unwanted(task)) is not None:
            after = buried(task, confirmed=False)
            off = replace(after.sync, state="off", reason=None if reason in ENDED else reason)
            return self.commit(replace(after, sync=off), ())
        if task.sync.is_unmade:
            if leaves(task.sync) and task.sync.target is not None:
                # Never inserted here; an insert that still comes is of an earlier generation then (rule 15).
                connection = task.sync.target_connection or self.context.connection.id
                return self._left(task, connection, task.sync.target)
            after = replace(task, sync=replace(task.sync, verify=False))
            self.commit(after, ())
            return Done.AGAIN
        if task.sync.etag is None and task.sync.ical_uid is None:
            if (place := ended_elsewhere(self.world, self.context, self.calendar, task)) is not None:
                self.commit(replace(task, sync=replace(task.sync, calendar=place)), ())
                return Done.AGAIN
            raise GoogleRefused(
                "there is no event with this id in the calendar; send the task without event_id", reason="notFound"
            )
        if not task.sync.missing:
            after = replace(task, sync=replace(task.sync, missing=1, verify=True))
            return self.commit(after, (), again="m", delay_s=SECOND_LOOK_S)
        self.calendar.list(EventsRequest(calendar_id=self.place, page_size=1))  # a calendar that is gone shows no event
        return self._settle(lost(task, None, self.context))

    def _judge(self, tombstone: Tombstone | None) -> Done:
        """A tombstone is judged only after every other calendar where the event may be was looked at (rules 11, 39)."""
        task = self.reading.task
        places = other_calendars(self.world, self.context, task)
        if (there := look_elsewhere(self.world, self.context, self.calendar, task, places)) is not None:
            return self._relocate(*there)
        stays = task.sync.again is None and task.sync.target_connection is None
        if stays and not task.sync.looks and places:
            after = replace(task, sync=replace(task.sync, looks=1, verify=True))
            return self.commit(after, (), again="k", delay_s=SECOND_LOOK_S)
        return self._settle(lost(task, tombstone, self.context))

    def _relocate(self, calendar: CalendarId, event: Event) -> Done:
        after, told = arrived(self.reading.task, calendar, Seen(event=event), self.context)
        self.commit(after, told, again="v")
        return Done.SYNCED

    def _left(self, task: Task, connection: ConnectionId, target: CalendarId) -> Done:
        generation = task.sync.generation + 1
        after = placed_at(task, connection, target, self.context.event_id(task.id, generation), generation=generation)
        told = Told(kind=None, origin="tandem", action="made the event anew in another place")
        return self.commit(after, (told,), again="l")

    def _settle(self, settled: Settled) -> Done:
        after = with_state(settled.task, self.context)
        meet = after.sync.meet
        if settled.event is not None and meet is not None and (wait_s := next_read_s(meet)) is not None:
            after = replace(after, sync=replace(after.sync, meet=replace(meet, reads=meet.reads + 1)))
            return self.commit(after, settled.told, again=f"c{meet.reads}", delay_s=wait_s)
        self.commit(after, settled.told)
        return Done.AGAIN if after.sync.state == "pending" and not after.sync.verify else Done.SYNCED
