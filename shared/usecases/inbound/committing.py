"""Commits what a list leads to, a hundred outcomes at once; one that loses a race is decided again (rules 9, 10).

A task that is new has no mapping yet by which a newer page would know the older one. So it is committed only beside its
calendar, which tells whether another pull has gone by: start at `commit_beside`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from msgspec.structs import replace

from shared.errors import LostRace
from shared.model.connection import Watched
from shared.model.ids import task_path
from shared.model.stored import read_as, to_data
from shared.model.task import Task
from shared.ports import Revision, Set
from shared.usecases.inbound.outcome import Outcome, jobs_for
from shared.usecases.jobs import enqueue_due
from shared.usecases.outbound.remember import task_writes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from shared.ports import Write
    from shared.usecases.inbound.arrivals import Arrivals

Standing: TypeAlias = tuple[Watched, Revision]
"""A calendar, and the revision at which it was read."""
CHUNK = 100
ROUNDS = 5


def commit_outcomes(arrivals: Arrivals, outcomes: Sequence[Outcome]) -> int:
    """Every outcome is stored, and its jobs enqueued; returns how many wrote something.

    What turns out to be new once it is decided again waits in `arrivals.late` for `commit_beside`.

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
    waited = [_committed_alone(arrivals, each) for each in outcomes if each.waits]
    _enqueue(arrivals, waited)
    return len(writing) + sum(bool(each.writes) for each in waited)


def commit_beside(
    arrivals: Arrivals, new: Sequence[Outcome], onward: Callable[[Watched], Watched], *more: Write
) -> bool:
    """The new tasks are stored with the calendar, which goes on in the commit of the last of them, and with `more`.

    When a pull has moved the calendar on since it was read, that one may have seen such an event change or end: then
    each is stored in doubt, which costs it a get, and nothing else is. When the calendar is watched no more, as its
    connection may have ended, nothing is stored from then on: whoever ended it finds what was stored before.

    Returns:
        Whether the calendar went on, or is watched no more.

    Raises:
        LostRace: Somebody else kept winning.
    """
    reading = arrivals.reading
    new = [*new, *arrivals.late]
    if arrivals.contested:  # what the rest of the list led to is another thing by now
        new = [arrivals.again(each.item, *each.beside) for each in new]
    standing: Standing | None = (reading.shelf, reading.shelf_revision)
    undoubted: list[Outcome] = []
    for first in range(0, max(1, len(new)), CHUNK):
        if first:
            standing = _standing(arrivals)
        chunk, is_last = new[first : first + CHUNK], first + CHUNK >= len(new)
        if arrivals.overtaken:
            chunk = [arrivals.again(each.item, *each.beside) for each in chunk]
        for _ in range(ROUNDS):
            if standing is None:
                return True
            if _stored(arrivals, standing, chunk, onward, more if is_last else None):
                break
            standing = _standing(arrivals)
            chunk = [arrivals.again(each.item, *each.beside) for each in chunk]
        else:
            raise LostRace("a calendar kept changing while its events were taken in", after_s=1.0)
        undoubted += [] if arrivals.overtaken else chunk
    if arrivals.overtaken:
        _look_again_at_the_new(arrivals, undoubted)
    return not arrivals.overtaken


def _stored(
    arrivals: Arrivals,
    standing: Standing,
    chunk: Sequence[Outcome],
    onward: Callable[[Watched], Watched],
    more: Sequence[Write] | None,
) -> bool:
    """Whether the chunk could be stored with the calendar as it stands; what goes with the last one is `more`."""
    shelf, revision = standing
    goes_on = more is not None and not arrivals.overtaken
    news = [write for each in chunk for write in each.writes]
    if not news and not goes_on:  # another pull has stored all of it
        return True
    moved = Set(path=arrivals.reading.shelf_path, data=to_data(onward(shelf) if goes_on else shelf), must=revision)
    writes = [moved, *(more or () if goes_on else ()), *news]
    try:
        arrivals.world.store.commit(writes)
    except LostRace:
        return False
    _enqueue(arrivals, chunk)
    return True


def _standing(arrivals: Arrivals) -> Standing | None:
    """The calendar as it stands now, None when it is watched no more; notes whether another pull has moved it on."""
    path = arrivals.reading.shelf_path
    document = arrivals.world.store.get_many([path])[path]
    if document is None:
        return None
    shelf = read_as(Watched, document)
    if not shelf.watched:
        return None
    arrivals.overtaken = arrivals.overtaken or shelf.sync_token != arrivals.reading.shelf.sync_token
    return shelf, Revision(document.revision)


def _enqueue(arrivals: Arrivals, committed: Iterable[Outcome]) -> None:
    for each in committed:
        for job in each.jobs:
            enqueue_due(arrivals.world, job)


def _look_again_at_the_new(arrivals: Arrivals, outcomes: Sequence[Outcome]) -> None:
    """A pull that overtook this list may have seen an event end before a task was made of it: each is got again."""
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
        if outcome.action == "create":
            arrivals.late.append(outcome)
            return Outcome(item=outcome.item)
        if not outcome.writes:
            return outcome
        try:
            arrivals.world.store.commit(outcome.writes)
        except LostRace:
            continue
        return outcome
    raise LostRace("a task kept changing while its event was taken in", after_s=1.0)
