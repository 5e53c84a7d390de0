"""What a task's document is after an event was read, written, or found gone. Pure; the use cases commit what comes out.

`found` takes in a living event, `lost` one that Google says is deleted, `written` an answer to a write of ours. Base
moves only for fields that agree (rule 1), and an etag is stored only where Google's value of every field is known
(rule 3).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from msgspec.structs import replace

from shared.errors import Bug
from shared.sync.context import ENDED, Context
from shared.sync.copies import heir_of, owner_changed, unread_of
from shared.sync.decide import (
    CancelTask,
    CreateEvent,
    DeleteEvent,
    Forget,
    Gone,
    Living,
    Merged,
    NextGeneration,
    RestoreTask,
    Unlink,
    decide,
)
from shared.sync.dropped import without_the_unyielded
from shared.sync.exceptions import exceptions_found
from shared.sync.fields import FIELDS
from shared.sync.fingerprint import fingerprint
from shared.sync.google_fields import google_fields, seen_fields
from shared.sync.mapping import buried, next_generation, unlinked
from shared.sync.marker import Marker, base_with, binding_of, read_marker, recalled, takes_back, unconfirmed
from shared.sync.merged import Settled, edited, merged
from shared.sync.observe import observed, with_color_by_hand
from shared.sync.occurrence_state import has_unsent_edit
from shared.sync.plan import leaves
from shared.sync.shown import Exceptions, edited_in_google, recalled_on
from shared.sync.state import ours, with_state, with_sync
from shared.sync.told import Told

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.google.events import Event, Tombstone
    from shared.model.task import Task
    from shared.sync.fields import Fields

_NONE: Exceptions = {}


def found(task: Task, event: Event, context: Context, exceptions: Exceptions = _NONE) -> Settled:
    """The task after its living event was read, and what is known of its exceptions by the same read.

    Args:
        exceptions: Of a series, by original start; one that is not among them is not judged.
    """
    settled = _found(task, event, context, exceptions)
    if settled.delete or settled.task.sync.state == "off" or not (exceptions or task.occurrences):
        return settled
    return _with_occurrences(task, settled, event, context, exceptions)


def _found(task: Task, event: Event, context: Context, exceptions: Exceptions) -> Settled:
    marker = read_marker(event.private)
    binding = binding_of(context.deployment, context.tenant, task)
    own = marker if marker is not None and marker.binding == binding else None
    task = recalled(task, own)
    carried = unconfirmed(own, task, binding)
    if takes_back(own, task):
        task = with_sync(task, again=None)
    base = base_with(task.sync.base, carried)
    google = seen_fields(event, context.rendering(task))
    task = with_color_by_hand(task, google, base)
    reason = context.unwanted(task)
    if reason is not None and reason not in ENDED and (task.sync.gone or not ours(task)):
        return _of_a_resting_task(task, event, google, base, context, carried)
    if reason is not None and task.sync.gone:
        return _restored(task, event, google, base, context, carried=carried, by="a person brought the event back")
    task = with_sync(task, gone=False)  # one that is wanted again, and brought back before it had a next generation
    crm = context.fields_of(task)
    edited = bool(reason) and edited_in_google(task, event, exceptions, context)
    shown = {name: value for name, value in google.items() if not reason or name not in unread_of(task)}
    match decide(Gone() if reason else Living(crm), Living(shown, edited), base, context.policy(task, event, google)):
        case Merged(merge):
            return _left_to_its_person(merged(task, event, google, base, merge, context, carried), context)
        case RestoreTask():
            return _restored(
                task, event, google, base, context, carried=carried, by="an edit in Google beat the deletion"
            )
        case DeleteEvent():
            seen = with_sync(observed(task, event, carried), base=dict(base))
            return Settled(task=seen, delete=True, carried=carried, etag=event.etag)
        case CreateEvent() | CancelTask() | Unlink() | NextGeneration() | Forget() as other:
            message = f"a living event cannot decide to {type(other).__name__}"
            raise Bug(message)
        case unknown:
            assert_never(unknown)


def _with_occurrences(
    before: Task, settled: Settled, event: Event, context: Context, exceptions: Exceptions
) -> Settled:
    """The occurrences merged into a series whose master is; those that it no longer has are dropped (rule 37)."""
    if before.sync.restored:
        settled = replace(settled, task=recalled_on(settled.task, exceptions, context))
    cut, rendering = settled.task.cut, context.rendering(settled.task)
    task, dropped = without_the_unyielded(before.content, settled.task, rendering, park=cut is not None)
    task, told = exceptions_found(before, task, event, exceptions, context)
    if dropped and task.version == before.version:
        task = replace(task, version=task.version + 1, changed_at=context.now)
    return replace(
        settled, task=with_state(task, context, event), told=(*settled.told, *dropped, *told), exceptions=exceptions
    )


def lost(task: Task, tombstone: Tombstone | None, context: Context) -> Settled:
    """The task after Google, asked for this event anew, said that it is deleted, everywhere we may look.

    Args:
        tombstone: What Google still shows; None when it shows nothing (a 404 that counts, rule 20).
    """
    marker = read_marker(tombstone.private if tombstone else None)
    binding = binding_of(context.deployment, context.tenant, task)
    own = marker if marker is not None and marker.binding == binding else None
    task = recalled(task, own)
    if context.unwanted(task) is not None:
        return Settled(task=buried(task, confirmed=True))
    if task.sync.again is not None or leaves(task.sync):
        # What leaves is deleted by ourselves, and a job may have died before it could say so (rule 18).
        why = "put again before the deletion" if task.sync.again is not None else "on its way to another place"
        told = Told(kind=None, origin="tandem", action="made the event again", policy=why)
        return Settled(task=next_generation(task, context), told=(told,))
    carried = unconfirmed(own, task, binding)
    if (heir := heir_of(task)) is not None:
        told = Told(kind=None, origin="tandem", action="another user's copy of the event now belongs to the task")
        return Settled(task=owner_changed(replace(task, sync=replace(task.sync, gone=True)), *heir), told=(told,))
    crm: Living | Gone = Living(context.fields_of(task), has_unsent_edit(task, context))
    policy = context.policy(task)
    never_confirmed = task.sync.etag is None and carried is None
    if never_confirmed and task.version == task.sync.id_version:
        crm = Living({})
    match decide(crm, Gone(), base_with(task.sync.base, carried), policy):
        case NextGeneration(edit_beat_delete=True):
            told = Told(
                kind="task.restored", origin="tandem", action="made the event again", policy="an edit beats a deletion"
            )
            return Settled(task=next_generation(task, context), told=(told,))
        case NextGeneration():
            told = Told(kind=None, origin="tandem", action="made the event again", policy="on_google_delete: recreate")
            return Settled(task=next_generation(task, context), told=(told,))
        case CancelTask():
            content = replace(task.content, status="cancelled")
            told = Told(
                kind="task.cancelled",
                origin="google",
                action="cancelled the task",
                policy="on_google_delete: cancel_task",
            )
            return Settled(task=buried(edited(task, context, content=content), confirmed=True), told=(told,))
        case Unlink():
            told = Told(
                kind="task.updated", origin="google", action="unlinked the task", policy="on_google_delete: unlink"
            )
            return Settled(task=unlinked(edited(task, context, content=task.content)), told=(told,))
        case CreateEvent() | Merged() | DeleteEvent() | RestoreTask() | Forget() as other:
            message = f"a gone event cannot decide to {type(other).__name__}"
            raise Bug(message)
        case unknown:
            assert_never(unknown)


def written(
    task: Task, answer: Event, sent: Fields, write_id: str, context: Context, *, base: Mapping[str, tuple[str, str]]
) -> Task:
    """The task after Google answered a write of ours: base moves for the fields sent, and for those only.

    Args:
        sent: Canonical values that were sent; on an insert, every field.
        base: Base as it stood for the write, an unconfirmed marker's fingerprints included.
    """
    shown = google_fields(answer, context.rendering(task))
    agreed = {
        name: (fingerprint(value), fingerprint(shown.get(name, FIELDS[name].default))) for name, value in sent.items()
    }
    sync = replace(
        observed(task, answer, None).sync,
        base={**base, **agreed},
        confirmed=write_id,
        again=None,
        missing=0,
        looks=0,
        restored=False,
        edits={name: edit for name, edit in task.sync.edits.items() if name not in sent},
        error=None,
        attempts=0,
        synced_version=task.version,
        synced_at=context.now,
    )
    return with_state(replace(task, sync=sync), context, answer)


def _of_a_resting_task(
    task: Task, event: Event, google: Fields, base: Mapping[str, tuple[str, str]], context: Context,
    carried: Marker | None,
) -> Settled:  # fmt: skip
    """The settings put the task off and its event stays: nothing is taken, unless a person's edit ends just that."""
    decision = decide(Living(context.fields_of(task)), Living(google), base, context.policy(task, event, google))
    if isinstance(decision, Merged) and not task.sync.gone:
        back = merged(task, event, google, base, decision.merge, context, carried)
        if context.unwanted(back.task) is None:
            return back
    return Settled(task=with_sync(observed(task, event, carried), state="off"), etag=event.etag)


def _left_to_its_person(settled: Settled, context: Context) -> Settled:
    """What a person does to an event never makes us remove it: by hours or privacy it is only no longer in step."""
    reason = context.unwanted(settled.task)
    if reason is None or reason in ENDED or not ours(settled.task):
        return settled
    return replace(settled, task=with_state(with_sync(settled.task, adopted=True), context), send=frozenset())


def _restored(
    task: Task, event: Event, google: Fields, base: Mapping[str, tuple[str, str]], context: Context, *,
    carried: Marker | None, by: str,
) -> Settled:  # fmt: skip
    status = task.content.status if task.content.status not in {"cancelled", "done"} else "open"
    content = replace(task.content, status=status)
    back = replace(edited(task, context, content=content), deleted_at=None, expires_at=None)
    back = with_sync(back, gone=False, again=None)
    decision = decide(Living(context.fields_of(back)), Living(google), base, context.policy(back, event, google))
    if not isinstance(decision, Merged):
        message = "two living sides did not merge"
        raise Bug(message)
    settled = merged(back, event, google, base, decision.merge, context, carried)
    told = Told(kind="task.restored", origin="google", action="brought the task back", policy=by)
    return replace(settled, told=(told,))
