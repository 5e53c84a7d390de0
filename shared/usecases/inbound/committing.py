"""Commits a pull's outcomes, a hundred at once; one that loses a race is decided again (rules 9, 10)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from shared.errors import LostRace
from shared.model.ids import task_path
from shared.model.stored import read_as
from shared.model.task import Task
from shared.ports import Revision
from shared.usecases.inbound.outcome import jobs_for
from shared.usecases.jobs import enqueue_due
from shared.usecases.outbound.remember import task_writes

if TYPE_CHECKING:
    from collections.abc import Sequence

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
        for each in chunk:
            for job in each.jobs:
                enqueue_due(arrivals.world, job)
    return len(writing)


def look_again_at_the_new(arrivals: Arrivals, outcomes: Sequence[Outcome]) -> None:
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
