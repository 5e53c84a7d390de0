"""An event as Google answers it: key order, defaults left out, times in the asked zone. Start at `rendered`."""

import base64

from infra.simulator import times
from infra.simulator.clock import rfc3339_ms, rfc3339_s
from infra.simulator.context import Context, etag
from infra.simulator.model import Calendar, Event, Fields
from infra.simulator.wire import JsonObject

_PLAIN = ("summary", "description", "location", "colorId")
_LATER = ("transparency", "visibility")
_LAST = (
    "anyoneCanAddSelf",
    "guestsCanInviteOthers",
    "guestsCanModify",
    "guestsCanSeeOtherGuests",
    "source",
    "attachments",
    "workingLocationProperties",
    "outOfOfficeProperties",
    "focusTimeProperties",
    "birthdayProperties",
    "eventLabelId",
)


def rendered(
    ctx: Context,
    calendar: Calendar,
    event: Event,
    *,
    viewer: str,
    time_zone: str | None = None,
    max_attendees: int | None = None,
) -> JsonObject:
    """Write one event in full for somebody who may see it."""
    fields = event.fields
    role = calendar.roles.get(viewer)
    shown: JsonObject = {"kind": "calendar#event", "etag": etag(event.stamp_us), "id": event.id}
    if event.moved_away:
        return shown | {"status": "cancelled"}
    shown["status"] = event.status
    if event.parent is not None and event.status == "cancelled":
        return shown | _origin(ctx, calendar, event, time_zone)
    shown["htmlLink"] = f"{ctx.settings.event_page}?eid={eid(calendar, event)}"
    shown["created"] = rfc3339_s(event.created_us)
    shown["updated"] = rfc3339_ms(event.updated_us)
    hidden = role == "freeBusyReader" or (role == "reader" and fields.get("visibility") in {"private", "confidential"})
    if not hidden:
        shown |= {key: fields[key] for key in _PLAIN if key in fields}
    shown["creator"] = _person(ctx, calendar, event.creator)
    shown["organizer"] = _person(ctx, calendar, event.organizer)
    for key, us in (("start", event.start_us), ("end", event.end_us)):
        shown[key] = times.written(
            fields[key], us, answer_zone=time_zone or calendar.time_zone, calendar_zone=calendar.time_zone
        )
    if "recurrence" in fields:
        shown["recurrence"] = fields["recurrence"]
    shown |= _origin(ctx, calendar, event, time_zone)
    shown |= {key: fields[key] for key in _LATER if key in fields}
    shown["iCalUID"] = event.shown_uid or event.ical_uid
    shown["sequence"] = fields.get("_sequence", 0)
    if hidden:
        return shown | {"visibility": "private", "eventType": fields.get("eventType", "default")}
    if "attendees" in fields:
        shown |= _attendees(calendar, event, max_attendees)
    if "_conference" in fields:
        shown |= fields["_conference"]
    properties = _properties(ctx, calendar, event)
    if properties:
        shown["extendedProperties"] = properties
    shown["reminders"] = fields.get("reminders", {"useDefault": True})
    shown |= {key: fields[key] for key in _LAST if key in fields}
    shown["eventType"] = fields.get("eventType", "default")
    return shown


def tombstone(event: Event) -> JsonObject:
    """Write a deleted event as a delta shows it: only these four are there."""
    return {"kind": "calendar#event", "etag": etag(event.stamp_us), "id": event.id, "status": "cancelled"}


def eid(calendar: Calendar, event: Event) -> str:
    """Name an event as the addresses of Google's own pages do."""
    name = calendar.id.replace("@group.calendar.google.com", "@g").replace("@gmail.com", "@m")
    return base64.b64encode(f"{event.id} {name}".encode()).decode().rstrip("=")


def _origin(ctx: Context, calendar: Calendar, event: Event, time_zone: str | None) -> JsonObject:
    if event.parent is None or event.original_start is None:
        return {}
    if event.parent not in calendar.events and ctx.settings.lone_guests == "unnamed":
        return {}
    slot = event.original_start
    us = times.instant(slot, calendar.time_zone, "original start")
    zone = time_zone or calendar.time_zone
    written = times.written(slot, us, answer_zone=zone, calendar_zone=calendar.time_zone)
    return {"recurringEventId": event.parent, "originalStartTime": written}


def _properties(ctx: Context, calendar: Calendar, event: Event) -> Fields:
    """Give the extended properties an event shows: for an occurrence those of its series too, or only its own."""
    properties: Fields = event.fields.get("extendedProperties", {})
    master = calendar.events.get(event.parent or "")
    if master is None or ctx.settings.instance_properties == "inherited":
        return properties
    theirs = master.fields.get("extendedProperties", {})
    own = {
        kind: {key: value for key, value in pairs.items() if theirs.get(kind, {}).get(key) != value}
        for kind, pairs in properties.items()
    }
    return {kind: pairs for kind, pairs in own.items() if pairs}


def _person(ctx: Context, calendar: Calendar, email: str) -> JsonObject:
    shown: JsonObject = {"email": email}
    named = ctx.world.calendars.get(email)
    if named is not None and not named.primary:
        shown["displayName"] = named.summary
    if email == calendar.id:
        shown["self"] = True
    return shown


def _attendees(calendar: Calendar, event: Event, limit: int | None) -> JsonObject:
    guests = [_attendee(calendar, event, guest) for guest in event.fields["attendees"]]
    if limit is None or len(guests) <= limit:
        return {"attendees": guests}
    own = [guest for guest in guests if guest.get("self")]
    return {"attendees": own[:limit], "attendeesOmitted": True}


def _attendee(calendar: Calendar, event: Event, guest: Fields) -> JsonObject:
    marks: JsonObject = {}
    if guest["email"] == event.organizer:
        marks["organizer"] = True
    if guest["email"] == calendar.id:
        marks["self"] = True
    return {"email": guest["email"], **marks, **guest}
