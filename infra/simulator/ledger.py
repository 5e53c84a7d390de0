"""Every write to a calendar goes through here: stamps, serials, families, meetings. Start at `put`.

A stamp is never used twice in the whole world, so etags rise strictly; the members of a series share one.
"""

import msgspec

from infra.simulator.context import Context
from infra.simulator.model import Calendar, Event

_replace = msgspec.structs.replace


def put(ctx: Context, calendar: Calendar, event: Event, *, visible: bool = True) -> Event:
    """Store an event under a new stamp and serial; the whole family of a series gets the same stamp.

    `visible` false keeps `updated` as it is: reminders and other private data do not move it.
    """
    stamp = ctx.stamp()
    root = event.parent or event.id
    known = calendar.families.get(root)
    if event.parent is not None and event.id not in calendar.events:
        known = calendar.families.setdefault(root, [])
        known.append(event.id)
    event = _file(calendar, event, stamp, visible=visible)
    for member in (root, *(known or ())):
        other = calendar.events.get(member)
        if other is not None and member != event.id:
            _file(calendar, other, stamp, visible=visible)
    ctx.world.meetings.setdefault(event.ical_uid, {}).setdefault(calendar.id, root)
    ctx.touch(events_resource(calendar))
    return event


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


def exceptions(calendar: Calendar, root: str) -> list[Event]:
    """Give the stored exceptions of a series."""
    return [calendar.events[member] for member in calendar.families.get(root, ()) if member in calendar.events]


def end_series(ctx: Context, calendar: Calendar, root: str) -> None:
    """Take the exceptions of a deleted series away, with tombstones of their own only when that is switched on."""
    if not ctx.settings.series_tombstones:
        forget_exceptions(calendar, root)
        return
    for exception in exceptions(calendar, root):
        put(ctx, calendar, _replace(exception, status="cancelled", original_start=None))


def forget_exceptions(calendar: Calendar, root: str) -> None:
    """Drop the stored exceptions of a series without a trace."""
    for member in calendar.families.pop(root, ()):
        calendar.events.pop(member, None)
        calendar.order.pop(member, None)


def events_resource(calendar: Calendar) -> str:
    """Name the watched resource that is a calendar's events."""
    return f"events:{calendar.id}"


def list_resource(account: str) -> str:
    """Name the watched resource that is an account's calendar list."""
    return f"list:{account}"
