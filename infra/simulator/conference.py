"""The conference of an event: a Meet, made on request, perhaps later, perhaps not; or one that a person's add-on made.

Start at `applied`. An event has one conference: the next one takes its place.

`fields["_conference"]` holds what answers show: `conferenceData` and, once it exists, `hangoutLink`.
Source: https://developers.google.com/workspace/calendar/api/guides/create-events#conferencing
"""

import string

from infra.simulator.context import Actor, Context
from infra.simulator.model import Fields
from infra.simulator.wire import ApiError, JsonObject

_SOLUTION = {"key": {"type": "hangoutsMeet"}, "name": "Google Meet", "iconUri": "https://fonts.gstatic.com/s/i/meet"}


def applied(ctx: Context, old: Fields, body: Fields, actor: Actor) -> Fields:
    """Give `{"_conference": …}` as it is after a write, or {} for none.

    Without `conferenceDataVersion=1` conference data in the body is ignored. A request id seen before does nothing.
    """
    kept: Fields = {"_conference": old["_conference"]} if "_conference" in old else {}
    if actor.conference_version < 1 or "conferenceData" not in body:
        return kept
    data = body["conferenceData"]
    if data is None:
        return {}
    if actor.by_person and data.get("conferenceSolution", {}).get("key", {}).get("type") == "addOn":
        return {"_conference": {"conferenceData": data}}
    request = data.get("createRequest")
    if not request or "conferenceId" in data:
        return kept
    request_id = request.get("requestId")
    if not request_id:
        raise ApiError(400, "invalid", "Invalid conference create request: requestId is missing.")
    before = kept.get("_conference", {}).get("conferenceData", {}).get("createRequest", {})
    if before.get("requestId") == request_id:
        return kept
    asked = {"requestId": request_id, "conferenceSolutionKey": {"type": "hangoutsMeet"}}
    outcome = ctx.settings.conference
    if outcome == "invalid":  # seen where a calendar's `allowedConferenceSolutionTypes` has no Meet
        raise ApiError(400, "invalid", "Invalid conference type value.")
    if outcome == "success":
        return {"_conference": _ready(ctx, asked)}
    return {"_conference": {"conferenceData": {"createRequest": asked | {"status": {"statusCode": outcome}}}}}


def pending(fields: Fields) -> bool:
    """Tell whether the conference is still being made."""
    data = fields.get("_conference", {}).get("conferenceData", {})
    return bool(data.get("createRequest", {}).get("status", {}).get("statusCode") == "pending")


def by_add_on(name: str, link: str) -> JsonObject:
    """Give the conference data that an add-on of another maker (Zoom) puts on an event."""
    return {
        "conferenceSolution": {"key": {"type": "addOn"}, "name": name, "iconUri": "https://zoom.example/icon.png"},
        "conferenceId": link.rpartition("/")[2],
        "entryPoints": [{"entryPointType": "video", "uri": link, "label": link.removeprefix("https://")}],
    }


def finished(ctx: Context, fields: Fields) -> Fields:
    """Give the fields with the pending conference made."""
    request = fields["_conference"]["conferenceData"]["createRequest"]
    return fields | {"_conference": _ready(ctx, {key: request[key] for key in ("requestId", "conferenceSolutionKey")})}


def _ready(ctx: Context, asked: JsonObject) -> JsonObject:
    code = "-".join("".join(ctx.rng.choices(string.ascii_lowercase, k=count)) for count in (3, 4, 3))
    link = f"https://meet.google.com/{code}"
    return {
        "hangoutLink": link,
        "conferenceData": {
            "createRequest": asked | {"status": {"statusCode": "success"}},
            "entryPoints": [{"entryPointType": "video", "uri": link, "label": link.removeprefix("https://")}],
            "conferenceSolution": _SOLUTION,
            "conferenceId": code,
        },
    }
