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
    NoWriteAccess,
    PreconditionFailed,
    TandemError,
)
from shared.google.events import Event, Tombstone
from shared.google.responses import living
from shared.model.task import Task
from shared.sync.fingerprint import fingerprint
from shared.sync.mapping import buried
from shared.sync.marker import binding_of, insert_id, marked, marker_for, patch_id
from shared.sync.meeting import is_anothers, told_of_anothers
from shared.sync.merged import Settled
from shared.sync.occurrence_state import stale_of
from shared.sync.plan import Insert, Leave, Look, LookAfter, Move, Place, Remove, Rest, Revise, Update, plan
from shared.sync.settle import found, written
from shared.sync.state import effective, left_of_occurrences, with_state
from shared.sync.to_event import event_body
from shared.sync.told import Told
from shared.usecases.family import Seen
from shared.usecases.outbound.elsewhere import look_elsewhere
from shared.usecases.outbound.judging import Judging
from shared.usecases.outbound.look_after import look_after
from shared.usecases.outbound.meets import written_even_without_meet
from shared.usecases.outbound.occurrences import NO_OCCURRENCE, send_occurrences
from shared.usecases.outbound.targets import NO_TARGET, check_nothing_waits, is_lost, left_behind, made_ready
from shared.usecases.outbound.trying import Done, Written

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shared.model.ids import CalendarId, ConnectionId
    from shared.sync.fields import Fields
    from shared.sync.marker import Marker


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt(Judging):
    """Plans, writes, and decides anew from what a get showed."""

    def run(self) -> Done:
        """Carry out the plan; what a failed assumption shows is decided from a get."""
        task = self.reading.task
        if is_lost(self.reading.calendar):
            if (elsewhere := left_behind(task, self.context)) is not None:
                return self._leave_behind(elsewhere)
            check_nothing_waits(task, self.context)
        match plan(task, self.context):
            case Rest(after):
                return self.commit(after, ()) if after != task else Done.NOTHING
            case Place(after):
                self.commit(after, ())
                return Done.AGAIN
            case Insert():
                return self._had_again() or self._made(task)
            case Update(send):
                return self._update(task, send, task.sync.etag or "", ())
            case Revise():
                return self._rounded_off(task, ())
            case Remove():
                return self._remove(task, task.sync.etag or "", ())
            case Move():
                return self._move()
            case Leave():
                return self._leave()
            case Look():
                return self._look()
            case LookAfter():
                return look_after(self)
            case unknown:
                assert_never(unknown)

    def _made(self, task: Task) -> Done:
        try:
            return self._insert()
        except (CalendarGone, NoWriteAccess):
            if (elsewhere := left_behind(task, self.context)) is None:
                raise
            return self._leave_behind(elsewhere, "goes to the calendar that was chosen instead")

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
            answer, refused = written_even_without_meet(
                lambda said: self.calendar.insert(self.place, said, notify=self.notify(task)),
                {"id": self.event_id, **marked(body, marker)},
            )
        except IdTaken:
            return self._taken()
        except EventMissing as error:
            raise CalendarGone("the calendar is gone, or no longer shared with this account; choose another") from error
        after = written(task, answer, values, marker.write_id, self.context, base=task.sync.base)
        told = Told(kind="task.linked", origin="tandem", action="made the event")
        return self._rounded_off(after, (told,), Written(request=request, answer=answer, refused=refused))

    def _update(
        self, task: Task, send: frozenset[str], etag: str, told: Sequence[Told], carried: Settled | None = None
    ) -> Done:
        """Patch the fields that changed, and no other, under the etag of the version that they were decided against."""
        values = effective(task, self.context, carried.event if carried else None)
        binding = binding_of(self.context.deployment, self.context.tenant, task)
        sent = {name: values[name] for name in send}
        prints = {name: fingerprint(value) for name, value in sent.items()}
        marker = marker_for(binding, patch_id(task, etag), prints, carried.carried if carried else None)
        request = None
        if "conference" in send:
            request = self.meet_request(task)
            told = (*told, *told_of_anothers(task.sync.meet, task.content.conference or None))
        body = self._patch(task, values, send, marker, request, carried.event if carried else None)
        try:
            shown, refused = written_even_without_meet(
                lambda said: self.calendar.patch(
                    self.place, self.event_id, said, if_match=etag, notify=self.notify(task, send)
                ),
                body,
            )
            answer = living(shown)
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
        moved = after.is_series and bool(send & {"time", "recurrence"})
        now = Written(request=request, answer=answer, refused=refused)
        return self._rounded_off(after, (*told, history), now, moved=moved)

    def _rounded_off(
        self, task: Task, told: Sequence[Told], written_now: Written | None = None, seen: Seen | None = None, *,
        moved: bool = False,
    ) -> Done:  # fmt: skip
        """The series stands as it should; now its occurrences, then one commit of everything.

        Args:
            seen: The family as read just now, under the etag that the task has.
            moved: This write gave the series another time or rule: only a read shows which exceptions count now.
        """
        task, told = self.with_meet(task, written_now, told)
        if seen is None and (moved or stale_of(task, self.context)):
            got = self._read_again()
            if got is None:
                self.commit(with_state(replace(task, sync=replace(task.sync, verify=True)), self.context), told)
                return Done.AGAIN
            settled = found(task, got.event, self.context, got.exceptions)
            task, told, seen = settled.task, (*told, *settled.told), got
            if settled.send or settled.delete:
                self.commit(task, told)
                return Done.AGAIN
        if not task.occurrences:
            return self.commit_written(task, told)
        sent = send_occurrences(self, task, seen)
        if sent.refusal is None:
            again = "o" if sent.more or sent.task.sync.verify else None
            return self.commit_written(sent.task, (*told, *sent.told), again=again)
        if sent.told or told or written_now:
            # What has been done is kept; the next round meets the refusal with nothing to lose.
            self.commit(with_state(sent.task, self.context), (*told, *sent.told))
            return Done.AGAIN
        return self._occurrence_refused(sent.refusal, seen)

    def _read_again(self) -> Seen | None:
        """The event that was just written, as it is now; None when somebody deleted it at that moment."""
        try:
            seen = self.read()
        except EventMissing:
            return None
        return seen if isinstance(seen, Seen) else None

    def _occurrence_refused(self, refusal: TandemError, seen: Seen | None) -> Done:
        if isinstance(refusal, PreconditionFailed) and seen is None:
            return self._met()
        if not isinstance(refusal, (EventMissing, EventDeleted)):
            raise refusal
        if isinstance(self.read(), Tombstone):
            return self._met()
        raise GoogleRefused(NO_OCCURRENCE, reason="notFound") from refusal

    def _patch(
        self, task: Task, values: Fields, send: frozenset[str], marker: Marker, request: str | None, event: Event | None
    ) -> Mapping[str, object]:
        rendering, responses = self.context.rendering(task), task.sync.responses
        if is_anothers(task.sync.meet):
            send = send - {"conference"}
        body = event_body(values, send, rendering, responses=responses, meet_request_id=request, event=event)
        return marked(body, marker)

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
        """To another account or service: delete here, commit place and generation; then insert (rule 18)."""
        task = self.reading.task
        target, connection = task.sync.target, task.sync.target_connection or self.context.connection.id
        if target is None:
            return Done.NOTHING
        self._ready(connection, target)
        etag = task.sync.etag
        if etag is None:
            return self._look()
        if task.is_series:
            seen = self.read()
            if isinstance(seen, Tombstone):
                return self._judge(seen)
            settled = found(task, seen.event, self.context, seen.exceptions)
            if settled.told:
                self.commit(settled.task, settled.told)
                return Done.AGAIN
            etag = seen.event.etag
        try:
            self.calendar.delete(self.place, self.event_id, if_match=etag, notify=self.notify(task))
        except PreconditionFailed:
            return self._met()
        except (EventDeleted, EventMissing) as error:
            if (there := look_elsewhere(self.world, self.context, self.calendar, task)) is not None:
                return self._relocate(*there)
            self.world.log.event("sync_task", "gone_before_the_move", task=task.id, reason=error.code)
        return self._left(task, connection, target)

    def _leave_behind(self, after: Task, action: str = "left the event behind in a calendar that is lost") -> Done:
        """The event stays in a calendar that is lost; a new one is made where the CRM wants it."""
        self._ready(after.sync.connection or self.context.connection.id, after.sync.calendar or self.place)
        told = Told(kind=None, origin="tandem", action=action)
        self.commit(with_state(after, self.context), (told,), again="l")
        return Done.SYNCED

    def _ready(self, connection: ConnectionId, calendar: CalendarId) -> bool:
        return made_ready(self.world, self.context.tenant, connection, calendar)

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
        if left_of_occurrences(task, self.context) and self.context.unwanted(task) is None and settled.event:
            seen = Seen(event=settled.event, exceptions=settled.exceptions)
            return self._rounded_off(task, settled.told, seen=seen)
        return self._settle(settled)
