"""What a client may put into an event: merged, cleaned, bounded, defaults left out. Start at `cleaned`.

Source: https://developers.google.com/workspace/calendar/api/v3/reference/events
"""

import re

from infra.simulator import times
from infra.simulator.model import Fields
from infra.simulator.rules import check_rules
from infra.simulator.wire import ApiError, JsonObject

READ_ONLY = frozenset(
    {
        "kind",
        "etag",
        "htmlLink",
        "created",
        "updated",
        "creator",
        "organizer",
        "hangoutLink",
        "iCalUID",
        "id",
        "status",
        "sequence",
        "locked",
        "attendeesOmitted",
        "privateCopy",
        "recurringEventId",
        "originalStartTime",
        "endTimeUnspecified",
    }
)
PRIVATE = frozenset({"reminders", "colorId", "transparency"})
DEFAULTS: JsonObject = {
    "transparency": "opaque",
    "visibility": "default",
    "guestsCanInviteOthers": True,
    "guestsCanSeeOtherGuests": True,
    "guestsCanModify": False,
    "anyoneCanAddSelf": False,
}
EVENT_TYPES = frozenset({"default", "outOfOffice", "focusTime", "workingLocation", "birthday", "fromGmail"})
RESPONSES = frozenset({"needsAction", "declined", "tentative", "accepted"})
_EVENT_ID = re.compile(r"[a-v0-9]{5,1024}")
_CHOICES = {
    "transparency": frozenset({"opaque", "transparent"}),
    "visibility": frozenset({"default", "public", "private", "confidential"}),
    "eventType": EVENT_TYPES,
}
MAX_OVERRIDES = 5
MAX_MINUTES = 40_320
MAX_KEY, MAX_VALUE, MAX_PROPERTIES = 44, 1024, 300


def check_id(event_id: str) -> None:
    """Refuse an id outside base32hex, 5 to 1024 characters."""
    if not _EVENT_ID.fullmatch(event_id):
        raise ApiError(400, "invalid", "Invalid resource id value.")


def merged(old: Fields, patch: Fields) -> Fields:
    """Apply a JSON merge patch: objects merge, arrays are replaced, null removes."""
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


def cleaned(raw: Fields, *, rewrite_html: bool) -> Fields:
    """Give the fields that Google keeps of what was sent.

    Raises:
        ApiError: 400 for a value Google refuses.
    """
    fields = {key: value for key, value in raw.items() if key not in READ_ONLY and value is not None and value != ""}
    for key, allowed in _CHOICES.items():
        if key in fields and fields[key] not in allowed:
            raise ApiError(400, "invalid", f"Invalid value for: {key}")
    for key, default in DEFAULTS.items():
        if fields.get(key) == default:
            del fields[key]
    for key in ("start", "end"):
        if isinstance(fields.get(key), dict):
            fields[key] = times.cleaned({name: value for name, value in fields[key].items() if value is not None})
    if fields.get("colorId") not in {None, *map(str, range(1, 12))}:
        raise ApiError(400, "invalid", "Invalid color id.")
    _bound(fields)
    if rewrite_html and "description" in fields:
        fields["description"] = rewritten(fields["description"])
    return fields


def _bound(fields: Fields) -> None:
    if "reminders" in fields:
        fields["reminders"] = _reminders(fields["reminders"])
    if "extendedProperties" in fields:
        properties = _properties(fields["extendedProperties"])
        fields.pop("extendedProperties")
        if properties:
            fields["extendedProperties"] = properties
    if "attendees" in fields:
        guests = _attendees(fields.pop("attendees"))
        if guests:
            fields["attendees"] = guests
    if "recurrence" in fields:
        lines = fields.pop("recurrence")
        if lines:
            check_rules(lines, timed="dateTime" in (fields.get("start") or {}))
            fields["recurrence"] = list(lines)


def _reminders(reminders: Fields) -> Fields:
    overrides = reminders.get("overrides") or []
    if overrides and reminders.get("useDefault"):
        raise ApiError(
            400,
            "cannotUseDefaultRemindersAndSpecifyOverride",
            "Cannot specify both default reminders and overrides at the same time.",
            domain="calendar",
        )
    if len(overrides) > MAX_OVERRIDES:
        raise ApiError(400, "invalid", "The number of reminder overrides must not exceed 5.")
    for override in overrides:
        if override.get("method") not in {"email", "popup"}:
            raise ApiError(400, "invalid", "Invalid reminder method.")
        if not 0 <= override.get("minutes", -1) <= MAX_MINUTES:
            raise ApiError(400, "invalid", "Invalid reminder minutes.")
    if overrides:
        return {"useDefault": False, "overrides": [dict(override) for override in overrides]}
    return {"useDefault": bool(reminders.get("useDefault"))}


def _properties(properties: Fields) -> Fields:
    """Drop keys and cut values that are too long, silently.

    Source: https://developers.google.com/workspace/calendar/api/guides/extended-properties
    """
    kept: Fields = {}
    for kind in ("private", "shared"):
        pairs = {
            key: str(value)[:MAX_VALUE]
            for key, value in (properties.get(kind) or {}).items()
            if len(key) <= MAX_KEY and value is not None
        }
        if pairs:
            kept[kind] = pairs
    if sum(map(len, kept.values())) > MAX_PROPERTIES:
        raise ApiError(400, "invalid", "Too many extended properties.")
    return kept


def _attendees(attendees: list[Fields]) -> list[Fields]:
    guests: dict[str, Fields] = {}
    for given in attendees:
        email = str(given.get("email", "")).strip().lower()
        if "@" not in email:
            raise ApiError(400, "invalid", "Invalid attendee email.")
        guest: Fields = {key: value for key, value in given.items() if key not in {"self", "organizer", "id"}}
        guest["email"] = email
        guest.setdefault("responseStatus", "needsAction")
        if guest["responseStatus"] not in RESPONSES:
            raise ApiError(400, "invalid", "Invalid attendee response status.")
        guests[email] = {key: value for key, value in guest.items() if value not in (None, False, "")}
    return list(guests.values())


def rewritten(html: str) -> str:
    """Rewrite a description as Google's editor does: paragraphs become breaks, ends are trimmed."""
    text = re.sub(r"</p>\s*<p[^>]*>", "<br><br>", html, flags=re.IGNORECASE)
    text = re.sub(r"</?p[^>]*>", "", text, flags=re.IGNORECASE)
    text = re.sub(r"<br\s*/?>", "<br>", text, flags=re.IGNORECASE)
    text = re.sub(r"<(/?)strong>", r"<\1b>", text, flags=re.IGNORECASE)
    text = re.sub(r"<(/?)em>", r"<\1i>", text, flags=re.IGNORECASE)
    return text.replace("\r\n", "\n").strip()
