"""After a person ended a series sooner: has a later half come of it? Only then are its occurrences given up (rule 37).

Google may tell of the old half's end before it tells of the new one. So two pulls must have ended since, and one get of
the first occurrence beyond the end must show no later half. Start at `look_after`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from msgspec.structs import replace

from shared.errors import EventMissing
from shared.google.events import Event
from shared.google.series import instance_id, is_later_half
from shared.sync.cutting import first_beyond
from shared.sync.halves import settled_down
from shared.sync.state import with_state
from shared.usecases.jobs import pull_now_job

if TYPE_CHECKING:
    from shared.model.task import Cut, Task
    from shared.usecases.outbound.trying import Done, Trying

PULLS, MOST_PULLS = 2, 8
"""As many must have ended; as many at most are waited for while a later half is seen and not taken in."""
AGAIN_S = 3.0
QUICK_TRIES = 4
"""After so many the sweep of what is pending goes on, so that a calendar that cannot be pulled costs no loop."""


def look_after(trying: Trying) -> Done:
    """The series knows what became of its later half, or asks again later."""
    task, cut = trying.reading.task, trying.reading.task.cut
    if cut is None:
        return trying.commit(with_state(task, trying.context), ())
    if _pulled(trying) and cut.pulls < PULLS:
        return _wait(trying, task, cut)
    if cut.pulls < MOST_PULLS and _lives_on(trying, task):
        return _wait(trying, task, cut)
    after, told = settled_down(task, trying.context)
    return trying.commit(with_state(after, trying.context), told)


def _pulled(trying: Trying) -> bool:
    """Pulls of the calendar can be waited for."""
    shelf = trying.context.calendar
    return shelf is not None and shelf.watched and shelf.state != "suspended"


def _wait(trying: Trying, task: Task, cut: Cut) -> Done:
    """One more pull is asked for, and then this again; the last that ended since counts."""
    shelf = trying.context.calendar
    last = None if shelf is None else shelf.last_pull_at
    if last is not None and last > cut.at:
        cut = replace(cut, at=last, pulls=cut.pulls + 1)
    after = replace(task, cut=replace(cut, tries=cut.tries + 1))
    done = trying.commit(after, (), again="h" if cut.tries < QUICK_TRIES else None, delay_s=AGAIN_S)
    attempt = f"h{trying.world.ids.new()}"
    job = pull_now_job(trying.context.tenant, trying.context.connection.id, trying.place, attempt=attempt)
    trying.world.queue.enqueue(replace(job, not_before=trying.context.now + timedelta(seconds=1)))
    return done


def _lives_on(trying: Trying, task: Task) -> bool:
    """The first occurrence that the old half no longer has stands in the calendar, in a later half of it."""
    beyond = first_beyond(task, trying.context)
    if beyond is None:
        return False
    try:
        seen = trying.calendar.get(trying.place, instance_id(trying.event_id, beyond))
    except EventMissing:
        return False
    master = seen.recurring_event_id
    return isinstance(seen, Event) and master is not None and master != task.sync.event_id and is_later_half(master)
