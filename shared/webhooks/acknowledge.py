"""A delivery was answered 2xx: its changes are delivered, and the CRM has acknowledged what they tell (rule 5).

Both lie in the same commits: a task's fields count as known to the CRM exactly when the change that told them is
delivered. A task that is being written meanwhile is read again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from shared.errors import LostRace
from shared.model.ids import TaskId, TenantId, change_path, delivery_path, task_path
from shared.model.stored import read_as
from shared.model.task import Occurrence, Task
from shared.ports import SERVER_TIME, Document, Patch, Revision
from shared.sync.said import acknowledged

if TYPE_CHECKING:
    from shared.model.webhook import Delivery, Entry, Try
    from shared.usecases.world import World

ROUNDS = 5


def acknowledge(world: World, tenant: TenantId, delivery: Delivery, tried: Try) -> None:
    """The delivery is done: one commit, or one for each task where many are written at this moment.

    Raises:
        LostRace: A task kept changing; the delivery stays open and is sent again under its id.
    """
    done = Patch(
        path=delivery_path(tenant, delivery.id),
        fields={
            "state": "delivered",
            "tries": msgspec.to_builtins((*delivery.tries, tried), builtin_types=(datetime,)),
            "entries": [],
            "body": "",
            "due_at": None,
            "lease_until": None,
        },
    )
    writes = _writes(world, tenant, delivery.entries, known=True)
    try:
        world.store.commit([*writes, done])
    except LostRace:
        for entries in _by_line(delivery.entries):
            _acknowledged_apart(world, tenant, entries)
        world.store.commit([done])


def _acknowledged_apart(world: World, tenant: TenantId, entries: Sequence[Entry]) -> None:
    for _ in range(ROUNDS):
        writes = _writes(world, tenant, entries, known=False)
        if not writes:
            return
        try:
            world.store.commit(writes)
        except LostRace:
            continue
        return
    raise LostRace("a task kept changing while its delivery was acknowledged")


def _writes(world: World, tenant: TenantId, entries: Iterable[Entry], *, known: bool) -> list[Patch]:
    """What acknowledges these changes. `known`: the changes are there; otherwise those that are gone are left out."""
    entries = list(entries)
    changes = [change_path(tenant, entry.id) for entry in entries]
    tasks = {entry.task for entry in entries if entry.task is not None}
    paths = [*(task_path(tenant, task) for task in sorted(tasks)), *([] if known else changes)]
    found = world.store.get_many(paths) if paths else {}
    present = changes if known else [path for path in changes if found[path] is not None]
    newest: dict[TaskId, tuple[datetime, str]] = {}
    for entry in entries:
        if entry.task is not None:
            newest[entry.task] = max(newest.get(entry.task, (entry.at, entry.id)), (entry.at, entry.id))
    writes = [Patch(path=path, fields={"delivered_at": SERVER_TIME}) for path in present]
    told: dict[str, tuple[Document, tuple[datetime, str]]] = {}
    for task, document in _living(world, tenant, found, newest).items():
        _, known_until = told.get(document.path, (document, newest[task]))
        told[document.path] = document, max(known_until, newest[task])
    return [*writes, *(write for each in told.values() if (write := _task_write(*each)) is not None)]


def _living(
    world: World, tenant: TenantId, found: Mapping[str, Document | None], wanted: Iterable[TaskId]
) -> dict[TaskId, Document]:
    """Each task's document, under its new id if the CRM has claimed it since."""
    living: dict[TaskId, Document] = {}
    moved: dict[TaskId, str] = {}
    for task in wanted:
        document = found[task_path(tenant, task)]
        if document is None:
            continue
        if (claimed := read_as(Task, document).moved_to) is not None:
            moved[task] = task_path(tenant, claimed)
        else:
            living[task] = document
    again = world.store.get_many(sorted(set(moved.values()))) if moved else {}
    return living | {task: document for task, path in moved.items() if (document := again[path]) is not None}


def _task_write(document: Document, newest: tuple[datetime, str]) -> Patch | None:
    """Every change carries the whole task, so what was told before the newest of them is known as well."""
    task = read_as(Task, document)
    sent, unacked = acknowledged(task.sync, lambda at, change: (at, change) <= newest)
    fields: dict[str, object] = {}
    if unacked != task.sync.unacked:
        fields |= {"sync.sent": sent, "sync.unacked": _plain(unacked)}
    occurrences = {start: _known(each, newest) for start, each in task.occurrences.items()}
    if occurrences != task.occurrences:
        fields["occurrences"] = _plain(occurrences)
    return Patch(path=document.path, fields=fields, must=Revision(document.revision)) if fields else None


def _known(occurrence: Occurrence, newest: tuple[datetime, str]) -> Occurrence:
    sent, unacked = acknowledged(occurrence, lambda at, change: (at, change) <= newest)
    return occurrence if unacked == occurrence.unacked else replace(occurrence, sent=sent, unacked=unacked)


def _plain(value: object) -> object:
    return msgspec.to_builtins(value, builtin_types=(datetime,))


def _by_line(entries: Sequence[Entry]) -> list[list[Entry]]:
    lines: dict[str | None, list[Entry]] = {}
    for entry in entries:
        lines.setdefault(entry.line, []).append(entry)
    return list(lines.values())
