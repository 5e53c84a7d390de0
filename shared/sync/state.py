"""How a task stands with its event: what is unsent, what the event should show, and the state that follows. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from msgspec.structs import replace

from shared.sync.context import ENDED, Context
from shared.sync.fields import FIELDS
from shared.sync.google_fields import google_fields
from shared.sync.merge import changed_by_crm
from shared.sync.occurrence import TOO_LARGE
from shared.sync.occurrence_state import stale_of, unsent_of

if TYPE_CHECKING:
    from shared.google.events import Event
    from shared.model.task import Task
    from shared.sync.fields import Value

_NONE: frozenset[str] = frozenset()


def with_state(task: Task, context: Context, event: Event | None = None) -> Task:
    """The task with its derived state: `synced` is never set, it follows (rule 4)."""
    sync = task.sync
    reason = context.unwanted(task)
    if reason is not None:
        settled = sync.gone or sync.event_id is None or (reason not in ENDED and not ours(task))
        if not settled:
            return with_sync(task, state="pending", reason=None)
        return with_sync(task, state="off", reason=None if reason in ENDED else reason, synced_version=task.version)
    dirty = unsent(task, context, event)
    moving = sync.target is not None or sync.target_connection is not None
    if (
        dirty
        or moving
        or left_of_occurrences(task, context)
        or task.cut is not None
        or sync.again is not None
        or sync.verify
        or sync.gone
        or sync.etag is None
    ):
        return with_sync(task, state="pending", reason=None)
    if sync.error is not None and sync.error.code == TOO_LARGE:
        return with_sync(task, state="error", reason=None, synced_version=task.version)
    undecided = sync.conflict or any(each.conflict for each in task.occurrences.values())
    return with_sync(task, state="conflict" if undecided else "synced", reason=None, synced_version=task.version)


def left_of_occurrences(task: Task, context: Context) -> dict[str, frozenset[str]]:
    """Per original start, the fields in which Google's occurrence is still to become what the CRM says or inherits.

    While a person has to choose when the series takes place, Google may not have these occurrences: they wait.
    """
    if not task.occurrences or {"time", "recurrence"} & task.sync.conflict.keys():
        return {}
    unsent, stale = unsent_of(task, context), stale_of(task, context)
    return {start: unsent.get(start, _NONE) | stale.get(start, _NONE) for start in sorted(unsent.keys() | stale.keys())}


def unsent(task: Task, context: Context, event: Event | None = None) -> frozenset[str]:
    """Fields that differ from base on the CRM's side, may be written, and wait for nobody's decision."""
    changed = changed_by_crm(context.fields_of(task), task.sync.base)
    return (changed & context.may_send(task, event)) - task.sync.conflict.keys()


def effective(task: Task, context: Context, event: Event | None = None) -> dict[str, Value]:
    """Every field as the event should show it; what the CRM does not own, and an open conflict, keeps Google's."""
    shown = google_fields(event, context.rendering(task)) if event is not None else {}
    values = {name: spec.default for name, spec in FIELDS.items()} | shown | dict(context.fields_of(task))
    return values | {name: cast("Value", conflict.google) for name, conflict in task.sync.conflict.items()}


def ours(task: Task) -> bool:
    """Tandem made the event, so that it may remove one that no longer qualifies."""
    return task.created_in == "crm" and not task.sync.adopted


def with_sync(task: Task, **fields: object) -> Task:
    """The task with these fields of its mapping changed."""
    return replace(task, sync=replace(task.sync, **fields))
