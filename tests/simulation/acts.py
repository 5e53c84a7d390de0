"""What may happen in a world of chance, and how often. Each does it by the dice it is given and tells what it did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.simulation import acts_of_conflicts as conflicts
from tests.simulation import acts_of_crm as crm
from tests.simulation import acts_of_owners as owners
from tests.simulation import acts_of_people as people
from tests.simulation import acts_of_platform as platform
from tests.simulation import acts_of_sharing as sharing
from tests.simulation import acts_of_weather as weather
from tests.simulation import acts_on_meet as meet

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from tests.simulation.chance import Chance

ACTIONS: dict[str, tuple[float, Callable[[Chance, Random], str | None]]] = {
    "crm_new": (5, crm.new),
    "crm_many": (0.1, crm.many),
    "crm_adopts": (0.5, crm.adopts),
    "crm_edit": (8, crm.edits),
    "crm_stale": (3, crm.writes_whole_record),
    "crm_reads": (2, crm.reads),
    "crm_fetches": (2, crm.fetches),
    "crm_applies": (1, crm.applies),
    "crm_delete": (2, crm.deletes),
    "crm_ends": (2, crm.ends),
    "crm_moves": (2, crm.moves),
    "crm_reassigns": (1, crm.reassigns),
    "crm_invites": (2, crm.invites),
    "crm_settles": (2, conflicts.settles),
    "crm_claims": (1, crm.claims),
    "receiver_ails": (2, crm.receiver_ails),
    "google_creates": (1, people.creates),
    "google_invites": (1, people.invites),
    "google_answers": (2, people.answers),
    "google_edits": (8, people.edits),
    "google_deletes": (2, people.deletes),
    "google_clears": (0.2, people.clears),
    "google_restores": (2, people.restores),
    "google_moves": (2, people.moves),
    "google_copies": (1, people.copies),
    "google_purges": (0.3, people.purges),
    "loses_a_calendar": (0.4, sharing.loses_a_calendar),
    "has_it_back": (0.6, sharing.has_it_back),
    "changes_settings": (2, owners.changes_settings),
    "pauses": (1, owners.pauses),
    "resumes": (2, owners.resumes),
    "revokes": (1, owners.revokes),
    "reconnects": (2, owners.reconnects),
    "connects_anew": (1, owners.connects_anew),
    "disconnects": (0.6, owners.disconnects),
    "erases": (0.2, owners.erases),
    "runs": (1.5, owners.runs),
    "reviews": (1, owners.reviews),
    "webhook": (0.7, owners.webhook),
    "crm_asks_for_meet": (1, meet.crm_asks),
    "google_changes_meet": (1, meet.person_changes),
    "google_makes_meets": (0.5, meet.google_makes_them),
    "time_passes": (8, weather.time_passes),
    "time_jumps": (0.5, weather.time_jumps),
    "news_arrives": (5, weather.news_arrives),
    "google_fails": (2, weather.google_fails),
    "google_is_slow": (1, weather.google_is_slow),
    "sync_tokens_expire": (1, weather.sync_tokens_expire),
    "access_tokens_expire": (1, weather.access_tokens_expire),
    "channels_expire": (0.5, weather.channels_expire),
    "job_begins": (10, platform.job_begins),
    "job_runs": (5, platform.job_runs),
    "job_doubled": (2, platform.job_doubled),
    "job_steps": (14, platform.job_steps),
    "job_ends": (6, platform.job_ends),
    "job_dies": (2, platform.job_dies),
    "answer_is_lost": (2, platform.answer_is_lost),
    "call_is_refused": (1, platform.call_is_refused),
    "pull_begins": (6, platform.pull_begins),
    "sweep": (1.5, platform.sweep),
}
"""How often, and what."""
