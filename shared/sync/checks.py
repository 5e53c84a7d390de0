"""What a content's fields say together, and Google would refuse or nobody could mean. Start at `check_content`.

Types, lengths and patterns are checked when a request is decoded; here only what that cannot see.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

from shared.errors import Fault
from shared.model.content import Content
from shared.sync.crm_fields import Rendering
from shared.sync.expansion import slots
from shared.sync.rule_faults import rule_faults
from shared.sync.zoned import between, read_when, zone_of

MAX_GUESTS = 200
"""Above this Google no longer spreads answers.

Source: https://developers.google.com/workspace/calendar/api/v3/reference/events (attendees)
"""


def check_content(content: Content) -> list[Fault]:
    """Every fault, each with the JSON pointer of its field and a remedy; empty when Google can be told all of it."""
    faults = [*_times(content), *_series(content)]
    faults += [*_guests(content)] if faults else [*_takes_place(content), *_guests(content)]
    if isinstance(content.updated_at, datetime) and content.updated_at.tzinfo is None:
        faults.append(Fault("/updated_at", "add an offset: 2026-11-21T09:00:00Z"))
    return faults


def _times(content: Content) -> Iterator[Fault]:
    start, faults = _read("/start", content.start or None)
    yield from faults
    end, faults = _read("/end", content.end or None)
    yield from faults
    zone = zone_of(content.time_zone) if content.time_zone else None
    if content.time_zone and zone is None:
        yield Fault("/time_zone", "there is no such time zone; send an IANA name such as Europe/Rome")
    if content.end and not content.start:
        yield Fault("/end", "an end needs a start; send start as well, or null for end")
    elif start is not None and end is not None:
        yield from _order(start, end, zone)


def _read(pointer: str, text: str | None) -> tuple[date | datetime | None, list[Fault]]:
    try:
        return (read_when(text) if text else None), []
    except ValueError as fault:
        return None, [Fault(pointer, str(fault))]


def _order(start: date | datetime, end: date | datetime, zone: ZoneInfo | None) -> Iterator[Fault]:
    if not isinstance(start, datetime) and not isinstance(end, datetime):
        if end <= start:
            yield Fault("/end", "the end of an all-day task is exclusive; for one day send the day after its start")
    elif not isinstance(start, datetime) or not isinstance(end, datetime):
        yield Fault("/end", "send two dates for an all-day task, or two date-times")
    elif zone is None and (start.tzinfo is None) != (end.tzinfo is None):
        yield Fault("/end", "one end has an offset and the other none; send both with one, or send time_zone as well")
    elif _turned(start, end, zone):
        yield Fault("/end", "the end lies before the start; send a later end, or null for the default duration")


def _turned(start: datetime, end: datetime, zone: ZoneInfo | None) -> bool:
    if start.tzinfo is None and end.tzinfo is None:
        return end < start
    first, last = between(start, end, zone or ZoneInfo("UTC"))
    return last < first


def _series(content: Content) -> Iterator[Fault]:
    lines = content.recurrence or ()
    if not lines:
        return
    if not content.start:
        yield Fault("/recurrence", "a series needs a start; send start as well, or null for recurrence")
    start, _ = _read("/start", content.start or None)
    all_day = None if start is None else not isinstance(start, datetime)
    if all_day is False and not content.time_zone:
        yield Fault(
            "/time_zone", "a series with a time of day needs a time zone; send an IANA name such as Europe/Rome"
        )
    for index, detail in rule_faults(lines, all_day=all_day):
        yield Fault(f"/recurrence/{index}", detail)


def _takes_place(content: Content) -> Iterator[Fault]:
    """A series whose lines can be read has at least one occurrence."""
    if content.recurrence and next(slots(content, Rendering()), None) is None:
        yield Fault(
            "/recurrence",
            "nothing takes place by these lines: UNTIL lies before the start, or every day is excluded, or there is no "
            "such day; change them, or delete the task",
        )


def _guests(content: Content) -> Iterator[Fault]:
    attendees = content.attendees or ()
    if len(attendees) > MAX_GUESTS:
        yield Fault("/attendees", f"an event takes {MAX_GUESTS} guests; leave some out, or invite a group's address")
    seen: set[str] = set()
    for index, attendee in enumerate(attendees):
        if attendee.email.lower() in seen:
            yield Fault(f"/attendees/{index}/email", "this guest is invited already; leave one of the two out")
        seen.add(attendee.email.lower())
