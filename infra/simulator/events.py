"""What can be done to events: insert, import, patch, update, delete, move, restore. Start at `insert` and `change`.

All of it acts on one calendar for one `Actor`, by a client or by a person in Google's pages; access was checked before.
Source: https://developers.google.com/workspace/calendar/api/v3/reference/events
"""

import msgspec

from infra.simulator import conference, guests, ledger, recurrence, times
from infra.simulator.context import Actor, Context, etag
from infra.simulator.fields import check_id, cleaned, merged
from infra.simulator.model import Calendar, Event, Fields
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
        return event
    root = recurrence.root_of(event_id)
    if root is not None:
        for master in (calendar.events.get(root), *_segments(calendar, root)):
            if master is None or master.status == "cancelled" or "recurrence" not in master.fields:
                continue
            instance = recurrence.instance_of(master, event_id, calendar.time_zone)
            if instance is not None:
                return instance
    raise not_found()


def _segments(calendar: Calendar, root: str) -> list[Event]:
    return [event for event_id, event in calendar.events.items() if event_id.startswith(f"{root}_R")]


def insert(ctx: Context, calendar: Calendar, body: Fields, actor: Actor) -> Event:
    """Create an event; 409 for an id in use, also by a tombstone or by what was purged."""
    event_id = body.get("id")
    if event_id is not None:
        check_id(event_id)
        if event_id in calendar.events:
            raise ApiError(409, "duplicate", "The requested identifier already exists.")
        if body.get("iCalUID") not in {None, f"{event_id}@google.com"}:
            raise ApiError(400, "invalid", "Either id or iCalUID may be specified, not both.")
    event_id = event_id or ctx.new_id()
    uid = body.get("iCalUID") or f"{event_id}@google.com"
    event = _new(ctx, calendar, event_id, uid, body, actor, organizer=calendar.id)
    stored = ledger.put(ctx, calendar, event)
    guests.spread(ctx, calendar, None, stored, actor)
    return stored


def import_(ctx: Context, calendar: Calendar, body: Fields, actor: Actor) -> Event:
    """Add or replace a private copy, known by its iCalUID; nobody gets mail and no other calendar changes."""
    uid = body.get("iCalUID")
    if not uid:
        raise ApiError(400, "required", "Missing iCalUID.")
    if body.get("eventType") not in {None, "default"}:
        raise ApiError(400, "invalid", "Only events of type default can be imported.")
    root = ctx.world.meetings.get(uid, {}).get(calendar.id)
    organizer = (body.get("organizer") or {}).get("email") or calendar.id
    if root is None or root not in calendar.events:
        event = _new(ctx, calendar, ctx.new_id(), uid, body, actor, organizer=organizer)
    else:
        made = _new(ctx, calendar, root, uid, body, actor, organizer=organizer)
        event = _replace(made, created_us=calendar.events[root].created_us)
    return ledger.put(ctx, calendar, event)


def _new(
    ctx: Context, calendar: Calendar, event_id: str, uid: str, body: Fields, actor: Actor, *, organizer: str
) -> Event:
    fields = _cleaned(ctx, body, actor)
    fields.setdefault("_sequence", body.get("sequence") or 0)
    fields |= conference.applied(ctx, {}, body, actor)
    start_us, end_us = _instants(ctx, calendar, fields)
    now = ctx.now_us()
    return Event(
        id=event_id,
        ical_uid=uid,
        fields=fields,
        organizer=organizer,
        creator=actor.account,
        start_us=start_us,
        end_us=end_us,
        created_us=now,
        updated_us=now,
        stamp_us=0,
        serial=0,
        status=_status(body, "confirmed"),
    )


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
    fields = _cleaned(ctx, raw, actor)
    fields |= conference.applied(ctx, old.fields, body, actor)
    new = _replace(old, fields=fields, status=_status(body, old.status))
    start_us, end_us = _instants(ctx, calendar, fields)
    fields["_sequence"] = _sequence(old, body, moved=(start_us, end_us) != (old.start_us, old.end_us))
    new = _replace(new, start_us=start_us, end_us=end_us)
    if new.status == "cancelled" and old.status != "cancelled":
        return remove(ctx, calendar, old, actor)
    return _stored(ctx, calendar, old, new, actor)


def _stored(ctx: Context, calendar: Calendar, old: Event, new: Event, actor: Actor) -> Event:
    if old.organizer != calendar.id:
        return _by_guest(ctx, calendar, old, new, actor)
    visible = guests.shared_part(old.fields) != guests.shared_part(new.fields) or old.status != new.status
    stored = ledger.put(ctx, calendar, new, visible=visible or _visible_private(old, new))
    if "recurrence" in old.fields and _timing(old) != _timing(new):
        _settle_exceptions(ctx, calendar, stored)
    guests.spread(ctx, calendar, old, stored, actor)
    return stored


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


def _settle_exceptions(ctx: Context, calendar: Calendar, master: Event) -> None:
    fate = ctx.settings.moved_series
    if fate == "dropped":
        ledger.forget_exceptions(calendar, master.id)
    elif fate == "tombstones":
        for exception in ledger.exceptions(calendar, master.id):
            ledger.put(ctx, calendar, _replace(exception, status="cancelled", original_start=None))


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
        for exception in ledger.exceptions(calendar, old.id):
            if ctx.settings.series_tombstones:
                ledger.put(ctx, calendar, _replace(exception, status="cancelled", original_start=None))
        if not ctx.settings.series_tombstones:
            ledger.forget_exceptions(calendar, old.id)
    if old.organizer == calendar.id:
        guests.spread(ctx, calendar, old, gone, actor)
        return gone
    for entry in old.fields.get("attendees", ()):
        if entry["email"] == calendar.id:
            guests.answered(ctx, gone, entry | {"responseStatus": "declined"}, actor)
    return gone


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
    ledger.forget_exceptions(calendar, old.id)
    ctx.world.meetings.get(old.ical_uid, {}).pop(calendar.id, None)
    ledger.put(ctx, calendar, _replace(old, status="cancelled", moved_away=True))
    ctx.world.meetings[old.ical_uid].pop(calendar.id)
    moved = ledger.put(ctx, destination, _replace(old, organizer=destination.id))
    for exception in family:
        ledger.put(ctx, destination, _replace(exception, organizer=destination.id))
    for holder, root in ctx.world.meetings[moved.ical_uid].items():
        guest_calendar = ctx.world.calendars[holder]
        if holder != destination.id:
            ledger.put(ctx, guest_calendar, _replace(guest_calendar.events[root], organizer=destination.id))
    guests.tell(ctx, destination, moved, actor, kind="update")
    return calendar_event(destination, moved.id)


def calendar_event(calendar: Calendar, event_id: str) -> Event:
    """Give an event as it stands now."""
    return calendar.events[event_id]


def purge(ctx: Context, calendar: Calendar) -> int:
    """Empty the trash: tombstones keep only their id, which stays taken for ever."""
    count = 0
    for event in list(calendar.events.values()):
        if event.status == "cancelled" and not event.purged and event.parent is None:
            calendar.events[event.id] = _replace(event, purged=True, fields={})
            count += 1
    ctx.version += 1
    return count


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


def check_match(event: Event, if_match: str | None) -> None:
    """Refuse a write whose `If-Match` names another version."""
    if if_match not in {None, "*", etag(event.stamp_us)}:
        raise ApiError(412, "conditionNotMet", "Precondition Failed", location="If-Match", location_type="header")


def _cleaned(ctx: Context, raw: Fields, actor: Actor) -> Fields:
    mode = ctx.settings.rewriting
    fields = cleaned(raw, rewrite_html=mode == "always" or (mode == "person" and actor.by_person))
    fields.pop("conferenceData", None)
    return {key: value for key, value in fields.items() if not key.startswith("_")}


def _visible(fields: Fields) -> Fields:
    return {key: value for key, value in fields.items() if not key.startswith("_")}


def _instants(ctx: Context, calendar: Calendar, fields: Fields) -> tuple[int, int]:
    return times.instants(fields, calendar.time_zone, zero_length=ctx.settings.zero_length)


def _timing(event: Event) -> tuple[object, ...]:
    return event.start_us, event.fields["start"].get("timeZone"), tuple(event.fields.get("recurrence", ()))


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


def _status(body: Fields, present: str) -> str:
    status = body.get("status") or present
    if status not in {"confirmed", "tentative", "cancelled"}:
        raise ApiError(400, "invalid", "Invalid value for: status")
    return str(status)
