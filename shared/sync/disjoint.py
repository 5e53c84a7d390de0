"""A rule that the CRM changed while a person split its series, and that stood against Google's cut. Pure.

The split itself stands, since the later half is there; so the rule ends in the first half where the later one begins,
and goes on in the later one. No date is in both. Start at `parted`.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from itertools import takewhile
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from shared.model.times import AllDay, When
from shared.sync.crm_fields import Rendering, series_zone
from shared.sync.expansion import slots

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from shared.model.content import Content

_COUNT = re.compile(r"(?<=COUNT=)\d+", re.IGNORECASE | re.ASCII)
_END = re.compile(r"(?:UNTIL|COUNT)=[^;]*", re.IGNORECASE)


class Parted(msgspec.Struct, frozen=True, kw_only=True):
    """The lines of each half.

    Args:
        goes_on: The first date that the rule makes in the later half, by its original start.
    """

    first: tuple[str, ...]
    later: tuple[str, ...]
    goes_on: str


def parted(content: Content, begins: When, rendering: Rendering) -> Parted | None:
    """The series' rule in two; None where it ends before the later half, begins after that, or cannot be ended.

    Args:
        content: Of the first half.
        begins: When the first date of the later half is.
    """
    at = _instant(begins)
    before = list(takewhile(lambda each: _instant(each.when) < at, slots(content, rendering)))
    rest = (each for each in slots(content, rendering) if _instant(each.when) >= at)
    beyond = next(rest, None)
    if not before or beyond is None:
        return None
    until = f"UNTIL={_day_before(begins, series_zone(content, rendering))}"
    first = tuple(_ended(line, until) for line in content.recurrence or ())
    ended = replace(content, recurrence=first)
    if any(_instant(each.when) >= at for each in slots(ended, rendering)):
        return None
    later = tuple(_less(line, len(before)) for line in content.recurrence or ())
    return Parted(first=first, later=later, goes_on=beyond.original_start)


def ends_before(content: Content, begins: When, rendering: Rendering) -> bool:
    """Whether the rule makes no date from there on; nor does what repeats no more."""
    return all(_instant(each.when) < _instant(begins) for each in slots(content, rendering))


def _day_before(begins: When, zone: ZoneInfo) -> str:
    """The end of the day before, as Google writes it when a person splits a series."""
    if isinstance(begins, AllDay):
        return f"{begins.start - timedelta(days=1):%Y%m%d}"
    midnight = begins.start.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    last = (midnight - timedelta(seconds=1)).replace(tzinfo=zone)
    return f"{last.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _ended(line: str, until: str) -> str:
    if not line.upper().startswith("RRULE"):
        return line
    return _END.sub(until, line) if _END.search(line) else f"{line};{until}"


def _less(line: str, made: int) -> str:
    """A rule that is counted makes so many fewer."""
    if not line.upper().startswith("RRULE"):
        return line
    return _COUNT.sub(lambda found: str(int(found[0]) - made), line)


def _instant(when: When) -> datetime:
    return datetime.combine(when.start, time(), UTC) if isinstance(when, AllDay) else when.start
