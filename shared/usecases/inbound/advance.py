"""The cursor of a calendar, saved last: when everything before it is committed (rule 21)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from msgspec.structs import replace

from shared.errors import LostRace
from shared.google.cursor import cursor_of
from shared.model.connection import Watched
from shared.model.ids import connection_path
from shared.model.stored import read_as, to_data
from shared.ports import Patch, Revision, Set
from shared.sync.brake import with_more
from shared.usecases.inbound.committing import look_again_at_the_new
from shared.usecases.inbound.outcome import deletions_of
from shared.usecases.jobs import pull_now_job

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.google.responses import EventPage
    from shared.usecases.inbound.arrivals import Arrivals
    from shared.usecases.inbound.outcome import Outcome

ROUNDS = 5


def advance(arrivals: Arrivals, last: EventPage, outcomes: Sequence[Outcome]) -> None:
    """The calendar goes on behind this list, unless another pull has moved it on meanwhile: then it is pulled again.

    What else was written to the calendar's document meanwhile stays: a channel, another due time.
    """
    world, reading = arrivals.world, arrivals.reading
    shelf, revision = reading.shelf, reading.shelf_revision
    for _ in range(ROUNDS):
        after = _advanced(arrivals, shelf, last, deletions=deletions_of(outcomes))
        link = connection_path(reading.tenant.id, reading.connection.id)
        try:
            world.store.commit(
                [
                    Set(path=reading.shelf_path, data=to_data(after), must=revision),
                    Patch(path=link, fields={"last_sync_at": after.last_pull_at}),
                ]
            )
        except LostRace:
            document = world.store.get_many([reading.shelf_path])[reading.shelf_path]
            if document is None:
                return
            shelf, revision = read_as(Watched, document), Revision(document.revision)
            if not shelf.watched:  # its connection may have ended, which let go of no task made since
                look_again_at_the_new(arrivals, outcomes)
                return
            if shelf.sync_token != reading.shelf.sync_token:
                break
            continue
        return
    world.log.event("pull_calendar", "cursor_not_saved", tenant=reading.tenant.id, connection=reading.connection.id)
    look_again_at_the_new(arrivals, outcomes)
    job = pull_now_job(reading.tenant.id, reading.connection.id, shelf.calendar_id, attempt=world.ids.new())
    world.queue.enqueue(job)


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
