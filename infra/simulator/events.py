"""Changing and deleting events. Start at `change`.

All of it acts on one calendar for one `Actor`, by a client or by a person in Google's pages; access was checked before.
Source: https://developers.google.com/workspace/calendar/api/v3/reference/events/patch
"""

import msgspec

from infra.simulator import conference, exceptions, guests, ledger
from infra.simulator.context import Actor, Context
from infra.simulator.creation import kept_fields, kept_instants, kept_status
from infra.simulator.fields import merged
from infra.simulator.finding import check_match, find
from infra.simulator.model import Calendar, Event, Fields
from infra.simulator.wire import ApiError

_replace = msgspec.structs.replace


def change(
    ctx: Context,
    calendar: Calendar,
    event_id: str,
    body: Fields,
    actor: Actor,
    *,
    replace: bool = False,
    if_match: str | None = None,
) -> Event:
    """Change an event by merge, or with `replace` wholly; `status` cancelled deletes, confirmed revives.

    Raises:
        ApiError: 404, 403 for what was purged or is not the organizer's to change, 412, or 400 for a bad value.
    """
    stored = calendar.events.get(event_id)
    if stored is not None and (stored.purged or stored.moved_away):
        raise ApiError(403, "forbidden", "Forbidden")
    old = find(calendar, event_id)
    check_match(old, if_match)
    if old.parent is not None and body.get("recurrence"):
        raise ApiError(400, "invalid", "Cannot turn an instance of a recurring event into a recurring event itself.")
    raw = body if replace else merged(_visible(old.fields), body)
    if raw.get("eventType", "default") != old.fields.get("eventType", "default"):
        raise ApiError(400, "invalid", "Event type cannot be changed.")
    fields = kept_fields(ctx, raw, actor)
    fields |= conference.applied(ctx, old.fields, body, actor)
    new = _replace(old, fields=fields, status=kept_status(body, old.status))
    start_us, end_us = kept_instants(ctx, calendar, fields)
    fields["_sequence"] = _sequence(old, body, moved=(start_us, end_us) != (old.start_us, old.end_us))
    new = _replace(new, start_us=start_us, end_us=end_us)
    if new.status == "cancelled" and old.status != "cancelled":
        return remove(ctx, calendar, old, actor)
    return _stored(ctx, calendar, old, new, actor)


def _stored(ctx: Context, calendar: Calendar, old: Event, new: Event, actor: Actor) -> Event:
    if old.organizer != calendar.id:
        return _by_guest(ctx, calendar, old, new, actor)
    visible = guests.shared_part(old.fields) != guests.shared_part(new.fields) or old.status != new.status
    told = "recurrence" not in old.fields or ctx.settings.exceptions_follow != "untold"
    stored = ledger.put(
        ctx,
        calendar,
        new,
        visible=visible or _visible_private(old, new),
        whole_family=told,
    )
    guests.spread(ctx, calendar, old, stored, actor)
    exceptions.settle(ctx, calendar, old, stored, actor)
    return calendar.events[stored.id]


def _by_guest(ctx: Context, calendar: Calendar, old: Event, new: Event, actor: Actor) -> Event:
    """Let a guest change only what is theirs: private parts and the own answer, unless guests may modify."""
    before, after = guests.shared_part(old.fields), guests.shared_part(new.fields)
    own = next((entry for entry in after.get("attendees", ()) if entry["email"] == calendar.id), None)
    theirs = [own if own and entry["email"] == calendar.id else entry for entry in before.get("attendees", ())]
    allowed = before | ({"attendees": theirs} if theirs else {}) | {"_sequence": after.get("_sequence", 0)}
    if after != allowed and not old.fields.get("guestsCanModify"):
        raise ApiError(
            403,
            "forbiddenForNonOrganizer",
            "Shared properties can only be changed by the organizer of the event.",
            domain="calendar",
        )
    stored = ledger.put(ctx, calendar, new, visible=before != after or old.status != new.status)
    found = guests.organizer_copy(ctx, stored)
    if after != allowed and found is not None:
        home, event = found
        fields = guests.joined(after, guests.private_part(event.fields))
        master = ledger.put(ctx, home, _replace(event, fields=fields, start_us=new.start_us, end_us=new.end_us))
        guests.spread(ctx, home, event, master, actor)
    elif own is not None:
        guests.answered(ctx, stored, own, actor)
    return stored


def delete(ctx: Context, calendar: Calendar, event_id: str, actor: Actor, *, if_match: str | None = None) -> None:
    """Delete an event: 404 for an unknown one, 410 for one that is deleted already, 412 when it changed meanwhile."""
    stored = calendar.events.get(event_id)
    if stored is not None and (stored.purged or stored.status == "cancelled"):
        raise ApiError(410, "deleted", "Resource has been deleted")
    old = find(calendar, event_id)
    check_match(old, if_match)
    remove(ctx, calendar, old, actor)


def remove(ctx: Context, calendar: Calendar, old: Event, actor: Actor) -> Event:
    """Leave a tombstone; a guest's deletion declines for that guest, the organizer's cancels every copy."""
    gone = ledger.put(ctx, calendar, _replace(old, status="cancelled"))
    if "recurrence" in old.fields:
        ledger.end_series(ctx, calendar, old.id)
    if old.organizer == calendar.id:
        guests.spread(ctx, calendar, old, gone, actor)
        return gone
    for entry in old.fields.get("attendees", ()):
        if entry["email"] == calendar.id:
            guests.answered(ctx, gone, entry | {"responseStatus": "declined"}, actor)
    return gone


def purge(ctx: Context, calendar: Calendar) -> int:
    """Empty the trash: tombstones keep only their id, which stays taken for ever."""
    count = 0
    for event in list(calendar.events.values()):
        if event.status == "cancelled" and not event.purged and event.parent is None:
            calendar.events[event.id] = _replace(event, purged=True, fields={})
            count += 1
    ctx.version += 1
    return count


def _visible(fields: Fields) -> Fields:
    return {key: value for key, value in fields.items() if not key.startswith("_")}


def _visible_private(old: Event, new: Event) -> bool:
    quiet = {"reminders"}
    mine, yours = guests.private_part(old.fields), guests.private_part(new.fields)
    changed = {key for key in mine.keys() | yours.keys() if mine.get(key) != yours.get(key)}
    return not changed or bool(changed - quiet)


def _sequence(old: Event, body: Fields, *, moved: bool) -> int:
    current = int(old.fields.get("_sequence", 0))
    given = body.get("sequence")
    if given is not None and given < current:
        raise ApiError(
            400,
            "invalid",
            "Invalid sequence value. The specified sequence number is below the current sequence number of the "
            "resource. Re-fetch the resource and use its sequence number on the following request.",
        )
    base = max(current, given or 0)
    return base + 1 if moved and base == current else base
