"""What is wrong with the lines of a series as a CRM sends them, in words that name the remedy. Start at `rule_faults`.

Source: https://datatracker.ietf.org/doc/html/rfc5545#section-3.3.10
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from shared.sync.rules import DAY, DAYS, LINE, is_moment, parameters
from shared.sync.zoned import zone_of

_FREQUENCIES = {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}
_SUB_DAILY = {"SECONDLY", "MINUTELY", "HOURLY"}
_LARGEST = {"BYMONTH": 12, "BYMONTHDAY": 31, "BYYEARDAY": 366, "BYWEEKNO": 53, "BYSETPOS": 366}
_TIMES_OF_DAY = {"BYHOUR", "BYMINUTE", "BYSECOND"}
_ONLY_WITH: dict[str, set[str]] = {
    "BYMONTHDAY": {"DAILY", "MONTHLY", "YEARLY"},
    "BYYEARDAY": {"YEARLY"},
    "BYWEEKNO": {"YEARLY"},
}


def rule_faults(lines: Sequence[str], *, all_day: bool | None) -> Iterator[tuple[int, str]]:
    """Each line's faults, by its index, in words that name the remedy.

    Args:
        all_day: Whether the series is; None when its start is not readable.
    """
    names = set()
    for index, line in enumerate(lines):
        found = LINE.fullmatch(line.strip())
        if not found:
            yield index, "write one line of RRULE:…, RDATE:… or EXDATE:…, without DTSTART and without blanks"
            continue
        names.add(found[1].upper())
        if found[1].upper() in {"RRULE", "EXRULE"}:
            yield from ((index, fault) for fault in _faults_of_rule(found[2], found[3]))
        else:
            yield from ((index, fault) for fault in _faults_of_dates(found[2], found[3], all_day=all_day))
    if lines and names.isdisjoint({"RRULE", "RDATE"}):
        yield 0, "nothing repeats; add a line RRULE:…, or send null for a task that happens once"


def _faults_of_rule(head: str, rule: str) -> Iterator[str]:
    if head:
        yield "a rule takes no parameters; begin the line with RRULE:"
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
    yield from _faults_together(parts)


def _faults_together(parts: Mapping[str, str]) -> Iterator[str]:
    """Parts that mean nothing beside one another; readers of such rules differ in what they make of them."""
    frequency = parts.get("FREQ", "")
    for name, fitting in _ONLY_WITH.items():
        if name in parts and frequency in _FREQUENCIES - fitting:
            yield f"{name} says nothing in a rule with FREQ={frequency}; it goes with {' or '.join(sorted(fitting))}"
    if "BYSETPOS" in parts and not any(name.startswith("BY") and name != "BYSETPOS" for name in parts):
        yield "BYSETPOS chooses among days; send BYDAY, BYMONTHDAY or another such part as well"
    most = 5 if frequency == "MONTHLY" or "BYMONTH" in parts else 53
    days = map(DAY.fullmatch, parts.get("BYDAY", "").split(","))
    numbers = [abs(int(day[1])) for day in days if day and day[1]]
    if numbers and (frequency in {"DAILY", "WEEKLY"} or "BYWEEKNO" in parts):
        yield "BYDAY takes numbers as in 2TU by the month or the year only; name the day alone, or another FREQ"
    elif not all(1 <= number <= most for number in numbers):
        yield f"BYDAY counts from 1 to {most} here, or from the end from -1 to -{most}"


def _faults_of_part(name: str, text: str) -> Iterator[str]:
    if name in {"INTERVAL", "COUNT"}:
        if not re.fullmatch(r"0*[1-9][0-9]{0,4}", text):
            yield f"{name} must be a whole number from 1"
    elif name == "UNTIL":
        if not is_moment(text):
            yield "UNTIL must be a day as 20261231 or a moment as 20261231T225959Z"
    elif name == "BYDAY":
        if not all(DAY.fullmatch(day) for day in text.split(",")):
            yield "BYDAY must list days as MO, 2TU or -1FR"
    elif name == "WKST":
        if text not in DAYS:
            yield "WKST must be one of " + ", ".join(DAYS)
    elif name in _LARGEST:
        if not all(_within(number, _LARGEST[name], negative=name != "BYMONTH") for number in text.split(",")):
            yield f"{name} must list whole numbers up to {_LARGEST[name]}"
    elif name in _TIMES_OF_DAY:
        yield f"Google Calendar knows no {name}; the task's start says the time of day"
    elif name != "FREQ":
        yield f"a rule has no part {name[:20]!r}; leave it out"


def _faults_of_dates(head: str, values: str, *, all_day: bool | None) -> Iterator[str]:
    said = parameters(head)
    if said.keys() - {"TZID", "VALUE"} or said.get("VALUE", "DATE") not in {"DATE", "DATE-TIME"}:
        yield "only the parameters TZID, VALUE=DATE and VALUE=DATE-TIME are known here"
    if "TZID" in said and zone_of(said["TZID"]) is None:
        yield "TZID must be an IANA time zone such as Europe/Rome"
    texts = values.upper().split(",")
    if not all(map(is_moment, texts)):
        yield "write days as 20261121 and moments as 20261121T090000Z, separated by commas"
    elif all_day is True and any("T" in text for text in texts):
        yield "the task is all-day, so its dates are days: 20261121"
    elif all_day is False and any("T" not in text for text in texts):
        yield "the task has a time of day, so name the moment: 20261121T090000Z; Google ignores a mere day"


def _within(number: str, largest: int, *, negative: bool) -> bool:
    digits = r"[+-]?[0-9]{1,3}" if negative else "[0-9]{1,2}"
    return re.fullmatch(digits, number) is not None and 1 <= abs(int(number)) <= largest
