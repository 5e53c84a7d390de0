"""What must hold of guests in a world of chance: a write of ours leaves every answer as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from infra.simulator.state import Google
    from tests.simulation.sim import Sim


def no_answer_was_reset(sim: Sim) -> Iterator[str]:
    """Whoever answered and is still invited has the same answer after each write of Tandem's."""
    yield from sim.client.reset


def answers_at(google: Google, path: str) -> dict[str, str]:
    """Every guest's answer on the event that a request names; none when there is no such event yet."""
    calendar, _, event = path.partition("/calendars/")[2].partition("/events/")
    home = google.ctx.world.calendars.get(unquote(calendar))
    found = home.events.get(unquote(event)) if home else None
    guests = found.fields.get("attendees", ()) if found else ()
    return {guest["email"]: guest["responseStatus"] for guest in guests}


def reset_between(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    """Each answer that is another one now."""
    for guest in sorted(before.keys() & after.keys()):
        if before[guest] != after[guest]:
            yield f"a write made the answer of {guest} {after[guest]}, it was {before[guest]}"
