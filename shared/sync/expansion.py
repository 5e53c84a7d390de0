"""What a series' lines mean: its occurrences one by one, each named by its original start. Pure. Start at `slots`.

Local time is what repeats: a series at ten stays at ten when the clocks change. Original starts are instants, or days.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import MAXYEAR, UTC, date, datetime, time
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, cast
from zoneinfo import ZoneInfo

import msgspec
from dateutil.rrule import rruleset, rrulestr

from shared.model.times import AllDay, Timed, When
from shared.sync.crm_fields import Rendering, series_zone, when_of
from shared.sync.rules import canonical_rules

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet

    from dateutil.rrule import rrule

    from shared.model.content import Content

FURTHEST = 40_000
"""Occurrences looked through at most, over a hundred years of days; an open-ended series has no last one."""
_CYCLE = 400
"""Years after which the calendar repeats, weekdays and all."""
_KEY = re.compile(r"\d{4}-\d{2}-\d{2}|\d{8}T\d{6}Z", re.ASCII)
_END = re.compile(r";?(UNTIL|COUNT)=[^;]*", re.IGNORECASE)


class Slot(msgspec.Struct, frozen=True, kw_only=True):
    """Where the rule puts one occurrence."""

    original_start: str
    when: When


def slots(content: Content, rendering: Rendering) -> Iterator[Slot]:
    """Every occurrence in order; nothing when it is no series. An end that never comes is not reached here either."""
    when = when_of(content, rendering)
    if when is not None and content.recurrence:
        yield from slots_by(content.recurrence, when, series_zone(content, rendering))


def slots_by(recurrence: Iterable[str], when: When, zone: ZoneInfo) -> Iterator[Slot]:
    """Every occurrence in order of a series that begins then, by these lines on this zone's clock."""
    lines = canonical_rules(recurrence, all_day=isinstance(when, AllDay), zone=zone) or []
    for number, local in enumerate(_rules(tuple(map(str, lines)), _first(when, zone), zone.key)):
        if number >= FURTHEST:
            return
        slot = _slot(local, when, zone)
        if slot is not None:
            yield slot


def yielded(content: Content, rendering: Rendering, wanted: AbstractSet[str]) -> dict[str, Slot]:
    """Those of the wanted original starts that the rule yields."""
    left, found = set(wanted), dict[str, Slot]()
    if not left:
        return found
    last = max(map(_order, left))
    for slot in slots(content, rendering):
        if slot.original_start in left:
            found[slot.original_start] = slot
            left.discard(slot.original_start)
        if not left or _order(slot.original_start) > last:
            break
    return found


def without_end(lines: Iterable[str]) -> tuple[str, ...]:
    """The lines as if they went on for ever: what tells an occurrence beyond the end from one off the beat."""
    return tuple(_END.sub("", line).replace(":;", ":") if line.upper().startswith("RRULE") else line for line in lines)


def is_original_start(text: str) -> bool:
    """Whether it names an occurrence: a day `2026-12-01`, or an instant `20261201T090000Z`."""
    if not _KEY.fullmatch(text):
        return False
    try:
        instant_of_key(text)
    except ValueError:
        return False
    return True


def instant_of_key(original_start: str) -> datetime:
    """The instant that an original start names; a day's is its midnight in UTC.

    Raises:
        ValueError: It names none.
    """
    if "T" in original_start:
        return datetime.strptime(original_start, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    return datetime.combine(date.fromisoformat(original_start), time(), UTC)


def slot_at(original_start: str, master: When) -> When | None:
    """When an occurrence is that has the length of its series; None when one is a day and the other an instant."""
    at = instant_of_key(original_start)
    match master:
        case AllDay(start=start, end=end):
            day = at.date()
            return AllDay(start=day, end=day + (end - start)) if "T" not in original_start else None
        case Timed(start=start, end=end, zone=zone):
            return Timed(start=at, end=at + (end - start), zone=zone) if "T" in original_start else None


def _order(original_start: str) -> str:
    return original_start.replace("-", "")


def _first(when: When, zone: ZoneInfo) -> datetime:
    if isinstance(when, AllDay):
        return datetime.combine(when.start, time())
    return when.start.astimezone(zone).replace(tzinfo=None)


def _slot(local: datetime, when: When, zone: ZoneInfo) -> Slot | None:
    """None where it would begin or end beyond the days that a calendar can hold."""
    try:
        if isinstance(when, AllDay):
            day = local.date()
            return Slot(original_start=day.isoformat(), when=AllDay(start=day, end=day + (when.end - when.start)))
        start = local.replace(tzinfo=zone).astimezone(UTC)
        moved = Timed(start=start, end=start + (when.end - when.start), zone=when.zone)
    except OverflowError:
        return None
    return Slot(original_start=f"{start:%Y%m%dT%H%M%SZ}", when=moved)


@lru_cache(maxsize=64)
def _rules(lines: tuple[str, ...], first: datetime, zone_name: str) -> rruleset:
    """The set in naive local time. A line that cannot be read yields nothing; Google's own are not always right."""
    zone, rules, has_rule = ZoneInfo(zone_name), rruleset(cache=True), False
    for line in lines:
        head, _, value = line.partition(":")
        kind = head.partition(";")[0].upper()
        if kind in {"RRULE", "EXRULE"}:
            made = _rule(_with_local_until(value, zone), first)
            if made is not None:
                has_rule = has_rule or kind == "RRULE"
                (rules.rrule if kind == "RRULE" else rules.exrule)(cast("rrule", made))  # all it asks is to go through
        elif kind in {"RDATE", "EXDATE"}:
            for text in value.split(","):
                moment = _local(text, zone, first)
                if moment is not None:
                    (rules.rdate if kind == "RDATE" else rules.exdate)(moment)
    if not has_rule:
        rules.rdate(first)
    return rules


class _Moments:
    """What one rule yields, as often as it is asked.

    Ends where the rule cannot be gone through: Google may hold one that counts to a 54th Monday.
    """

    def __init__(self, rule: Iterable[datetime], most: int) -> None:
        self._rule, self._most = rule, most

    def __iter__(self) -> Iterator[datetime]:
        with suppress(IndexError, ValueError, OverflowError):
            yield from islice(self._rule, self._most)


def _rule(value: str, first: datetime) -> _Moments | None:
    """What the line yields, which may be nothing; None for one that cannot be read."""
    try:
        made = rrulestr(value, dtstart=first)
        ever = rrulestr(_END.sub("", value), dtstart=_in_the_last_cycle(first))
    except (ValueError, KeyError, TypeError):
        return None
    return _Moments(made, FURTHEST if any(True for _ in _Moments(ever, 1)) else 0)


def _in_the_last_cycle(first: datetime) -> datetime:
    """The same day some 400 years before dates end; the calendar repeats itself after 400.

    What does not come true from there on never does, and a search ends soon: from today it goes on to the year 9999.
    """
    return first.replace(year=first.year + (MAXYEAR - _CYCLE - first.year) // _CYCLE * _CYCLE)


def _with_local_until(value: str, zone: ZoneInfo) -> str:
    until = re.search(r"UNTIL=(\d{8}(?:T\d{6}Z)?)(?=;|$)", value)
    if until is None or "T" not in until[1]:
        return value
    return value.replace(until[0], f"UNTIL={_parsed(until[1], zone):%Y%m%dT%H%M%S}")


def _local(text: str, zone: ZoneInfo, first: datetime) -> datetime | None:
    """A moment as local time; a mere day means the series' own time on it."""
    try:
        return _parsed(text, zone) if "T" in text else datetime.combine(_parsed(text, zone).date(), first.time())
    except (ValueError, OverflowError):
        return None


def _parsed(text: str, zone: ZoneInfo) -> datetime:
    if "T" not in text:
        return datetime.combine(date(int(text[:4]), int(text[4:6]), int(text[6:8])), time())
    read = datetime.strptime(text.removesuffix("Z"), "%Y%m%dT%H%M%S").replace(
        tzinfo=UTC if text.endswith("Z") else zone
    )
    return read.astimezone(zone).replace(tzinfo=None)
