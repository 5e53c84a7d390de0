"""The later half of a series that a person split in Google becomes a task of its own: a merge, not an import. Pure.

What the CRM had not sent of the whole series reaches both halves (rule 35), and the occurrences of the later one go
with it (rule 36). Start at `later_half`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec
from msgspec import UNSET
from msgspec.structs import replace

from shared.google.series import cut_at, family_of
from shared.model.ids import TaskId
from shared.model.task import Cut, Occurrence, Sync, Task
from shared.model.times import AllDay, When
from shared.sync.crm_fields import series_zone, when_of
from shared.sync.cutting import cut_of
from shared.sync.disjoint import Parted, ends_before, parted
from shared.sync.dropped import without_the_unyielded
from shared.sync.expansion import instant_of_key, is_original_start, slot_at
from shared.sync.fingerprint import fingerprint
from shared.sync.google_fields import google_fields
from shared.sync.mapping import event_key, family_key, marker_key, uid_key, unsent_occurrences, with_keys
from shared.sync.marker import base_with, binding_of, read_marker
from shared.sync.merge import changed_by_crm
from shared.sync.moved_alike import as_far, begins_moved, ends_moved, shift_of
from shared.sync.observe import print_in
from shared.sync.occurrence import spoken
from shared.sync.settle import found
from shared.sync.shown import Exceptions
from shared.sync.state import with_state
from shared.sync.to_content import taken
from shared.sync.told import Told

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.google.events import Event
    from shared.model.ids import CalendarId
    from shared.sync.context import Context


_UNKNOWN = ("", "")
"""Base of a field in which nothing is agreed: both sides have changed it."""


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
    cut = _as_it_was_split(origin, event, context)
    shift = shift_of(cut, context)
    bare = _unmerged(origin, cut, event, context, task=task, place=place, linked=linked, shift=shift)
    begins = when_of(bare.content, context.rendering(bare)) or event.when
    was_cut = _cut_at(event)
    if linked:
        origin = replace(origin, occurrences=_with_crossing_unsent(origin.occurrences, was_cut, begins))
    moved = {start: each for start, each in origin.occurrences.items() if linked and _from(begins, start)}
    ended = origin.content
    if shift and origin.cut is not None and origin.content.start == cut.content.start:
        ended = ends_moved(origin.content, shift, context)
    here = _is_seen_here(origin, place, context)
    rendering = context.rendering(origin)
    at = as_far(begins, event.when, was_cut, series_zone(bare.content, rendering))
    stands = parted(ended, at, rendering) if here else None
    copied = origin.sync.connection != context.connection.id  # of a guest: there nobody can be asked to choose
    undecided = "recurrence" in origin.sync.conflict or (copied and context.settings.conflict == "google_wins")
    if stands is not None and not undecided:
        # The first half made these dates again for a while, and took what was sent to them.
        moved = unsent_occurrences(moved)
    of_this = linked and family_of(origin.sync.event_id or task) == family_of(event.id)  # and of no earlier event
    if stands is not None and of_this:
        bare = _with_rule(bare, stands, at, event, context, undecided=undecided)
    elif here and of_this and ends_before(ended, at, rendering):
        bare = _without_rule(bare, context)
    settled = found(replace(bare, occurrences=moved), event, context, exceptions)
    half = replace(settled.task, version=1, changed_at=context.now)
    rest = [told for told in settled.told if told.kind not in {"task.updated", "task.linked"} or told.occurrence]
    created = Told(kind="task.created", origin="google", action="made a task of the later half of a series")
    left = replace(origin, occurrences={key: each for key, each in origin.occurrences.items() if key not in moved})
    after, told = settled_down(left, context)
    if moved:
        told = (*told, Told(kind="task.updated", origin="google", action="gave occurrences to the later half"))
    after, more = _with_end(after, stands.first if stands is not None else ended.recurrence, context)
    told = (*told, *more)
    if told:
        after = replace(after, version=max(after.version, left.version + 1), changed_at=context.now)
    return Split(
        origin=with_state(after, context), half=with_state(half, context, event), of_origin=told,
        of_half=(created, *rest),
    )  # fmt: skip


def _as_it_was_split(origin: Task, event: Event, context: Context) -> Cut:
    """The series as it was; a write that no commit had confirmed was sent to all of it if the later half shows it."""
    cut = origin.cut
    if cut is None:
        return cut_of(origin, context)
    sent, binding = read_marker(event.private), binding_of(context.deployment, context.tenant, origin)
    if sent is None or sent.binding != binding or sent.write_id != cut.written:
        return cut
    base = base_with(cut.base, sent)
    unsent = changed_by_crm(context.fields_of(replace(origin, content=cut.content)), base)
    return replace(cut, base=base, edits={name: edit for name, edit in cut.edits.items() if name in unsent})


def _is_seen_here(origin: Task, place: CalendarId, context: Context) -> bool:
    """Whether the series itself, or a guest's copy of it, is in the calendar that showed its later half.

    Only the organizer can split: what a guest's calendar shows has happened in the organizer's too.
    """
    sync, connection = origin.sync, context.connection.id
    view = sync.views.get(connection)
    own = sync.connection == connection and sync.calendar == place
    copy = sync.connection is not None and view is not None and view.calendar == place
    return (own or copy) and not sync.gone and origin.deleted_at is None


def _cut_at(event: Event) -> When:
    """Where Google cut the series, by its own dates, as the half's name says: a person may have moved it since."""
    named = cut_at(event.id)
    first = None if named is None or not is_original_start(named) else slot_at(named, event.when)
    return event.when if first is None else first


def _with_crossing_unsent(occurrences: Mapping[str, Occurrence], was_cut: When, begins: When) -> dict[str, Occurrence]:
    """The occurrences; those that change halves because the CRM moved the series are sent to the other half anew.

    What Google keeps of such a date ends when the half that has it there makes it no more.
    """
    crossing = {start: each for start, each in occurrences.items() if _from(was_cut, start) != _from(begins, start)}
    anew = unsent_occurrences(crossing)
    return {
        start: anew.get(start, each) for start, each in occurrences.items() if start in anew or start not in crossing
    }


def _with_rule(bare: Task, rule: Parted, at: When, event: Event, context: Context, *, undecided: bool) -> Task:
    """The later half with the CRM's rule, from the first date that this makes there: as much later as that is.

    Both are to be sent, unless a person has to choose between the CRM's and Google's.

    Args:
        at: Where the series was cut; the half may begin elsewhere, as a person moved it.
    """
    begins = when_of(bare.content, context.rendering(bare))
    goes_on = slot_at(rule.goes_on, at)
    if begins is None or goes_on is None:  # the CRM has days by now, and Google hours, or the other way round
        return _without_rule(bare, context)
    shown = print_in(google_fields(event, context.rendering(bare)), "recurrence")
    base = {**bare.sync.base, "recurrence": _UNKNOWN if undecided else (shown, shown)}
    content = replace(bare.content, recurrence=rule.later)
    if goes_on.start != at.start:
        zone = series_zone(content, context.rendering(bare))
        first, last = spoken(as_far(begins, at, goes_on, zone), zone)
        content = replace(content, start=first, end=last)
        base |= {"time": _UNKNOWN} if undecided else {}
    return replace(bare, content=content, sync=replace(bare.sync, base=base))


def _without_rule(bare: Task, context: Context) -> Task:
    """The later half with Google's rule: by the CRM's it had no date, but a person has edited it, which counts more."""
    said = print_in(context.fields_of(bare), "recurrence")
    return replace(bare, sync=replace(bare.sync, base={**bare.sync.base, "recurrence": (said, "")}))


def _with_end(task: Task, lines: object, context: Context) -> tuple[Task, tuple[Told, ...]]:
    """The first half with its rule ended elsewhere; what so has no date any more is dropped (rule 37)."""
    if not isinstance(lines, tuple) or lines == task.content.recurrence:
        return task, ()
    ended = replace(task, content=replace(task.content, recurrence=lines))
    if (undecided := task.sync.conflict.get("recurrence")) is not None:
        rule = context.fields_of(ended).get("recurrence")
        conflict = {**task.sync.conflict, "recurrence": replace(undecided, crm=rule)}
        base = dict(task.sync.base)
        if rule == undecided.google:  # nothing to choose any more: both end where the split was
            del conflict["recurrence"]
            base["recurrence"] = (fingerprint(rule), fingerprint(rule))
        ended = replace(ended, sync=replace(ended.sync, conflict=conflict, base=base))
    after, dropped = without_the_unyielded(task.content, ended, context.rendering(ended), park=False)
    told = Told(kind="task.updated", origin="tandem", action="ended the series where its later half begins")
    return after, (told, *dropped)


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
    origin: Task, cut: Cut, event: Event, context: Context, *,
    task: TaskId, place: CalendarId, linked: bool, shift: timedelta | None,
) -> Task:  # fmt: skip
    """The task before the merge: what the CRM said of the whole series, and what was agreed of it."""
    status = "open" if cut.content.status == "cancelled" else cut.content.status
    keys = [event_key(context.connection.id, event.id), family_key(context.connection.id, event.id)]
    if (marker := read_marker(event.private)) is not None:
        keys.append(marker_key(marker.binding))  # a later half of this one carries it too
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
    if shift is None:
        return replace(agreed, sync=replace(agreed.sync, base={**cut.base, "time": pair}))
    moved = begins_moved(cut, agreed.content, event.when, shift, context)
    edits = {**cut.edits, "time": replace(cut.edits["time"], before=google["time"])}
    base = {**cut.base, "time": pair if linked else ("", "")}
    return replace(agreed, content=moved, sync=replace(agreed.sync, base=base, edits=edits))
