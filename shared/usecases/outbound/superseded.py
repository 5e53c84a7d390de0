"""An earlier generation of ours that lives, by a late insert: deleted, unless a person edited it (rule 15)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from shared.errors import EventDeleted, EventMissing, PreconditionFailed
from shared.sync.fields import FIELDS, TWO_WAY
from shared.sync.fingerprint import fingerprint
from shared.sync.google_fields import google_fields
from shared.sync.mapping import event_key, uid_key, uid_of
from shared.sync.marker import PROPERTY, binding_of, read_marker
from shared.sync.told import Told
from shared.usecases.inbound.outcome import Outcome
from shared.usecases.outbound.remember import task_writes

if TYPE_CHECKING:
    from shared.google.events import Event
    from shared.model.task import Task
    from shared.ports import Revision
    from shared.sync.fields import Value
    from shared.usecases.inbound.arrivals import Arrivals


def superseded(arrivals: Arrivals, task: Task, revision: Revision, item: Event) -> Outcome:
    """The event is deleted under its etag; one that a person edited is left to them: no marker, no key leads to it.

    If it changes while this is done, the notification of that change brings it here again. That of the marker's going
    brings it as a foreign one; what has no marker any more is decided as that as soon as no key leads to it.
    """
    try:
        if not _edited(arrivals, task, item):
            arrivals.calendar.delete(arrivals.place, item.id, if_match=item.etag, notify="none")
            return Outcome(item=item, task=task)
        marked = read_marker(item.private) is not None
        if marked:
            bare = {"extendedProperties": {"private": {PROPERTY: None}}}
            arrivals.calendar.patch(arrivals.place, item.id, bare, if_match=item.etag, notify="none")
    except (EventDeleted, EventMissing, PreconditionFailed) as error:
        arrivals.world.log.event("pull_calendar", "superseded_changed", tenant=arrivals.tenant, reason=error.code)
        return Outcome(item=item, task=task)
    own = {event_key(arrivals.reading.connection.id, item.id), uid_key(item.ical_uid or uid_of(item.id))}
    after = replace(task, sync=replace(task.sync, keys=tuple(key for key in task.sync.keys if key not in own)))
    told = Told(
        kind="task.updated", origin="tandem", action="left an older event of the task to the person who edited it",
        detail="it stands in the calendar without a task",
    )  # fmt: skip
    writes = task_writes(arrivals.world, arrivals.tenant, task, after, (told,), revision)
    return Outcome(item=item, writes=tuple(writes), action="update", task=after, waits=not marked)


def _edited(arrivals: Arrivals, task: Task, item: Event) -> bool:
    """Something stands there that neither our write put there, nor the task says, nor any new event has."""
    context = arrivals.context()
    marker = read_marker(item.private)
    shown = google_fields(item, context.rendering(task))
    for generation in range(task.sync.generation):
        if context.event_id(task.id, generation) == item.id:
            then = replace(task, sync=replace(task.sync, generation=generation, event_id=item.id))
            if marker is None or marker.binding != binding_of(context.deployment, context.tenant, then):
                return True
            told, says = marker.fields, context.fields_of(task)
            return any(
                fingerprint(shown.get(name)) not in _known(told.get(name), says.get(name), FIELDS[name].default)
                for name in TWO_WAY & (shown.keys() | told.keys())
            )
    return True


def _known(told: str | None, *values: Value) -> set[str]:
    """What our last write put there; of a field that it did not name, what the task says, or what a new event has."""
    return {told} if told is not None else {fingerprint(value) for value in values}
