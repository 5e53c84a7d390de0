"""Canonical values as Google's JSON: the body of an insert, or of a patch that touches no more. See `event_body`.

A patch merges objects, replaces arrays and deletes what is null. So what is cleared is sent as null, only `attendees`
as a list, and a change between all-day and timed nulls the other kind's keys in both ends.
Source: https://developers.google.com/workspace/calendar/api/v3/reference/events/patch
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from zoneinfo import ZoneInfo

from shared.google.events import Event, Guest
from shared.sync.checks import MAX_GUESTS
from shared.sync.crm_fields import Rendering
from shared.sync.description import render
from shared.sync.fields import FIELDS, Value
from shared.sync.google_fields import has_guests, is_apart
from shared.sync.title import checked
from shared.sync.zoned import zone_of


def event_body(
    values: Mapping[str, Value],
    send: AbstractSet[str],
    rendering: Rendering,
    *,
    create: bool = False,
    responses: Mapping[str, str] | None = None,
    meet_request_id: str | None = None,
    event: Event | None = None,
) -> dict[str, object]:
    """Google's JSON for the fields in `send`, without id and marker.

    Args:
        values: The value that every field shall have on the event, also of those not sent: title and description are
            written whole from two fields each. A missing one has its default.
        create: An insert: what is empty or Google's default is left out. Otherwise a patch.
        responses: Known answers by address; they go back with the guests, or Google would reset them.
        meet_request_id: One stable id per task for its Meet; without it none is asked for.
        event: The event as last read; its rooms, organizer and own entry are kept when guests are sent, and the guests
            beyond those that a task holds. A patch of `attendees` without it drops them.
    """
    all_values = {name: values.get(name, spec.default) for name, spec in FIELDS.items()}
    body: dict[str, object] = {}
    if send & {"title", "done"}:
        title = _text(all_values["title"])
        body["summary"] = checked(title) if all_values["done"] == "check" else title
    if "time" in send or ("recurrence" in send and _is_timed(all_values["time"])):
        body |= _ends(all_values["time"], rendering, patch=not create)
    if "location" in send:
        body["location"] = all_values["location"]
    if send & {"description", "details"}:
        guests = rendering.has_guests or bool(all_values["attendees"] or responses) or (event and has_guests(event))
        details = _details(all_values["details"], guests=bool(guests))
        body["description"] = render(_text(all_values["description"]), details, rendering.settings.description_format)
    if "private" in send:
        body["visibility"] = "private" if all_values["private"] else "default"
    if "busy" in send:
        body["transparency"] = "opaque" if all_values["busy"] else "transparent"
    if "reminders" in send:
        body["reminders"] = _reminders(all_values["reminders"], patch=not create)
    if "attendees" in send:
        body["attendees"] = _attendees(all_values["attendees"], responses or {}, event, rendering.account)
    if "recurrence" in send:
        body["recurrence"] = all_values["recurrence"]
    if "color" in send:
        body["colorId"] = all_values["color"]
    if "url" in send:
        body["source"] = {"title": "CRM", "url": all_values["url"]} if all_values["url"] else None
    if "conference" in send:
        body |= _conference(all_values["conference"], meet_request_id)
    return {key: value for key, value in body.items() if value not in _LEFT_OUT.get(key, _EMPTY)} if create else body


_EMPTY: tuple[object, ...] = (None, [])
_LEFT_OUT: dict[str, tuple[object, ...]] = {
    "visibility": ("default",),
    "transparency": ("opaque",),
    "reminders": ({"useDefault": True},),
}


def _text(value: Value) -> str | None:
    return value if isinstance(value, str) else None


def _is_timed(time: Value) -> bool:
    return isinstance(time, dict) and "T" in str(time["start"])


def _details(details: Value, *, guests: bool) -> Value:
    """What was generated for an event without guests is not shown to guests, whatever the caller knew."""
    return None if guests and isinstance(details, dict) and details.get("internal") else details


def _ends(time: Value, rendering: Rendering, *, patch: bool) -> dict[str, object]:
    if not isinstance(time, dict):
        return {}
    zone = zone_of(str(time.get("zone") or "")) or rendering.zone
    ends: dict[str, object] = {}
    for key in ("start", "end"):
        end: dict[str, object]
        if _is_timed(time):
            end, other = {"dateTime": _local(str(time[key]), zone), "timeZone": zone.key}, {"date": None}
        else:
            end, other = {"date": time[key]}, {"dateTime": None, "timeZone": None}
        ends[key] = end | other if patch else end
    return ends


def _local(instant: str, zone: ZoneInfo) -> str:
    return datetime.fromisoformat(instant).astimezone(zone).isoformat(timespec="seconds")


def _reminders(reminders: Value, *, patch: bool) -> dict[str, object]:
    """Overrides are nulled beside the calendar's own, since a patch would keep them and Google refuses both.

    Source: https://developers.google.com/workspace/calendar/api/concepts/reminders
    """
    if reminders is None:
        return {"useDefault": True, "overrides": None} if patch else {"useDefault": True}
    return {"useDefault": False, "overrides": reminders}


def _attendees(
    attendees: Value, responses: Mapping[str, str], event: Event | None, account: str | None
) -> list[dict[str, object]]:
    known = {guest.email.lower(): guest for guest in event.guests} if event else {}
    answers = {email.lower(): answer for email, answer in responses.items()}
    answers |= {email: guest.response for email, guest in known.items()}
    apart = {(account or "").lower()}
    kept = [guest for email, guest in known.items() if email in apart or is_apart(guest)]
    listed = [_kept(guest) for guest in kept]
    own = {guest.email.lower() for guest in kept}
    shown = MAX_GUESTS
    for attendee in attendees if isinstance(attendees, list) else []:
        if not isinstance(attendee, dict) or attendee["email"] in own:
            shown -= 1
            continue
        email = str(attendee["email"])
        entry: dict[str, object] = {"email": email}
        if attendee["name"]:
            entry["displayName"] = attendee["name"]
        if email in answers:
            entry["responseStatus"] = answers[email]
        if email in known and known[email].optional:
            entry["optional"] = True
        listed.append(entry)
    guests = [guest for email, guest in sorted(known.items()) if email not in own]
    return listed + [_kept(guest) for guest in _unseen(guests, listed, shown)]


def _unseen(guests: Sequence[Guest], listed: Sequence[Mapping[str, object]], shown: int) -> list[Guest]:
    """The guests beyond those that a task holds: the CRM never saw them, so it cannot have left them out."""
    named = {str(entry["email"]).lower() for entry in listed}
    return [guest for guest in guests[shown:] if guest.email.lower() not in named]


def _kept(guest: Guest) -> dict[str, object]:
    entry: dict[str, object] = {"email": guest.email, "responseStatus": guest.response}
    if guest.name:
        entry["displayName"] = guest.name
    if guest.optional:
        entry["optional"] = True
    if guest.resource:
        entry["resource"] = True
    return entry


def _conference(conference: Value, request_id: str | None) -> dict[str, object]:
    """One request id per task: Google ignores a repeated one, so a repeated write makes no second Meet.

    Source: https://developers.google.com/workspace/calendar/api/guides/create-events#conferencing
    """
    if conference is None:
        return {"conferenceData": None}
    if request_id is None:
        return {}
    solution = {"type": "hangoutsMeet"}
    return {"conferenceData": {"createRequest": {"requestId": request_id, "conferenceSolutionKey": solution}}}
