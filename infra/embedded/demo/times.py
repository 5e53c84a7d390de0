"""Times as the contract writes them, read in the one zone of this CRM; and in words. Pure."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

ZONE = "Europe/Berlin"
"""Where the people of the demo live."""

_HERE = ZoneInfo(ZONE)
_DATE = len("2026-01-01")


def read(text: str, zone: str | None = None) -> date | datetime:
    """A date, or a moment in the CRM's zone.

    Args:
        text: `YYYY-MM-DD`, or a date-time with an offset or without one.
        zone: Holds for a date-time without an offset.
    """
    if len(text) == _DATE:
        return date.fromisoformat(text)
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        found = found.replace(tzinfo=ZoneInfo(zone or ZONE))
    return found.astimezone(_HERE)


def span_of(fields: dict[str, Any]) -> tuple[date | datetime, date | datetime] | None:
    """Start and end (exclusive) of a record's fields; None: it has no time."""
    start = fields.get("start")
    if not start:
        return None
    begin = read(start, fields.get("time_zone"))
    if fields.get("end"):
        return begin, read(fields["end"], fields.get("time_zone"))
    return begin, begin + (timedelta(minutes=30) if isinstance(begin, datetime) else timedelta(days=1))


def spoken(fields: dict[str, Any]) -> str:
    """When it is: `Tue 24 Nov, 11:00 to 12:00`."""
    span = span_of(fields)
    if span is None:
        return "no time"
    start, end = span
    if isinstance(start, datetime) and isinstance(end, datetime):
        until = f"{end:%H:%M}" if start.date() == end.date() else f"{_day(end)}, {end:%H:%M}"
        return f"{_day(start)}, {start:%H:%M} to {until}"
    last = end - timedelta(days=1)
    return f"{_day(start)}, all day" if last <= start else f"{_day(start)} to {_day(last)}, all day"


def shifted(fields: dict[str, Any], by: timedelta) -> dict[str, str]:
    """`start` and `end` so much later, in RFC 3339; for timed fields."""
    span = span_of(fields)
    if span is None:
        return {}
    return {"start": (span[0] + by).isoformat(), "end": (span[1] + by).isoformat()}


def _day(moment: date) -> str:
    return f"{moment:%a} {moment.day} {moment:%b}"
