"""The ids at which a pull that imports an event meets who adopts it at that moment, so that it gets one task.

An event has one such id whatever iCalUID it carries: both sides write there in the commit that makes their task. Its
task is there, or a stub that names it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from shared.model.ids import TaskId, task_path
from shared.model.stored import read_as, to_data
from shared.model.task import Task
from shared.ports import Document, Must, Precondition, Revision, Set, Write
from shared.usecases.tasks.adoption import stub_path
from shared.usecases.tasks.claim import STUB_KEPT

if TYPE_CHECKING:
    from shared.google.events import Event
    from shared.model.ids import Path
    from shared.usecases.inbound.arrivals import Arrivals

STUBS_IN_A_ROW = 3
"""An import names its task, which the CRM may have given its own id since."""


class AtTheIds(msgspec.Struct, frozen=True, kw_only=True):
    """What stands where an event's task would be made.

    Args:
        known: The task that has the event though no key of it says so.
        must: What the id of a new task must be.
        stub: What the id where both meet must be.
    """

    known: Document | None = None
    must: Precondition = Must.BE_ABSENT
    stub: Precondition = Must.BE_ABSENT


def at_the_ids(arrivals: Arrivals, item: Event, task: TaskId) -> AtTheIds:
    """The task that has the event, else how a new one is made.

    A stub names who adopted or claimed the event. Where that task is no more, or goes on without it, the id is free.
    """
    own, meeting = task_path(arrivals.tenant, task), stub_path(arrivals.tenant, item.id)
    found = arrivals.world.store.get_many([own, meeting])
    free: dict[Path, Precondition] = {}
    for path in (own, meeting):
        document = found[path]
        if document is None:
            free[path] = Must.BE_ABSENT
            continue
        holder = _named(arrivals, document)
        if holder is document or (holder is not None and read_as(Task, holder).sync.event_id == item.id):
            return AtTheIds(known=holder, must=Revision(document.revision))
        free[path] = Revision(document.revision)
    return AtTheIds(must=free[own], stub=free[meeting])


def stub_of(arrivals: Arrivals, item: Event, task: TaskId, must: Precondition = Must.BE_ABSENT) -> list[Write]:
    """The stub that keeps an adoption under way from making a second task; none where the task is there itself."""
    path = stub_path(arrivals.tenant, item.id)
    if path == task_path(arrivals.tenant, task):
        return []
    now = arrivals.world.clock.now()
    at = TaskId(path.rpartition("/")[2])
    stub = Task(
        id=at, created_in="google", version=1, changed_at=now, moved_to=task, expires_at=now + STUB_KEPT
    )  # fmt: skip
    return [Set(path=path, data=to_data(stub), must=must)]


def _named(arrivals: Arrivals, document: Document) -> Document | None:
    """The task at the end of the stubs, itself if it is none; None when they end nowhere."""
    known: Document | None = document
    for _ in range(STUBS_IN_A_ROW):
        if known is None or (named := read_as(Task, known).moved_to) is None:
            return known
        path = task_path(arrivals.tenant, named)
        known = arrivals.world.store.get_many([path])[path]
    return None
