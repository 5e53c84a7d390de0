"""How a mapping changes hands: keys, generations, and being gone. Pure steps from one `Task` to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from shared.google.series import family_of
from shared.model.content import Content
from shared.model.ids import TaskId, digest_of
from shared.model.task import Occurrence, Sync, Task

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from shared.model.ids import CalendarId, ConnectionId, EventId, TenantId
    from shared.sync.context import Context

KEPT_KEYS = 12
"""How many event ids of one task stay findable: its own, earlier generations' and views'."""

_NOTHING = Content()


def event_key(connection: ConnectionId, event_id: EventId | str) -> str:
    """Finds a mapping by an event id, over all calendars of a connection (rule 38)."""
    return f"e:{connection}:{event_id}"


def family_key(connection: ConnectionId, event_id: EventId | str) -> str:
    """Finds the later halves of a series by the id that it was born with (rule 34)."""
    return f"f:{connection}:{family_of(event_id)}"


def marker_key(binding: str) -> str:
    """Finds a series that was cut by the marker that Google has copied to the rest of it."""
    return f"m:{binding}"


def uid_key(ical_uid: str) -> str:
    """Finds a task by an event's iCalUID, over all connections of a tenant (rule 22)."""
    return f"u:{ical_uid}"


def uid_of(event_id: EventId) -> str:
    """The iCalUID of an event that was made in Google under this id, by us or by a person."""
    return f"{event_id}@google.com"


def id_of_import(tenant: TenantId, ical_uid: str, original_start: str = "") -> TaskId:
    """The id of the task that is born from this event: the same, whoever sees the event first (rule 22)."""
    return TaskId(f"g_{digest_of('import', tenant, ical_uid, original_start)}")


def with_keys(sync: Sync, *keys: str) -> Sync:
    """The mapping, found by these keys too; the oldest give way, the newest never."""
    kept = [key for key in sync.keys if key not in keys]
    return replace(sync, keys=(*kept, *keys)[-KEPT_KEYS:])


def with_keys_of_copies(sync: Sync, *keys: str) -> Sync:
    """The mapping, found by other copies of its event too, which never make its own event give way."""
    own = [key for key in sync.keys if not key.startswith("e:")]
    if sync.connection is not None and sync.event_id is not None:
        own.append(event_key(sync.connection, sync.event_id))
    return with_keys(sync, *keys, *own)


def placed(task: Task, context: Context, *, calendar: CalendarId, generation: int) -> Task:
    """A mapping with the id under which the event will be inserted; stored before the insert."""
    return placed_at(
        task, context.connection.id, calendar, context.event_id(task.id, generation), generation=generation
    )


def placed_at(
    task: Task, connection: ConnectionId, calendar: CalendarId, event_id: EventId, *, generation: int
) -> Task:
    """A mapping of a generation that Google has never shown; nothing of an earlier one is carried on (rules 13, 28)."""
    fresh = replace(
        task.sync,
        connection=connection,
        calendar=calendar,
        target=None,
        target_connection=None,
        event_id=event_id,
        ical_uid=None,
        adopted=False,
        organizer=True,
        generation=generation,
        id_version=task.version,
        etag=None,
        updated=None,
        base={},
        stamps={},
        again=None,
        confirmed=None,
        gone=False,
        kept=task.sync.kept and generation == task.sync.generation,
        missing=0,
        verify=False,
        looks=0,
        intent=None,
        restored=False,
        html_link=None,
        meet=None,
        responses={},
        conflict={},
        state="pending",
        reason=None,
        error=None,
        attempts=0,
    )
    # Google makes the iCalUID of an event from its id: a guest's copy may be seen before our insert is confirmed.
    keyed = with_keys(fresh, event_key(connection, event_id), uid_key(uid_of(event_id)))
    return replace(task, sync=keyed, occurrences=unsent_occurrences(task.occurrences))


def unsent_occurrences(occurrences: Mapping[str, Occurrence]) -> dict[str, Occurrence]:
    """The occurrences as a new event's: Google has shown nothing of them, so what the CRM says is sent again (rule 28).

    Those of which the CRM says nothing were only Google's, and went with the event.
    """
    return {
        start: replace(occurrence, event_id=None, base={}, stamps={}, again=None, confirmed=None, conflict={})
        for start, occurrence in occurrences.items()
        if occurrence.cancelled or occurrence.content != _NOTHING
    }


def next_generation(task: Task, context: Context) -> Task:
    """The event is known to be gone and one is wanted again: where it is wanted by now, under a new id (rule 13)."""
    calendar = task.sync.target or task.sync.calendar or context.connection.calendar
    if calendar is None:
        return task
    connection, generation = task.sync.target_connection or context.connection.id, task.sync.generation + 1
    return placed_at(task, connection, calendar, context.event_id(task.id, generation), generation=generation)


def buried(task: Task, *, confirmed: bool) -> Task:
    """Nobody wants the event any more; `confirmed`: Google said that it is deleted (rule 14)."""
    sync = replace(
        task.sync,
        gone=task.sync.gone or confirmed,
        again=None,
        target=None,
        target_connection=None,
        verify=False,
        looks=0,
        missing=0,
        conflict={},
        edits={},
        error=None,
        attempts=0,
        synced_version=task.version,
    )
    return replace(task, sync=sync)


def freed(sync: Sync, *, gone: bool, living: Collection[str]) -> Sync:
    """A mapping to nothing. Its generation stays while its event does: a later insert under that id finds it again.

    Args:
        living: Connections whose copies are still known.
    """
    return Sync(
        keys=tuple(key for key in sync.keys if key.startswith("u:")),
        views={known: view for known, view in sync.views.items() if known in living},
        generation=sync.generation,
        id_version=sync.id_version,
        gone=gone,
        kept=not gone and (sync.kept or sync.event_id is not None),
        sent=sync.sent,
        unacked=sync.unacked,
        synced_version=sync.synced_version,
        state="off",
        reason="no_connection",
    )


def unlinked(task: Task) -> Task:
    """The task goes on without an event, and asks for none."""
    return replace(buried(task, confirmed=True), content=replace(task.content, sync=False))
