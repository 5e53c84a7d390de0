"""Every segment of a series changed or deleted, as "all events" on the page of Google does. Start at `change_all`."""

from datetime import datetime

from infra.simulator import events, exceptions, ledger, rules, times
from infra.simulator.clock import from_us, to_us
from infra.simulator.context import Actor, Context
from infra.simulator.finding import find
from infra.simulator.model import Calendar, Event, Fields
from infra.simulator.splitting import days_between
from infra.simulator.wire import ApiError

_OWN = frozenset({"start", "end", "recurrence", "status"})


def change_all(ctx: Context, calendar: Calendar, event_id: str, body: Fields, actor: Actor) -> Event:
    """Change every segment; gives the master of the occurrence that was named.

    Times are those of the named event: all move as far as it moves, and a weekly rule takes its weekdays along. A new
    rule is the named segment's alone. An exception's own values are overwritten, but not its times; it stays one.

    Raises:
        ApiError: 404, 400 for what belongs to no series that this calendar has, or what a change is refused with.
    """
    named = find(calendar, event_id)
    own = named.parent or named.id
    family = ledger.masters(calendar, own)
    if own not in {master.id for master in family}:
        raise ApiError(400, "invalid", "This is no series of this calendar.")
    for master in family:
        events.change(ctx, calendar, master.id, _body_for(calendar, master, named, body, own=own), actor)
        if ctx.settings.all_events == "overwritten":
            _overwritten(ctx, calendar, master.id, body, actor)
    return calendar.events[own]


def delete_all(ctx: Context, calendar: Calendar, event_id: str, actor: Actor) -> None:
    """Delete every segment."""
    named = find(calendar, event_id)
    for master in ledger.masters(calendar, named.parent or named.id):
        events.remove(ctx, calendar, master, actor)


def _body_for(calendar: Calendar, master: Event, named: Event, body: Fields, *, own: str) -> Fields:
    changed = {key: value for key, value in body.items() if key not in {"start", "end"}}
    if master.id != own:
        changed.pop("recurrence", None)
    if "start" in body or "end" in body:
        changed |= _moved(calendar, master, named, body)
    days = days_between(named, body, calendar)
    if days and "recurrence" not in changed:
        changed["recurrence"] = rules.on_other_days(master.fields["recurrence"], days)
    return changed


def _moved(calendar: Calendar, master: Event, named: Event, body: Fields) -> Fields:
    """Move both ends of a master as far as the named event's own move, by the clock on the wall."""
    moved: Fields = {}
    for key in ("start", "end"):
        there = named.fields[key]
        here = {name: value for name, value in (body.get(key) or there).items() if value is not None}
        shift = _wall(here, calendar) - _wall(there, calendar)
        moved[key] = _empty() | _slot(_wall(master.fields[key], calendar) + shift, here, calendar)
    return moved


def _empty() -> Fields:
    return {"date": None, "dateTime": None, "timeZone": None}


def _wall(slot: Fields, calendar: Calendar) -> datetime:
    us = times.instant(slot, calendar.time_zone, "start")
    return from_us(us).astimezone(times.zone_of(slot, calendar.time_zone)).replace(tzinfo=None)


def _slot(wall: datetime, like: Fields, calendar: Calendar) -> Fields:
    if "date" in like:
        return {"date": wall.date().isoformat()}
    zone = times.zone_of(like, calendar.time_zone)
    return times.timed(to_us(wall.replace(tzinfo=zone)), zone.key)


def _overwritten(ctx: Context, calendar: Calendar, master_id: str, body: Fields, actor: Actor) -> None:
    master = calendar.events[master_id]
    said = {key: master.fields.get(key) for key in body.keys() - _OWN}
    for exception in ledger.exceptions(calendar, master_id):
        exceptions.take(ctx, calendar, exception, said, actor)
