"""A world in which anything may happen, step by step. Each step carries its own dice, so any can be left out.

`ACTIONS` says what may happen and how often; `Chance.take` does it. What is done is written down in the `ledger`.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

import msgspec

from infra.simulator.wire import ApiError
from shared.errors import NeedsHuman, Refused, RetryLater
from tests.simulation import acts_of_admins as admins
from tests.simulation import acts_of_people as people
from tests.simulation import acts_of_weather as weather
from tests.simulation import laws
from tests.simulation.ledger import Ledger
from tests.simulation.sim import ANNA, BEN, Sim
from tests.simulation.stepping import Job

if TYPE_CHECKING:
    from collections.abc import Callable

    from infra.simulator.person import Person
    from shared.model.ids import TenantId
    from tests.simulation.crm import Crm

POLICIES = {
    "conflict": ("manual", "crm_wins", "google_wins", "latest_wins"),
    "on_google_delete": ("cancel_task", "unlink", "recreate"),
    "import_external": ("off", "all"),
}


class Step(msgspec.Struct, frozen=True):
    """One thing that happens; `dice` seeds its choices."""

    action: str
    dice: int

    def __str__(self) -> str:
        return f"{self.action}({self.dice})"


class Chance:
    """The world of one seed: two users of one tenant, three watched calendars, and jobs under way.

    Args:
        seed: Decides the settings, and everything that Google and the product leave to chance.
    """

    def __init__(self, seed: int) -> None:
        rng = Random(seed)
        self.sim = Sim(seed)
        self.settings = {name: rng.choice(choices) for name, choices in POLICIES.items()}
        self.tenant: TenantId = self.sim.found("acme", **self.settings)
        others = self.sim.google.ctx.world.calendars.values()
        self.second = next(each.id for each in others if each.owner == ANNA and each.id != ANNA)
        self.sim.connect(self.tenant, "anna", ANNA, watch=[ANNA, self.second])
        self.sim.connect(self.tenant, "ben", BEN)
        self.sim.open_channels()
        self.crm: Crm = self.sim.crm(self.tenant)
        self.people: dict[str, Person] = {each: self.sim.google.person(each) for each in (ANNA, BEN)}
        self.places = [(ANNA, ANNA), (ANNA, self.second), (BEN, BEN)]
        self.jobs: list[Job] = []
        self.ledger = Ledger()
        self.told: list[str] = []
        self._values = 0

    def take(self, step: Step) -> None:
        """It happens, as far as it can; what Google or the API refuses does not."""
        self.sim.clock.advance(0.001)
        try:
            happened = ACTIONS[step.action][1](self, Random(step.dice))
        except (Refused, RetryLater, NeedsHuman, ApiError) as refusal:
            happened = f"refused: {refusal}"
        self.told.append(f"{step}: {happened or 'nothing to do'}")

    def end(self) -> None:
        """What is under way ends, the weather clears, everything comes to rest, and the laws hold."""
        for number, job in enumerate(self.jobs):
            if number % 2:
                job.die()
            else:
                job.finish()
        self.sim.google.clear_faults()
        admins.end_of_it(self)
        self.sim.settle()
        self.ledger.check(self.sim)
        laws.check_rest(self.sim, self.tenant)

    def value(self, side: str) -> str:
        """A value that was never used before."""
        self._values += 1
        return f"{side}{self._values}"

    def known(self, rng: Random) -> str | None:
        """Some task that the CRM has."""
        tasks = sorted(self.crm.records)
        return rng.choice(tasks) if tasks else None

    def living(self, rng: Random) -> tuple[str, str, dict[str, Any]] | None:
        """Some living event: whose, where, and what its page shows."""
        found = [
            (account, place, event)
            for account, place in self.places
            for event in self.people[account].events(calendar=place)
        ]
        return rng.choice(found) if found else None


ACTIONS: dict[str, tuple[int, Callable[[Chance, Random], str | None]]] = {
    "crm_new": (5, people.crm_new),
    "crm_edit": (8, people.crm_edit),
    "crm_stale": (3, people.crm_stale),
    "crm_reads": (3, people.crm_reads),
    "crm_delete": (2, people.crm_delete),
    "crm_moves": (2, people.crm_moves),
    "crm_reassigns": (1, people.crm_reassigns),
    "google_creates": (1, people.google_creates),
    "crm_invites": (2, people.crm_invites),
    "google_invites": (1, people.google_invites),
    "google_answers": (2, people.google_answers),
    "google_edits": (8, people.google_edits),
    "google_deletes": (2, people.google_deletes),
    "google_restores": (2, people.google_restores),
    "google_moves": (2, people.google_moves),
    "google_copies": (1, people.google_copies),
    "changes_settings": (1, admins.changes_settings),
    "pauses": (1, admins.pauses),
    "resumes": (2, admins.resumes),
    "revokes": (1, admins.revokes),
    "reconnects": (2, admins.reconnects),
    "time_passes": (8, weather.time_passes),
    "job_begins": (10, weather.job_begins),
    "job_runs": (5, weather.job_runs),
    "job_doubled": (2, weather.job_doubled),
    "job_steps": (14, weather.job_steps),
    "job_ends": (6, weather.job_ends),
    "job_dies": (2, weather.job_dies),
    "answer_is_lost": (2, weather.answer_is_lost),
    "pull_begins": (6, weather.pull_begins),
    "news_arrives": (5, weather.news_arrives),
    "google_fails": (2, weather.google_fails),
    "sync_tokens_expire": (1, weather.sync_tokens_expire),
    "access_tokens_expire": (1, weather.access_tokens_expire),
    "sweep": (1, weather.sweep),
}
"""How often, and what."""
