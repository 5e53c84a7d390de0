"""Commits what a list leads to, a hundred outcomes at once; one that loses a race is decided again (rules 9, 10).

A task that is new has no mapping yet by which a newer page would know the older one. So it is committed only beside its
calendar, which tells whether another pull has gone by: start at `commit_beside`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from shared.errors import LostRace
from shared.model.connection import Watched
from shared.model.ids import task_path
from shared.model.stored import read_as, to_data
from shared.model.task import Task
from shared.ports import Revision, Set
from shared.usecases.inbound.outcome import jobs_for
from shared.usecases.jobs import enqueue_due
from shared.usecases.outbound.remember import task_writes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from shared.ports import Write
    from shared.usecases.inbound.arrivals import Arrivals
    from shared.usecases.inbound.outcome import Outcome

CHUNK = 100
ROUNDS = 5


def commit_outcomes(arrivals: Arrivals, outcomes: Sequence[Outcome]) -> int:
    """Every outcome is stored, and its jobs enqueued; returns how many wrote something.

    Raises:
        LostRace: Somebody else kept winning; the cursor stays, and the pull is tried again.
    """
    writing = [each for each in outcomes if each.writes]
    for first in range(0, len(writing), CHUNK):
        chunk = writing[first : first + CHUNK]
        try:
            arrivals.world.store.commit([write for each in chunk for write in each.writes])
        except LostRace:
            chunk = [_committed_alone(arrivals, each) for each in chunk]
        _enqueue(arrivals, chunk)
    return len(writing)


def commit_beside(
    arrivals: Arrivals, new: Sequence[Outcome], onward: Callable[[Watched], Watched], *more: Write
) -> bool:
    """The new tasks are stored in one commit with the calendar as it goes on, and with `more`.

    When a pull has moved the calendar on since it was read, that one may have seen such an event change or end: then
    each is stored in doubt, which costs it a get, and nothing else is. When the calendar is watched no more, as its
    connection may have ended, nothing is stored. What is more than one commit takes goes before, and is put in doubt
    afterwards.

    Returns:
        Whether the calendar went on, or is watched no more.

    Raises:
        LostRace: Somebody else kept winning.
    """
    store, reading = arrivals.world.store, arrivals.reading
    shelf, revision = reading.shelf, reading.shelf_revision
    if arrivals.contested:  # what the rest of the list led to is another thing by now
        new = [arrivals.again(each.item, *each.beside) for each in new]
    early, new = new[:-CHUNK], new[-CHUNK:]
    commit_outcomes(arrivals, early)
    for _ in range(ROUNDS):
        moved = Set(path=reading.shelf_path, data=to_data(onward(shelf)), must=revision)
        try:
            store.commit([moved, *more, *(write for each in new for write in each.writes)])
        except LostRace:
            document = store.get_many([reading.shelf_path])[reading.shelf_path]
            if document is None or not read_as(Watched, document).watched:
                _look_again_at_the_new(arrivals, early)
                return True
            shelf, revision = read_as(Watched, document), Revision(document.revision)
            if shelf.sync_token != reading.shelf.sync_token:
                break
            new = [arrivals.again(each.item, *each.beside) for each in new]
            continue
        _enqueue(arrivals, new)
        return True
    arrivals.overtaken = True
    _enqueue(arrivals, [_committed_alone(arrivals, each) for each in new])
    _look_again_at_the_new(arrivals, early)
    return False


def _enqueue(arrivals: Arrivals, committed: Iterable[Outcome]) -> None:
    for each in committed:
        for job in each.jobs:
            enqueue_due(arrivals.world, job)


def _look_again_at_the_new(arrivals: Arrivals, outcomes: Sequence[Outcome]) -> None:
    """A pull that overtook this list may have seen an event end before a task was made of it: each is got again.

    So is each where the calendar is watched no more: its task is let go if the connection has ended.
    """
    world, tenant = arrivals.world, arrivals.tenant
    for made in (each.task for each in outcomes if each.action == "create" and each.task is not None):
        path = task_path(tenant, made.id)
        for _ in range(ROUNDS):
            document = world.store.get_many([path])[path]
            if document is None:
                break
            task = read_as(Task, document)
            if task.sync.connection != arrivals.reading.connection.id:
                break  # let go, or another's by now
            doubted = replace(task, sync=replace(task.sync, verify=True, state="pending"))
            try:
                world.store.commit(task_writes(world, tenant, task, doubted, (), Revision(document.revision)))
            except LostRace:
                continue
            for job in jobs_for(world, tenant, doubted):
                enqueue_due(world, job)
            break


def _committed_alone(arrivals: Arrivals, outcome: Outcome) -> Outcome:
    for _ in range(ROUNDS if outcome.from_page else 0):
        outcome = arrivals.again(outcome.item, *outcome.beside)
        if not outcome.writes:
            return outcome
        try:
            arrivals.world.store.commit(outcome.writes)
        except LostRace:
            continue
        return outcome
    raise LostRace("a task kept changing while its event was taken in", after_s=1.0)
