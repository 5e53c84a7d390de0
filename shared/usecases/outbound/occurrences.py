"""A series' occurrences to Google: each patched under the family's etag, which each answer renews (rule 32).

Start at `send_occurrences`. Writes to one series are serial; what was sent before a refusal is not lost by it.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from shared.errors import TandemError
from shared.google.events import Event, Tombstone
from shared.google.responses import living
from shared.google.series import instance_id
from shared.model.task import Occurrence, Task
from shared.sync.expansion import yielded
from shared.sync.marker import binding_of, marked, marker_for, patch_id
from shared.sync.occurrence import CANCELLED, told_by_crm
from shared.sync.occurrence_state import occurrence_written
from shared.sync.shown import unconfirmed_on
from shared.sync.state import left_of_occurrences, with_state
from shared.sync.to_event import event_body
from shared.sync.told import Told
from shared.usecases.family import Seen

if TYPE_CHECKING:
    from shared.sync.expansion import Slot
    from shared.usecases.outbound.trying import Trying

NO_OCCURRENCE = (
    "Google's series has no occurrence at one of the changed original starts; list the occurrences, and cancel it or "
    "change the series"
)

AT_ONCE = 25
"""Sent before a commit; what is left then has a job of its own."""


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """How far it went.

    Args:
        refusal: What ended it before all were sent.
        more: Some are left for another job.
    """

    task: Task
    told: tuple[Told, ...] = ()
    refusal: TandemError | None = None
    more: bool = False


def send_occurrences(trying: Trying, task: Task, seen: Seen | None) -> Sent:
    """The occurrences that differ stand in Google as the CRM says, or as the series has them (rule 31).

    Args:
        seen: The family as just read; without it Google is assumed to be as last confirmed.
    """
    left = left_of_occurrences(task, trying.context)
    places = yielded(task.content, trying.context.rendering(task), left.keys())
    told: list[Told] = []
    for start, names in islice(left.items(), AT_ONCE):
        try:
            task = _sent(trying, task, places[start], names, seen, first=not told)
        except TandemError as error:
            return Sent(task=task, told=tuple(told), refusal=error)
        done = ", ".join(sorted(names))
        told.append(Told(kind=None, origin="tandem", action="changed an occurrence", detail=done, occurrence=start))
    task = with_state(task, trying.context, seen.event if seen else None)
    return Sent(task=task, told=tuple(told), more=len(left) > AT_ONCE)


def _sent(trying: Trying, task: Task, slot: Slot, names: frozenset[str], seen: Seen | None, *, first: bool) -> Task:
    context, start = trying.context, slot.original_start
    occurrence, said = task.occurrences.get(start, Occurrence()), told_by_crm(task, slot, context)
    item = seen.exceptions.get(start, seen.event) if seen else None
    # An exception may have an etag of its own, as it was read; our next write then gives all of them its answer's.
    etag = (item.etag if item and first else None) or task.sync.etag or ""
    address = occurrence.event_id or instance_id(trying.event_id, start)
    binding = binding_of(context.deployment, context.tenant, task, start)
    if {CANCELLED, "attendees"} <= names and not isinstance(item, Event) and task.sync.responses:
        # Guests are replaced whole, and what they answered before it was cancelled shows only when it takes place.
        marker = marker_for(binding, patch_id(said.task, etag), {CANCELLED: said.halves[CANCELLED]}, None)
        again = marked({"status": "confirmed"}, marker)
        item = living(trying.calendar.patch(trying.place, address, again, if_match=etag, notify="none"))
        etag = item.etag
    body: dict[str, object] = {"status": "cancelled" if said.cancelled else "confirmed"} if CANCELLED in names else {}
    if not said.cancelled:
        event = None if isinstance(item, Tombstone) else item
        body |= event_body(
            said.values, names - {CANCELLED}, context.rendering(said.task), responses=task.sync.responses, event=event
        )
    marker = marker_for(
        binding,
        patch_id(said.task, etag),
        {name: said.halves[name] for name in names},
        unconfirmed_on(trying.reading.task, start, item.private, context) if item else None,
    )
    answer = trying.calendar.patch(
        trying.place, address, marked(body, marker), if_match=etag,
        notify=trying.notify(said.task, names),
    )  # fmt: skip
    after = occurrence_written(task, slot, answer, names, marker.write_id, context)
    return replace(after, sync=replace(after.sync, error=None, attempts=0, synced_at=context.now))
