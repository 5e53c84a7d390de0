"""The later half of a series that a person split in Google becomes a task of its own: a merge, not an import. Pure.

What the CRM had not sent of the whole series reaches both halves (rule 35), and the occurrences of the later one go
with it (rule 36). Start at `later_half`.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET
from msgspec.structs import replace

from shared.model.ids import TaskId
from shared.model.task import Cut, Sync, Task
from shared.model.times import AllDay, Timed, When
from shared.sync.crm_fields import series_zone, when_of
from shared.sync.dropped import without_the_unyielded
from shared.sync.expansion import instant_of_key
from shared.sync.google_fields import google_fields
from shared.sync.mapping import event_key, family_key, uid_key, with_keys
from shared.sync.observe import print_in
from shared.sync.occurrence import spoken
from shared.sync.settle import found
from shared.sync.shown import Exceptions
from shared.sync.state import with_state
from shared.sync.to_content import taken
from shared.sync.told import Told
from shared.sync.zoned import read_when

if TYPE_CHECKING:
    from shared.google.events import Event
    from shared.model.content import Content
    from shared.model.ids import CalendarId
    from shared.sync.context import Context


WEEK = timedelta(days=7)


class Split(msgspec.Struct, frozen=True, kw_only=True):
    """Both halves, to be committed together, and what is told of each."""

    origin: Task
    half: Task
    of_origin: tuple[Told, ...]
    of_half: tuple[Told, ...]


def later_half(
    origin: Task,
    event: Event,
    exceptions: Exceptions,
    context: Context,
    *,
    task: TaskId,
    place: CalendarId,
    linked: bool,
) -> Split:
    """The split that this new master tells of.

    Args:
        origin: The task of the half that was there before, its new end taken in if that was seen yet.
        exceptions: Of the new master, as seen with it.
        task: The id of the task to make.
        linked: Google calls the new master after the old one: its occurrences are the old ones. If not, its time or
            rule is another, and the old ones have ended.
    """
    cut = origin.cut or Cut(content=origin.content, base=origin.sync.base, edits=origin.sync.edits, at=context.now)
    moved = {start: each for start, each in origin.occurrences.items() if linked and _from(event.when, start)}
    bare = _unmerged(origin, cut, event, context, task=task, place=place, linked=linked)
    settled = found(replace(bare, occurrences=moved), event, context, exceptions)
    half = replace(settled.task, version=1, changed_at=context.now)
    rest = [told for told in settled.told if told.kind not in {"task.updated", "task.linked"} or told.occurrence]
    created = Told(kind="task.created", origin="google", action="made a task of the later half of a series")
    left = replace(origin, occurrences={key: each for key, each in origin.occurrences.items() if key not in moved})
    after, told = settled_down(left, context)
    if moved:
        after = replace(after, version=max(after.version, left.version + 1), changed_at=context.now)
        told = (*told, Told(kind="task.updated", origin="google", action="gave occurrences to the later half"))
    return Split(
        origin=with_state(after, context), half=with_state(half, context, event), of_origin=told,
        of_half=(created, *rest),
    )  # fmt: skip


def settled_down(origin: Task, context: Context) -> tuple[Task, tuple[Told, ...]]:
    """The series that was cut, when it is known what became of its later half: what it has no more is dropped (37)."""
    if origin.cut is None:
        return origin, ()
    after, told = without_the_unyielded(
        origin.cut.content, replace(origin, cut=None), context.rendering(origin), park=False
    )
    if after.occurrences != origin.occurrences:
        after = replace(after, version=origin.version + 1, changed_at=context.now)
    return after, told


def _from(first: When, original_start: str) -> bool:
    """Whether the occurrence is the first of the later half or after it."""
    at = instant_of_key(original_start)
    return at.date() >= first.start if isinstance(first, AllDay) else at >= first.start


def _unmerged(
    origin: Task, cut: Cut, event: Event, context: Context, *, task: TaskId, place: CalendarId, linked: bool
) -> Task:
    """The task before the merge: what the CRM said of the whole series, and what was agreed of it."""
    status = "open" if cut.content.status == "cancelled" else cut.content.status
    keys = [event_key(context.connection.id, event.id), family_key(context.connection.id, event.id)]
    sync = Sync(
        connection=context.connection.id, calendar=place, event_id=event.id, adopted=True, id_version=1,
        edits=cut.edits,
    )  # fmt: skip
    content = replace(cut.content, status=status, updated_at=UNSET)
    bare = Task(
        id=task, created_in="google", content=content, changed_at=context.now, split_from=origin.id,
        sync=with_keys(sync, *keys, *([uid_key(event.ical_uid)] if event.ical_uid else [])),
    )  # fmt: skip
    google = google_fields(event, context.rendering(bare))
    agreed = replace(bare, content=taken(content, {"time": google["time"]}, event, context.rendering(bare)))
    pair = (print_in(context.fields_of(agreed), "time"), print_in(google, "time"))
    moved = _moved_alike(cut, agreed.content, event.when, context)
    if moved is None:
        return replace(agreed, sync=replace(agreed.sync, base={**cut.base, "time": pair}))
    return replace(
        agreed,
        content=moved,
        sync=replace(agreed.sync, base={**cut.base, "time": pair if linked else ("", "")}),
    )


def _moved_alike(cut: Cut, content: Content, first: When, context: Context) -> Content | None:
    """The later half moved as the CRM had moved the whole series, if it had and nobody knew yet; else None."""
    edit = cut.edits.get("time")
    before = edit.before if edit is not None else None
    whole = Task(id=TaskId("-"), content=cut.content)
    wanted = when_of(cut.content, context.rendering(whole))
    if not isinstance(before, dict) or wanted is None:
        return None
    zone = series_zone(cut.content, context.rendering(whole))
    shift = _wall(wanted, zone) - _wall_of(str(before["start"]), zone)
    if abs(shift) >= WEEK:  # the series begins elsewhere; what is left of it keeps its days
        shift -= timedelta(days=round(shift / timedelta(days=1)))
    start = _wall(first, zone) + shift
    when: When
    if isinstance(wanted, AllDay):
        when = AllDay(start=start.date(), end=start.date() + (wanted.end - wanted.start))
    else:
        at = start.replace(tzinfo=zone).astimezone(UTC)
        when = Timed(start=at, end=at + (wanted.end - wanted.start), zone=wanted.zone)
    begins, ends = spoken(when, zone)
    return replace(content, start=begins, end=ends, time_zone=cut.content.time_zone)


def _wall(when: When, zone: ZoneInfo) -> datetime:
    if isinstance(when, AllDay):
        return datetime.combine(when.start, time())
    return when.start.astimezone(zone).replace(tzinfo=None)


def _wall_of(start: str, zone: ZoneInfo) -> datetime:
    read = read_when(start)
    if not isinstance(read, datetime):
        return datetime.combine(read, time())
    return read.astimezone(zone).replace(tzinfo=None)
