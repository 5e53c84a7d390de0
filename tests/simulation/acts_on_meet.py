"""What may happen to conferences in a world of chance.

A Meet is asked for, taken off, made at once, late or not at all; Zoom's add-on puts its own conference there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from tests.simulation.acts_of_crm import put

if TYPE_CHECKING:
    from random import Random

    from tests.simulation.chance import Chance


def crm_asks(world: Chance, rng: Random) -> str | None:
    """The CRM wants a Meet for a task, or none any more."""
    site = world.site(rng)
    task = world.known(site, rng)
    if task is None:
        return None
    return put(world, site, task, {"conference": rng.choice(("google_meet", "google_meet", None))}, rng)


def person_changes(world: Chance, rng: Random) -> str | None:
    """A person adds a Meet or Zoom to an event, or takes off what is there."""
    found = world.living(rng)
    if found is None:
        return None
    account, place, event = found
    person = world.people[account]
    match rng.choice(("meet", "zoom", "none") if "conferenceData" in event else ("meet", "meet", "zoom")):
        case "meet":
            person.add_meet(event["id"], calendar=place)
            return f"{event['id'][:6]} with a Meet"
        case "zoom":
            person.add_zoom(event["id"], link=f"https://zoom.example/j/{world.ledger.now}", calendar=place)
            return f"{event['id'][:6]} with Zoom"
    person.remove_meet(event["id"], calendar=place)
    return f"{event['id'][:6]} without a conference"


def google_makes_them(world: Chance, rng: Random) -> str:
    """Google makes Meets in another way from now on."""
    google = world.sim.google
    how, reads = rng.choice(("success", "pending", "failure", "invalid")), rng.choice((1, 2, 9))
    google.settings = replace(google.settings, conference=how, conference_reads=reads)
    return f"{how} after {reads}"
