"""One occurrence as a task of its own: what it says by itself, what it has from its series, and what is unsent of it.

Its fields are compared relatively: a field has its own value, or inherits (rule 29). So a series that is renamed is no
edit of its occurrences. Start at `told_by_crm`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET
from msgspec.structs import replace

from shared.google.events import Event
from shared.model.content import Content
from shared.model.task import INHERITS, Occurrence, Task
from shared.model.times import AllDay, When
from shared.sync.crm_fields import Rendering, series_zone, time_value
from shared.sync.expansion import Slot
from shared.sync.fields import FIELDS, Fields, Value
from shared.sync.fingerprint import DEFAULTS, fingerprint
from shared.sync.to_content import taken
from shared.sync.zoned import read_when

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.sync.context import Context

OWN_NAMES = (
    "title", "description", "notes", "start", "end", "location", "priority", "status", "private", "busy", "url",
    "contact", "deal", "reminders", "attendees", "zoom_url", "color",
)  # fmt: skip
"""The fields of a task that one occurrence may have for itself; the others are the series' alone."""
OF_ONE = frozenset(FIELDS) - {"recurrence", "conference"}
"""The canonical fields in which an occurrence can differ."""
CANCELLED = "cancelled"
TAKES_PLACE, IS_CANCELLED = fingerprint(False), fingerprint(True)  # noqa: FBT003 - the values themselves
_MADE_FROM: Mapping[str, tuple[str, ...]] = {
    "title": ("title",), "time": ("start", "end"), "location": ("location", "zoom_url"),
    "description": ("description",), "private": ("private",), "busy": ("busy",), "reminders": ("reminders",),
    "attendees": ("attendees",), "color": ("color",), "url": ("url",),
}  # fmt: skip
"""Which of the CRM's fields make a canonical one its own; the rest differ exactly when their values do."""
MOST_KEPT, LARGEST = 1_000, 700_000
"""How many occurrences one series keeps, and how many bytes its document may have; a store takes a million."""
TOO_LARGE = "series_too_large"
TOO_LARGE_DETAIL = (
    f"more than {MOST_KEPT} occurrences of this series differ from it, or more than one document can hold; the others "
    "stand in Google only. End the series and go on with a new one"
)
_NOTHING = Content()


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What the CRM says of one occurrence.

    Args:
        task: The occurrence as if it were a task: its whole content, and its own base, edits, stamps and conflict.
        values: Canonical values as the event should show them.
        halves: Per field, the fingerprint of its own value, or `INHERITS`; and for `cancelled`.
    """

    task: Task
    values: dict[str, Value]
    halves: dict[str, str]

    @property
    def cancelled(self) -> bool:
        """It is to have no place in the calendar."""
        return self.halves[CANCELLED] == IS_CANCELLED


def told_by_crm(task: Task, slot: Slot, context: Context, inherited: Fields | None = None) -> Told:
    """What the CRM says of the occurrence in this slot, whether anything is kept of it or not.

    Args:
        inherited: What `inherited_fields` gives for the series, where many of its occurrences are asked for.
    """
    occurrence = task.occurrences.get(slot.original_start, Occurrence())
    one = as_task(task, occurrence, slot, context.rendering(task))
    inherited = {**(inherited or inherited_fields(task, context)), "time": time_value(slot.when, None)}
    values = inherited if occurrence.content == _NOTHING else context.fields_of(one)
    own = {name for name in OWN_NAMES if getattr(occurrence.content, name) is not UNSET}
    halves = {
        name: fingerprint(values[name])
        for name in OF_ONE & values.keys()
        if own & set(_MADE_FROM.get(name, ())) or _print(values, name) != _print(inherited, name)
    }
    removed = one.content.status == "done" and context.settings.on_done == "delete"
    halves[CANCELLED] = IS_CANCELLED if occurrence.cancelled or removed else TAKES_PLACE
    kept = dict.fromkeys(OF_ONE, INHERITS) | halves
    # It had a value of its own where the CRM says nothing of the series: to inherit again is to have none.
    ended = {
        name: FIELDS[name].default for name in OF_ONE & occurrence.base.keys() - values.keys() if _had_own(name, one)
    }
    return Told(task=one, values={**ended, **{name: values[name] for name in OF_ONE & values.keys()}}, halves=kept)


def inherited_fields(task: Task, context: Context) -> Fields:
    """What every occurrence has from its series, but for its time."""
    return context.fields_of(replace(task, content=replace(task.content, recurrence=UNSET)))


def as_task(task: Task, occurrence: Occurrence, slot: Slot, rendering: Rendering) -> Task:
    """The occurrence as if it were a task that happens once."""
    content = content_of(task.content, occurrence, slot, rendering)
    sync = replace(
        task.sync, base=occurrence.base, sent=occurrence.sent, unacked=occurrence.unacked, edits=occurrence.edits,
        stamps=occurrence.stamps, conflict=occurrence.conflict, confirmed=occurrence.confirmed, again=occurrence.again,
        event_id=occurrence.event_id,
    )  # fmt: skip
    return replace(task, content=content, sync=sync, occurrences={})


def content_of(series: Content, occurrence: Occurrence, slot: Slot, rendering: Rendering) -> Content:
    """The occurrence's whole content: the series', at its slot, with what it has for itself."""
    zone = series_zone(series, rendering)
    start, last = spoken(slot.when, zone)
    end: str | None = last
    own = {name: value for name in OWN_NAMES if (value := getattr(occurrence.content, name)) is not UNSET}
    if "start" in own and "end" not in own:
        end = _end_after(str(own["start"]), slot.when, zone)
    return replace(series, **{"start": start, "end": end, "recurrence": UNSET} | own)


def own_content(
    occurrence: Occurrence,
    told: Told,
    values: Mapping[str, Value],
    event: Event | None,
    context: Context,
    *,
    inherited: frozenset[str] = frozenset(),
) -> Content:
    """What the occurrence has for itself once Google's values are taken, and other fields are inherited again."""
    before = told.task.content
    whole = taken(before, values, event, context.rendering(told.task))
    own = {
        name: getattr(whole, name)
        for field in values
        for name in _MADE_FROM.get(field, ())
        if field == "time" or getattr(whole, name) != getattr(before, name)
    }
    cleared = {name: UNSET for field in inherited for name in _MADE_FROM.get(field, ())}
    return replace(occurrence.content, **own, **cleared)


def spoken(when: When, zone: ZoneInfo) -> tuple[str, str]:
    """Start and end as a task says them: days, or moments with the offset that people there have."""
    if isinstance(when, AllDay):
        return when.start.isoformat(), when.end.isoformat()
    first, last = (moment.astimezone(zone).isoformat(timespec="seconds") for moment in (when.start, when.end))
    return first, last


def _had_own(name: str, one: Task) -> bool:
    return one.sync.base[name][0] != INHERITS


def _print(values: Mapping[str, Value], name: str) -> str:
    return fingerprint(values[name]) if name in values else DEFAULTS[name]


def _end_after(start: str, when: When, zone: ZoneInfo) -> str | None:
    """An occurrence that was moved keeps the series' length; one that became all-day lasts a day."""
    read = read_when(start)
    if isinstance(read, datetime) and not isinstance(when, AllDay):
        moment = read if read.tzinfo else read.replace(tzinfo=zone)
        return (moment.astimezone(UTC) + (when.end - when.start)).astimezone(zone).isoformat(timespec="seconds")
    if not isinstance(read, datetime):
        days = when.end - when.start if isinstance(when, AllDay) else timedelta(days=1)
        return (read + days).isoformat()
    return None


def replaced(task: Task, start: str, occurrence: Occurrence) -> Task:
    """The task with this occurrence as it is now; one that says nothing and of which nothing is known is not kept."""
    others = {key: each for key, each in task.occurrences.items() if key != start}
    if occurrence == Occurrence():
        return replace(task, occurrences=others)
    return replace(task, occurrences=dict(sorted({**others, start: occurrence}.items())))


def is_full(task: Task) -> bool:
    """The series keeps more of its occurrences than one document can hold."""
    kept = task.occurrences
    return len(kept) > MOST_KEPT or (len(kept) > MOST_KEPT // 10 and len(msgspec.json.encode(task)) > LARGEST)


def value_of(values: Mapping[str, Value], name: str) -> Value:
    """The canonical value, its default when it is not said."""
    return values[name] if name in values else FIELDS[name].default
