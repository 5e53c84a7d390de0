"""What Google shows of one occurrence, beside its series in the same read. Pure. Start at `shown`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

import msgspec
from msgspec.structs import replace

from shared.google.events import Event, Tombstone
from shared.model.task import INHERITS, Occurrence, Task
from shared.sync.crm_fields import Rendering, time_value
from shared.sync.cutting import ends_sooner
from shared.sync.expansion import slot_at, yielded
from shared.sync.fingerprint import fingerprint
from shared.sync.google_fields import google_fields
from shared.sync.marker import Marker, base_with, binding_of, read_marker
from shared.sync.occurrence import CANCELLED, IS_CANCELLED, OF_ONE, replaced
from shared.sync.to_content import imported

if TYPE_CHECKING:
    from shared.sync.context import Context
    from shared.sync.fields import Fields, Value

Exceptions: TypeAlias = Mapping[str, Event | Tombstone]
"""What Google shows of a series' occurrences, by original start."""


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """One exception beside its master.

    Args:
        values: Its canonical values.
        inherits: The fields in which it equals the series.
        base: With what an unconfirmed marker of ours tells (rule 6).
        carried: That marker.
    """

    event: Event
    values: Fields
    inherits: frozenset[str]
    base: dict[str, tuple[str, str]]
    carried: Marker | None

    @property
    def edited(self) -> frozenset[str]:
        """What a person changed: it is neither what was last shown nor, where that was agreed, the series' own."""
        return frozenset(name for name in OF_ONE & self.values.keys() if self._is_edited(name))

    def _is_edited(self, name: str) -> bool:
        crm, google = self.base.get(name, (INHERITS, None))
        if crm == INHERITS and name in self.inherits:
            return False
        return fingerprint(self.values[name]) != google


def shown(task: Task, start: str, event: Event, master: Event, context: Context) -> Shown:
    """The exception beside its master of the same read."""
    occurrence = task.occurrences.get(start, Occurrence())
    rendering = context.rendering(task)
    values, series = google_fields(event, rendering), google_fields(master, rendering)
    slot = slot_at(start, master.when)
    if slot is not None:
        series["time"] = time_value(slot, None)
    else:
        del series["time"]
    same = {
        name
        for name in OF_ONE & values.keys() & series.keys()
        if fingerprint(values[name]) == fingerprint(series[name])
    }
    carried = unconfirmed_on(task, start, event.private, context)
    return Shown(
        event=event, values=values, inherits=frozenset(same), base=base_with(occurrence.base, carried), carried=carried
    )


def edited_in_google(task: Task, master: Event, exceptions: Exceptions, context: Context) -> bool:
    """Whether a person edited an occurrence and the CRM does not know; a cancelled one is no edit (rule 33)."""
    for start in yielded(task.content, context.rendering(task), exceptions.keys()):
        item = exceptions[start]
        if not isinstance(item, Event):
            continue
        if shown(task, start, item, master, context).edited & context.may_take(task, item):
            return True
    return False


def needs_the_family(task: Task, master: Event, exceptions: Exceptions, context: Context) -> bool:
    """Whether these exceptions of a page cannot be judged from it (rule 30).

    It takes a read of the whole family where one differs in an inherited field, is cancelled or came back, or is of
    another version than its master; where the rule may make occurrences that Google has kept exceptions of; and where
    one is not listed with its master that Google had.
    """
    if _moved_in_google(task, master, context) or (
        master.etag != task.sync.etag and unlisted(task, master, exceptions)
    ):
        return True
    for start, item in exceptions.items():
        base = task.occurrences.get(start, Occurrence()).base
        was_cancelled = base.get(CANCELLED, ("", ""))[1] == IS_CANCELLED
        if isinstance(item, Tombstone):
            if not was_cancelled:
                return True
            continue
        if was_cancelled or item.etag != master.etag:
            return True
        beside = shown(task, start, item, master, context)
        if any(beside.base.get(name, (INHERITS, ""))[0] == INHERITS for name in beside.edited):
            return True
    return False


def unlisted(task: Task, master: Event, listed: Exceptions) -> list[str]:
    """The occurrences that had something of their own at Google, and of which it lists nothing any more.

    It forgets what it kept of single dates when a series stops to repeat, and may make the same dates again then. A
    copy that takes over may lack what the one before it had: a guest's answer made an exception of that one only.
    """
    own = {start for start, each in task.occurrences.items() if start not in listed and _has_own(each)}
    rendering = Rendering()
    return list(yielded(imported(master, rendering), rendering, own)) if own else []


def _has_own(occurrence: Occurrence) -> bool:
    """Google showed it cancelled, or otherwise than its series."""
    cancelled = occurrence.base.get(CANCELLED, ("", ""))[1] == IS_CANCELLED
    return cancelled or any(crm != INHERITS for name, (crm, _) in occurrence.base.items() if name != CANCELLED)


def _moved_in_google(task: Task, master: Event, context: Context) -> bool:
    """Whether the series has another time or rule than Google showed last; one that only ends sooner makes no more."""
    values, base, crm = google_fields(master, context.rendering(task)), task.sync.base, context.fields_of(task)
    other = {name for name in ("time", "recurrence") if fingerprint(values[name]) != base.get(name, ("", ""))[1]}
    if other != {"recurrence"} or fingerprint(crm.get("recurrence")) != base.get("recurrence", ("", ""))[0]:
        return bool(other)
    return not ends_sooner(_lines(crm.get("recurrence")), _lines(values["recurrence"]))


def _lines(value: Value) -> list[str]:
    return [str(line) for line in value] if isinstance(value, list) else []


def unconfirmed_on(task: Task, start: str, private: Mapping[str, str] | None, context: Context) -> Marker | None:
    """The marker on an exception, if it names this occurrence and tells of a write that is not confirmed (rule 32).

    Where the task keeps nothing of the occurrence it was dropped: what Google kept of it is Google's then, who wrote it
    or not, and counts like a person's word should the rule make the occurrence again.
    """
    marker, occurrence = read_marker(private), task.occurrences.get(start)
    if marker is None or occurrence is None or marker.write_id == occurrence.confirmed:
        return None
    return marker if marker.binding == binding_of(context.deployment, context.tenant, task, start) else None


def recalled_on(task: Task, exceptions: Exceptions, context: Context) -> Task:
    """Out of a backup: the last writes of ours to the occurrences count as confirmed, without their fields."""
    for start, item in exceptions.items():
        marker = unconfirmed_on(task, start, item.private, context)
        if marker is not None:
            occurrence = task.occurrences.get(start, Occurrence())
            task = replaced(task, start, replace(occurrence, confirmed=marker.write_id))
    return task
