"""A world in which anything may happen, step by step. Each step carries its own dice, so any can be left out.

`acts.ACTIONS` says what may happen and how often; `Chance.take` does it. What each side says is kept in the `ledger`.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

import msgspec

from infra.simulator.settings import Notifications, SimSettings
from infra.simulator.wire import ApiError
from shared.errors import NeedsHuman, Refused, RetryLater, TandemError
from tests.simulation import acts, clearing, laws, laws_of_rest
from tests.simulation.ledger import Ledger
from tests.simulation.sim import ANNA, BEN, ULA, Sim
from tests.simulation.stepping import Job

if TYPE_CHECKING:
    from collections.abc import Callable

    from infra.simulator.person import Person
    from shared.model.connection import Connection
    from shared.model.ids import TenantId
    from tests.simulation.crm import Crm

POLICIES: dict[str, tuple[object, ...]] = {
    "conflict": ("manual", "crm_wins", "google_wins", "latest_wins"),
    "on_google_delete": ("cancel_task", "unlink", "recreate"),
    "import_external": ("off", "all"),
}


def _nothing() -> None:
    """Nobody waits for the end."""


class Step(msgspec.Struct, frozen=True):
    """One thing that happens; `dice` seeds its choices."""

    action: str
    dice: int

    def __str__(self) -> str:
        return f"{self.action}({self.dice})"


class Site(msgspec.Struct, kw_only=True):
    """One tenant: its CRM, its users with their Google accounts, and the tasks that its CRM writes at this moment."""

    tenant: TenantId
    crm: Crm
    accounts: dict[str, str]
    writing: set[str] = msgspec.field(default_factory=set)
    shared: set[str] = msgspec.field(default_factory=set)
    """Tasks whose event another tenant's user may see."""

    @property
    def taken(self) -> set[str]:
        """Ids under which no task is made now: their task is being written, or its person was erased."""
        return self.writing | self.crm.forgotten.tasks

    @property
    def url(self) -> str:
        """Where this tenant's CRM takes deliveries."""
        return f"https://crm.{self.tenant}.example/changes"


class Chance:
    """The world of one seed: two tenants with users of their own, four calendars, and jobs under way.

    Both tenants have a user `anna` and tasks of the same ids; `wide` worlds change every setting, the others only
    those that decide between two sides, so that the laws can be stricter there.

    Args:
        seed: Decides the settings, and everything that Google and the product leave to chance.
    """

    actions = acts.ACTIONS

    def __init__(self, seed: int) -> None:
        rng = Random(seed)
        self.sim = Sim(seed, google=_weather(rng))
        self.wide = rng.random() < 0.35
        self.orphans = rng.random() < 0.5
        self.sim.google.add_account(ULA, "Ula")
        others = self.sim.google.ctx.world.calendars.values()
        self.second = next(each.id for each in others if each.owner == ANNA and each.id != ANNA)
        self.places = [(ANNA, ANNA), (ANNA, self.second), (BEN, BEN), (ULA, ULA)]
        self.people: dict[str, Person] = {each: self.sim.google.person(each) for each in (ANNA, BEN, ULA)}
        self.settings = {name: rng.choice(choices) for name, choices in POLICIES.items()}
        self.sites = [self._site("acme", {"anna": ANNA, "ben": BEN}), self._site("zeta", {"anna": ULA})]
        self.sim.open_channels()
        self.jobs: list[Job] = []
        self.ledger = Ledger()
        self.told: list[str] = []
        self.asked_for_mail = False
        self._values = 0

    def take(self, step: Step) -> None:
        """It happens, as far as it can; what Google or the API refuses does not."""
        self.sim.clock.advance(0.001)
        self.ledger.now += 1
        try:
            happened = self.actions[step.action][1](self, Random(step.dice))
        except (Refused, RetryLater, NeedsHuman, ApiError) as refusal:
            happened = f"refused: {refusal}"
        self.told.append(f"{step}: {happened or 'nothing to do'}")

    def end(self) -> None:
        """What is under way ends, the weather clears, everything comes to rest, and the laws hold."""
        clearing.clear(self)
        self.judge()

    def judge(self) -> None:
        """The laws hold now that all is at rest.

        Raises:
            LawBroken: One does not.
        """
        ledger = self.ledger
        laws.check(self.sim, one_way=ledger.one_way, opened=ledger.opened, from_google=ledger.said_in_google)
        self.ledger.check(self)
        laws_of_rest.check(self)

    def site(self, rng: Random) -> Site:
        """One of the tenants, the larger one more often."""
        return self.sites[rng.random() < 0.2]

    def connections(self, site: Site) -> list[Connection]:
        """The tenant's connections that are not ended, nor on their way out."""
        return [
            each
            for each in self.sim.connections(site.tenant)
            if each.google is not None and each.status not in {"disconnecting", "disconnected"}
        ]

    def erasing(self, site: Site) -> bool:
        """A person of this tenant is being erased, so that nobody makes anything for them."""
        return any(each.kind == "erase" and each.state == "running" for each in self.sim.runs(site.tenant))

    def call(self, name: str, work: Callable[[], object], rng: Random, *, ended: Callable[[], None] = _nothing) -> str:
        """A call to the API: made at once, or as one that is interrupted; who made it tries again if it dies.

        Args:
            ended: Done when it is over, however.
        """
        if rng.random() < 0.7:
            try:
                work()
            finally:
                ended()
            return name

        def over(well: bool) -> None:  # noqa: FBT001 - told by the job
            try:
                if not well:
                    work()
            except TandemError as error:
                self.told.append(f"  {name} again: {error}")
            finally:
                ended()

        job = Job(self.sim.stage, name, work, over)
        self.begins(job, rng)
        return f"{name} {job.at}"

    def begins(self, job: Job, rng: Random) -> Job:
        """The job stands at its first call, at an instance whose clock may be off by less than the guard."""
        job.skew_s = rng.choice((0.0, 0.0, 0.0, 0.4, -0.4, 0.9, -0.9))
        job.step()
        self.jobs.append(job)
        return job

    def value_in_google(self, account: str, event: dict[str, Any] | None = None) -> str:
        """A person's new value; it tells whose it is, unless it is for an event with guests."""
        site = next(each for each in self.sites if account in each.accounts.values())
        return self.value("g", site, shared=event is not None and "attendees" in event)

    def value(self, side: str, site: Site | None = None, *, shared: bool = False) -> str:
        """A value that was never used before; it tells whose it is, unless people of two tenants may see it."""
        self._values += 1
        owner = f"{site.tenant}-" if site is not None and not shared else ""
        return f"{owner}{side}{self._values}"

    def known(self, site: Site, rng: Random) -> str | None:
        """Some task that the CRM has and is not writing."""
        tasks = sorted(site.crm.records.keys() - site.writing)
        return rng.choice(tasks) if tasks else None

    def living(self, rng: Random) -> tuple[str, str, dict[str, Any]] | None:
        """Some living event: whose, where, and what its page shows."""
        found = [(account, place, event) for account, place in self.places for event in self.shown(account, place)]
        return rng.choice(found) if found else None

    def shown(self, account: str, place: str) -> list[dict[str, Any]]:
        """What a person's page of a calendar shows; nothing of one that was taken away."""
        try:
            return list(self.people[account].events(calendar=place))
        except ApiError:
            return []

    def connected(self, tenant: TenantId, user: str, account: str) -> None:
        """The user has been connected for a while when the world begins."""
        watch = [each for owner, each in self.places if owner == account]
        self.sim.connect(tenant, user, account, name=f"c-{account.partition('@')[0]}", watch=watch)

    def _site(self, name: str, accounts: dict[str, str]) -> Site:
        tenant = self.sim.found(name, **self.settings)
        for user, account in accounts.items():
            self.connected(tenant, user, account)
        site = Site(tenant=tenant, crm=self.sim.crm(tenant), accounts=accounts)
        self.sim.receiver.crms[site.url] = site.crm
        return site


def _weather(rng: Random) -> SimSettings:
    """How Google behaves in this world."""
    return SimSettings(
        tombstones=rng.choice(("bare", "full")),
        rewriting=rng.choice(("never", "person", "always")),
        page_size_cap=rng.choice((None, None, 1, 3)),
        empty_page=rng.choice((0.0, 0.0, 0.3)),
        notifications=Notifications(
            delay_s=rng.choice((0.0, 2.0)), jitter_s=rng.choice((0.0, 3.0)), drop=0.1, duplicate=0.1, reorder=0.1
        ),
    )
