"""A task's Google Meet: under which id it is asked for, what became of it, and what is told of that. Pure.

Google makes one conference for an id, however often it is asked with it, and none for an id whose conference is gone.
Source: https://developers.google.com/workspace/calendar/api/guides/create-events#conferencing
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec.structs import replace

from shared.model.ids import digest_of
from shared.model.task import Meet
from shared.sync.told import Told

if TYPE_CHECKING:
    from shared.google.events import Event

REFUSED = "meet_refused"
REFUSED_DETAIL = (
    "Google made no Meet for this event; the event itself stands. Let the account's administrator allow Meet, or send "
    "another link as zoom_url or location. To ask again, send conference null, and then google_meet"
)
OTHER = "other_conference"
OTHER_DETAIL = (
    "The event has a conference that a person put there by another maker's add-on, and keeps it: an event has one. To "
    "have a Meet instead, take that one off in Google; then send conference null, and then google_meet"
)
READS, FIRST_READ_S = 6, 4.0
"""How often a pending Meet is read again, each time after twice as long; then pulls show it."""

_STATES: dict[str, Literal["pending", "ready", "refused", "other"]] = {
    "pending": "pending",
    "ready": "ready",
    "refused": "refused",
    "other": "other",
}


def request_for(known: Meet | None, first: str) -> str | None:
    """The id to ask for a Meet with: one as long as nothing has come of it, another once a Meet is over.

    Args:
        first: The id of this event's first Meet.

    Returns:
        None when a person's own Meet is there: it serves; or another maker's conference, which stays.
    """
    if known is None:
        return first
    if known.state in {"refused", "removed"}:
        return digest_of("meet again", known.request_id or first)
    return None if is_anothers(known) else known.request_id or None


def is_anothers(known: Meet | None) -> bool:
    """Another maker's conference stands in the event: it is neither replaced by a Meet nor taken off."""
    return known is not None and known.state == "other"


def why_none(known: Meet | None) -> tuple[str, str] | None:
    """Code and detail for a CRM that wants a Meet and never got one; None: it has it, or a person took it off."""
    match known:
        case Meet(state="refused"):
            return REFUSED, REFUSED_DETAIL
        case Meet(state="other", request_id=""):
            return OTHER, OTHER_DETAIL
    return None


def told_of_anothers(known: Meet | None, wanted: str | None) -> tuple[Told, ...]:
    """What the CRM hears when it asks for a Meet that is not asked of Google."""
    if wanted is None or not is_anothers(known):
        return ()
    return (Told(kind="task.error", origin="tandem", action="left another conference in place", detail=OTHER_DETAIL),)


def meet_after(known: Meet | None, event: Event) -> Meet | None:
    """The Meet as the event shows it now; one that was there, or on its way, and is not was removed by a person."""
    if known is None:
        return None if event.meet == "none" else Meet(request_id="", state=_STATES[event.meet], url=event.meet_url)
    if event.meet == "none":
        return replace(known, state="removed", url=None) if known.state in {"ready", "pending", "other"} else known
    return replace(known, state=_STATES[event.meet], url=event.meet_url)


def meet_told(before: Meet | None, after: Meet | None) -> Told | None:
    """What the CRM hears of a Meet that is there now, is gone, or was refused."""
    if after is None or (before is not None and (before.state, before.url) == (after.state, after.url)):
        return None
    if after.state == "refused":
        return Told(kind="task.error", origin="tandem", action="Google refused a Meet", detail=REFUSED_DETAIL)
    if after.url == (before.url if before else None):
        return None
    action = "Google made a Meet" if after.url else "the Meet was removed"
    return Told(kind="task.linked", origin="tandem", action=action)


def next_read_s(meet: Meet | None) -> float | None:
    """Seconds until a pending Meet is read again; None: it is not pending, or was read often enough."""
    if meet is None or meet.state != "pending" or meet.reads >= READS:
        return None
    return float(FIRST_READ_S * 2**meet.reads)
