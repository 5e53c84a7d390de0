"""What becomes of the stored exceptions when their series changes or goes. Start at `settle`.

Where nobody has seen what Google does, a switch says it (see `SimSettings`). Copies of guests fare as the organizer's.
"""

from collections.abc import Iterator

import msgspec

from infra.simulator import guests, ledger, recurrence, rules
from infra.simulator.context import Actor, Context
from infra.simulator.model import Calendar, Event, Fields

_replace = msgspec.structs.replace
_OF_ONE = frozenset({"start", "end", "recurrence", "_sequence"})


def settle(ctx: Context, calendar: Calendar, old: Event, new: Event, actor: Actor) -> None:
    """Bring the exceptions of a changed master in step: those without a place go, the others follow.

    Does nothing to an event that was and stays a single one.
    """
    if "recurrence" not in new.fields:
        for exception in ledger.exceptions(calendar, new.id):
            end(ctx, calendar, exception)
        return
    if "recurrence" not in old.fields or old.status == "cancelled":
        _made_again(ctx, calendar, new)
        return
    if _place(old) != _place(new):
        _replaced(ctx, calendar, old, new)
        _made_again(ctx, calendar, new)
    follow(ctx, calendar, old.fields, new, actor)


def _place(event: Event) -> tuple[object, ...]:
    start = event.fields["start"]
    return event.start_us, event.end_us, start.get("timeZone"), "date" in start, tuple(event.fields["recurrence"])


def _replaced(ctx: Context, calendar: Calendar, old: Event, new: Event) -> None:
    moved = _place(old)[:-1] != _place(new)[:-1]
    shortened = not moved and rules.same_but_end(old.fields["recurrence"], new.fields["recurrence"])
    for exception in ledger.exceptions(calendar, new.id):
        if recurrence.makes(new, exception.id, calendar.time_zone):
            continue
        if (half := _maker(calendar, exception)) is not None:
            hand_over(ctx, calendar, exception, half, exception.fields)
        elif shortened or ctx.settings.moved_series == "tombstones":
            end(ctx, calendar, exception)
        elif ctx.settings.moved_series == "dropped":
            drop(ctx, calendar, exception)


def _made_again(ctx: Context, calendar: Calendar, master: Event) -> None:
    """Forget the tombstones of occurrences that the rules make again; other halves' exceptions are this one's now."""
    for member in list(calendar.families.get(recurrence.family_of(master.id), ())):
        event = calendar.events[member]
        if event.parent is None or not recurrence.makes(master, event.id, calendar.time_zone):
            continue
        if ledger.has_ended(event):
            ledger.forget(calendar, event)
        elif (half := _maker(calendar, event)) is not None and half.id == master.id:
            hand_over(ctx, calendar, event, master, event.fields)


def _maker(calendar: Calendar, exception: Event) -> Event | None:
    """Give the half that makes an exception's date in the place of the one that had it, or None."""
    halves = [
        half
        for half in ledger.masters(calendar, exception.parent or "")
        if recurrence.makes(half, exception.id, calendar.time_zone)
    ]
    return halves[-1] if halves and exception.parent not in {half.id for half in halves} else None


def follow(ctx: Context, calendar: Calendar, before: Fields, master: Event, actor: Actor) -> None:
    """Let exceptions take a changed value of their series where they still show the one before."""
    for exception in ledger.exceptions(calendar, master.id):
        follow_one(ctx, calendar, before, master, exception, actor)


def follow_one(ctx: Context, calendar: Calendar, before: Fields, master: Event, exception: Event, actor: Actor) -> None:
    """Let one exception do so."""
    if ctx.settings.exceptions_follow == "never":
        return
    now = master.fields
    taken = {
        key: now.get(key)
        for key in (before.keys() | now.keys()) - _OF_ONE
        if before.get(key) != now.get(key) and exception.fields.get(key) == before.get(key)
    }
    take(ctx, calendar, exception, taken, actor)


def take(ctx: Context, calendar: Calendar, exception: Event, taken: Fields, actor: Actor) -> None:
    """Give an exception values of its series; None removes. Untold, its etag and the deltas do not show it."""
    fields = {key: value for key, value in (exception.fields | taken).items() if value is not None}
    if fields == exception.fields or exception.status == "cancelled":
        return
    if ctx.settings.exceptions_follow == "untold":
        calendar.events[exception.id] = _replace(exception, fields=fields)
        return
    stored = ledger.put(ctx, calendar, _replace(exception, fields=fields))
    guests.spread(ctx, calendar, exception, stored, actor)


def end(ctx: Context, calendar: Calendar, exception: Event) -> None:
    """Leave a tombstone with nothing but the id, as for occurrences beyond the end of their series."""
    for holder, copy in _everywhere(ctx, calendar, exception):
        ledger.put(ctx, holder, _replace(copy, status="cancelled", original_start=None))


def drop(ctx: Context, calendar: Calendar, exception: Event) -> None:
    """Let an exception vanish without a trace."""
    for holder, copy in _everywhere(ctx, calendar, exception):
        ledger.forget(holder, copy)


def hand_over(ctx: Context, calendar: Calendar, exception: Event, segment: Event, fields: Fields) -> Event:
    """Make an exception one of a later segment; its id stays."""
    for holder, copy in list(_everywhere(ctx, calendar, exception))[1:]:
        parent = ctx.world.meetings.get(segment.ical_uid, {}).get(holder.id, segment.id)
        ledger.put(ctx, holder, _replace(copy, parent=parent, ical_uid=segment.ical_uid))
    changed = _replace(
        exception, parent=segment.id, ical_uid=segment.ical_uid, shown_uid=segment.shown_uid, fields=fields
    )
    return ledger.put(ctx, calendar, changed)


def _everywhere(ctx: Context, calendar: Calendar, exception: Event) -> Iterator[tuple[Calendar, Event]]:
    yield calendar, exception
    for holder_id in list(ctx.world.meetings.get(exception.ical_uid, ())):
        holder = ctx.world.calendars[holder_id]
        copy = guests.copy_of(ctx, holder, exception) if holder is not calendar else None
        if copy is not None and exception.organizer == calendar.id:
            yield holder, copy
