"""Giving an event another calendar. Start at `move`."""

import msgspec

from infra.simulator import guests, ledger
from infra.simulator.context import Actor, Context
from infra.simulator.finding import find
from infra.simulator.model import Calendar, Event
from infra.simulator.wire import ApiError

_replace = msgspec.structs.replace


def move(ctx: Context, calendar: Calendar, event_id: str, destination: Calendar, actor: Actor) -> Event:
    """Give an event another organizer's calendar; the old calendar keeps a stub with nothing but the id."""
    old = find(calendar, event_id)
    if old.parent is not None:
        raise ApiError(
            400,
            "cannotChangeOrganizerOfInstance",
            "Cannot change the organizer of an instance.",
            domain="calendar",
        )
    if old.status == "cancelled":
        raise ApiError(403, "forbidden", "Forbidden")
    if old.organizer != calendar.id or old.fields.get("eventType", "default") != "default":
        raise ApiError(403, "cannotChangeOrganizer", "Cannot change the organizer of an event.", domain="calendar")
    present = destination.events.get(old.id)
    if present is not None and not present.moved_away:
        raise ApiError(409, "duplicate", "The requested identifier already exists.")
    family = ledger.exceptions(calendar, old.id)
    for exception in family:
        ledger.forget(calendar, exception)
    ctx.world.meetings.get(old.ical_uid, {}).pop(calendar.id, None)
    ledger.put(ctx, calendar, _replace(old, status="cancelled", moved_away=True))
    ctx.world.meetings[old.ical_uid].pop(calendar.id)
    moved = ledger.put(ctx, destination, _replace(old, organizer=destination.id))
    for exception in family:
        ledger.put(ctx, destination, _replace(exception, organizer=destination.id))
    for holder, root in ctx.world.meetings[moved.ical_uid].items():
        guest_calendar = ctx.world.calendars[holder]
        if holder == destination.id:
            continue
        master = guest_calendar.events.get(root)  # who is invited to single occurrences has none
        for copy in (*([master] if master else []), *ledger.exceptions(guest_calendar, root)):
            ledger.put(ctx, guest_calendar, _replace(copy, organizer=destination.id))
    guests.tell(ctx, destination, moved, actor, kind="update")
    return destination.events[moved.id]
