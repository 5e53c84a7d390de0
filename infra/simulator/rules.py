"""The lines of a series: which Google refuses, how it orders them, and where they are cut. Start at `check_rules`.

`rule_set` is what they make; dates of occurrences as events are in `recurrence`.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rruleset, rrulestr

from infra.simulator.clock import zone
from infra.simulator.wire import ApiError

_KINDS = ("RRULE:", "EXRULE:", "RDATE", "EXDATE")
_FREQUENCIES = re.compile(r"FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY)\b")
_ANY_DAY = datetime(2024, 1, 1, 12, tzinfo=UTC)
_ORDER = ("FREQ", "WKST", "UNTIL", "COUNT", "INTERVAL")
_WEEK = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def check_rules(lines: list[str], *, timed: bool) -> None:
    """Refuse what Google refuses.

    Unknown lines, sub-daily rules, UNTIL beside COUNT, a COUNT below one, a moment without Z as the UNTIL of a timed
    series. A mere day there is taken.

    Raises:
        ApiError: 400.
    """
    fault = ApiError(400, "invalid", "Invalid recurrence rule.")
    for line in lines:
        if not line.startswith(_KINDS):
            raise fault
        if line.startswith(("RRULE:", "EXRULE:")) and not _FREQUENCIES.search(line):
            raise fault
        if "UNTIL=" in line and "COUNT=" in line:
            raise fault
        if re.search(r"COUNT=(-|0*(;|$))", line):
            raise fault
        if timed and re.search(r"UNTIL=\d{8}T\d{6}(?!Z)", line):
            raise fault
    try:
        rule_set(tuple(lines), _ANY_DAY.replace(tzinfo=None), ZoneInfo("UTC"))
    except (ValueError, KeyError, TypeError) as cause:
        raise fault from cause


def in_googles_order(line: str) -> str:
    """Write the parts of a rule in the order Google answers them in."""
    name, _, value = line.partition(":")
    if name not in {"RRULE", "EXRULE"}:
        return line
    parts = value.split(";")
    parts.sort(key=lambda part: _ORDER.index(key) if (key := part.partition("=")[0]) in _ORDER else len(_ORDER))
    return f"{name}:{';'.join(parts)}"


def ended(lines: Iterable[str], until: str) -> list[str]:
    """Give a series another end: each rule gets that UNTIL in place of what ended it."""
    return [
        in_googles_order(f"{_endless(line)};UNTIL={until}") if line.startswith("RRULE:") else line for line in lines
    ]


def counted_on(lines: Iterable[str], made: int) -> list[str]:
    """Take what a rule has made already off its COUNT; other ends stay."""
    return [
        re.sub(r"COUNT=(\d+)", lambda match: f"COUNT={max(1, int(match[1]) - made)}", line)
        if line.startswith("RRULE:")
        else line
        for line in lines
    ]


def same_but_end(one: Iterable[str], other: Iterable[str]) -> bool:
    """Tell whether two series differ in nothing but where they end."""
    return sorted(in_googles_order(_endless(line)) for line in one) == sorted(
        in_googles_order(_endless(line)) for line in other
    )


def on_other_days(lines: Iterable[str], days: int) -> list[str]:
    """Move the weekdays of weekly rules, as the page does when a whole series is dragged."""
    return [
        re.sub(r"BYDAY=([A-Z,]+)", lambda match: f"BYDAY={_moved(match[1], days)}", line)
        if "FREQ=WEEKLY" in line
        else line
        for line in lines
    ]


def _moved(names: str, days: int) -> str:
    return ",".join(_WEEK[(_WEEK.index(name) + days) % 7] for name in names.split(","))


def _endless(line: str) -> str:
    return re.sub(r";?(UNTIL|COUNT)=[^;]*", "", line) if line.startswith("RRULE:") else line


@lru_cache(maxsize=512)
def rule_set(lines: tuple[str, ...], first: datetime, local_zone: ZoneInfo) -> rruleset:
    """Build the set in naive local time; a date that names no occurrence is silently ignored, as at Google.

    Raises:
        ValueError: A line cannot be read.
    """
    rules = rruleset(cache=True)
    has_rule = False
    for line in lines:
        name, _, value = line.partition(":")
        kind = name.partition(";")[0]
        if kind in {"RRULE", "EXRULE"}:
            rule = rrulestr(_local_until(value, local_zone), dtstart=first)
            if not isinstance(rule, rrule):
                raise ValueError(line)
            has_rule = has_rule or kind == "RRULE"
            (rules.rrule if kind == "RRULE" else rules.exrule)(rule)
        else:
            for moment in _dates(name, value, first, local_zone):
                (rules.rdate if kind == "RDATE" else rules.exdate)(moment)
    if not has_rule:
        rules.rdate(first)
    return rules


def made_before(lines: Iterable[str], first: datetime, local_zone: ZoneInfo, moment: datetime) -> int:
    """Count what the counted rule alone makes before a local moment; dates added and excluded do not count."""
    for line in lines:
        if line.startswith("RRULE:") and "COUNT=" in line:
            rule = rule_set((line,), first, local_zone)
            return sum(1 for _ in _until(rule, moment))
    return 0


def _until(rules: rruleset, moment: datetime) -> Iterator[datetime]:
    for made in rules:
        if made >= moment:
            return
        yield made


def last_moment(day: date, local_zone: ZoneInfo, *, all_day: bool) -> str:
    """Write UNTIL for a series whose last day is the one before: a day, or that day's last second as UTC."""
    before = day - timedelta(days=1)
    if all_day:
        return before.strftime("%Y%m%d")
    last = datetime.combine(before, time(23, 59, 59), local_zone).astimezone(UTC)
    return last.strftime("%Y%m%dT%H%M%SZ")


def _local_until(value: str, local_zone: ZoneInfo) -> str:
    match = re.search(r"UNTIL=(\d{8})(?:T(\d{6})(Z?))?", value)
    if match is None:
        return value
    moment = datetime.strptime(match[1] + (match[2] or "235959"), "%Y%m%d%H%M%S")  # noqa: DTZ007 - local, below
    if match[3]:
        moment = moment.replace(tzinfo=UTC).astimezone(local_zone).replace(tzinfo=None)
    return value.replace(match[0], f"UNTIL={moment:%Y%m%dT%H%M%S}")


def _dates(name: str, value: str, first: datetime, local_zone: ZoneInfo) -> Iterator[datetime]:
    zone_name = re.search(r"TZID=([^;:]+)", name)
    source = (zone(zone_name[1]) if zone_name else None) or local_zone
    midnight = first.time() == time()
    for part in value.split(","):
        if re.fullmatch(r"\d{8}", part):
            if midnight or "RDATE" in name:
                yield datetime.combine(datetime.strptime(part, "%Y%m%d").date(), first.time())  # noqa: DTZ007
            continue
        moment = datetime.strptime(part.removesuffix("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007 - zoned below
        yield moment.replace(tzinfo=UTC if part.endswith("Z") else source).astimezone(local_zone).replace(tzinfo=None)
