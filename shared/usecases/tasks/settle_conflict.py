"""A person settles a conflict: per field the CRM's version or Google's. One commit, and no Google."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Literal, cast

from msgspec.structs import replace

from shared.errors import Conflicting, Fault, Invalid, LostRace, Moved, NotFound
from shared.model.ids import task_path
from shared.model.stored import to_data
from shared.ports import Set
from shared.sync.dropped import without_the_unyielded
from shared.sync.fields import FIELDS
from shared.sync.fingerprint import fingerprint
from shared.sync.said import changes_between, prints_of
from shared.sync.state import with_state
from shared.sync.to_content import taken
from shared.usecases.changes import Why, task_change, told_beside
from shared.usecases.jobs import enqueue_due, sync_task_job
from shared.usecases.reading import TaskReading, read_task
from shared.usecases.tasks.settle_occurrence import Winner, occurrence_settled

if TYPE_CHECKING:
    from shared.model.ids import TaskId, TenantId
    from shared.model.task import Conflict, Task
    from shared.sync.context import Context
    from shared.sync.fields import Value
    from shared.sync.told import Told
    from shared.usecases.world import World

ROUNDS = 5
NO_CONFLICT = "the task has no open conflict of its own; read it again, and name the occurrence if one of them has"
IS_A_DATE = (
    "this task is the occurrence {date} of {series} by now, and its conflict went with it; settle what that occurrence "
    "has open at the series, and name the occurrence"
)
NONE_THERE = "this occurrence has no open conflict; sync_state.conflict names those that have"


def settle_conflict(
    world: World,
    tenant: TenantId,
    task_id: TaskId,
    resolution: Literal["crm", "google", "fields"],
    fields: Mapping[str, Winner],
    *,
    occurrence: str | None = None,
) -> Task:
    """The named conflicts are settled; what the CRM won is on its way to Google.

    Args:
        resolution: One side for all of them, or `fields`.
        fields: Per contract field its winner, when the resolution is `fields`; others stay open.
        occurrence: Of a series, whose conflicts are meant, by its original start; None: the series' own.

    Raises:
        NotFound, Moved: There is no such task, or it has another id.
        Conflicting: The task, or that occurrence, has no open conflict; or the task is a date of a series by now.
        Invalid: A named field has no conflict, or two fields of one thing (start and end) name different winners.
    """
    for _ in range(ROUNDS):
        reading = read_task(world, tenant, task_id, None, None)
        if reading is None or reading.task.deleted_at is not None or reading.task.is_worn_off(world.clock.now()):
            raise NotFound("there is no such task")
        if reading.task.moved_date is not None:
            raise Conflicting(IS_A_DATE.format(date=reading.task.moved_date, series=reading.task.moved_to))
        if reading.task.moved_to is not None:
            raise Moved(reading.task.moved_to)
        context = reading.context(world)
        one = reading.task.occurrences.get(occurrence or "")
        conflict = reading.task.sync.conflict if occurrence is None else one.conflict if one else {}
        if context is None or not conflict:
            raise Conflicting(NO_CONFLICT if occurrence is None else NONE_THERE)
        winners, of = _winners(conflict, resolution, fields), None
        dropped: tuple[Told, ...] = ()
        if occurrence is None:
            after, dropped = _settled(reading.task, winners, context)
        else:
            after, of = occurrence_settled(reading.task, occurrence, winners, context)
        why = Why(action="settled the conflict", policy=f"settled: {resolution}")
        change = task_change(
            world, tenant, after, kind="task.updated", origin="crm", before=reading.task, why=why, of=of
        )
        beside = [told_beside(world, tenant, after, each) for each in dropped]
        try:
            world.store.commit([_write(world, reading, after), change, *beside])
        except LostRace:
            continue
        _enqueue(world, tenant, after)
        return after
    raise LostRace("this task is being written by many at once; try again")


def _winners(
    conflict: Mapping[str, Conflict], resolution: Literal["crm", "google", "fields"], fields: Mapping[str, Winner]
) -> dict[str, Winner]:
    if resolution != "fields":
        return dict.fromkeys(conflict, resolution)
    canonical = {name: field for field in conflict for name in FIELDS[field].contract_names}
    winners: dict[str, Winner] = {}
    faults: list[Fault] = []
    for name, winner in fields.items():
        field = canonical.get(name)
        if field is None:
            faults.append(Fault(f"/fields/{name}", "this field has no open conflict"))
        elif winners.setdefault(field, winner) != winner:
            faults.append(Fault(f"/fields/{name}", "start, end and time_zone are one thing; name one winner for them"))
    if not fields:
        faults.append(Fault("/fields", "name at least one field and its winner, or choose crm or google for all"))
    if faults:
        raise Invalid(faults)
    return winners


def _settled(task: Task, winners: Mapping[str, Winner], context: Context) -> tuple[Task, tuple[Told, ...]]:
    """Google's is taken as if it alone had changed; for the CRM's, base first becomes Google's (rule 3).

    A series that so gets Google's time or rule drops the occurrences that it has no more (rule 37).
    """
    conflict = task.sync.conflict
    shown = {name: cast("Value", conflict[name].google) for name in winners}
    theirs = {name: shown[name] for name, winner in winners.items() if winner == "google"}
    content = taken(task.content, theirs, None, context.rendering(task))
    after = replace(task, content=content, version=task.version + 1, changed_at=context.now)
    ours = context.fields_of(after)
    base = dict(task.sync.base)
    for name, winner in winners.items():
        google = fingerprint(shown[name])
        base[name] = (fingerprint(ours.get(name, FIELDS[name].default)) if winner == "google" else google, google)
    names = changes_between(task.content, content)
    sync = replace(
        task.sync,
        base=base,
        conflict={name: kept for name, kept in conflict.items() if name not in winners},
        edits={name: edit for name, edit in task.sync.edits.items() if name not in theirs},
        sent={**task.sync.sent, **prints_of(content, names)},
    )
    after, dropped = without_the_unyielded(
        task.content, replace(after, sync=sync), context.rendering(after), park=False
    )
    return with_state(after, context), dropped


def _write(world: World, reading: TaskReading, after: Task) -> Set:
    pending = after.sync.state == "pending"
    due = world.clock.now() + timedelta(seconds=world.options.pending_after_s) if pending else None
    path = task_path(reading.tenant.id, after.id)
    return Set(path=path, data=to_data(replace(after, due_at=due)), must=reading.revision)


def _enqueue(world: World, tenant: TenantId, task: Task) -> None:
    sync = task.sync
    if sync.state == "pending" and sync.connection is not None:
        enqueue_due(
            world, sync_task_job(tenant, sync.connection, sync.calendar, task.id, version=task.version, attempt="w")
        )
