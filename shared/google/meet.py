"""The state of an event's Google Meet; conferences of other makers are none of ours, and stay as they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from shared.google.wire import listing, mapping, word

MeetState: TypeAlias = Literal["none", "pending", "ready", "refused", "other"]


def meet_of(event: Mapping[str, object]) -> tuple[MeetState, str | None]:
    """Google's state of a Meet and its address: it is made some time after it was asked for.

    `other`: another maker's conference stands there. An event has one, so that a Meet would take its place.

    Source: https://developers.google.com/workspace/calendar/api/guides/create-events#conferencing
    """
    conference = mapping(event.get("conferenceData"))
    url = word(event, "hangoutLink") or _video_of(conference)
    request = mapping(conference.get("createRequest"))
    solution = mapping(mapping(conference.get("conferenceSolution")).get("key")) or mapping(
        request.get("conferenceSolutionKey")
    )
    if solution and word(solution, "type") not in {"hangoutsMeet", "eventHangout", "eventNamedHangout"}:
        return "other", None
    if url:
        return "ready", url
    match word(mapping(request.get("status")), "statusCode"):
        case "failure":
            return "refused", None
        case "pending" | "success":  # made, but its address is not shown yet
            return "pending", None
    return "none", None


def _video_of(conference: Mapping[str, object]) -> str | None:
    points = (mapping(item) for item in listing(conference, "entryPoints"))
    return next((word(point, "uri") for point in points if word(point, "entryPointType") == "video"), None)
