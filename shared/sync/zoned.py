"""Dates and times as a CRM sends them, read into days and instants. Strict about what they say, never about where."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2})(:\d{2})?(\.\d+)?(Z|z|[+-]\d{2}:?\d{2})?", re.ASCII)
_ZONE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*", re.ASCII)
_NO_ZONES = frozenset({"localtime", "posixrules", "Factory", "posix", "right"})
FIRST_YEAR, LAST_YEAR = 1000, 9998
"""Years of four digits that stay so in every zone; a calendar may hold events of long ago."""


def zone_of(name: str) -> ZoneInfo | None:
    """The IANA zone of that name; None when there is none."""
    if not _ZONE_NAME.fullmatch(name) or name.partition("/")[0] in _NO_ZONES:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def read_when(text: str) -> date | datetime:
    """A day, or a date-time in whole seconds, aware only if it says an offset.

    Raises:
        ValueError: It is neither, or lies outside the years 1000 to 9998; the message says what to send.
    """
    day = _DAY.fullmatch(text)
    found = _MOMENT.fullmatch(text)
    try:
        read = date.fromisoformat(text) if day else _moment(found) if found else None
    except ValueError:
        read = None
    if read is None:
        raise ValueError("write a date as 2026-11-21 or a date-time as 2026-11-21T10:00:00+01:00")
    if not FIRST_YEAR <= read.year <= LAST_YEAR:
        raise ValueError(f"the year must lie between {FIRST_YEAR} and {LAST_YEAR}")
    return read


def _moment(found: re.Match[str]) -> datetime:
    on, at, seconds, _, offset = found.groups()
    return datetime.fromisoformat(f"{on}T{at}{seconds or ':00'}{(offset or '').upper()}")


def instant(moment: datetime, zone: ZoneInfo) -> datetime:
    """The UTC instant of a moment; one without an offset is local time in `zone`.

    Local times that a clock change leaves out move forward with it; of those that come twice the first counts.
    """
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def between(start: datetime, end: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Both instants; where a clock change would turn two local times around, the length on the clock is kept."""
    first, last = instant(start, zone), instant(end, zone)
    if last < first and not start.tzinfo and not end.tzinfo:
        return first, first + max(end - start, timedelta(0))
    return first, last
