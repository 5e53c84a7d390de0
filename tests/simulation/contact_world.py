"""A world of first contact: nobody is connected when it begins, both sides are at work, and nothing goes wrong.

Every step of connecting, the run that follows and the channels' opening stand at each of their calls while both sides
go on. Nothing is swept and nothing pulled by a schedule before the first judgement: what people did must have been
told by notifications and the run's own pulls. See `Chance`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from infra.simulator.settings import Notifications
from tests.simulation import acts_of_crm as crm
from tests.simulation import acts_of_owners as owners
from tests.simulation import acts_of_people as people
from tests.simulation import acts_of_platform as platform
from tests.simulation import acts_of_weather as weather
from tests.simulation import clearing, laws_of_contact
from tests.simulation.chance import Chance
from tests.simulation.stepping import Job

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from shared.model.ids import TenantId

NEWS_S = 60.0
"""Longer than Google's notifications take here."""


def _nothing() -> None:
    """Nobody waits for the end."""


class ContactChance(Chance):
    """The world of one seed: users connect, let go and connect again, and nothing else than that takes its time."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.wide = False
        google = self.sim.google
        google.settings = replace(google.settings, notifications=Notifications(delay_s=1.0, jitter_s=3.0, reorder=0.2))

    def connected(self, tenant: TenantId, user: str, account: str) -> None:
        """Nobody is when this world begins."""

    def call(self, name: str, work: Callable[[], object], rng: Random, *, ended: Callable[[], None] = _nothing) -> str:
        """A call to the API, always one that others interrupt."""

        def over(well: bool) -> None:  # noqa: FBT001 - told by the job
            del well
            ended()

        job = Job(self.sim.stage, name, work, over)
        self.begins(job, rng)
        return f"{name} {job.at}"

    def end(self) -> None:
        """What is under way ends and the news arrives: both sides are in step; then everything else runs too."""
        for job in self.jobs:
            job.finish()
        for _ in range(2):
            self.sim.clock.advance(NEWS_S)
            self.sim.runner.run_all()
        laws_of_contact.check(self)
        clearing.clear(self)
        self.judge()
        laws_of_contact.check(self)


def news_arrives(world: Chance, rng: Random) -> str:
    """Google's notifications arrive."""
    world.sim.deliver_notifications(slow_s=rng.choice((0.0, 0.5, 0.9)))
    return "delivered"


ContactChance.actions = {
    "crm_new": (5, crm.new),
    "crm_edit": (6, crm.edits),
    "crm_delete": (1, crm.deletes),
    "crm_reads": (1, crm.reads),
    "google_creates": (3, people.creates),
    "google_edits": (7, people.edits),
    "google_deletes": (1.5, people.deletes),
    "google_restores": (1, people.restores),
    "connects_anew": (4, owners.connects_anew),
    "reconnects": (1.5, owners.reconnects),
    "disconnects": (1.2, owners.disconnects),
    "runs": (0.5, owners.runs),
    "time_passes": (5, weather.time_passes),
    "news_arrives": (6, news_arrives),
    "job_begins": (12, platform.job_begins),
    "job_runs": (3, platform.job_runs),
    "job_steps": (24, platform.job_steps),
    "job_ends": (5, platform.job_ends),
}
