"""What a task's document is after an event was read, written, or found gone. Pure; the use cases commit what comes out.

`found` takes in a living event, `lost` one that Google says is deleted, `written` an answer to a write of ours. Base
moves only
for fields that agree (rule 1), and an etag is stored only where Google's value of every field is known (rule 3).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, assert_never, cast

import msgspec
from msgspec.structs import replace

from shared.errors import Bug
from shared.google.events import Event, Tombstone
from shared.model.task import Conflict, Edit, Meet, Task
from shared.sync.context import ENDED, Context
from shared.sync.copies import heir_of, owner_changed
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
from shared.sync.fields import FIELDS
from shared.sync.fingerprint import fingerprint
from shared.sync.google_fields import google_fields
from shared.sync.mapping import buried, next_generation, uid_key, unlinked, with_keys
from shared.sync.marker import Marker, base_with, binding_of, read_marker, takes_back, unconfirmed
from shared.sync.merge import changed_by_crm
from shared.sync.to_content import taken
from shared.sync.told import Told

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from shared.sync.fields import Fields, Value
    from shared.sync.merge import Merge


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """The document to commit, and what is left to do at Google.

    Args:
        send: Fields still to be written to the event.
        delete: The event is still to be deleted.
        told: What the CRM and the history hear, in the same commit.
        carried: A marker of ours that no commit had confirmed; the next write carries it on (rule 6).
        etag: Of the event as it was seen; the next write is conditional on it.
        event: As it was seen.
    """

    task: Task
    send: frozenset[str] = frozenset()
    delete: bool = False
    told: tuple[Told, ...] = ()
    carried: Marker | None = None
    etag: str | None = None
    event: Event | None = None


def found(task: Task, event: Event, context: Context) -> Settled:
    """The task after its living event was read."""
    marker = read_marker(event.private)
    binding = binding_of(context.deployment, context.tenant, task)
    own = marker if marker is not None and marker.binding == binding else None
    carried = unconfirmed(own, task, binding)
    if takes_back(own, task):
        task = _with(task, again=None)
    base = base_with(task.sync.base, carried)
    google = google_fields(event, context.rendering(task))
    reason = context.unwanted(task)
    if reason is not None and reason not in ENDED and (task.sync.gone or not _ours(task)):
        return Settled(task=_off(observed(task, event, carried)), etag=event.etag)
    if reason is not None and task.sync.gone:
        return _restored(task, event, google, base, context, carried=carried, by="a person brought the event back")
    crm = context.fields_of(task)
    match decide(Gone() if reason else Living(crm), Living(google), base, context.policy(task, event)):
        case Merged(merge):
            return _merged(task, event, google, base, merge, context, carried)
        case RestoreTask():
            return _restored(
                task, event, google, base, context, carried=carried, by="an edit in Google beat the deletion"
            )
        case DeleteEvent():
            return Settled(task=task, delete=True, carried=carried, etag=event.etag)
        case CreateEvent() | CancelTask() | Unlink() | NextGeneration() | Forget() as other:
            message = f"a living event cannot decide to {type(other).__name__}"
            raise Bug(message)
        case unknown:
            assert_never(unknown)


def lost(task: Task, tombstone: Tombstone | None, context: Context) -> Settled:
    """The task after Google, asked for this event anew, said that it is deleted, everywhere we may look.

    Args:
        tombstone: What Google still shows; None when it shows nothing (a 404 that counts, rule 20).
    """
    marker = read_marker(tombstone.private if tombstone else None)
    binding = binding_of(context.deployment, context.tenant, task)
    own = marker if marker is not None and marker.binding == binding else None
    if context.unwanted(task) is not None:
        return Settled(task=buried(task, confirmed=True))
    if task.sync.again is not None:
        return Settled(
            task=next_generation(task, context),
            told=(
                Told(kind=None, origin="tandem", action="made the event again", policy="put again before the deletion"),
            ),
        )
    carried = unconfirmed(own, task, binding)
    if (heir := heir_of(task)) is not None:
        told = Told(kind=None, origin="tandem", action="another user's copy of the event now belongs to the task")
        return Settled(task=owner_changed(replace(task, sync=replace(task.sync, gone=True)), *heir), told=(told,))
    crm: Living | Gone = Living(context.fields_of(task))
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
            return Settled(task=buried(_edited(task, context, content=content), confirmed=True), told=(told,))
        case Unlink():
            told = Told(
                kind="task.updated", origin="google", action="unlinked the task", policy="on_google_delete: unlink"
            )
            return Settled(task=unlinked(_edited(task, context, content=task.content)), told=(told,))
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
        edits={name: edit for name, edit in task.sync.edits.items() if name not in sent},
        error=None,
        attempts=0,
        synced_version=task.version,
        synced_at=context.now,
    )
    return with_state(replace(task, sync=sync), context, answer)


def observed(task: Task, event: Event, marker: Marker | None) -> Task:
    """The task with what only Google can say of its event: etag, links, answers, Meet. Base is not touched."""
    sync = task.sync
    keyed = with_keys(sync, uid_key(event.ical_uid)) if event.ical_uid else sync
    answers = {guest.email: guest.response for guest in event.guests if not guest.organizer and not guest.resource}
    return replace(
        task,
        sync=replace(
            keyed,
            etag=event.etag,
            updated=event.updated,
            ical_uid=event.ical_uid or sync.ical_uid,
            organizer=event.organizer_self,
            confirmed=marker.write_id if marker else sync.confirmed,
            html_link=event.html_link or sync.html_link,
            responses=answers if event.guests_complete else {**sync.responses, **answers},
            meet=_meet(sync.meet, event),
            verify=False,
            missing=0,
            looks=0,
        ),
    )


def with_state(task: Task, context: Context, event: Event | None = None) -> Task:
    """The task with its derived state: `synced` is never set, it follows (rule 4)."""
    sync = task.sync
    reason = context.unwanted(task)
    if reason is not None:
        settled = sync.gone or sync.event_id is None or (reason not in ENDED and not _ours(task))
        if not settled:
            return _with(task, state="pending", reason=None)
        return _with(task, state="off", reason=None if reason in ENDED else reason, synced_version=task.version)
    dirty = unsent(task, context, event)
    if dirty or sync.again is not None or sync.target or sync.target_connection or sync.verify or sync.etag is None:
        return _with(task, state="pending", reason=None)
    return _with(task, state="conflict" if sync.conflict else "synced", reason=None, synced_version=task.version)


def unsent(task: Task, context: Context, event: Event | None = None) -> frozenset[str]:
    """Fields that differ from base on the CRM's side, may be written, and wait for nobody's decision."""
    changed = changed_by_crm(context.fields_of(task), task.sync.base)
    return (changed & context.may_send(task, event)) - task.sync.conflict.keys()


def effective(task: Task, context: Context) -> dict[str, Value]:
    """Every field's value as the event should show it: an open conflict keeps Google's."""
    values = {name: spec.default for name, spec in FIELDS.items()} | dict(context.fields_of(task))
    return values | {name: cast("Value", conflict.google) for name, conflict in task.sync.conflict.items()}


def _merged(
    task: Task, event: Event, google: Fields, base: Mapping[str, tuple[str, str]], merge: Merge, context: Context,
    carried: Marker | None,
) -> Settled:  # fmt: skip
    crm = context.fields_of(task)
    content = taken(
        task.content, {name: google[name] for name in merge.take if name in google}, event, context.rendering(task)
    )
    after = replace(task, content=content)
    crm_after = context.fields_of(after)
    settled_base = dict(base)
    for name in merge.take | merge.agree:
        settled_base[name] = (_print(crm_after, name), _print(google, name))
    for name in merge.unheard:
        settled_base[name] = (settled_base.get(name, (_default(name), ""))[0], _print(google, name))
    for name in merge.overruled:
        settled_base[name] = (_print(google, name), _print(google, name))
    conflicts = {
        name: Conflict(base=_before(task.sync.edits.get(name)), crm=crm.get(name), google=google.get(name))
        for name in merge.conflicts
    }
    changed = content != task.content
    told = _told_of(task, event, changed=changed, merge=merge, conflicts=conflicts, context=context)
    after = _edited(after, context, content=content) if changed else after
    seen = observed(after, event, carried)
    sync = replace(
        seen.sync,
        base=settled_base,
        conflict=conflicts,
        stamps=_stamps(task, event, google, merge),
        edits={name: edit for name, edit in seen.sync.edits.items() if name not in merge.take | merge.agree},
        synced_at=context.now,
        error=None,
        attempts=0,
    )
    after = with_state(replace(seen, sync=sync), context, event)
    send = unsent(after, context, event)
    return Settled(task=after, send=send, told=told, carried=carried, etag=event.etag, event=event)


def _restored(
    task: Task, event: Event, google: Fields, base: Mapping[str, tuple[str, str]], context: Context, *,
    carried: Marker | None, by: str,
) -> Settled:  # fmt: skip
    status = task.content.status if task.content.status not in {"cancelled", "done"} else "open"
    content = replace(task.content, status=status)
    back = replace(_edited(task, context, content=content), deleted_at=None, expires_at=None)
    back = _with(back, gone=False, again=None)
    decision = decide(Living(context.fields_of(back)), Living(google), base, context.policy(back, event))
    if not isinstance(decision, Merged):
        message = "two living sides did not merge"
        raise Bug(message)
    settled = _merged(back, event, google, base, decision.merge, context, carried)
    told = Told(kind="task.restored", origin="google", action="brought the task back", policy=by)
    return msgspec.structs.replace(settled, told=(told,))


def _told_of(
    task: Task, event: Event, *, changed: bool, merge: Merge, conflicts: Mapping[str, Conflict], context: Context
) -> tuple[Told, ...]:
    told: list[Told] = []
    answers = {guest.email: guest.response for guest in event.guests if not guest.organizer and not guest.resource}
    answered = event.guests_complete and answers != task.sync.responses
    meet = _meet(task.sync.meet, event)
    if changed or (answered and task.sync.etag is not None):
        told.append(
            Told(kind="task.updated", origin="google", action="updated the task", policy=_policy(merge, context))
        )
    elif task.sync.etag is None or meet != task.sync.meet:
        told.append(Told(kind="task.linked", origin="tandem", action="linked the event"))
    if conflicts and dict(conflicts) != task.sync.conflict:
        told.append(Told(kind="task.conflict", origin="tandem", action="kept both versions", policy="conflict: manual"))
    return tuple(told)


def _policy(merge: Merge, context: Context) -> str | None:
    return f"conflict: {context.settings.conflict}" if merge.overruled else None


def _stamps(task: Task, event: Event, google: Fields, merge: Merge) -> dict[str, tuple[str, datetime]]:
    if event.updated is None:
        return dict(task.sync.stamps)
    open_fields = merge.conflicts | merge.take | merge.overruled | merge.unheard
    kept = {name: stamp for name, stamp in task.sync.stamps.items() if stamp[0] == _print(google, name)}
    fresh = {name: (_print(google, name), event.updated) for name in open_fields if name not in kept}
    return {**kept, **fresh}


def _meet(known: Meet | None, event: Event) -> Meet | None:
    if known is None:
        return None if event.meet == "none" else Meet(request_id="", state=_MEET[event.meet], url=event.meet_url)
    if event.meet == "none":
        return replace(known, state="removed", url=None) if known.state == "ready" else known
    return replace(known, state=_MEET[event.meet], url=event.meet_url)


def _edited(task: Task, context: Context, *, content: object) -> Task:
    return replace(task, content=content, version=task.version + 1, changed_at=context.now)


def _ours(task: Task) -> bool:
    return task.created_in == "crm" and not task.sync.adopted


def _off(task: Task) -> Task:
    return _with(task, state="off")


def _with(task: Task, **fields: object) -> Task:
    return replace(task, sync=replace(task.sync, **fields))


def _before(edit: Edit | None) -> object:
    return None if edit is None else edit.before


def _print(fields: Fields, name: str) -> str:
    return fingerprint(fields.get(name, FIELDS[name].default))


def _default(name: str) -> str:
    return fingerprint(FIELDS[name].default)


_MEET: dict[str, Literal["pending", "ready", "refused"]] = {
    "pending": "pending",
    "ready": "ready",
    "refused": "refused",
}
