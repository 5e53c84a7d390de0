"""One outbound try at a task in a list of Google Tasks: as for an event, but for the insert and the bodies.

A list takes no id of ours and no marker. So nothing is inserted without an intent, and nothing is decided while one of
somebody else's is unproved (`intents.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgspec.structs import replace

from shared.errors import CalendarGone, EventMissing
from shared.google.tasks import IN_A_LIST, task_body
from shared.sync.mapping import buried
from shared.sync.plan import Insert, Leave, Look, Rest, plan
from shared.sync.settle import found, written
from shared.sync.state import effective, with_state
from shared.sync.told import Told
from shared.usecases.outbound.attempt import Attempt
from shared.usecases.outbound.intents import intent_of, recovered, rekeyed
from shared.usecases.outbound.trying import Done

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.google.events import Event
    from shared.model.task import Task
    from shared.sync.fields import Fields
    from shared.sync.marker import Marker


@dataclass(frozen=True, slots=True, kw_only=True)
class ListAttempt(Attempt):
    """Plans and writes as every try does, once Google has answered an insert.

    Args:
        by: Names this try, in an intent of its own.
    """

    by: str

    def run(self) -> Done:
        """Carry out the plan; before Google has ever answered for the task, with an intent."""
        sync = self.reading.task.sync
        if sync.event_id is None or sync.etag is not None or sync.gone or (sync.adopted and sync.intent is None):
            return Attempt.run(self)
        if sync.intent is not None and sync.intent.by != self.by:
            return self._recover()
        return self._unanswered(self.reading.task)

    def _recover(self) -> Done:
        """Somebody else's insert: found and taken over, or proved not to be there.

        Nothing is written to what was found before it is known by its id: it would not be found by its values again.
        """
        task = self.reading.task
        made = recovered(self.world, self.context, self.calendar, task)
        if made is None:
            self.commit(replace(task, sync=replace(task.sync, intent=None)), ())
            return Done.AGAIN
        mine, seen = made
        settled = found(mine, seen, self.context)
        self.commit(settled.task, settled.told)
        return Done.AGAIN

    def _unanswered(self, task: Task) -> Done:
        """Nothing of this generation is in the list, unless this very try has put it there."""
        step = plan(task, self.context)
        match step:
            case Rest(after):
                return self.commit(after, ()) if after != task else Done.NOTHING
            case Leave() if task.sync.target is not None:
                connection = task.sync.target_connection or self.context.connection.id
                self._ready(connection, task.sync.target)
                return self._left(task, connection, task.sync.target)
            case Insert() | Look() if self.context.unwanted(task) is None:
                intent, known = intent_of(task, self.context, self.by), task.sync.intent
                if known is not None and known.prints == intent.prints:
                    return self._insert()
                self.commit(replace(task, sync=replace(task.sync, intent=intent)), ())
                return Done.AGAIN
        return self.commit(with_state(buried(task, confirmed=True), self.context), ())

    def _insert(self) -> Done:
        task = self.reading.task
        values = effective(task, self.context)
        try:
            answer = self.calendar.insert(self.place, task_body(values, IN_A_LIST), notify="none")
        except EventMissing as error:
            raise CalendarGone("the list of Google Tasks is gone; choose another one in google_tasks") from error
        sent = {name: values[name] for name in IN_A_LIST}
        after = written(rekeyed(task, answer.id), answer, sent, "", self.context, base=task.sync.base)
        told = Told(kind="task.linked", origin="tandem", action="made the Google task")
        return self.commit(after, (told,))

    def _patch(
        self, task: Task, values: Fields, send: frozenset[str], marker: Marker, request: str | None, event: Event | None
    ) -> Mapping[str, object]:
        del task, marker, request, event
        return task_body(values, send)
