"""Google's dates and date-times to `AllDay` and `Timed`; instants are compared, never strings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from shared.google.wire import Json, mapping, word
from shared.model.times import AllDay, Timed


def when_of(event: Mapping[str, object]) -> AllDay | Timed | None:
    """The time of an event, or None if its start cannot be read.

    A missing or unreadable end is the shortest that its kind allows: the next day, or the start itself
    (`endTimeUnspecified`, calendars shared without details).
    """
    start, end = mapping(event.get("start")), mapping(event.get("end"))
    first = _date_of(start.get("date"))
    if first is not None:
        return AllDay(start=first, end=_date_of(end.get("date")) or _day_after(first))
    begins = instant_of(start.get("dateTime"), zone=word(start, "timeZone"))
    if begins is None:
        return None
    ends = instant_of(end.get("dateTime"), zone=word(end, "timeZone") or word(start, "timeZone"))
    return Timed(start=begins, end=ends or begins, zone=word(start, "timeZone"))


def original_start_of(event: Mapping[str, object]) -> str | None:
    """Which occurrence of its series this is: `YYYY-MM-DD` or `YYYYMMDDTHHMMSSZ`; None for what is no occurrence."""
    original = mapping(event.get("originalStartTime"))
    day = _date_of(original.get("date"))
    if day is not None:
        return day.isoformat()
    instant = instant_of(original.get("dateTime"), zone=word(original, "timeZone"))
    return f"{instant:%Y%m%dT%H%M%SZ}" if instant else None


def instant_of(value: Json, *, zone: str | None = None) -> datetime | None:
    """An RFC 3339 date-time as an aware UTC instant; without an offset it is read in `zone`, else as UTC.

    Source: https://developers.google.com/workspace/calendar/api/v3/reference/events (start.dateTime)
    """
    if not isinstance(value, str):
        return None
    try:
        instant = datetime.fromisoformat(value)
        return (instant if instant.tzinfo else instant.replace(tzinfo=_zone_of(zone))).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def rfc3339(instant: datetime) -> str:
    """An aware instant as Google takes it in a query: UTC, whole seconds."""
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _day_after(day: date) -> date:
    """The next day; the last day that a calendar can hold has none, and ends with itself."""
    return day + timedelta(days=1) if day < date.max else day


def _date_of(value: Json) -> date | None:
    try:
        return date.fromisoformat(value[:10]) if isinstance(value, str) else None
    except ValueError:
        return None


def _zone_of(name: str | None) -> ZoneInfo:
    try:
        return ZoneInfo(name or "UTC")
    except (KeyError, ValueError, OSError):  # a name that is unknown, malformed, or a folder of the database
        return ZoneInfo("UTC")
