"""A world of chance with few tasks of one tenant, in which jobs meet all the time and hardly anything else happens.

What only goes wrong when three things meet at one task is found here by far fewer steps than among all that can happen
in `Chance`. The laws are the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.simulation import acts_of_conflicts as conflicts
from tests.simulation import acts_of_crm as crm
from tests.simulation import acts_of_owners as owners
from tests.simulation import acts_of_people as people
from tests.simulation import acts_of_platform as platform
from tests.simulation import acts_of_weather as weather
from tests.simulation.chance import Chance, Site

if TYPE_CHECKING:
    from random import Random

FEW = 2


class DenseChance(Chance):
    """The world of one seed: Anna's two calendars and Ben's, and two tasks at most that the CRM makes."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.wide = False

    def site(self, rng: Random) -> Site:
        """Always the same."""
        del rng
        return self.sites[0]


def new(world: Chance, rng: Random) -> str | None:
    """The CRM makes a task, or makes one again, if it has few."""
    return crm.new(world, rng) if len(world.sites[0].crm.records) < FEW else None


DenseChance.actions = {
    "crm_new": (4, new),
    "crm_edit": (8, crm.edits),
    "crm_stale": (3, crm.writes_whole_record),
    "crm_reads": (2, crm.reads),
    "crm_delete": (4, crm.deletes),
    "crm_moves": (3, crm.moves),
    "crm_reassigns": (2, crm.reassigns),
    "crm_invites": (1, crm.invites),
    "crm_settles": (2, conflicts.settles),
    "google_edits": (10, people.edits),
    "google_answers": (1, people.answers),
    "google_deletes": (4, people.deletes),
    "google_restores": (4, people.restores),
    "google_moves": (4, people.moves),
    "google_copies": (0.7, people.copies),
    "google_creates": (0.7, people.creates),
    "google_invites": (0.5, people.invites),
    "google_purges": (0.3, people.purges),
    "changes_settings": (1, owners.changes_settings),
    "disconnects": (0.3, owners.disconnects),
    "connects_anew": (1, owners.connects_anew),
    "time_passes": (6, weather.time_passes),
    "news_arrives": (5, weather.news_arrives),
    "sync_tokens_expire": (2, weather.sync_tokens_expire),
    "job_begins": (14, platform.job_begins),
    "job_runs": (4, platform.job_runs),
    "job_doubled": (4, platform.job_doubled),
    "job_steps": (26, platform.job_steps),
    "job_ends": (8, platform.job_ends),
    "job_dies": (4, platform.job_dies),
    "answer_is_lost": (3, platform.answer_is_lost),
    "pull_begins": (10, platform.pull_begins),
    "sweep": (1, platform.sweep),
}
