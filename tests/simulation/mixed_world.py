"""A world of series in which people are invited, series change calendars, and connections pause, end and come back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.simulation import acts_of_crm as crm
from tests.simulation import acts_of_owners as owners
from tests.simulation import acts_of_people as people
from tests.simulation.series_world import SeriesChance
from tests.simulation.sim import ANNA

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from tests.simulation.chance import Chance


class MixedChance(SeriesChance):
    """The world of one seed."""


def google_moves_series(world: Chance, rng: Random) -> str | None:
    """Anna gives a whole series to her other calendar."""
    found = world.living(rng)
    if found is None or found[0] != ANNA:
        return None
    _, place, event = found
    target = world.second if place == ANNA else ANNA
    master = str(event.get("recurringEventId", event["id"]))
    world.people[ANNA].move_to_calendar(master, target, calendar=place)
    world.ledger.moved(master)
    return f"{master[:6]} to {target}"


OF_PEOPLE_AND_PLACES: dict[str, tuple[float, Callable[[Chance, Random], str | None]]] = {
    "crm_moves": (2, crm.moves),
    "crm_reassigns": (1, crm.reassigns),
    "crm_invites": (2, crm.invites),
    "crm_settles": (2, crm.settles),
    "google_answers": (2, people.answers),
    "google_moves_series": (2, google_moves_series),
    "pauses": (1, owners.pauses),
    "resumes": (2, owners.resumes),
    "revokes": (0.5, owners.revokes),
    "reconnects": (1, owners.reconnects),
    "connects_anew": (1, owners.connects_anew),
    "disconnects": (0.6, owners.disconnects),
}
"""What happens beside the series' own life, and how often."""

MixedChance.actions = {**SeriesChance.actions, **OF_PEOPLE_AND_PLACES}
