"""Views: other connections' copies of an event that has its task; one copy owns, the others show (22, 41)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from shared.model.task import View
from shared.sync.copies import is_organizers, owner_changed
from shared.sync.mapping import event_key, with_keys_of_copies
from shared.sync.told import Told
from shared.usecases.inbound.outcome import Outcome, jobs_for
from shared.usecases.outbound.remember import task_writes

if TYPE_CHECKING:
    from shared.google.events import Event, Tombstone
    from shared.model.task import Task
    from shared.ports import Revision
    from shared.usecases.inbound.arrivals import Arrivals


def view_linked(arrivals: Arrivals, task: Task, revision: Revision, item: Event) -> Outcome:
    """This connection's copy is known from now on. The organizer's copy takes over as the owner in this same commit.

    Of a guest who was asked to several dates of a series one date's copy stands for all, the first that was seen.
    """
    connection = arrivals.reading.connection
    view = View(
        user=connection.user, calendar=arrivals.place, event_id=item.id, organizer=item.organizer_self,
        original_start=item.original_start if task.is_series else None,
    )  # fmt: skip
    if (
        item.organizer_self
        and view.original_start is None
        and not is_organizers(task)
        and task.sync.connection is not None
    ):
        after = owner_changed(task, connection.id, view)
        told = Told(kind=None, origin="tandem", action="the organizer's copy of the event now belongs to the task")
        return Outcome(
            item=item,
            writes=tuple(task_writes(arrivals.world, arrivals.tenant, task, after, (told,), revision)),
            action="update",
            jobs=jobs_for(arrivals.world, arrivals.tenant, after),
            task=after,
        )
    known = task.sync.views.get(connection.id)
    of_another_date = known is not None and known.original_start is not None and view.original_start is not None
    if known == view or of_another_date:
        return Outcome(item=item)
    keyed = with_keys_of_copies(task.sync, event_key(connection.id, item.id))
    after = replace(task, sync=replace(keyed, views={**task.sync.views, connection.id: view}))
    told = Told(kind=None, origin="google", action="another user's calendar shows the event too")
    writes = task_writes(arrivals.world, arrivals.tenant, task, after, (told,), revision)
    return Outcome(item=item, writes=tuple(writes), action="update", task=after)


def view_ended(arrivals: Arrivals, task: Task, revision: Revision, item: Tombstone) -> Outcome:
    """A copy went from its calendar: only the view goes with it."""
    connection = arrivals.reading.connection.id
    if connection not in task.sync.views or task.sync.views[connection].calendar != arrivals.place:
        return Outcome(item=item)
    key = event_key(connection, item.id)
    views = {known: view for known, view in task.sync.views.items() if known != connection}
    sync = replace(task.sync, views=views, keys=tuple(each for each in task.sync.keys if each != key))
    after = replace(task, sync=sync)
    told = Told(kind=None, origin="google", action="another user's calendar no longer shows the event")
    writes = task_writes(arrivals.world, arrivals.tenant, task, after, (told,), revision)
    return Outcome(item=item, writes=tuple(writes), action="update", task=after)
