"""A tiny Google for the mapping's tests: keeps an event's JSON, merges patches into it, and reads it as an `Event`.

Written from Google's documents and nothing of the product, so that both cannot share a mistake.
"""

import unicodedata
from datetime import UTC, date, datetime
from typing import Any

from msgspec.structs import replace

from shared.google.events import Event, Guest, Reminders
from shared.model.ids import EventId
from shared.model.times import AllDay, Timed

Json = dict[str, Any]


def merged(old: Json, patch: Json) -> Json:
    """Objects merge, arrays are replaced, null deletes."""
    result = dict(old)
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict):
            below = result.get(key)
            result[key] = merged(below if isinstance(below, dict) else {}, value)
        else:
            result[key] = value
    return result


def kept(body: Json) -> Json:
    """What Google keeps of an event: refuses what contradicts itself, trims and composes its text."""
    for key in ("start", "end"):
        assert ("date" in body[key]) != ("dateTime" in body[key]), "Invalid start time."
        assert "date" in body[key] or "timeZone" in body[key]
        assert "dateTime" in body[key] or "timeZone" not in body[key]
    assert ("date" in body["start"]) == ("date" in body["end"])
    reminders = body.get("reminders", {})
    assert not (reminders.get("useDefault") and reminders.get("overrides")), (
        "cannotUseDefaultRemindersAndSpecifyOverride"
    )
    assert "" not in {body.get("summary"), body.get("location"), body.get("description")}
    assert body.get("colorId") in {None, *map(str, range(1, 12))}
    text = {key: unicodedata.normalize("NFC", body[key]).strip() for key in ("summary", "description") if key in body}
    return body | text


def inserted(body: Json) -> Json:
    """A new event's JSON; a client sends no nulls there."""
    assert None not in body.values()
    return kept(merged({}, body))


def patched(event: Json, body: Json) -> Json:
    return kept(merged(event, body))


def event_of(body: Json, **said: object) -> Event:
    """The event as this copy's owner reads it; `said` overrides single attributes."""
    start, end = body["start"], body["end"]
    reminders = body.get("reminders", {"useDefault": True})
    conference = "conferenceData" in body
    read: Json = {
        "id": EventId("abcde"),
        "etag": '"1"',
        "summary": body.get("summary"),
        "description": body.get("description"),
        "location": body.get("location"),
        "when": _when(start, end),
        "raw_start": start.get("dateTime") or start["date"],
        "raw_end": end.get("dateTime") or end["date"],
        "visibility": body.get("visibility", "default"),
        "transparency": body.get("transparency", "opaque"),
        "color_id": body.get("colorId"),
        "reminders": Reminders(
            use_default=reminders["useDefault"],
            overrides=tuple((each["method"], each["minutes"]) for each in reminders.get("overrides", [])),
        ),
        "guests": tuple(
            Guest(
                email=each["email"],
                name=each.get("displayName"),
                response=each.get("responseStatus", "needsAction"),
                optional=each.get("optional", False),
                resource=each.get("resource", False),
            )
            for each in body.get("attendees", [])
        ),
        "recurrence": tuple(body.get("recurrence", [])),
        "source_url": body.get("source", {}).get("url"),
        "meet": "pending" if conference else "none",
    }
    return replace(Event(**read), **said)


def _when(start: Json, end: Json) -> AllDay | Timed:
    if "date" in start:
        return AllDay(start=date.fromisoformat(start["date"]), end=date.fromisoformat(end["date"]))
    first, last = (datetime.fromisoformat(each["dateTime"]).astimezone(UTC) for each in (start, end))
    return Timed(start=first, end=last, zone=start["timeZone"])
