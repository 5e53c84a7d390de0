"""Making events: insert and import. Start at `insert`.

Access was checked before.
Source: https://developers.google.com/workspace/calendar/api/v3/reference/events/insert
"""

import msgspec

from infra.simulator import conference, guests, ledger, times
from infra.simulator.context import Actor, Context
from infra.simulator.fields import check_id, cleaned
from infra.simulator.model import Calendar, Event, Fields
from infra.simulator.rules import in_googles_order
from infra.simulator.wire import ApiError

_replace = msgspec.structs.replace


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
    if any("FREQ=HOURLY" in line for line in body.get("recurrence") or ()):
        raise ApiError(500, "backendError", "Backend Error")
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
    fields = kept_fields(ctx, body, actor)
    fields.setdefault("_sequence", body.get("sequence") or 0)
    fields |= conference.applied(ctx, {}, body, actor)
    start_us, end_us = kept_instants(ctx, calendar, fields)
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
        status=kept_status(body, "confirmed"),
    )


def kept_fields(ctx: Context, raw: Fields, actor: Actor) -> Fields:
    """Give what an event keeps of a body, without conference and internal keys."""
    mode = ctx.settings.rewriting
    fields = cleaned(raw, rewrite_html=mode == "always" or (mode == "person" and actor.by_person))
    fields.pop("conferenceData", None)
    if "recurrence" in fields and ctx.settings.rule_order == "google":
        fields["recurrence"] = [in_googles_order(line) for line in fields["recurrence"]]
    return {key: value for key, value in fields.items() if not key.startswith("_")}


def kept_instants(ctx: Context, calendar: Calendar, fields: Fields) -> tuple[int, int]:
    """Read start and end as instants."""
    return times.instants(fields, calendar.time_zone, zero_length=ctx.settings.zero_length)


def kept_status(body: Fields, present: str) -> str:
    """Read the status a body asks for, or keep the present one."""
    status = body.get("status") or present
    if status not in {"confirmed", "tentative", "cancelled"}:
        raise ApiError(400, "invalid", "Invalid value for: status")
    return str(status)
