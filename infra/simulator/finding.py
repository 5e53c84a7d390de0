"""Finding one event by its id, stored or made by a series. Start at `find`."""

import msgspec

from infra.simulator import conference, ledger, recurrence
from infra.simulator.context import Context, etag
from infra.simulator.model import Calendar, Event
from infra.simulator.wire import ApiError, not_found

_replace = msgspec.structs.replace


def find(calendar: Calendar, event_id: str) -> Event:
    """Give a stored event, a tombstone, or the instance a series makes under that id.

    Raises:
        ApiError: 404 for what never was, and for what was purged.
    """
    event = calendar.events.get(event_id)
    if event is not None:
        if event.purged:
            raise not_found()
        return (instance(calendar, event_id) if ledger.has_ended(event) else None) or event
    made = instance(calendar, event_id)
    if made is None:
        raise not_found()
    return made


def instance(calendar: Calendar, event_id: str) -> Event | None:
    """Give the occurrence a live series makes under an id, or None."""
    root = recurrence.root_of(event_id)
    if root is None:
        return None
    for master in (calendar.events.get(root), *_segments(calendar, root)):
        if master is None or master.status == "cancelled" or "recurrence" not in master.fields:
            continue
        made = recurrence.instance_of(master, event_id, calendar.time_zone)
        if made is not None:
            return made
    return None


def _segments(calendar: Calendar, root: str) -> list[Event]:
    return [event for event_id, event in calendar.events.items() if event_id.startswith(f"{root}_R")]


def read(ctx: Context, calendar: Calendar, event_id: str) -> Event:
    """Give an event, and let a pending conference come one read nearer; a finished one is a new version."""
    event = find(calendar, event_id)
    if not conference.pending(event.fields) or event_id not in calendar.events:
        return event
    event = _replace(event, conference_reads=event.conference_reads + 1)
    if event.conference_reads >= ctx.settings.conference_reads:
        return ledger.put(ctx, calendar, _replace(event, fields=conference.finished(ctx, event.fields)))
    calendar.events[event_id] = event
    return event


def finish_meets(ctx: Context, calendar: Calendar) -> None:
    """Make each pending conference of a calendar."""
    for event in [each for each in calendar.events.values() if conference.pending(each.fields)]:
        ledger.put(ctx, calendar, _replace(event, fields=conference.finished(ctx, event.fields)))


def check_match(event: Event, if_match: str | None) -> None:
    """Refuse a write whose `If-Match` names another version."""
    if if_match not in {None, "*", etag(event.stamp_us)}:
        raise ApiError(412, "conditionNotMet", "Precondition Failed", location="If-Match", location_type="header")
