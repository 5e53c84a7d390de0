"""Series: which occurrences a master's rules make, and the ids of instances. Start at `occurrences`.

A series is one object at Google: its master and its stored exceptions share one etag (see `ledger`).
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import msgspec
from dateutil.rrule import rrule, rruleset, rrulestr

from infra.simulator.clock import from_us, to_us, zone
from infra.simulator.model import Event, Fields
from infra.simulator.wire import ApiError

_INSTANCE = re.compile(r"(?P<root>.+)_(?P<day>\d{8})(?:T(?P<clock>\d{6})Z)?")
_KINDS = ("RRULE:", "EXRULE:", "RDATE", "EXDATE")
_FREQUENCIES = re.compile(r"FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY)\b")
_ANY_DAY = datetime(2024, 1, 1, 12, tzinfo=UTC)
MAX_OCCURRENCES = 4_000


def check_rules(lines: list[str]) -> None:
    """Refuse what Google refuses: unknown lines, sub-daily rules, UNTIL beside COUNT, a COUNT below one."""
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
    try:
        _rules(tuple(lines), _ANY_DAY.replace(tzinfo=None), ZoneInfo("UTC"))
    except (ValueError, KeyError, TypeError) as cause:
        raise fault from cause


def instance_id(master: Event, start_us: int) -> str:
    """Make the id of the occurrence that the rules put at an instant."""
    root = re.sub(r"_R\d{8}(T\d{6}Z?)?$", "", master.id)
    if "date" in master.fields["start"]:
        return f"{root}_{_local(master, start_us).strftime('%Y%m%d')}"
    return f"{root}_{from_us(start_us).strftime('%Y%m%dT%H%M%SZ')}"


def root_of(event_id: str) -> str | None:
    """Give the master's id that an instance id is made of, or None."""
    match = _INSTANCE.fullmatch(event_id)
    return match["root"] if match else None


def occurrences(master: Event, calendar_zone: str, *, from_us_: int | None = None) -> Iterator[tuple[int, int]]:
    """Give start and end of each occurrence in order, from the first that ends after a moment.

    Endless rules go on for `MAX_OCCURRENCES`.
    """
    name = master.fields["start"].get("timeZone") or calendar_zone
    local_zone = zone(name) or ZoneInfo("UTC")
    all_day = "date" in master.fields["start"]
    if all_day:
        local_zone = zone(calendar_zone) or ZoneInfo("UTC")
    first = from_us(master.start_us).astimezone(local_zone).replace(tzinfo=None)
    days = (from_us(master.end_us).astimezone(local_zone).date() - first.date()).days
    length = master.end_us - master.start_us
    for made, local in enumerate(_rules(tuple(master.fields["recurrence"]), first, local_zone)):
        if made >= MAX_OCCURRENCES:
            return
        start = to_us(local.replace(tzinfo=local_zone))
        end = to_us((local + timedelta(days=days)).replace(tzinfo=local_zone)) if all_day else start + length
        if from_us_ is None or end > from_us_:
            yield start, end


def instance_of(master: Event, event_id: str, calendar_zone: str) -> Event | None:
    """Make the virtual instance that an id names, or give None when the rules do not make it."""
    for start, end in occurrences(master, calendar_zone):
        if instance_id(master, start) == event_id:
            return virtual(master, start, end, calendar_zone)
    return None


def virtual(master: Event, start_us: int, end_us: int, calendar_zone: str) -> Event:
    """Show one occurrence as an event of its own; nothing is stored."""
    start, end = _slots(master, start_us, end_us, calendar_zone)
    fields = {key: value for key, value in master.fields.items() if key != "recurrence"}
    return msgspec.structs.replace(
        master,
        id=instance_id(master, start_us),
        fields=fields | {"start": start, "end": end},
        start_us=start_us,
        end_us=end_us,
        parent=master.id,
        original_start=start,
    )


def _slots(master: Event, start_us: int, end_us: int, calendar_zone: str) -> tuple[Fields, Fields]:
    if "date" in master.fields["start"]:
        local = zone(calendar_zone) or ZoneInfo("UTC")
        days = tuple(from_us(us).astimezone(local).date().isoformat() for us in (start_us, end_us))
        return {"date": days[0]}, {"date": days[1]}
    name = master.fields["start"].get("timeZone") or calendar_zone
    texts = tuple(from_us(us).isoformat() for us in (start_us, end_us))
    return {"dateTime": texts[0], "timeZone": name}, {"dateTime": texts[1], "timeZone": name}


def _local(master: Event, start_us: int) -> date:
    stored = date.fromisoformat(master.fields["start"]["date"])
    return stored + timedelta(days=round((start_us - master.start_us) / 86_400_000_000))


@lru_cache(maxsize=512)
def _rules(lines: tuple[str, ...], first: datetime, local_zone: ZoneInfo) -> rruleset:
    """Build the set in naive local time; a date that names no occurrence is silently ignored, as at Google."""
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
