"""The lines that make a series: RRULE, EXRULE, RDATE, EXDATE, in one spelling. What is wrong with them: `rule_faults`.

Google answers an exclusion of the wrong kind or zone with 200 and ignores it, so every moment is written in UTC, and
every day of an all-day series as a day. Start at `canonical_rules`.
Source: https://developers.google.com/workspace/calendar/api/concepts/events-calendars, RFC 5545
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from shared.sync.fields import Value
from shared.sync.zoned import zone_of

LINE = re.compile(r"(RRULE|EXRULE|RDATE|EXDATE)((?:;[A-Z-]+=[^:;]+)*):(\S+)", re.IGNORECASE | re.ASCII)
_MOMENT = re.compile(r"\d{8}(T\d{6}Z?)?", re.ASCII)
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
DAY = re.compile(rf"([+-]?[0-9]{{1,2}})?({'|'.join(DAYS)})", re.ASCII)
_ORDER = (
    "FREQ",
    "INTERVAL",
    "COUNT",
    "UNTIL",
    "BYMONTH",
    "BYWEEKNO",
    "BYYEARDAY",
    "BYMONTHDAY",
    "BYDAY",
    "BYSETPOS",
    "WKST",
)
_PER_LINE = 200
"""Dates in one line; so no line grows beyond what a task may hold."""


def canonical_rules(lines: Iterable[str], *, all_day: bool, zone: ZoneInfo) -> list[Value] | None:
    """The lines in one spelling and order; None when there are none.

    Args:
        zone: The series' own zone; local moments are read in it.
    """
    kept: set[str] = set()
    dates: dict[str, set[str]] = {"RDATE": set(), "EXDATE": set()}
    for line in lines:
        found = LINE.fullmatch(line.strip())
        name = found[1].upper() if found else ""
        if not found:
            kept.add(line.strip())
        elif name in dates:
            spoken = zone_of(parameters(found[2]).get("TZID", "")) or zone
            dates[name].update(_moment(text, all_day=all_day, zone=spoken) for text in found[3].upper().split(","))
        else:
            kept.add(f"{name}:{_rule(found[3], all_day=all_day, zone=zone)}")
    written: list[Value] = [*sorted(kept, reverse=True)]
    head = {name: f"{name};VALUE=DATE:" if all_day else f"{name}:" for name in dates}
    written += [head[name] + ",".join(chunk) for name in ("RDATE", "EXDATE") for chunk in _chunks(sorted(dates[name]))]
    return written or None


def until_of(lines: Iterable[str]) -> datetime | None:
    """The last instant at which these lines can start an occurrence; None when that is open or a count decides."""
    ends: list[datetime] = []
    for line in lines:
        name, _, said = line.strip().upper().partition(":")
        kind = name.partition(";")[0]
        until = re.search(r"UNTIL=([^;]+)", said)
        if kind == "RRULE" and not until:
            return None
        texts = [until[1]] if kind == "RRULE" and until else said.split(",") if kind == "RDATE" else []
        if not all(map(is_moment, texts)):
            return None
        ends.extend(map(_read, texts))
    return max(ends, default=None)


def is_counted(lines: Iterable[str]) -> bool:
    """Whether every rule has an end, and one of them by the number of its occurrences: only going through tells it."""
    rules = [line.upper() for line in lines if line.strip().upper().startswith("RRULE")]
    return any("COUNT=" in rule for rule in rules) and all("COUNT=" in rule or "UNTIL=" in rule for rule in rules)


def _rule(rule: str, *, all_day: bool, zone: ZoneInfo) -> str:
    parts = dict(part.split("=", 1) for part in rule.upper().split(";") if "=" in part)
    if parts.get("INTERVAL", "").lstrip("0") == "1":
        del parts["INTERVAL"]
    if parts.get("WKST") == "MO":
        del parts["WKST"]
    if "UNTIL" in parts:
        parts["UNTIL"] = _moment(parts["UNTIL"], all_day=all_day, zone=zone, last=True)
    for name, text in parts.items():
        if name.startswith("BY"):
            parts[name] = ",".join(sorted(set(text.split(",")), key=_rank))
    ordered = sorted(
        parts.items(), key=lambda part: (_ORDER.index(part[0]) if part[0] in _ORDER else len(_ORDER), part[0])
    )
    return ";".join(f"{name}={text}" for name, text in ordered)


def _moment(text: str, *, all_day: bool, zone: ZoneInfo, last: bool = False) -> str:
    """A day of an all-day series, a UTC moment of a timed one; `last`: a mere day means its end."""
    if not _MOMENT.fullmatch(text):
        return text
    if all_day:
        return text[:8]
    if "T" not in text and not last:
        return text
    try:
        read = _read(text if "T" in text else f"{text}T235959")
        local = read if text.endswith("Z") else read.replace(tzinfo=zone)
        return f"{local.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    except (ValueError, OverflowError):
        return text


def _read(text: str) -> datetime:
    read = datetime.strptime(text[:15], "%Y%m%dT%H%M%S" if "T" in text else "%Y%m%d")  # noqa: DTZ007 - next line
    return read.replace(tzinfo=UTC)


def _rank(text: str) -> tuple[int, int, str]:
    day = DAY.fullmatch(text)
    if day:
        return DAYS.index(day[2]), int(day[1] or 0), text
    return (0, int(text), text) if re.fullmatch(r"[+-]?[0-9]+", text) else (0, 0, text)


def parameters(text: str) -> dict[str, str]:
    """What stands between a line's name and its colon, by name."""
    pairs = (part.split("=", 1) for part in text.split(";") if part)
    return {name.upper(): value if name.upper() == "TZID" else value.upper() for name, value in pairs}


def is_moment(text: str) -> bool:
    """It is a day or a moment that exists, as RFC 5545 writes them."""
    try:
        return _MOMENT.fullmatch(text) is not None and _read(text) is not None
    except ValueError:
        return False


def _chunks(texts: list[str]) -> Iterator[list[str]]:
    yield from (texts[at : at + _PER_LINE] for at in range(0, len(texts), _PER_LINE))
