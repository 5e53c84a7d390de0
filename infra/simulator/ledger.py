"""Every write to a calendar goes through here: stamps, serials, families, meetings. Start at `put`.

A stamp is never used twice in the whole world, so etags rise strictly; the members of a series share one: its masters,
one for each segment, and all its stored exceptions.
"""

import msgspec

from infra.simulator.context import Context
from infra.simulator.model import Calendar, Event
from infra.simulator.recurrence import family_of

_replace = msgspec.structs.replace


def put(ctx: Context, calendar: Calendar, event: Event, *, visible: bool = True, whole_family: bool = True) -> Event:
    """Store an event under a new stamp and serial; the whole family of a series gets the same stamp.

    `visible` false keeps `updated` as it is: reminders and other private data do not move it. `whole_family` false
    leaves etags and serials of the other members, so no delta brings them.
    """
    stamp = ctx.stamp()
    root = family_of(event.parent or event.id)
    known = calendar.families.get(root)
    if event.id != root and event.id not in calendar.events:
        known = calendar.families.setdefault(root, [])
        known.append(event.id)
    event = _file(calendar, event, stamp, visible=visible)
    for member in (root, *(known or ())) if whole_family else ():
        other = calendar.events.get(member)
        if other is not None and member != event.id:
            _file(calendar, other, stamp, visible=visible)
    ctx.world.meetings.setdefault(event.ical_uid, {}).setdefault(calendar.id, event.parent or event.id)
    ctx.touch(events_resource(calendar))
    return event


def stamped_like(calendar: Calendar, event: Event, other: Event) -> Event:
    """Give an event the stamp of one that the same action changed."""
    return _file(calendar, event, other.stamp_us, visible=True)


def _file(calendar: Calendar, event: Event, stamp: int, *, visible: bool) -> Event:
    calendar.serial += 1
    event = _replace(event, stamp_us=stamp, updated_us=stamp if visible else event.updated_us, serial=calendar.serial)
    calendar.events[event.id] = event
    calendar.order.pop(event.id, None)
    calendar.order[event.id] = calendar.serial
    return event


def changed_since(calendar: Calendar, serial: int) -> list[Event]:
    """Give the events changed after a serial, in the order of their changes; costs the length of its answer."""
    found = []
    for event_id in reversed(calendar.order):
        if calendar.order[event_id] <= serial:
            break
        found.append(calendar.events[event_id])
    found.reverse()
    return found


def exceptions(calendar: Calendar, master_id: str) -> list[Event]:
    """Give the stored exceptions of a master, without those that ended before."""
    members = calendar.families.get(family_of(master_id), ())
    return [
        event
        for member in members
        if (event := calendar.events[member]).parent == master_id and event.original_start is not None
    ]


def has_ended(event: Event) -> bool:
    """Tell whether this was an exception that went with its date: only its id is left, and a rule may make it again."""
    return event.parent is not None and event.original_start is None


def stands(calendar: Calendar, instance_id: str) -> Event | None:
    """Give the stored exception that stands for an occurrence, cancelled or not, or None where the rule's own does."""
    event = calendar.events.get(instance_id)
    return None if event is None or has_ended(event) else event


def masters(calendar: Calendar, event_id: str) -> list[Event]:
    """Give the live masters of the series that an id belongs to, in order of start."""
    root = family_of(event_id)
    found = [calendar.events.get(member) for member in (root, *calendar.families.get(root, ()))]
    alive = [event for event in found if event and event.status != "cancelled" and "recurrence" in event.fields]
    return sorted(alive, key=lambda event: event.start_us)


def end_series(ctx: Context, calendar: Calendar, master_id: str) -> None:
    """Take the exceptions of a deleted series away, with tombstones of their own only when that is switched on."""
    for exception in exceptions(calendar, master_id):
        if ctx.settings.series_tombstones:
            put(ctx, calendar, _replace(exception, status="cancelled", original_start=None))
        else:
            forget(calendar, exception)


def forget(calendar: Calendar, event: Event) -> None:
    """Drop a stored exception without a trace."""
    calendar.families[family_of(event.parent or event.id)].remove(event.id)
    del calendar.events[event.id]
    del calendar.order[event.id]


def events_resource(calendar: Calendar) -> str:
    """Name the watched resource that is a calendar's events."""
    return f"events:{calendar.id}"


def list_resource(account: str) -> str:
    """Name the watched resource that is an account's calendar list."""
    return f"list:{account}"
