"""A series' exceptions as Google shows them, taken into its occurrences. Pure. Start at `exceptions_found`.

An exception is judged beside its master of the same read: what equals the master is inherited, whatever it was before
(rules 29 and 31). A cancelled one counts only under a living master, and an edit beats a cancellation (rule 33).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from shared.google.events import Event, Tombstone
from shared.model.task import INHERITS, Conflict, Occurrence, SyncError, Task
from shared.sync.expansion import Slot, yielded
from shared.sync.fingerprint import fingerprint
from shared.sync.marker import Marker, base_with
from shared.sync.merge import Merge, resolved
from shared.sync.observe import print_in, stamps_after
from shared.sync.occurrence import (
    CANCELLED,
    IS_CANCELLED,
    MOST_KEPT,
    OF_ONE,
    OWN_NAMES,
    TAKES_PLACE,
    TOO_LARGE,
    TOO_LARGE_DETAIL,
    is_full,
    own_content,
    replaced,
    told_by_crm,
    value_of,
)
from shared.sync.occurrence import Told as Said
from shared.sync.said import prints_of
from shared.sync.shown import Exceptions, Shown, shown, unconfirmed_on
from shared.sync.told import Told

if TYPE_CHECKING:
    from shared.model.content import Content
    from shared.sync.context import Context


def exceptions_found(
    before: Task, task: Task, master: Event, exceptions: Exceptions, context: Context
) -> tuple[Task, tuple[Told, ...]]:
    """The series with what its exceptions show, and what is told of it; one version for all of them.

    Args:
        before: The task as it was read; `task` has its master merged already.
    """
    told: list[Told] = []
    full = False
    room = MOST_KEPT - len(task.occurrences)
    for start, slot in yielded(task.content, context.rendering(task), exceptions.keys()).items():
        if start not in task.occurrences and room <= 0:
            full = True
            continue
        room -= start not in task.occurrences
        item = exceptions[start]
        taken_in, news = _taken_in(task, slot, item, master, context)
        told.extend(news)
        task = replaced(task, start, taken_in)
    while is_full(task) and (newest := [start for start in task.occurrences if start not in before.occurrences]):
        full, task = True, replaced(task, newest[-1], Occurrence())
        told = [entry for entry in told if entry.occurrence != newest[-1]]
    if full:
        task, told = _too_large(before, task, told)
    if any(entry.changed for entry in told) and task.version == before.version:
        task = replace(task, version=task.version + 1, changed_at=context.now)
    return task, tuple(told)


def _too_large(before: Task, task: Task, told: list[Told]) -> tuple[Task, list[Told]]:
    """What one document cannot hold stays at Google, and its task says so, once."""
    error = SyncError(code=TOO_LARGE, detail=TOO_LARGE_DETAIL)
    known = before.sync.error is not None and before.sync.error.code == TOO_LARGE
    news = [] if known else [Told(kind="task.error", origin="tandem", action="could not keep all occurrences")]
    return replace(task, sync=replace(task.sync, error=error)), [*told, *news]


def _taken_in(
    task: Task, slot: Slot, item: Event | Tombstone, master: Event, context: Context
) -> tuple[Occurrence, tuple[Told, ...]]:
    start = slot.original_start
    occurrence, said = task.occurrences.get(start, Occurrence()), told_by_crm(task, slot, context)
    if isinstance(item, Tombstone):
        return _cancelled(task, slot, replace(occurrence, event_id=item.id), item, said, context)
    beside = shown(task, start, item, master, context)
    occurrence = replace(occurrence, event_id=item.id, confirmed=_confirmed(occurrence, beside.carried))
    was_cancelled = beside.base.get(CANCELLED, ("", TAKES_PLACE))[1] == IS_CANCELLED
    may_take = context.may_take(said.task, item)
    if said.cancelled and not was_cancelled and not beside.edited & may_take:
        return replace(occurrence, base=beside.base), ()
    back: tuple[Told, ...] = ()
    if said.cancelled:
        if "title" not in may_take:
            return replace(occurrence, base=beside.base), ()
        occurrence, said = _takes_place(task, occurrence, slot, context)
        policy = "a person brought it back" if was_cancelled else "an edit in Google beat the cancellation"
        back = (_news(slot, "brought the occurrence back", {CANCELLED: (True, False)}, {}, policy=policy),)
    base = {**beside.base, CANCELLED: (TAKES_PLACE, TAKES_PLACE)}
    occurrence = replace(occurrence, base=base, again=None)
    occurrence, told = _merged(task, slot, occurrence, said, beside, context)
    return occurrence, (*back, *told)


def _takes_place(task: Task, occurrence: Occurrence, slot: Slot, context: Context) -> tuple[Occurrence, Said]:
    """It takes place again; one that was removed because it was done is open again."""
    content = occurrence.content
    content = replace(content, status="open") if content.status == "done" else content
    occurrence = replace(occurrence, cancelled=False, content=content)
    return occurrence, told_by_crm(replaced(task, slot.original_start, occurrence), slot, context)


def _cancelled(
    task: Task, slot: Slot, occurrence: Occurrence, item: Tombstone, said: Said, context: Context
) -> tuple[Occurrence, tuple[Told, ...]]:
    carried = unconfirmed_on(task, slot.original_start, item.private, context)
    base = base_with(occurrence.base, carried)
    ours, theirs = base.get(CANCELLED, (TAKES_PLACE, TAKES_PLACE))
    gone = {**base, CANCELLED: (IS_CANCELLED, IS_CANCELLED)}
    occurrence = replace(occurrence, confirmed=_confirmed(occurrence, carried))
    if said.cancelled:
        return replace(occurrence, base=gone), ()
    if theirs == IS_CANCELLED:
        return replace(occurrence, base=base), ()
    may_send = context.may_send(said.task)
    unsent = {
        name for name, half in said.halves.items()
        if name != CANCELLED and half != base.get(name, (INHERITS, ""))[0]
    }  # fmt: skip
    if occurrence.again is not None or (unsent & may_send) or context.policy(task).on_google_delete == "recreate":
        # The CRM's half differs from this base, so the occurrence is sent again (rules 13, 17 and 33).
        return replace(occurrence, base=gone), ()
    if "title" not in context.may_take(task) or context.policy(task).on_google_delete == "unlink":
        return replace(occurrence, base={**base, CANCELLED: (ours, IS_CANCELLED)}), ()
    after = replace(occurrence, base=gone, cancelled=True, edits={}, conflict={})
    told = _news(slot, "cancelled the occurrence", {CANCELLED: (False, True)}, {})
    return after, (told,)


def _merged(
    task: Task, slot: Slot, occurrence: Occurrence, said: Said, beside: Shown, context: Context
) -> tuple[Occurrence, tuple[Told, ...]]:
    base, google = occurrence.base, beside.values
    by_crm = {name for name in OF_ONE if said.halves[name] != base.get(name, (INHERITS, ""))[0]}
    same = {name for name in OF_ONE if _agree(name, said, beside)}
    policy = context.policy(said.task, beside.event, google).merge
    merge = resolved(by_crm, beside.edited, same, policy)
    again = merge.take & beside.inherits
    values = {name: google[name] for name in merge.take - again}
    content = own_content(occurrence, said, values, beside.event, context, inherited=again)
    after = replace(occurrence, content=content)
    now = told_by_crm(replaced(task, slot.original_start, after), slot, context)
    settled = dict(base)
    for name in OF_ONE & google.keys():
        if name in merge.take | merge.agree:
            settled[name] = (now.halves[name], print_in(google, name))
        elif name in merge.overruled:
            settled[name] = (print_in(google, name), print_in(google, name))
        elif name in merge.unheard or (name not in merge.conflicts and name not in beside.edited):
            settled[name] = (settled.get(name, (INHERITS, ""))[0], print_in(google, name))
    conflict = {
        name: Conflict(
            base=occurrence.edits[name].before if name in occurrence.edits else None,
            crm=value_of(said.values, name), google=google.get(name),
        )
        for name in merge.conflicts
    }  # fmt: skip
    after = replace(
        after, base=settled, conflict=conflict, stamps=stamps_after(said.task, beside.event, google, merge),
        edits={
            name: edit
            for name, edit in occurrence.edits.items()
            if now.halves[name] != settled.get(name, (INHERITS, ""))[0]
        },
    )  # fmt: skip
    return after, tuple(_told_of(slot, occurrence, said, now, merge, conflict, context))


def _agree(name: str, said: Said, beside: Shown) -> bool:
    if said.halves[name] == INHERITS:
        return name in beside.inherits
    return name in beside.values and fingerprint(beside.values[name]) == said.halves[name]


def _told_of(
    slot: Slot,
    before: Occurrence,
    said: Said,
    now: Said,
    merge: Merge,
    conflict: Mapping[str, Conflict],
    context: Context,
) -> list[Told]:
    told: list[Told] = []
    old, new = _plain(said.task.content), _plain(now.task.content)
    changed = {name: (old.get(name), new.get(name)) for name in OWN_NAMES if old.get(name) != new.get(name)}
    if changed:
        prints = prints_of(now.task.content, changed)
        told.append(_news(slot, "changed the occurrence", changed, prints))
    if merge.overruled:
        fields = ", ".join(sorted(merge.overruled))
        policy = f"conflict: {context.settings.conflict}"
        kept = Told(
            kind=None, origin="tandem", action="kept the CRM's version of an occurrence", policy=policy, detail=fields
        )
        told.append(kept)
    if conflict and dict(conflict) != before.conflict:
        told.append(
            Told(
                kind="task.conflict", origin="tandem", action="kept both versions of an occurrence",
                policy="conflict: manual", occurrence=slot.original_start,
            )
        )  # fmt: skip
    return told


def _news(
    slot: Slot,
    action: str,
    changed: dict[str, tuple[object, object]],
    prints: dict[str, str],
    *,
    policy: str | None = None,
) -> Told:
    return Told(
        kind="task.updated",
        origin="google",
        action=action,
        policy=policy,
        occurrence=slot.original_start,
        changed=changed,
        prints=prints,
    )


def _confirmed(occurrence: Occurrence, carried: Marker | None) -> str | None:
    return carried.write_id if carried else occurrence.confirmed


def _plain(content: Content) -> dict[str, object]:
    built = msgspec.to_builtins(content)
    return built if isinstance(built, dict) else {}
