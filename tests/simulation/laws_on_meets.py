"""What must hold of conferences in a world of chance: each Meet is told, none is doubled, another maker's stays."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.simulator.state import Google
    from tests.simulation.sim import Sim


def every_meet_is_told(sim: Sim) -> Iterator[str]:
    """The CRM has the address of the Meet that a task's event shows, none of one that is gone, and waits for none."""
    for tenant, task in sim.held():
        event = sim.event(task.id, tenant) if task.sync.state in {"synced", "conflict"} else None
        if event is None:
            continue
        meet = task.sync.meet
        told = meet.url if meet else None
        if told != event.get("hangoutLink"):
            yield f"{task.id} tells the Meet {told}, its event has {event.get('hangoutLink')}"
        if meet is not None and meet.state == "pending":
            yield f"{task.id} waits for its Meet for ever"


def no_conference_was_replaced(sim: Sim) -> Iterator[str]:
    """A write of ours took off no conference but a Meet, and put none in the place of one."""
    yield from sim.client.replaced


def conference_at(google: Google, path: str) -> str | None:
    """The address of the conference on the event that a request names."""
    calendar, _, event = path.partition("/calendars/")[2].partition("/events/")
    home = google.ctx.world.calendars.get(unquote(calendar))
    found = home.events.get(unquote(event)) if home else None
    if found is None or found.status == "cancelled":
        return None
    points = found.fields.get("_conference", {}).get("conferenceData", {}).get("entryPoints", ())
    return next((point["uri"] for point in points), None)


def replaced_between(before: str | None, after: str | None) -> Iterator[str]:
    """What a write did to a conference that stood there; one that is not Meet's may only stay."""
    if before is None or before == after:
        return
    if "meet.google.com" not in before:
        yield f"a write took off {before}, which is another maker's"
    elif after is not None:
        yield f"a write put {after} in the place of {before}"
