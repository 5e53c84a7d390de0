"""A world of chance in which almost everything repeats: one tenant, and laws for each occurrence. See `Chance`."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

from tests.simulation import acts_of_crm as crm
from tests.simulation import (
    acts_of_crm_on_series,
    acts_of_people_on_series,
    clearing,
    laws,
    laws_of_rest,
    laws_of_series,
    laws_of_splits,
)
from tests.simulation import acts_of_people as people
from tests.simulation import acts_of_platform as platform
from tests.simulation import acts_of_weather as weather
from tests.simulation.chance import Chance, Site, Step
from tests.simulation.ledger import Ledger
from tests.simulation.sim import ANNA, BEN

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.model.ids import TenantId
    from tests.simulation.crm import Crm


class SeriesChance(Chance):
    """The world of one seed: Anna's two calendars and Ben's one, mostly with series."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.wide = False
        self.places = [(ANNA, ANNA), (ANNA, self.second), (BEN, BEN)]
        self.occurrences = laws_of_series.SaidOfOccurrences(self.sim)
        self.ledger = SeriesLedger(self.occurrences)

    @property
    def tenant(self) -> TenantId:
        """The one whose CRM acts."""
        return self.sites[0].tenant

    @property
    def crm(self) -> Crm:
        """Its CRM."""
        return self.sites[0].crm

    def site(self, rng: Random) -> Site:
        """Always the same."""
        del rng
        return self.sites[0]

    def task(self, rng: Random) -> str | None:
        """Some task that the CRM has."""
        return self.known(self.sites[0], rng)

    def take(self, step: Step) -> None:
        """It happens, and what was said of dates that no longer are is forgotten."""
        super().take(step)
        self.occurrences.notice()

    def end(self) -> None:
        """The weather clears, everything comes to rest, and every occurrence is the same on both sides."""
        clearing.clear(self)
        self.occurrences.notice()
        laws.check(self.sim)
        laws_of_series.check(self.sim, self.occurrences)
        laws_of_splits.check(self.sim)
        laws_of_rest.check(self)


class SeriesLedger(Ledger):
    """Also hears what is said of single occurrences by those who mean any event."""

    def __init__(self, occurrences: laws_of_series.SaidOfOccurrences) -> None:
        super().__init__()
        self._occurrences = occurrences

    def by_google(self, event: dict[str, Any], fields: dict[str, Any]) -> None:
        """A person changed fields in Google."""
        super().by_google(event, fields)
        if "recurringEventId" in event:
            self._occurrences.by_google(event, fields)

    def released(self, tenant: TenantId) -> None:
        """A connection lets go of its series: what was said of their occurrences in Google may stay there."""
        super().released(tenant)
        self._occurrences.end()


GENERAL: dict[str, tuple[float, Callable[[Chance, Random], str | None]]] = {
    "crm_new": (2, crm.new),
    "crm_edit": (5, crm.edits),
    "crm_stale": (2, crm.writes_whole_record),
    "crm_reads": (2, crm.reads),
    "crm_delete": (1, crm.deletes),
    "google_creates": (1, people.creates),
    "google_edits": (4, people.edits),
    "time_passes": (8, weather.time_passes),
    "news_arrives": (5, weather.news_arrives),
    "google_fails": (1, weather.google_fails),
    "sync_tokens_expire": (1, weather.sync_tokens_expire),
    "job_begins": (10, platform.job_begins),
    "job_runs": (6, platform.job_runs),
    "job_doubled": (2, platform.job_doubled),
    "job_steps": (14, platform.job_steps),
    "job_ends": (6, platform.job_ends),
    "job_dies": (2, platform.job_dies),
    "answer_is_lost": (1, platform.answer_is_lost),
    "pull_begins": (6, platform.pull_begins),
    "sweep": (1, platform.sweep),
}
"""What may happen to any task, and how often."""

OF_SERIES = {**acts_of_crm_on_series.OF_CRM, **acts_of_people_on_series.OF_PEOPLE}
SeriesChance.actions = {**GENERAL, **OF_SERIES}  # type: ignore[dict-item]
