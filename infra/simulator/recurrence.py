"""Series: which occurrences a master's rules make, and the ids of instances. Start at `occurrences`.

A series is one object at Google: its masters and its stored exceptions share one etag (see `ledger`). Its later
segments, made by "this and following", are masters called `<root>_R<moment>`; instances are called after the root.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from infra.simulator.clock import from_us, to_us, zone
from infra.simulator.model import Event, Fields
from infra.simulator.rules import rule_set

_INSTANCE = re.compile(r"(?P<root>.+)_(?P<day>\d{8})(?:T(?P<clock>\d{6})Z)?")
_SEGMENT = re.compile(r"_R\d{8}(T\d{6}Z?)?$")
MAX_OCCURRENCES = 4_000


def family_of(event_id: str) -> str:
    """Give the id that a series had before it was ever split; other ids are their own."""
    return _SEGMENT.sub("", event_id) if "_R" in event_id else event_id


def instance_id(master: Event, start_us: int) -> str:
    """Make the id of the occurrence that the rules put at an instant."""
    root = family_of(master.id)
    if "date" in master.fields["start"]:
        return f"{root}_{_local(master, start_us).strftime('%Y%m%d')}"
    return f"{root}_{from_us(start_us).strftime('%Y%m%dT%H%M%SZ')}"


def segment_id(master: Event, start_us: int) -> str:
    """Make the id of the segment that begins with an occurrence: the same moment, without the Z."""
    return instance_id(master, start_us).removesuffix("Z").replace("_", "_R", 1)


def root_of(event_id: str) -> str | None:
    """Give the master's id that an instance id is made of, or None."""
    match = _INSTANCE.fullmatch(event_id)
    return match["root"] if match else None


def zone_of(master: Event, calendar_zone: str) -> ZoneInfo:
    """Give the zone in which a series repeats."""
    name = None if "date" in master.fields["start"] else master.fields["start"].get("timeZone")
    return zone(name or calendar_zone) or ZoneInfo("UTC")


def local_start(master: Event, calendar_zone: str) -> datetime:
    """Give the naive local start of a series."""
    return from_us(master.start_us).astimezone(zone_of(master, calendar_zone)).replace(tzinfo=None)


def occurrences(master: Event, calendar_zone: str, *, from_us_: int | None = None) -> Iterator[tuple[int, int]]:
    """Give start and end of each occurrence in order, from the first that ends after a moment.

    Endless rules go on for `MAX_OCCURRENCES`.
    """
    local_zone = zone_of(master, calendar_zone)
    all_day = "date" in master.fields["start"]
    first = local_start(master, calendar_zone)
    days = (from_us(master.end_us).astimezone(local_zone).date() - first.date()).days
    length = master.end_us - master.start_us
    for made, local in enumerate(rule_set(tuple(master.fields["recurrence"]), first, local_zone)):
        if made >= MAX_OCCURRENCES:
            return
        start = to_us(local.replace(tzinfo=local_zone))
        end = to_us((local + timedelta(days=days)).replace(tzinfo=local_zone)) if all_day else start + length
        if from_us_ is None or end > from_us_:
            yield start, end


def makes(master: Event, event_id: str, calendar_zone: str) -> bool:
    """Tell whether the rules of a series make the occurrence that an id names."""
    return "recurrence" in master.fields and instance_of(master, event_id, calendar_zone) is not None


def instance_of(master: Event, event_id: str, calendar_zone: str) -> Event | None:
    """Make the virtual instance that an id names, or give None when the rules do not make it."""
    limit = _latest(event_id)
    for start, end in occurrences(master, calendar_zone):
        if start > limit:
            return None
        if instance_id(master, start) == event_id:
            return virtual(master, start, end, calendar_zone)
    return None


def _latest(event_id: str) -> int:
    """Give a moment after which no occurrence can have that id."""
    match = _INSTANCE.fullmatch(event_id)
    try:
        day = datetime.strptime(match["day"] if match else "", "%Y%m%d").replace(tzinfo=UTC)
    except ValueError:
        return -1
    return to_us(day + timedelta(days=2))


def virtual(master: Event, start_us: int, end_us: int, calendar_zone: str) -> Event:
    """Show one occurrence as an event of its own; nothing is stored."""
    start, end = slots(master, start_us, end_us, calendar_zone)
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


def slots(master: Event, start_us: int, end_us: int, calendar_zone: str) -> tuple[Fields, Fields]:
    """Write start and end of one occurrence the way the series has them."""
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
