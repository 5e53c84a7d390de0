"""One meeting, several calendars: copies for guests, their answers back, and the mails. Start at `spread`.

A guest's copy has the organizer's id where it is free, the same iCalUID, its own etag, and its own private parts.
Source: https://developers.google.com/workspace/calendar/api/concepts/inviting-attendees-to-events
"""

import msgspec

from infra.simulator import ledger
from infra.simulator.context import Actor, Context
from infra.simulator.fields import PRIVATE
from infra.simulator.model import Calendar, Event, Fields
from infra.simulator.recurrence import family_of

_replace = msgspec.structs.replace


def shared_part(fields: Fields) -> Fields:
    """Give what all copies have in common."""
    part = {key: value for key, value in fields.items() if key not in PRIVATE}
    properties = part.pop("extendedProperties", None)
    if properties and "shared" in properties:
        part["extendedProperties"] = {"shared": properties["shared"]}
    return part


def private_part(fields: Fields) -> Fields:
    """Give what belongs to one copy only."""
    part = {key: value for key, value in fields.items() if key in PRIVATE}
    properties = fields.get("extendedProperties")
    if properties and "private" in properties:
        part["extendedProperties"] = {"private": properties["private"]}
    return part


def joined(shared: Fields, private: Fields) -> Fields:
    """Put a copy together."""
    whole = shared | private
    properties = shared.get("extendedProperties", {}) | private.get("extendedProperties", {})
    if properties:
        whole["extendedProperties"] = properties
    return whole


def spread(ctx: Context, calendar: Calendar, old: Event | None, new: Event, actor: Actor) -> None:
    """Bring the guests' copies in step with the organizer's event, and write the mails this causes."""
    before = _emails(old) if old is not None and old.status != "cancelled" else set()
    after = _emails(new) if new.status != "cancelled" else set()
    shared = shared_part(new.fields)
    unchanged = old is not None and old.status == new.status and shared_part(old.fields) == shared
    for email in sorted((before | after) - {calendar.id}):
        if unchanged:
            continue
        guest_calendar = ctx.world.calendars.get(email)
        if guest_calendar is not None and guest_calendar.primary:
            _copy(ctx, guest_calendar, new, shared, invited=email in after)
        kind = "cancellation" if email not in after else "update" if email in before else "invitation"
        _mail(ctx, calendar, new, email, kind, actor)


def _copy(ctx: Context, calendar: Calendar, event: Event, shared: Fields, *, invited: bool) -> None:
    present = copy_of(ctx, calendar, event)
    if not invited:
        _withdraw(ctx, calendar, event, present, shared)
        return
    if present is None:
        event_id = event.id if event.id not in calendar.events else ctx.new_id()
        ledger.put(ctx, calendar, _replace(event, id=event_id, fields=shared))
        return
    declined = answer_in(event, calendar.id) == "declined"
    if present.purged or (present.status == "cancelled" and declined):
        return
    ledger.put(
        ctx,
        calendar,
        _replace(
            present,
            fields=joined(shared, private_part(present.fields)),
            status=event.status,
            start_us=event.start_us,
            end_us=event.end_us,
            original_start=event.original_start,  # one that ended with the guest's series is a date of it again
        ),
    )


def _withdraw(ctx: Context, calendar: Calendar, event: Event, present: Event | None, shared: Fields) -> None:
    """Cancel a copy; an occurrence of a series the guest has is cancelled even if no exception was stored."""
    if present is None:
        root = ctx.world.meetings.get(event.ical_uid, {}).get(calendar.id)
        if event.parent is not None and root in calendar.events:
            ledger.put(ctx, calendar, _replace(event, fields=shared, status="cancelled"))
    elif present.status != "cancelled":
        ledger.put(ctx, calendar, _replace(present, status="cancelled"))
        if "recurrence" in present.fields:
            ledger.end_series(ctx, calendar, present.id)


def copy_of(ctx: Context, calendar: Calendar, event: Event) -> Event | None:
    """Find the same meeting, or the same instance of it, in another calendar."""
    root = ctx.world.meetings.get(event.ical_uid, {}).get(calendar.id)
    if root is None:
        return None
    if event.parent is None:
        return calendar.events.get(root)
    return calendar.events.get(family_of(root) + event.id.removeprefix(family_of(event.parent)))


def organizer_copy(ctx: Context, event: Event) -> tuple[Calendar, Event] | None:
    """Find the organizer's event of a guest's copy, when the organizer is in this world."""
    calendar = ctx.world.calendars.get(event.organizer)
    if calendar is None:
        return None
    found = copy_of(ctx, calendar, event)
    return (calendar, found) if found is not None else None


def answered(ctx: Context, event: Event, guest: Fields, actor: Actor) -> None:
    """Carry a guest's answer to the organizer's event and to every other copy."""
    found = organizer_copy(ctx, event)
    if found is None:
        return
    calendar, theirs = found
    attendees = [guest if entry["email"] == guest["email"] else entry for entry in theirs.fields.get("attendees", [])]
    if attendees == theirs.fields.get("attendees"):
        return
    stored = ledger.put(ctx, calendar, _replace(theirs, fields=theirs.fields | {"attendees": attendees}))
    for email in sorted(_emails(stored) - {calendar.id, guest["email"]}):
        other = ctx.world.calendars.get(email)
        if other is not None and other.primary:
            _copy(ctx, other, stored, shared_part(stored.fields), invited=True)
    if actor.send_updates != "none":
        ctx.send_mail(
            to=calendar.owner,
            kind="response",
            calendar=calendar,
            event_id=stored.id,
            summary=stored.fields.get("summary", ""),
            because=actor.because,
        )


def answer_in(event: Event, email: str) -> str | None:
    """Give a guest's answer as the event has it."""
    for entry in event.fields.get("attendees", ()):
        if entry["email"] == email:
            return str(entry["responseStatus"])
    return None


def tell(ctx: Context, calendar: Calendar, event: Event, actor: Actor, *, kind: str) -> None:
    """Mail every guest but the organizer, as far as the actor asked."""
    for email in sorted(_emails(event) - {calendar.id}):
        _mail(ctx, calendar, event, email, kind, actor)


def _emails(event: Event) -> set[str]:
    return {entry["email"] for entry in event.fields.get("attendees", ())}


def _mail(ctx: Context, calendar: Calendar, event: Event, to: str, kind: str, actor: Actor) -> None:
    if actor.send_updates == "none" or (actor.send_updates == "externalOnly" and to in ctx.world.accounts):
        return
    ctx.send_mail(
        to=to,
        kind=kind,
        calendar=calendar,
        event_id=event.id,
        summary=event.fields.get("summary", ""),
        because=actor.because,
    )
