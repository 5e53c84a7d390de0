"""The weather clears: what is under way ends or dies, Google answers again, and everybody is connected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from infra.simulator.settings import Notifications
from tests.simulation import acts_of_owners as owners
from tests.simulation import acts_of_sharing as sharing
from tests.simulation import answering

if TYPE_CHECKING:
    from tests.simulation.chance import Chance

DECISIONS = 4


def clear(world: Chance) -> None:
    """Nothing is under way, nothing fails, what the brake held was decided, and what was out of reach is not."""
    google = world.sim.google
    for number, job in enumerate(world.jobs):
        if number % 2:
            job.die()
        else:
            job.finish()
    google.clear_faults()
    google.settings = replace(google.settings, notifications=Notifications(), conference="success", conference_reads=1)
    google.finish_meets()
    world.sim.receiver.moods = []
    for _ in range(DECISIONS):
        owners.all_at_work(world)
        world.sim.runner.settle(orphans=world.orphans)
        given_back = sharing.all_given_back(world)
        answered = answering.answered(world)
        if answered or given_back:
            world.sim.runner.settle(orphans=world.orphans)
        decided = owners.all_decided(world)
        if not (decided or answered or given_back):  # what was done may show what else is to do
            return
    world.sim.runner.settle(orphans=world.orphans)
