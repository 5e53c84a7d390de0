"""Start and end of an event: checked, turned into instants, and written in a calendar's zone. Start at `instants`."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from infra.simulator.clock import from_us, to_us, zone
from infra.simulator.model import Fields
from infra.simulator.wire import ApiError


def instants(fields: Fields, calendar_zone: str, *, zero_length: bool) -> tuple[int, int]:
    """Read start and end of an event as microseconds since the epoch.

    Raises:
        ApiError: 400 as Google words it: a missing end, both keys at once, mixed kinds, an end before its start.
    """
    start, end = fields.get("start"), fields.get("end")
    if not start:
        raise ApiError(400, "required", "Missing start time.")
    if not end:
        raise ApiError(400, "required", "Missing end time.")
    start_us = instant(start, calendar_zone, "start")
    end_us = instant(end, calendar_zone, "end")
    if ("date" in start) != ("date" in end):
        raise ApiError(400, "invalid", "Start and end times must either both be date or both be dateTime.")
    if fields.get("recurrence") and "dateTime" in start and not start.get("timeZone"):
        raise ApiError(400, "required", "Missing time zone definition for start time.")
    if end_us < start_us or (end_us == start_us and not zero_length):
        raise ApiError(400, "timeRangeEmpty", "The specified time range is empty.", domain="calendar")
    return start_us, end_us


def instant(slot: Fields, calendar_zone: str, which: str) -> int:
    """Read one of the two; a patch that leaves the old key beside the new one fails here, as it does at Google."""
    invalid = ApiError(400, "invalid", f"Invalid {which} time.")
    if ("date" in slot) == ("dateTime" in slot):
        raise invalid
    try:
        if "date" in slot:
            return to_us(datetime.combine(date.fromisoformat(slot["date"]), time(), _zone(calendar_zone, which)))
        moment = datetime.fromisoformat(slot["dateTime"])
    except (TypeError, ValueError) as fault:
        raise invalid from fault
    name = slot.get("timeZone") or calendar_zone
    local = _zone(name, which)
    if moment.tzinfo is None:
        if not slot.get("timeZone"):
            raise ApiError(400, "required", f"Missing time zone definition for {which} time.")
        moment = moment.replace(tzinfo=local)
    return to_us(moment)


def cleaned(slot: Fields) -> Fields:
    """Keep the keys that say something; an all-day slot has no zone."""
    if "date" in slot and "dateTime" not in slot:
        return {"date": slot["date"]}
    return {key: slot[key] for key in ("date", "dateTime", "timeZone") if key in slot}


def written(slot: Fields, us: int, *, answer_zone: str, calendar_zone: str) -> Fields:
    """Write one slot as Google answers it: the offset of the answer's zone, the event's own zone name."""
    if "date" in slot:
        return {"date": slot["date"]}
    moment = from_us(us).astimezone(_zone(answer_zone, "start"))
    text = moment.replace(microsecond=0).isoformat()
    if text.endswith("+00:00"):
        text = text[:-6] + "Z"
    return {"dateTime": text, "timeZone": slot.get("timeZone") or calendar_zone}


def shifted(slot: Fields, by_days: int) -> Fields:
    """Move an all-day slot by whole days."""
    return {"date": (date.fromisoformat(slot["date"]) + timedelta(days=by_days)).isoformat()}


def timed(us: int, zone_name: str) -> Fields:
    """Make a timed slot of an instant."""
    return {"dateTime": from_us(us).astimezone(UTC).isoformat(), "timeZone": zone_name}


def parameter_instant(text: str, name: str) -> int:
    """Read a time that came as a query parameter; its offset is mandatory and its fraction ignored."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ApiError(400, "badRequest", "Bad Request", location=name, location_type="parameter")
    return to_us(moment.replace(microsecond=0))


def zone_of(slot: Fields, calendar_zone: str) -> ZoneInfo:
    """Give the zone a slot is in."""
    return _zone(calendar_zone if "date" in slot else slot.get("timeZone") or calendar_zone, "start")


def _zone(name: str, which: str) -> ZoneInfo:
    found = zone(name)
    if found is None:
        raise ApiError(400, "invalid", f"Invalid time zone definition for {which} time.")
    return found
