"""A task and its living event, merged: the document afterwards, what is still to send, what is told. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from shared.google.events import Event
from shared.model.task import Conflict, Task
from shared.sync.cutting import with_cut
from shared.sync.fingerprint import DEFAULTS
from shared.sync.marker import Marker
from shared.sync.meeting import meet_after, meet_told
from shared.sync.merge import changed_by_crm
from shared.sync.observe import answers_in, observed, print_in, stamps_after
from shared.sync.shown import Exceptions
from shared.sync.state import unsent, with_state
from shared.sync.to_content import taken
from shared.sync.told import Told

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.model.content import Content
    from shared.model.task import Edit
    from shared.sync.context import Context
    from shared.sync.fields import Fields
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
        exceptions: Of a series, as they were seen with it.
    """

    task: Task
    send: frozenset[str] = frozenset()
    delete: bool = False
    told: tuple[Told, ...] = ()
    carried: Marker | None = None
    etag: str | None = None
    event: Event | None = None
    exceptions: Exceptions = msgspec.field(default_factory=dict)


def merged(
    task: Task,
    event: Event,
    google: Fields,
    base: Mapping[str, tuple[str, str]],
    merge: Merge,
    context: Context,
    carried: Marker | None,
) -> Settled:
    """Carry the merge out on the document: take, agree, overrule, and keep conflicts; base moves for no other field."""
    crm = context.fields_of(task)
    content = taken(
        task.content, {name: google[name] for name in merge.take if name in google}, event, context.rendering(task)
    )
    after = with_cut(task, replace(task, content=content), carried, context)
    crm_after = context.fields_of(after)
    settled_base = dict(base)
    for name in merge.take | merge.agree:
        settled_base[name] = (print_in(crm_after, name), print_in(google, name))
    for name in merge.unheard:
        settled_base[name] = (
            settled_base.get(name, (DEFAULTS[name], ""))[0],
            print_in(google, name),
        )
    for name in merge.overruled:
        settled_base[name] = (print_in(google, name), print_in(google, name))
    conflicts = {
        name: Conflict(base=_before(task.sync.edits.get(name)), crm=crm.get(name), google=google.get(name))
        for name in merge.conflicts
    }
    changed = content != task.content
    gave_way = merge.take & changed_by_crm(crm, base)
    told = _told_of(task, event, changed=changed, merge=merge, conflicts=conflicts, context=context, gave_way=gave_way)
    after = edited(after, context, content=content) if changed else after
    seen = observed(after, event, carried)
    differing = changed_by_crm(crm_after, settled_base)
    sync = replace(
        seen.sync,
        base=settled_base,
        conflict=conflicts,
        stamps=stamps_after(task, event, google, merge),
        edits={name: edit for name, edit in seen.sync.edits.items() if name in differing},
        synced_at=context.now,
        withheld=context.withholds(task, event),
        error=None,
        attempts=0,
    )
    after = with_state(replace(seen, sync=sync), context, event)
    send = unsent(after, context, event)
    return Settled(task=after, send=send, told=told, carried=carried, etag=event.etag, event=event)


def _told_of(
    task: Task,
    event: Event,
    *,
    changed: bool,
    merge: Merge,
    conflicts: Mapping[str, Conflict],
    context: Context,
    gave_way: frozenset[str],
) -> tuple[Told, ...]:
    """What is told; `gave_way` are fields in which the CRM's own change lost against Google's."""
    told: list[Told] = []
    answers = answers_in(event)
    answered = event.guests_complete and answers != task.sync.responses
    of_meet = meet_told(task.sync.meet, meet_after(task.sync.meet, event))
    if changed or (answered and task.sync.etag is not None):
        policy = _policy(context) if gave_way else None
        told.append(Told(kind="task.updated", origin="google", action="changed the task", policy=policy))
    elif task.sync.etag is None:
        told.append(Told(kind="task.linked", origin="tandem", action="linked the event"))
    if of_meet is not None and (of_meet.kind == "task.error" or not told):
        told.append(of_meet)
    if merge.overruled:
        fields = ", ".join(sorted(merge.overruled))
        kept = Told(kind=None, origin="tandem", action="kept the CRM's version", policy=_policy(context), detail=fields)
        told.append(kept)
    if conflicts and dict(conflicts) != task.sync.conflict:
        told.append(Told(kind="task.conflict", origin="tandem", action="kept both versions", policy="conflict: manual"))
    return tuple(told)


def _policy(context: Context) -> str:
    """The setting that decided where both sides changed one field."""
    settings = context.settings
    return f"conflict: {settings.conflict}" if settings.direction == "both" else f"direction: {settings.direction}"


def edited(task: Task, context: Context, *, content: Content) -> Task:
    """The task with other content, as its next version."""
    return replace(task, content=content, version=task.version + 1, changed_at=context.now)


def _before(edit: Edit | None) -> object:
    return None if edit is None else edit.before
