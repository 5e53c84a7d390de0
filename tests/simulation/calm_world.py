"""A world of chance that comes to rest now and then, so that what presupposes tasks in step happens too.

Where jobs are always interrupted few tasks ever are. Then nobody contradicts what stood, no conflict is settled, and
the brake has nothing to hold. The laws are those of `Chance`.
"""

from __future__ import annotations

from tests.simulation import acts
from tests.simulation import acts_of_conflicts as conflicts
from tests.simulation import acts_of_crm as crm
from tests.simulation import acts_of_owners as owners
from tests.simulation import acts_of_people as people
from tests.simulation import acts_of_platform as platform
from tests.simulation.chance import Chance


class CalmChance(Chance):
    """The world of one seed."""


CalmChance.actions = acts.ACTIONS | {
    "crm_many": (0.3, crm.many),
    "crm_contradicts": (2, conflicts.contradicts),
    "google_clears": (0.6, people.clears),
    "reviews": (2, owners.reviews),
    "all_runs": (3, platform.all_runs),
}
