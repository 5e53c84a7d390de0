"""The CRM writes one occurrence of a series: other fields for it alone, cancelled, or taking place again. No Google.

It is a write of the series: under its revision, as its next version (rule 27). A value that equals the series' own
means to inherit it.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from msgspec import UNSET
from msgspec.structs import replace

from shared.errors import Conflicting, Fault, Invalid, LostRace
from shared.model.ids import TaskId, TenantId, UserId, task_path
from shared.model.stored import to_data
from shared.model.task import Edit, Occurrence, Task
from shared.ports import Set
from shared.sync.crm_fields import Rendering, crm_fields
from shared.sync.occurrence import CANCELLED, IS_CANCELLED, MOST_KEPT, OF_ONE, OWN_NAMES, content_of, is_full, replaced
from shared.sync.said import changes_between, print_of, said
from shared.usecases.changes import OfOccurrence, Why, task_change
from shared.usecases.feed import is_acknowledged, position_path
from shared.usecases.tasks.delete_task import check_version, enqueue_try, seen_by_the_crm
from shared.usecases.tasks.occurrences import Expanded, expanded, read_series, rendering_for
from shared.usecases.tasks.put_task import to_be_sent
from shared.usecases.tasks.task_faults import faults_of_write

if TYPE_CHECKING:
    from shared.model.content import Content
    from shared.ports import Write
    from shared.usecases.reading import TaskReading
    from shared.usecases.world import World

ROUNDS = 5
FULL = (
    f"this series has {MOST_KEPT} occurrences of its own already, or all they need; end it and go on with a new series"
)


def put_occurrence(
    world: World, tenant: TenantId, task_id: TaskId, original_start: str, content: Content, *, if_match: int | None
) -> Expanded:
    """The occurrence takes place, with these fields for itself; fields left out stay as they are.

    Raises:
        NotFound, Moved, Stale: As for a task; also when the rule does not yield this original start.
        Invalid: The occurrence would be nothing that a calendar can show.
        Conflicting: The series keeps too many occurrences of its own.
    """
    for _ in range(ROUNDS):
        reading = read_series(world, tenant, task_id)
        check_version(reading.task, if_match)
        rendering = rendering_for(world, reading)
        before = expanded(reading.task, rendering, original_start)
        occurrence, changed = _written(world, reading, before, content, rendering)
        stored = _stored(world, reading, occurrence, OfOccurrence(start=original_start, changed=changed), "changed")
        if stored is not None:
            return expanded(stored, rendering, original_start)
    raise LostRace("this series is being written by many at once; try again")


def cancel_occurrence(
    world: World, tenant: TenantId, task_id: TaskId, original_start: str, *, if_match: int | None
) -> None:
    """The occurrence does not take place; a cancelled one stays so.

    Raises:
        NotFound, Moved, Stale: As for a task; also when the rule does not yield this original start.
        Conflicting: The series keeps too many occurrences of its own.
    """
    for _ in range(ROUNDS):
        reading = read_series(world, tenant, task_id)
        check_version(reading.task, if_match)
        occurrence = expanded(reading.task, rendering_for(world, reading), original_start).occurrence
        if occurrence.cancelled:
            return
        changed: dict[str, tuple[object, object]] = {CANCELLED: (False, True)}
        cancelled = replace(seen_by_the_crm(occurrence), cancelled=True, again=None, edits={})
        of = OfOccurrence(start=original_start, changed=changed)
        if _stored(world, reading, cancelled, of, "cancelled") is not None:
            return
    raise LostRace("this series is being written by many at once; try again")


def _written(
    world: World, reading: TaskReading, before: Expanded, incoming: Content, rendering: Rendering
) -> tuple[Occurrence, dict[str, tuple[object, object]]]:
    """The occurrence after the write, and what of it differs from before."""
    if incoming.start is None:
        raise Invalid(
            [Fault("/start", "an occurrence has a start; leave it out, or cancel the occurrence with DELETE")]
        )
    task, known = reading.task, before.occurrence
    user = task.content.user_id
    paths = [position_path(reading.tenant.id), *([position_path(reading.tenant.id, UserId(user))] if user else [])]
    positions = list(world.store.get_many(paths).values())
    sorted_out = said(before.content, incoming, known, lambda at, change: is_acknowledged(at, change, positions))
    own = _own(before, incoming, sorted_out.changed, content_of(task.content, Occurrence(), before.slot, rendering))
    back = known.cancelled and known.base.get(CANCELLED, ("", ""))[0] != IS_CANCELLED
    occurrence = replace(
        known, content=own, sent=sorted_out.sent, unacked=sorted_out.unacked, cancelled=False,
        again=task.version + 1 if back else known.again,
    )  # fmt: skip
    after = content_of(task.content, occurrence, before.slot, rendering)
    if faults := faults_of_write(incoming, after, sorted_out.changed, new=False):
        raise Invalid(faults)
    changed: dict[str, tuple[object, object]] = dict(changes_between(before.content, after))
    if known.cancelled:
        changed[CANCELLED] = (True, False)
    return replace(occurrence, edits=_edits(world, before.content, after, incoming, known)), changed


def _own(before: Expanded, incoming: Content, changed: frozenset[str], plain: Content) -> Content:
    """What the occurrence has for itself: a value that equals the series' is inherited again."""
    own = {name: getattr(before.occurrence.content, name) for name in OWN_NAMES}
    own |= {name: getattr(incoming, name) for name in changed if name in own}
    if "start" in changed and incoming.end:
        own["end"] = incoming.end
    if own["end"] is None:
        own["end"] = UNSET
    series = {name: print_of(name, getattr(plain, name), plain, plain) for name in OWN_NAMES}
    for name in OWN_NAMES:
        moved = name == "end" and own["start"] is not UNSET
        if own[name] is not UNSET and not moved and print_of(name, own[name], plain, plain) == series[name]:
            own[name] = UNSET
    return replace(before.occurrence.content, **own)


def _edits(world: World, before: Content, after: Content, incoming: Content, known: Occurrence) -> dict[str, Edit]:
    """Per changed field the agreed value it replaces and the CRM's stamp, at most the receipt (rule 43)."""
    now = world.clock.now()
    at = min(incoming.updated_at, now) if isinstance(incoming.updated_at, datetime) else now
    old, new = crm_fields(before, Rendering()), crm_fields(after, Rendering())
    edits = dict(known.edits)
    for name in OF_ONE & new.keys():
        if new[name] != old.get(name):
            edits[name] = Edit(before=edits[name].before if name in edits else old.get(name), at=at)
    return edits


def _stored(world: World, reading: TaskReading, occurrence: Occurrence, of: OfOccurrence, did: str) -> Task | None:
    """The series as stored; None when somebody else wrote it first."""
    task, tenant, now = reading.task, reading.tenant.id, world.clock.now()
    after = replaced(task, of.start, occurrence)
    if after == task:
        return task
    if is_full(after) and len(after.occurrences) >= len(task.occurrences):
        raise Conflicting(FULL)
    writes: list[Write] = []
    if of.changed:
        after = to_be_sent(replace(after, version=task.version + 1, changed_at=now), world, now)
        why = Why(action=f"{did} the occurrence")
        writes = [task_change(world, tenant, after, kind="task.updated", origin="crm", why=why, of=of)]
    try:
        path = task_path(tenant, task.id)
        world.store.commit([Set(path=path, data=to_data(after), must=reading.revision), *writes])
    except LostRace:
        return None
    if of.changed:
        enqueue_try(world, tenant, after, "w")
    return after
