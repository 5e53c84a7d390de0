"""How a series stands with its occurrences at Google: what is unsent, what is stale, what a write leaves. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from shared.google.events import Event, Tombstone
from shared.model.task import INHERITS, Occurrence, Task
from shared.sync.expansion import Slot, yielded
from shared.sync.fingerprint import DEFAULTS, fingerprint
from shared.sync.google_fields import google_fields
from shared.sync.occurrence import (
    CANCELLED,
    IS_CANCELLED,
    OF_ONE,
    TAKES_PLACE,
    Told,
    inherited_fields,
    replaced,
    told_by_crm,
    value_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.sync.context import Context
    from shared.sync.fields import Value


def unsent_of(task: Task, context: Context) -> dict[str, frozenset[str]]:
    """Per original start, the fields (and `cancelled`) in which the CRM differs from base and may be sent.

    What the rule does not yield is neither sent nor judged (rule 36), nor is what waits for a person's decision.
    """
    left: dict[str, frozenset[str]] = {}
    inherited = inherited_fields(task, context) if task.occurrences else {}
    for start, slot in yielded(task.content, context.rendering(task), task.occurrences.keys()).items():
        names = unsent_in(task.occurrences[start], told_by_crm(task, slot, context, inherited), context)
        if names:
            left[start] = names
    return left


def unsent_in(occurrence: Occurrence, told: Told, context: Context) -> frozenset[str]:
    """What of one occurrence is still to be sent; of a cancelled one nothing but that."""
    may_send = context.may_send(told.task)
    base = occurrence.base
    ended = told.cancelled, _half(base, CANCELLED) == IS_CANCELLED
    if "title" not in may_send and any(ended):
        return frozenset()
    if told.cancelled or occurrence.again is not None or any(ended):
        if all(ended):
            return frozenset()
        return frozenset({CANCELLED}) if told.cancelled else frozenset({CANCELLED, *(may_send & told.values.keys())})
    changed = {name for name, half in told.halves.items() if name != CANCELLED and half != _half(base, name)}
    return frozenset(changed & may_send & told.values.keys()) - occurrence.conflict.keys()


def stale_of(task: Task, context: Context) -> dict[str, frozenset[str]]:
    """Per original start, the inherited fields that Google's exception still shows as the series was before (rule 31).

    Told from the document: what the exception last showed is neither what the series shows nor what the CRM wants.
    The two differ when a person wrote into the generated lines of the series alone. Its own truth is a get.
    """
    left: dict[str, frozenset[str]] = {}
    known = {start for start, occurrence in task.occurrences.items() if occurrence.base.keys() - {CANCELLED}}
    inherited = inherited_fields(task, context) if known else {}
    for start, slot in yielded(task.content, context.rendering(task), known).items():
        occurrence, told = task.occurrences[start], told_by_crm(task, slot, context, inherited)
        if told.cancelled or _half(occurrence.base, CANCELLED) == IS_CANCELLED:
            continue
        names = {
            name
            for name in told.values.keys() & occurrence.base.keys() & context.may_send(told.task)
            if told.halves[name] == INHERITS == occurrence.base[name][0]
            and occurrence.base[name][1] not in {_shown_by_series(task, name, told), _wanted(name, told)}
        }
        if names - occurrence.conflict.keys() - task.sync.conflict.keys():
            left[start] = frozenset(names) - occurrence.conflict.keys() - task.sync.conflict.keys()
    return left


def has_unsent_edit(task: Task, context: Context) -> bool:
    """Whether the CRM edited an occurrence and Google has not got it; a cancelled occurrence is no edit (rule 33)."""
    return any(names != {CANCELLED} for names in unsent_of(task, context).values())


def occurrence_written(
    task: Task, slot: Slot, answer: Event | Tombstone, sent: frozenset[str], write_id: str, context: Context
) -> Task:
    """The series after Google answered a write to one occurrence: base moves for what was sent (rule 1).

    The precondition proved that nothing else had changed, so what an answer shows of the rest is what was known before.
    Of one that takes place again it may be what a person wrote before it was cancelled: then a get must follow.
    """
    start, said = slot.original_start, told_by_crm(task, slot, context)
    occurrence = task.occurrences.get(start, Occurrence())
    base, unseen = dict(occurrence.base), False
    if isinstance(answer, Event):
        values = google_fields(answer, context.rendering(said.task))
        undecided = occurrence.conflict.keys()  # between both a person chooses: there base stays as it is (rule 3)
        known = {name: (INHERITS, fingerprint(values[name])) for name in (OF_ONE & values.keys()) - undecided}
        if CANCELLED in sent:  # what Google kept of it while it was cancelled, nobody has seen
            known = {name: pair for name, pair in known.items() if pair[1] == _shown_by_series(task, name, said)}
            unseen = bool(OF_ONE & values.keys() - known.keys() - sent)
        base = (
            known | base | {name: (said.halves[name], _shown(task, name, said, values)) for name in sent - {CANCELLED}}
        )
    ended = IS_CANCELLED if isinstance(answer, Tombstone) else TAKES_PLACE
    base[CANCELLED] = (ended, ended)
    after = replace(
        occurrence,
        event_id=answer.id,
        base=base,
        confirmed=write_id,
        again=None,
        edits={name: edit for name, edit in occurrence.edits.items() if name not in sent},
    )
    sync = replace(task.sync, etag=answer.etag, updated=answer.updated, verify=task.sync.verify or unseen)
    return replaced(replace(task, sync=sync), start, after)


def _shown(task: Task, name: str, said: Told, values: Mapping[str, Value]) -> str:
    """What Google made of a field that was sent. What it shows of an inherited one counts as the series' (rule 31)."""
    if said.halves[name] == INHERITS:
        return _shown_by_series(task, name, said)
    return fingerprint(value_of(values, name))


def _shown_by_series(task: Task, name: str, told: Told) -> str:
    if name == "time":
        return fingerprint(told.values["time"])
    pair = task.sync.base.get(name)
    return pair[1] if pair else DEFAULTS[name]


def _wanted(name: str, told: Told) -> str:
    value = told.values[name]
    if name == "details" and isinstance(value, dict):
        value = {part: text for part, text in value.items() if part != "internal"}  # it is not shown
    return fingerprint(value)


def _half(base: Mapping[str, tuple[str, str]], name: str) -> str:
    pair = base.get(name)
    return pair[0] if pair else TAKES_PLACE if name == CANCELLED else INHERITS
