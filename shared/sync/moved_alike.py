"""A series that the CRM moved, unsent, when a person split it in Google: both halves move alike. Pure.

Google named the cut in the old time. So the later half begins as much later, or earlier, as the whole series does, and
the old half's end moves along: else some dates would be in both halves, or in none. Start at `shift_of`.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from msgspec.structs import replace

from shared.model.ids import TaskId
from shared.model.task import Cut, Task
from shared.model.times import AllDay, Timed, When
from shared.sync.crm_fields import series_zone, when_of
from shared.sync.expansion import slots
from shared.sync.occurrence import spoken
from shared.sync.zoned import read_when

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from shared.model.content import Content
    from shared.sync.context import Context

WEEK = timedelta(days=7)
_UNTIL = re.compile(r"(?<=UNTIL=)(\d{8})(T\d{6}Z)?", re.IGNORECASE | re.ASCII)


def shift_of(cut: Cut, context: Context) -> timedelta | None:
    """How far the CRM had moved the whole series by the clock on the wall; None: it had not, or everybody knew.

    A series that begins a week or more elsewhere keeps its days; what was moved then is the time of day.
    """
    edit = cut.edits.get("time")
    before = edit.before if edit is not None else None
    rendering = context.rendering(Task(id=TaskId("-"), content=cut.content))
    wanted = when_of(cut.content, rendering)
    if not isinstance(before, dict) or wanted is None:
        return None
    zone = series_zone(cut.content, rendering)
    shift = _wall(wanted, zone) - _wall_of(str(before["start"]), zone)
    return shift if abs(shift) < WEEK else shift - timedelta(days=round(shift / timedelta(days=1)))


def begins_moved(cut: Cut, content: Content, first: When, shift: timedelta, context: Context) -> Content:
    """The later half as it begins in Google, so much later; its length is what the CRM gave the series."""
    rendering = context.rendering(Task(id=TaskId("-"), content=cut.content))
    wanted, zone = when_of(cut.content, rendering), series_zone(cut.content, rendering)
    if wanted is None:
        return content
    start = _wall(first, zone) + shift
    when: When
    if isinstance(wanted, AllDay):
        when = AllDay(start=start.date(), end=start.date() + (wanted.end - wanted.start))
    else:
        at = start.replace(tzinfo=zone).astimezone(UTC)
        when = Timed(start=at, end=at + (wanted.end - wanted.start), zone=wanted.zone)
    begins, ends = spoken(when, zone)
    return replace(content, start=begins, end=ends, time_zone=cut.content.time_zone)


def ends_moved(content: Content, shift: timedelta, context: Context) -> Content:
    """The old half with its end so much later, where that gives it other dates; a COUNT moves by itself."""
    rendering = context.rendering(Task(id=TaskId("-"), content=content))
    zone = series_zone(content, rendering)
    lines = tuple(
        _UNTIL.sub(lambda found: _later(found, shift, zone), line) if line.upper().startswith("RRULE") else line
        for line in content.recurrence or ()
    )
    after = replace(content, recurrence=lines)
    same = lines == (content.recurrence or ()) or list(slots(after, rendering)) == list(slots(content, rendering))
    return content if same else after


def as_far(when: When, since: When, until: When, zone: ZoneInfo) -> When:
    """So much later, by the clock on the wall, as one moment is after another; as long as before."""
    start = _wall(when, zone) + (_wall(until, zone) - _wall(since, zone))
    if isinstance(when, AllDay):
        return AllDay(start=start.date(), end=start.date() + (when.end - when.start))
    at = start.replace(tzinfo=zone).astimezone(UTC)
    return Timed(start=at, end=at + (when.end - when.start), zone=when.zone)


def _later(until: re.Match[str], shift: timedelta, zone: ZoneInfo) -> str:
    if until[2] is None:
        return f"{date.fromisoformat(until[1]) + timedelta(days=round(shift / timedelta(days=1))):%Y%m%d}"
    moment = datetime.strptime(until[0].upper(), "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    wall = moment.astimezone(zone).replace(tzinfo=None) + shift
    return f"{wall.replace(tzinfo=zone).astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _wall(when: When, zone: ZoneInfo) -> datetime:
    if isinstance(when, AllDay):
        return datetime.combine(when.start, time())
    return when.start.astimezone(zone).replace(tzinfo=None)


def _wall_of(start: str, zone: ZoneInfo) -> datetime:
    read = read_when(start)
    if not isinstance(read, datetime):
        return datetime.combine(read, time())
    return read.astimezone(zone).replace(tzinfo=None)
