"""The lines that make a series: RRULE, EXRULE, RDATE, EXDATE, in one spelling, and what is wrong with them.

Google answers an exclusion of the wrong kind or zone with 200 and ignores it, so every moment is written in UTC, and
every day of an all-day series as a day. Start at `canonical_rules`; `rule_faults` is for what a CRM sends.
Source: https://developers.google.com/workspace/calendar/api/concepts/events-calendars, RFC 5545
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from shared.sync.fields import Value
from shared.sync.zoned import zone_of

_LINE = re.compile(r"(RRULE|EXRULE|RDATE|EXDATE)((?:;[A-Z-]+=[^:;]+)*):(\S+)", re.IGNORECASE | re.ASCII)
_MOMENT = re.compile(r"\d{8}(T\d{6}Z?)?", re.ASCII)
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_DAY = re.compile(rf"([+-]?[0-9]{{1,2}})?({'|'.join(_DAYS)})", re.ASCII)
_FREQUENCIES = {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}
_SUB_DAILY = {"SECONDLY", "MINUTELY", "HOURLY"}
_LARGEST = {"BYMONTH": 12, "BYMONTHDAY": 31, "BYYEARDAY": 366, "BYWEEKNO": 53, "BYSETPOS": 366}
_TIMES_OF_DAY = {"BYHOUR", "BYMINUTE", "BYSECOND"}
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
        found = _LINE.fullmatch(line.strip())
        name = found[1].upper() if found else ""
        if not found:
            kept.add(line.strip())
        elif name in dates:
            spoken = zone_of(_parameters(found[2]).get("TZID", "")) or zone
            dates[name].update(_moment(text, all_day=all_day, zone=spoken) for text in found[3].upper().split(","))
        else:
            kept.add(f"{name}:{_rule(found[3], all_day=all_day, zone=zone)}")
    written: list[Value] = [*sorted(kept, reverse=True)]
    head = {name: f"{name};VALUE=DATE:" if all_day else f"{name}:" for name in dates}
    written += [head[name] + ",".join(chunk) for name in ("RDATE", "EXDATE") for chunk in _chunks(sorted(dates[name]))]
    return written or None


def rule_faults(lines: Sequence[str], *, all_day: bool | None) -> Iterator[tuple[int, str]]:
    """Each line's faults, by its index, in words that name the remedy.

    Args:
        all_day: Whether the series is; None when its start is not readable.
    """
    names = set()
    for index, line in enumerate(lines):
        found = _LINE.fullmatch(line.strip())
        if not found:
            yield index, "write one line of RRULE:…, RDATE:… or EXDATE:…, without DTSTART and without blanks"
            continue
        names.add(found[1].upper())
        if found[1].upper() in {"RRULE", "EXRULE"}:
            yield from ((index, fault) for fault in _faults_of_rule(found[3]))
        else:
            yield from ((index, fault) for fault in _faults_of_dates(found[2], found[3], all_day=all_day))
    if lines and names.isdisjoint({"RRULE", "RDATE"}):
        yield 0, "nothing repeats; add a line RRULE:…, or send null for a task that happens once"


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
        if not all(map(_is_moment, texts)):
            return None
        ends.extend(map(_read, texts))
    return max(ends, default=None)


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
    day = _DAY.fullmatch(text)
    if day:
        return _DAYS.index(day[2]), int(day[1] or 0), text
    return (0, int(text), text) if re.fullmatch(r"[+-]?[0-9]+", text) else (0, 0, text)


def _faults_of_rule(rule: str) -> Iterator[str]:
    pairs = [part.partition("=")[::2] for part in rule.upper().rstrip(";").split(";")]
    parts = dict(pairs)
    if len(parts) < len(pairs):
        yield "a part of the rule stands twice; say each once"
    frequency = parts.get("FREQ")
    if frequency in _SUB_DAILY:
        yield f"Google Calendar knows no FREQ={frequency}; DAILY is the shortest"
    elif frequency not in _FREQUENCIES:
        yield "FREQ must be DAILY, WEEKLY, MONTHLY or YEARLY"
    if "UNTIL" in parts and "COUNT" in parts:
        yield "UNTIL and COUNT exclude each other; send one of them"
    for name, text in parts.items():
        yield from _faults_of_part(name, text)


def _faults_of_part(name: str, text: str) -> Iterator[str]:
    if name in {"INTERVAL", "COUNT"}:
        if not re.fullmatch(r"0*[1-9][0-9]{0,4}", text):
            yield f"{name} must be a whole number from 1"
    elif name == "UNTIL":
        if not _is_moment(text):
            yield "UNTIL must be a day as 20261231 or a moment as 20261231T225959Z"
    elif name == "BYDAY":
        if not all(_DAY.fullmatch(day) for day in text.split(",")):
            yield "BYDAY must list days as MO, 2TU or -1FR"
    elif name == "WKST":
        if text not in _DAYS:
            yield "WKST must be one of " + ", ".join(_DAYS)
    elif name in _LARGEST:
        if not all(_within(number, _LARGEST[name], negative=name != "BYMONTH") for number in text.split(",")):
            yield f"{name} must list whole numbers up to {_LARGEST[name]}"
    elif name in _TIMES_OF_DAY:
        yield f"Google Calendar knows no {name}; the task's start says the time of day"
    elif name != "FREQ":
        yield f"a rule has no part {name[:20]!r}; leave it out"


def _faults_of_dates(parameters: str, values: str, *, all_day: bool | None) -> Iterator[str]:
    said = _parameters(parameters)
    if said.keys() - {"TZID", "VALUE"} or said.get("VALUE", "DATE") not in {"DATE", "DATE-TIME"}:
        yield "only the parameters TZID, VALUE=DATE and VALUE=DATE-TIME are known here"
    if "TZID" in said and zone_of(said["TZID"]) is None:
        yield "TZID must be an IANA time zone such as Europe/Rome"
    texts = values.upper().split(",")
    if not all(map(_is_moment, texts)):
        yield "write days as 20261121 and moments as 20261121T090000Z, separated by commas"
    elif all_day is True and any("T" in text for text in texts):
        yield "the task is all-day, so its dates are days: 20261121"
    elif all_day is False and any("T" not in text for text in texts):
        yield "the task has a time of day, so name the moment: 20261121T090000Z; Google ignores a mere day"


def _parameters(text: str) -> dict[str, str]:
    pairs = (part.split("=", 1) for part in text.split(";") if part)
    return {name.upper(): value if name.upper() == "TZID" else value.upper() for name, value in pairs}


def _is_moment(text: str) -> bool:
    try:
        return _MOMENT.fullmatch(text) is not None and _read(text) is not None
    except ValueError:
        return False


def _within(number: str, largest: int, *, negative: bool) -> bool:
    digits = r"[+-]?[0-9]{1,3}" if negative else "[0-9]{1,2}"
    return re.fullmatch(digits, number) is not None and 1 <= abs(int(number)) <= largest


def _chunks(texts: list[str]) -> Iterator[list[str]]:
    yield from (texts[at : at + _PER_LINE] for at in range(0, len(texts), _PER_LINE))
