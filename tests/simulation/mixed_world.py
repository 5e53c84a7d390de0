"""A world of series in which people are invited, series change calendars, and connections pause, end and come back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.simulation import acts_of_conflicts as conflicts
from tests.simulation import acts_of_crm as crm
from tests.simulation import acts_of_owners as owners
from tests.simulation import acts_of_people as people
from tests.simulation.series_rules import DAY, RULES, ZONE
from tests.simulation.series_world import SeriesChance
from tests.simulation.sim import ANNA, BEN

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


def google_invites_to_series(world: Chance, rng: Random) -> str:
    """A person makes a series with the other."""
    account, guest = rng.choice(((ANNA, BEN), (BEN, ANNA)))
    start = f"{DAY.format(rng.randint(2, 20))}T15:00:00"
    slots: list[Any] = [{"dateTime": start.replace("T15", f"T{hour}"), "timeZone": ZONE} for hour in (15, 16)]
    rule, title = [f"RRULE:{rng.choice(RULES)}"], world.value("g")
    made = world.people[account].create(title, *slots, recurrence=rule, attendees=[{"email": guest}])
    world.ledger.by_google(made, {"title": title})
    return f"{made['id'][:6]} by {account}"


def google_invites_to_one(world: Chance, rng: Random) -> str | None:
    """A person asks somebody to one occurrence, or nobody any more."""
    found = [
        (account, place, event)
        for account, place in world.places
        if place in {ANNA, BEN}
        for event in world.people[account].events(calendar=place)
        if "recurringEventId" in event and event["organizer"]["email"] == place
    ]
    if not found:
        return None
    account, place, event = rng.choice(found)
    guests = rng.choice(([{"email": BEN if account == ANNA else ANNA}], [{"email": "zoe@elsewhere.example"}], []))
    world.people[account].edit(event["id"], calendar=place, attendees=guests)
    return f"{event['id']} {guests}"


OF_PEOPLE_AND_PLACES: dict[str, tuple[float, Callable[[Chance, Random], str | None]]] = {
    "crm_moves": (2, crm.moves),
    "crm_reassigns": (1, crm.reassigns),
    "crm_invites": (2, crm.invites),
    "crm_settles": (2, conflicts.settles),
    "google_answers": (2, people.answers),
    "google_invites_to_series": (1, google_invites_to_series),
    "google_invites_to_one": (1, google_invites_to_one),
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
