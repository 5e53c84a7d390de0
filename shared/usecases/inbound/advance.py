"""The cursor of a calendar, saved last: when everything before it is committed (rule 21)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from msgspec.structs import replace

from shared.google.cursor import cursor_of
from shared.model.connection import WRITING
from shared.model.ids import connection_path
from shared.ports import Patch
from shared.sync.brake import with_more
from shared.usecases.inbound.committing import commit_beside
from shared.usecases.inbound.outcome import deletions_of
from shared.usecases.jobs import pull_now_job
from shared.usecases.runs.runs import starting, under_way

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.google.responses import EventPage
    from shared.model.connection import Watched
    from shared.usecases.inbound.arrivals import Arrivals
    from shared.usecases.inbound.outcome import Outcome
    from shared.usecases.runs.runs import Starting


def advance(arrivals: Arrivals, last: EventPage, outcomes: Sequence[Outcome]) -> None:
    """The calendar goes on behind this list, and the list's new tasks are stored, in one commit.

    When another pull has moved the calendar on meanwhile it is pulled again. What else was written to its document
    stays: a channel, another due time. What waited while the calendar could only be read goes out from now on.
    """
    world, reading = arrivals.world, arrivals.reading
    new = [each for each in outcomes if each.action == "create"]
    link = connection_path(reading.tenant.id, reading.connection.id)
    told = Patch(path=link, fields={"last_sync_at": world.clock.now()})
    deletions = deletions_of(outcomes)
    begun = _writable_by_now(arrivals, last)
    more = (told, *(begun.writes if begun else ()))
    if commit_beside(arrivals, new, lambda shelf: _advanced(arrivals, shelf, last, deletions=deletions), *more):
        if begun is not None:
            under_way(world, reading.tenant.id, begun)
        return
    world.log.event("pull_calendar", "cursor_not_saved", tenant=reading.tenant.id, connection=reading.connection.id)
    place = reading.shelf.calendar_id
    world.queue.enqueue(pull_now_job(reading.tenant.id, reading.connection.id, place, attempt=world.ids.new()))


def _writable_by_now(arrivals: Arrivals, last: EventPage) -> Starting | None:
    """The run that sends what waited for the right to write here; None when there was one, or is none now."""
    reading = arrivals.reading
    if reading.shelf.writable or last.access_role not in WRITING:
        return None
    options = {"reason": "calendar"}
    return starting(
        arrivals.world, reading.tenant.id, kind="backlog", connection=reading.connection.id, options=options
    )


def _advanced(arrivals: Arrivals, shelf: Watched, last: EventPage, *, deletions: int) -> Watched:
    world = arrivals.world
    period = world.options.safety_pull_s if shelf.state == "push" else world.options.poll_s
    now = world.clock.now()
    token, parameters = cursor_of(last)
    return replace(
        shelf,
        sync_token=token,
        token_parameters=parameters,
        access_role=last.access_role,
        time_zone=last.time_zone,
        listing_until=None,
        last_pull_at=now,
        deletions=with_more(shelf.deletions, deletions, now=now),
        due_at=now + timedelta(seconds=period * (0.9 + world.ids.jitter() / 5)),
    )
