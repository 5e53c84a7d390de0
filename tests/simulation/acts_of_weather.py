"""What time, the network and Google may do to a world of chance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.simulator.model import Fault
from tests.simulation.doubles import START

if TYPE_CHECKING:
    from random import Random

    from tests.simulation.chance import Chance

FAULTS = (
    "userRateLimitExceeded",
    "rateLimitExceeded429",
    "quotaExceeded",
    "backendError500",
    "backendError503",
    "authError",
    "cut_before",
    "cut_after",
)
LONGEST_DAYS = 24
"""A change stays in the feed for 30 days, so no CRM is away for longer."""


def time_passes(world: Chance, rng: Random) -> str:
    """Nothing happens for a while."""
    seconds = rng.choice((0.5, 3.0, 3.0, 30.0, 130.0))
    world.sim.clock.advance(seconds)
    return f"{seconds} s"


def time_jumps(world: Chance, rng: Random) -> str | None:
    """Nothing happens for hours or days: tokens, channels and leases end."""
    hours = rng.choice((1, 2, 7, 30, 190))
    if (world.sim.clock.time - START).days * 24 + hours > LONGEST_DAYS * 24:
        return None
    world.sim.clock.advance(hours * 3600.0)
    return f"{hours} h"


def news_arrives(world: Chance, rng: Random) -> str:
    """Google's notifications arrive, or are lost."""
    if rng.random() < 0.3:
        world.sim.google.due_notifications(world.sim.clock.now())
        return "lost"
    world.sim.deliver_notifications(slow_s=rng.choice((0.0, 0.5, 0.9)))
    return "delivered"


def google_fails(world: Chance, rng: Random) -> str:
    """Google will fail once or twice."""
    fault = Fault(effect=rng.choice(FAULTS), count=rng.choice((1, 2)), after=rng.choice((0, 0, 1)))
    world.sim.google.add_fault(fault)
    return fault.effect


def google_is_slow(world: Chance, rng: Random) -> str:
    """Google will take its time, or more than anybody waits for."""
    seconds = rng.choice((1.0, 15.0, 60.0))
    world.sim.google.add_fault(Fault(effect="slow", seconds=seconds, count=rng.choice((1, 3))))
    return f"{seconds} s"


def sync_tokens_expire(world: Chance, rng: Random) -> str:
    """A calendar's sync tokens expire."""
    place = rng.choice(world.places)[1]
    world.sim.google.expire_sync_tokens(place)
    return place


def access_tokens_expire(world: Chance, rng: Random) -> str:
    """Access tokens expire."""
    world.sim.google.expire_access_tokens(rng.choice((*world.people, None)))
    return "done"


def channels_expire(world: Chance, rng: Random) -> str:
    """Google closes some channels before their time."""
    channels = world.sim.google.ctx.world.channels
    ended = [key for key in sorted(channels) if rng.random() < 0.5]
    for key in ended:
        del channels[key]
    return f"{len(ended)} channels"
