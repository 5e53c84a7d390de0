"""A series cut in two, or ended, as "this and following" on the page of Google does. Start at `split`, `end_before`.

Seen at Google: when neither time nor rule changes, the later half is `<root>_R<moment>`, and later exceptions keep
their ids and become its. Otherwise it is a new series that nothing links to the old one. What a segment that was split
off before holds stays as it is: the later half ends where the cut one did.
"""

from datetime import date, datetime

import msgspec

from infra.simulator import creation, events, exceptions, guests, ledger, recurrence, rules, times
from infra.simulator.clock import from_us
from infra.simulator.context import Actor, Context
from infra.simulator.fields import merged
from infra.simulator.finding import find
from infra.simulator.model import Calendar, Event, Fields
from infra.simulator.wire import ApiError

_replace = msgspec.structs.replace


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a series is cut: before the occurrence of `master` that the rules put at `start_us`."""

    master: Event
    instance: Event
    first: bool


def split(ctx: Context, calendar: Calendar, event_id: str, body: Fields, actor: Actor) -> Event:
    """Change an occurrence and all after it; gives the master of the later half.

    Raises:
        ApiError: 404, 400 for what is no occurrence or whose master this calendar does not have, 403 for a guest.
    """
    place = cut_place(calendar, event_id)
    if place.first:
        return events.change(ctx, calendar, place.master.id, body, actor)
    later = _later_half(ctx, calendar, place, body, actor)
    linked = later.id.startswith(f"{recurrence.family_of(place.master.id)}_R")
    kept = ledger.exceptions(calendar, place.master.id) if linked else []
    trimmed = _trimmed(ctx, calendar, place, actor, ending=not linked)
    stored = ledger.put(ctx, calendar, later)
    if not linked:
        stored = ledger.stamped_like(calendar, stored, trimmed)
    guests.spread(ctx, calendar, None, stored, actor)
    for exception in kept:
        _handed_over(ctx, calendar, place, exception, stored, actor)
    return ledger.stamped_like(calendar, calendar.events[stored.id], calendar.events[place.master.id])


def end_before(ctx: Context, calendar: Calendar, event_id: str, actor: Actor) -> None:
    """Delete an occurrence and all after it: a shorter UNTIL, and bare tombstones for the exceptions beyond it.

    Raises:
        ApiError: As for `split`.
    """
    place = cut_place(calendar, event_id)
    if place.first:
        events.remove(ctx, calendar, place.master, actor)
    else:
        _trimmed(ctx, calendar, place, actor, ending=True)


def cut_place(calendar: Calendar, event_id: str) -> Place:
    """Find where to cut before an occurrence."""
    occurrence = find(calendar, event_id)
    master = calendar.events.get(occurrence.parent or "")
    if master is None or master.status == "cancelled" or occurrence.original_start is None:
        raise ApiError(400, "invalid", "This is no occurrence of a series in this calendar.")
    if master.organizer != calendar.id:
        raise ApiError(403, "forbiddenForNonOrganizer", "Only the organizer can split a series.", domain="calendar")
    start_us = times.instant(occurrence.original_start, calendar.time_zone, "original start")
    first, _ = next(recurrence.occurrences(master, calendar.time_zone), (start_us, start_us))
    instance = recurrence.virtual(master, start_us, start_us + master.end_us - master.start_us, calendar.time_zone)
    return Place(master=master, instance=instance, first=start_us <= first)


def _later_half(ctx: Context, calendar: Calendar, place: Place, body: Fields, actor: Actor) -> Event:
    master, instance = place.master, place.instance
    local = _local(place, calendar)
    made = rules.made_before(
        master.fields["recurrence"],
        recurrence.local_start(master, calendar.time_zone),
        recurrence.zone_of(master, calendar.time_zone),
        local,
    )
    rest = rules.counted_on(master.fields["recurrence"], made)
    rule = {"recurrence": rules.on_other_days(rest, days_between(instance, body, calendar))}
    whole = merged(instance.fields | rule, body)
    fields = creation.kept_fields(ctx, whole, actor)
    fields |= {key: value for key, value in instance.fields.items() if key.startswith("_")}
    start_us, end_us = creation.kept_instants(ctx, calendar, fields)
    same_time = (start_us, end_us) == (instance.start_us, instance.end_us)
    same_zone = fields["start"].get("timeZone") == instance.fields["start"].get("timeZone")
    same_rule = list(map(rules.in_googles_order, fields.get("recurrence", ()))) == list(
        map(rules.in_googles_order, rest)
    )
    if same_time and same_zone and same_rule:
        event_id = recurrence.segment_id(master, instance.start_us)
        shown_uid = (master.shown_uid or master.ical_uid) if ctx.settings.split_uid == "shared" else None
    else:
        event_id, shown_uid = ctx.new_id(), None
        fields["_sequence"] = int(fields.get("_sequence", 0)) + 1
    return _replace(
        master,
        id=event_id,
        ical_uid=f"{event_id}@google.com",
        shown_uid=shown_uid,
        fields=fields,
        creator=actor.account,
        start_us=start_us,
        end_us=end_us,
    )


def _trimmed(ctx: Context, calendar: Calendar, place: Place, actor: Actor, *, ending: bool) -> Event:
    """Store the old master with its new end; `ending` lets the exceptions beyond it end too."""
    master = place.master
    until = rules.last_moment(
        _local(place, calendar).date(),
        recurrence.zone_of(master, calendar.time_zone),
        all_day="date" in master.fields["start"],
    )
    fields = master.fields | {"recurrence": rules.ended(master.fields["recurrence"], until)}
    stored = ledger.put(ctx, calendar, _replace(master, fields=fields))
    guests.spread(ctx, calendar, master, stored, actor)
    for exception in ledger.exceptions(calendar, master.id) if ending else ():
        if _beyond(calendar, exception, place):
            exceptions.end(ctx, calendar, exception)
    return calendar.events[master.id]


def _handed_over(ctx: Context, calendar: Calendar, place: Place, exception: Event, later: Event, actor: Actor) -> None:
    if not _beyond(calendar, exception, place):
        return
    if ctx.settings.split_exceptions == "overwritten" and exception.status != "cancelled":
        start, end = exception.fields["start"], exception.fields["end"]
        fields = later.fields | {"start": start, "end": end}
        del fields["recurrence"]
        exceptions.hand_over(ctx, calendar, exception, later, fields)
        return
    moved = exceptions.hand_over(ctx, calendar, exception, later, exception.fields)
    exceptions.follow_one(ctx, calendar, place.master.fields, later, moved, actor)


def _beyond(calendar: Calendar, exception: Event, place: Place) -> bool:
    slot = exception.original_start or {}
    return times.instant(slot, calendar.time_zone, "original start") >= place.instance.start_us


def days_between(present: Event, body: Fields, calendar: Calendar) -> int:
    """Count the days by which a body moves an event; 0 when it says no start."""
    start = {key: value for key, value in (body.get("start") or {}).items() if value is not None}
    if not start:
        return 0
    return (_day(start, calendar) - _day(present.fields["start"], calendar)).days


def _day(slot: Fields, calendar: Calendar) -> date:
    us = times.instant(slot, calendar.time_zone, "start")
    return from_us(us).astimezone(times.zone_of(slot, calendar.time_zone)).date()


def _local(place: Place, calendar: Calendar) -> datetime:
    zone = recurrence.zone_of(place.master, calendar.time_zone)
    return from_us(place.instance.start_us).astimezone(zone).replace(tzinfo=None)
