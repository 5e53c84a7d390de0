"""One outbound try at one task, from reading to commit. Writes to Google are conditional; nothing is retried.

`run` carries out the plan; `_finish` carries out what a get showed. Whatever is learnt is committed under the
revision that was read, and a lost race or precondition leaves as an exception: the caller starts again from the read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from msgspec.structs import replace

from shared.errors import (
    CalendarGone,
    EventDeleted,
    EventForbidden,
    EventMissing,
    GoogleRefused,
    IdTaken,
    LostRace,
    NeedsHuman,
    PreconditionFailed,
)
from shared.google.events import Event, Tombstone
from shared.google.requests import EventsRequest
from shared.model.ids import CalendarId
from shared.model.task import Task
from shared.sync.context import ENDED
from shared.sync.fingerprint import fingerprint
from shared.sync.mapping import buried, next_generation, placed_at
from shared.sync.marker import binding_of, insert_id, marked, marker_for, patch_id
from shared.sync.merged import Settled
from shared.sync.plan import Insert, Leave, Look, Move, Place, Remove, Rest, Update, plan
from shared.sync.settle import found, lost, written
from shared.sync.state import effective, with_state
from shared.sync.to_event import event_body
from shared.sync.told import Told
from shared.usecases.outbound.elsewhere import look_elsewhere, other_calendars, relocated
from shared.usecases.outbound.targets import NO_TARGET, check_nothing_waits, is_lost, left_behind, made_ready
from shared.usecases.outbound.trying import SECOND_LOOK_S, Done, Trying
from shared.usecases.reading import same_revision

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.model.ids import ConnectionId


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt(Trying):
    """Plans, writes, and decides anew from what a get showed."""

    def run(self) -> Done:
        """Carry out the plan; what a failed assumption shows is decided from a get."""
        task = self.reading.task
        if is_lost(self.reading.calendar):
            if (elsewhere := left_behind(task, self.context)) is not None:
                return self._leave_behind(elsewhere)
            check_nothing_waits(task, self.context)
        step = plan(task, self.context)
        match step:
            case Rest(after):
                return self.commit(after, ()) if after != task else Done.NOTHING
            case Place(after):
                self.commit(after, ())
                return Done.AGAIN
            case Insert():
                return self._insert()
            case Update(send):
                return self._update(task, send, task.sync.etag or "", ())
            case Remove():
                return self._remove(task, task.sync.etag or "", ())
            case Move():
                return self._move()
            case Leave():
                return self._leave()
            case Look():
                return self._look()
            case unknown:
                assert_never(unknown)

    def _insert(self) -> Done:
        task = self.reading.task
        if self.reading.calendar is None and self._ready(self.context.connection.id, self.place):
            return Done.AGAIN
        values = effective(task, self.context)
        owned = self.context.fields_of(task)
        binding = binding_of(self.context.deployment, self.context.tenant, task)
        marker = marker_for(binding, insert_id(task), {name: fingerprint(owned[name]) for name in owned}, None)
        request = self.meet_request(task)
        body = event_body(values, frozenset(values), self.context.rendering(task), create=True, meet_request_id=request)
        try:
            answer = self.calendar.insert(
                self.place, {"id": self.event_id, **marked(body, marker)}, notify=self.notify(task)
            )
        except IdTaken:
            return self._taken()
        except EventMissing as error:
            raise CalendarGone("the calendar is gone, or no longer shared with this account; choose another") from error
        after = written(task, answer, values, marker.write_id, self.context, base=task.sync.base)
        told = Told(kind="task.linked", origin="tandem", action="made the event")
        return self.commit_written(after, request, answer, (told,))

    def _update(
        self, task: Task, send: frozenset[str], etag: str, told: Sequence[Told], carried: Settled | None = None
    ) -> Done:
        """Patch the fields that changed, and no other, under the etag of the version that they were decided against."""
        values = effective(task, self.context, carried.event if carried else None)
        binding = binding_of(self.context.deployment, self.context.tenant, task)
        sent = {name: values[name] for name in send}
        prints = {name: fingerprint(value) for name, value in sent.items()}
        marker = marker_for(binding, patch_id(task, etag), prints, carried.carried if carried else None)
        request = self.meet_request(task) if "conference" in send else None
        body = event_body(
            values, send, self.context.rendering(task), responses=task.sync.responses, meet_request_id=request,
            event=carried.event if carried else None,
        )  # fmt: skip
        try:
            answer = self.calendar.patch(
                self.place, self.event_id, marked(body, marker), if_match=etag, notify=self.notify(task)
            )
        except PreconditionFailed:
            if carried is not None:
                raise
            return self._met()
        except (EventMissing, EventDeleted, EventForbidden) as error:
            return self._vanished(error)
        after = written(task, answer, sent, marker.write_id, self.context, base=task.sync.base)
        history = Told(
            kind=None, origin="tandem", action="changed the event", detail=f"fields: {', '.join(sorted(send))}"
        )
        return self.commit_written(after, request, answer, (*told, history))

    def _remove(self, task: Task, etag: str, told: Sequence[Told], *, seen: bool = False) -> Done:
        try:
            self.calendar.delete(self.place, self.event_id, if_match=etag, notify=self.notify(task))
        except PreconditionFailed:
            if seen:
                raise
            return self._met()
        except (EventDeleted, EventMissing) as error:
            return self._vanished(error)
        history = Told(kind=None, origin="tandem", action="deleted the event")
        return self.commit(with_state(buried(task, confirmed=True), self.context), (*told, history))

    def _move(self) -> Done:
        """Google's move keeps id, guests and Meet; it takes no precondition, so its answer is merged (18, 40)."""
        task, target = self.reading.task, self.reading.task.sync.target
        if target is None:
            return Done.NOTHING
        self._ready(self.context.connection.id, target)
        try:
            answer = self.calendar.move(self.place, self.event_id, target, notify=self.notify(task))
        except (EventMissing, EventDeleted, EventForbidden) as error:
            return self._vanished(error, if_living=CalendarGone(NO_TARGET))
        there = replace(task, sync=replace(task.sync, calendar=target, target=None))
        settled = found(there, answer, self.context)
        after = replace(settled.task, sync=replace(settled.task.sync, verify=True, state="pending"))
        told = Told(kind=None, origin="tandem", action="moved the event to another calendar")
        self.commit(after, (*settled.told, told), again="v")
        return Done.SYNCED

    def _leave(self) -> Done:
        """To another account: delete here, commit connection, calendar and generation; then insert (rule 18)."""
        task = self.reading.task
        target, connection = task.sync.target, task.sync.target_connection
        if target is None or connection is None:
            return Done.NOTHING
        self._ready(connection, target)
        if task.sync.etag is None:
            return self._look()
        try:
            self.calendar.delete(self.place, self.event_id, if_match=task.sync.etag, notify=self.notify(task))
        except PreconditionFailed:
            return self._met()
        except (EventDeleted, EventMissing) as error:
            if (there := look_elsewhere(self.world, self.context, self.calendar, task)) is not None:
                return self._relocate(*there)
            self.world.log.event("sync_task", "gone_before_the_move", task=task.id, reason=error.code)
        return self._left(task, connection, target)

    def _left(self, task: Task, connection: ConnectionId, target: CalendarId) -> Done:
        generation = task.sync.generation + 1
        after = placed_at(task, connection, target, self.context.event_id(task.id, generation), generation=generation)
        told = Told(kind=None, origin="tandem", action="took the event to another account")
        return self.commit(after, (told,), again="l")

    def _leave_behind(self, after: Task) -> Done:
        """The event stays in a calendar that is lost; a new one is made where the CRM wants it."""
        self._ready(after.sync.connection or self.context.connection.id, after.sync.calendar or self.place)
        told = Told(kind=None, origin="tandem", action="left the event behind in a calendar that is lost")
        self.commit(with_state(after, self.context), (told,), again="l")
        return Done.SYNCED

    def _ready(self, connection: ConnectionId, calendar: CalendarId) -> bool:
        return made_ready(self.world, self.context.tenant, connection, calendar)

    def _look(self) -> Done:
        try:
            seen = self.calendar.get(self.place, self.event_id)
        except EventMissing as error:
            return self._vanished(error)
        return self._seen(seen)

    def _met(self) -> Done:
        """Somebody changed the event first: get it and decide anew."""
        try:
            seen = self.calendar.get(self.place, self.event_id)
        except EventMissing as error:
            return self._vanished(error)
        return self._seen_after_a_refusal(seen)

    def _taken(self) -> Done:
        """The id exists: our own insert whose answer was lost, a person's deletion, or a burnt id (rules 16 and 44)."""
        try:
            seen = self.calendar.get(self.place, self.event_id)
        except EventMissing:
            return self._burnt()
        return self._seen_after_a_refusal(seen)

    def _seen_after_a_refusal(self, seen: Event | Tombstone) -> Done:
        """What a get shows after a 409 or 412 counts for the document as it still is, else all starts over (rule 8)."""
        if not same_revision(self.world, self.context.tenant, self.reading):
            raise LostRace("the task changed while its event was read")
        return self._seen(seen)

    def _seen(self, seen: Event | Tombstone) -> Done:
        if isinstance(seen, Event):
            return self._finish(found(self.reading.task, seen, self.context))
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
            seen: Event | Tombstone | None = self.calendar.get(self.place, self.event_id)
        except EventMissing:
            seen = None
        if isinstance(seen, Event):
            if isinstance(error, EventForbidden):
                raise error
            if if_living is not None:
                raise if_living
            return self._finish(found(self.reading.task, seen, self.context))
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
        if task.sync.etag is None and not task.sync.adopted:
            if task.sync.target_connection is not None and task.sync.target is not None:
                # Never inserted here; an insert that still comes is of an earlier generation then (rule 15).
                return self._left(task, task.sync.target_connection, task.sync.target)
            after = replace(task, sync=replace(task.sync, verify=False))
            self.commit(after, ())
            return Done.AGAIN
        if task.sync.etag is None:
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
        moved, told = relocated(self.reading.task, calendar, self.context)
        settled = found(moved, event, self.context)
        after = replace(settled.task, sync=replace(settled.task.sync, verify=True, state="pending"))
        self.commit(after, (*told, *settled.told), again="v")
        return Done.SYNCED

    def _finish(self, settled: Settled) -> Done:
        """Do at Google what is left, under the etag just seen, and commit all of it at once."""
        task = settled.task
        if settled.delete:
            return self._remove(task, settled.etag or "", settled.told, seen=True)
        if settled.send or (task.sync.again is not None and self.context.unwanted(task) is None):
            return self._update(task, settled.send, settled.etag or "", settled.told, carried=settled)
        if task.sync.target is not None or task.sync.target_connection is not None:
            self.commit(task, settled.told)
            return Done.AGAIN
        return self._settle(settled)

    def _settle(self, settled: Settled) -> Done:
        after = with_state(settled.task, self.context)
        self.commit(after, settled.told)
        return Done.AGAIN if after.sync.state == "pending" and not after.sync.verify else Done.SYNCED
