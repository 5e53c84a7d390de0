"""What becomes of a calendar that two users' tasks may go to: taken away, only to be read, given back."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from shared.usecases.connecting.calendars import watch_calendar
from tests.simulation.sim import ANNA

if TYPE_CHECKING:
    from random import Random

    from tests.simulation.chance import Chance


def loses_a_calendar(world: Chance, rng: Random) -> str:
    """Anna may no longer see her second calendar, or only read it."""
    role = rng.choice((None, "reader"))
    world.sim.google.share(world.second, ANNA, role)
    return f"{world.second} {role}"


def has_it_back(world: Chance, rng: Random) -> str | None:
    """She has all rights again; who suspended the calendar watches it again, some time later."""
    world.sim.google.share(world.second, ANNA, "owner")
    lost = [shelf for shelf in world.sim.watched() if shelf.state == "suspended"]
    if not lost:
        return "given back"
    shelf = rng.choice(lost)
    work = partial(watch_calendar, world.sim.world, shelf.tenant, shelf.connection, shelf.calendar_id)
    return world.call(f"{shelf.connection} watches {shelf.calendar_id} again", work, rng)


def all_given_back(world: Chance) -> bool:
    """No calendar is lost any more; whether one was.

    Her rights are left alone where she has them all: her sync tokens would die of it in a world that is at rest.
    """
    sim = world.sim
    lost = sim.google.ctx.world.calendars[world.second].roles.get(ANNA) != "owner"
    if lost:
        sim.google.share(world.second, ANNA, "owner")
    before = [shelf for shelf in sim.watched() if shelf.state == "suspended" or not shelf.writable]
    for shelf in before:
        alive = any(each.id == shelf.connection for site in world.sites for each in world.connections(site))
        if alive:
            watch_calendar(sim.world, shelf.tenant, shelf.connection, shelf.calendar_id)
    return lost or bool(before)
