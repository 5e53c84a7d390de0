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
READS, FIRST_READ_S = 6, 4.0
"""How often a pending Meet is read again, each time after twice as long; then pulls show it."""

_STATES: dict[str, Literal["pending", "ready", "refused"]] = {
    "pending": "pending",
    "ready": "ready",
    "refused": "refused",
}


def request_for(known: Meet | None, first: str) -> str | None:
    """The id to ask for a Meet with: one as long as nothing has come of it, another once a Meet is over.

    Args:
        first: The id of this event's first Meet.

    Returns:
        None when a person's own Meet is there: it serves.
    """
    if known is None:
        return first
    if known.state in {"refused", "removed"}:
        return digest_of("meet again", known.request_id or first)
    return known.request_id or None


def meet_after(known: Meet | None, event: Event) -> Meet | None:
    """The Meet as the event shows it now; one that was there, or on its way, and is not was removed by a person."""
    if known is None:
        return None if event.meet == "none" else Meet(request_id="", state=_STATES[event.meet], url=event.meet_url)
    if event.meet == "none":
        return replace(known, state="removed", url=None) if known.state in {"ready", "pending"} else known
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
