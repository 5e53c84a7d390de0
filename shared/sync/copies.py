"""Several copies of one event: one owns, and when it goes another takes over (rule 41). Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from shared.google.series import is_later_half
from shared.model.ids import ConnectionId, UserId
from shared.model.task import View
from shared.sync.fields import FIELDS, PRIVATE
from shared.sync.mapping import event_key, placed_at, uid_key, uid_of, with_keys
from shared.sync.occurrence import CANCELLED
from shared.sync.place import bound_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.model.ids import EventId
    from shared.model.task import Occurrence, Sync, Task
    from shared.sync.context import Context
    from shared.sync.merge import Base

_OF_EACH_COPY = PRIVATE | {"attendees"}
_OF_EACH_COPY_OF_A_DATE = _OF_EACH_COPY | {CANCELLED}
"""A guest who deletes one date has it no more; the others have."""


def owner_changed(task: Task, connection: ConnectionId, view: View) -> Task:
    """The task's event is this copy from now on, which a get adopts. The old owner's becomes a view.

    What all copies have in common was agreed with any of them; of a copy's own fields and guests nothing is known.
    """
    sync = task.sync
    views = {known: each for known, each in sync.views.items() if known != connection}
    if sync.connection is not None and sync.event_id is not None and sync.calendar is not None and not sync.gone:
        owner = UserId(task.content.user_id) if isinstance(task.content.user_id, str) else view.user
        views[sync.connection] = View(user=owner, calendar=sync.calendar, event_id=sync.event_id)
    moved = placed_at(task, connection, view.calendar, view.event_id, generation=sync.generation)
    id_version = task.version if sync.synced_version == task.version else sync.synced_version
    taken = replace(
        moved.sync, adopted=True, verify=True, organizer=view.organizer, views=views, ical_uid=sync.ical_uid,
        id_version=id_version, responses=sync.responses, by_hand={},
        base=_without(_OF_EACH_COPY, sync.base),
    )  # fmt: skip
    return replace(moved, sync=taken, occurrences=_agreed_anywhere(task, moved))


def _agreed_anywhere(task: Task, moved: Task) -> dict[str, Occurrence]:
    """The occurrences of the event's other copy, with what was agreed of the fields that all copies have in common."""
    return {
        start: replace(each, base=_without(_OF_EACH_COPY_OF_A_DATE, task.occurrences[start].base))
        for start, each in moved.occurrences.items()
    }


def _without(names: frozenset[str], base: Base) -> dict[str, tuple[str, str]]:
    return {name: pair for name, pair in base.items() if name not in names}


def had_again(task: Task, connection: ConnectionId, view: View) -> Task:
    """The task with an event that it had before, which a get adopts, instead of one that is still to be made.

    An insert of that one that still comes is of an earlier generation then (rule 15).
    """
    nowhere = replace(task.sync, connection=None, event_id=None, generation=task.sync.generation + 1)
    return owner_changed(replace(task, sync=nowhere), connection, view)


def uids_of_people(task: Task, context: Context) -> list[str]:
    """The iCalUIDs that the task is found by, without those of events that Tandem made for it."""
    ours = {uid_key(uid_of(context.event_id(task.id, each))) for each in range(task.sync.generation + 1)}
    return [key.removeprefix("u:") for key in task.sync.keys if key.startswith("u:") and key not in ours]


def claim_on(event: EventId, key: str, task: Task) -> tuple[int, bool]:
    """How near the event is to a task that knows it by this key; the greatest counts.

    One task has the event, one let it go, another had it until that was gone, and others only remember it. Both halves
    of a series may have its iCalUID (rule 34).
    """
    sync, fits = task.sync, (task.split_from is not None) == is_later_half(event)
    if sync.gone:
        return 1, fits
    if sync.event_id is not None and key.startswith(uid_key(sync.ical_uid or uid_of(sync.event_id))):
        return 3, fits
    return 2 if sync.is_unmade else 0, fits


def seen_itself(sync: Sync, views: Mapping[str, View]) -> tuple[ConnectionId, View] | None:
    """Who sees the event itself, no guest's copy: another connection of its account, which can do what this cannot."""
    seen = ((ConnectionId(known), view) for known, view in views.items())
    others = ((known, view) for known, view in seen if known != sync.connection)
    return next(((known, view) for known, view in others if view.organizer and view.event_id == sync.event_id), None)


def passed_on(task: Task) -> Task | None:
    """The task has its event by another connection of the account: what was agreed holds, and a get follows.

    None: none of its copies is that. A move that was under way goes on from there.
    """
    sync = task.sync
    itself = None if sync.gone else seen_itself(sync, sync.views)
    if itself is None:
        return None
    connection, view = itself
    passed = replace(
        with_keys(sync, event_key(connection, view.event_id)),
        connection=connection,
        calendar=view.calendar,
        target=None,
        target_connection=None,
        views={known: each for known, each in sync.views.items() if known != connection},
        verify=True,
        state="pending",
        reason=None,
        error=None,
        attempts=0,
    )
    return bound_for(replace(task, sync=passed), sync.target_connection or connection, sync.target)


def handed_on(task: Task) -> Task | None:
    """The task goes on with another user's copy of its event; None: there is none, or nobody wants the event."""
    heir = heir_of(task) if task.deleted_at is None else None
    return None if heir is None else owner_changed(replace(task, sync=replace(task.sync, gone=True)), *heir)


def is_organizers(task: Task) -> bool:
    """The task's own copy is known to be the organizer's; of one that was adopted only a reading tells."""
    return task.sync.organizer and (task.sync.etag is not None or not task.sync.adopted)


def unread_of(task: Task) -> frozenset[str]:
    """What nobody has read of an event that was adopted or took over: what it shows there is nobody's edit."""
    if not task.sync.adopted or task.sync.etag is not None:
        return frozenset()
    return frozenset(_OF_EACH_COPY) - task.sync.base.keys() if task.sync.base else frozenset(FIELDS)


def heir_of(task: Task) -> tuple[ConnectionId, View] | None:
    """The copy that owns next when the owner's goes: the organizer's if there is one (rule 41).

    A copy of one date is none of the series.
    """
    others = [
        (known, view)
        for known, view in task.sync.views.items()
        if known != task.sync.connection and view.original_start is None
    ]
    if not others:
        return None
    known, view = min(others, key=lambda pair: (not pair[1].organizer, pair[0]))
    return ConnectionId(known), view
