"""A world in which anything may happen, step by step. Each step carries its own dice, so any can be left out.

`ACTIONS` says what may happen and how often; `Chance.take` does it. What is done is written down in the `ledger`.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

import msgspec

from infra.simulator.model import Fault
from infra.simulator.wire import ApiError
from shared.errors import Refused
from tests.simulation.ledger import Ledger
from tests.simulation.sim import ANNA, BEN, Sim
from tests.simulation.stepping import Job

if TYPE_CHECKING:
    from collections.abc import Callable

    from infra.simulator.person import Person
    from shared.model.ids import TenantId
    from tests.simulation.crm import Crm

MOST_TASKS = 6
DAY = "2026-07-{:02d}"
FAULTS = (
    "userRateLimitExceeded",
    "rateLimitExceeded429",
    "backendError500",
    "backendError503",
    "authError",
    "cut_before",
    "cut_after",
)
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
        except (Refused, ApiError) as refusal:
            happened = f"refused: {refusal}"
        self.told.append(f"{step}: {happened or 'nothing to do'}")

    def end(self) -> None:
        """What is under way ends, the weather clears, everything comes to rest, and the laws hold."""
        for number, job in enumerate(self.jobs):
            if number % 2:
                job.die()
            else:
                job.finish()
        self.sim.settle()
        self.ledger.check(self.sim)

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


def fields_of(rng: Random, world: Chance, side: str) -> dict[str, Any]:
    """One or two changed fields in the contract's names, each value new."""
    day = rng.randint(2, 27)
    hour = rng.randint(8, 18)
    choices: tuple[dict[str, Any], ...] = (
        {"title": world.value(side)},
        {"title": world.value(side)},
        {"location": world.value(side)},
        {"start": f"{DAY.format(day)}T{hour:02d}:00:00+02:00", "end": f"{DAY.format(day)}T{hour + 1:02d}:30:00+02:00"},
        {"start": DAY.format(day), "end": DAY.format(day + 1)},
        {"description": f"<p>{world.value(side)}</p>"},
        {"busy": rng.random() < 0.5},
        {"private": rng.random() < 0.5},
    )
    picked: dict[str, Any] = {}
    for _ in range(rng.choice((1, 1, 2))):
        picked |= rng.choice(choices)
    return picked


def _crm_new(world: Chance, rng: Random) -> str | None:
    if len(world.crm.records) >= MOST_TASKS:
        return None
    task = f"t{rng.randint(0, MOST_TASKS)}"
    if task in world.crm.records:
        return None
    fields = {"title": world.value("c"), "start": f"{DAY.format(rng.randint(2, 27))}T09:00:00+02:00", "end": None}
    whole = fields | {"user_id": rng.choice(("anna", "anna", "ben"))}
    world.crm.put(task, **whole)
    world.ledger.born(world.sim, task, whole)
    return f"{task} {whole}"


def _crm_edit(world: Chance, rng: Random) -> str | None:
    task = world.known(rng)
    if task is None:
        return None
    fields = fields_of(rng, world, "c")
    world.crm.put(task, **fields)
    world.ledger.by_crm(world.sim, task, fields)
    return f"{task} {fields}"


def _crm_stale(world: Chance, rng: Random) -> str | None:
    task = world.known(rng)
    if task is None:
        return None
    fields = {"location": world.value("c")}
    world.crm.put_whole(task, **fields)
    world.ledger.by_crm(world.sim, task, fields)
    return f"{task} whole record with {fields}"


def _crm_reads(world: Chance, rng: Random) -> str:
    read = world.crm.read_feed(limit=rng.choice((1, 3, 100)))
    for change in read:
        world.ledger.heard(world.sim, change)
    return f"{len(read)} changes"


def _crm_delete(world: Chance, rng: Random) -> str | None:
    task = world.known(rng)
    if task is not None:
        world.ledger.deleted_by_crm(world.sim, task)
        world.crm.delete(task)
    return task


def _crm_moves(world: Chance, rng: Random) -> str | None:
    task = world.known(rng)
    if task is None or world.crm.records[task].get("user_id") != "anna":
        return None
    place = rng.choice((ANNA, world.second))
    world.crm.put(task, calendar_id=place)
    return f"{task} to {place}"


def _crm_reassigns(world: Chance, rng: Random) -> str | None:
    task = world.known(rng)
    if task is None:
        return None
    user = rng.choice(("anna", "ben"))
    world.crm.put(task, user_id=user, calendar_id=None)
    return f"{task} to {user}"


def _in_googles_words(fields: dict[str, Any]) -> dict[str, Any]:
    named = {"title": "summary", "location": "location", "description": "description", "start": "start", "end": "end"}
    said = {named[name]: value for name, value in fields.items() if name in named}
    if "busy" in fields:
        said["transparency"] = "opaque" if fields["busy"] else "transparent"
    if "private" in fields:
        said["visibility"] = "private" if fields["private"] else "default"
    return said


def _google_creates(world: Chance, rng: Random) -> str:
    account, place = rng.choice(world.places)
    made = world.people[account].create(
        world.value("g"), f"{DAY.format(rng.randint(2, 27))}T11:00:00+02:00", calendar=place
    )
    return f"{made['id']} in {place}"


def _google_edits(world: Chance, rng: Random) -> str | None:
    found = world.living(rng)
    if found is None:
        return None
    account, place, event = found
    fields = fields_of(rng, world, "g")
    world.people[account].edit(event["id"], calendar=place, **_in_googles_words(fields))
    world.ledger.by_google(event["id"], fields)
    return f"{event['id'][:6]} {fields}"


def _google_deletes(world: Chance, rng: Random) -> str | None:
    found = world.living(rng)
    if found is None:
        return None
    account, place, event = found
    world.ledger.deleted_in_google(world.sim, event["id"], event)
    world.people[account].delete(event["id"], calendar=place)
    return str(event["id"][:6])


def _google_restores(world: Chance, rng: Random) -> str | None:
    account, place = rng.choice(world.places)
    trash = world.people[account].trash(calendar=place)
    if not trash:
        return None
    event = rng.choice(trash)
    world.people[account].restore(event["id"], calendar=place)
    world.ledger.restored(event["id"])
    return str(event["id"][:6])


def _google_moves(world: Chance, rng: Random) -> str | None:
    found = world.living(rng)
    if found is None or found[0] != ANNA:
        return None
    _, place, event = found
    target = world.second if place == ANNA else ANNA
    world.people[ANNA].move_to_calendar(event["id"], target, calendar=place)
    return f"{event['id'][:6]} to {target}"


def _google_copies(world: Chance, rng: Random) -> str | None:
    found = world.living(rng)
    if found is None:
        return None
    account, place, event = found
    kept = {name: event[name] for name in ("extendedProperties", "location", "description") if name in event}
    made = world.people[account].create(event.get("summary", ""), event["start"], event["end"], calendar=place, **kept)
    return f"{event['id'][:6]} as {made['id'][:6]}"


def _time_passes(world: Chance, rng: Random) -> str:
    seconds = rng.choice((0.5, 3.0, 3.0, 30.0, 130.0))
    world.sim.clock.advance(seconds)
    return f"{seconds} s"


def _job_begins(world: Chance, rng: Random) -> str | None:
    due = world.sim.queue.due()
    if not due:
        return None
    job = world.sim.runner.begun(rng.choice(due))
    job.step()
    world.jobs.append(job)
    return f"{job.name} {_where(job)}"


def _job_runs(world: Chance, rng: Random) -> str | None:
    due = world.sim.queue.due()
    if not due:
        return None
    job = world.sim.runner.begun(rng.choice(due))
    return f"{job.name}: {job.finish()}"


def _job_doubled(world: Chance, rng: Random) -> str | None:
    waiting = world.sim.queue.waiting
    if not waiting:
        return None
    entry = rng.choice(waiting)
    job = world.sim.job(entry.job.function, **entry.job.payload)
    job.step()
    world.jobs.append(job)
    return f"{job.name} {_where(job)}"


def _job_steps(world: Chance, rng: Random) -> str | None:
    job = _some_job(world, rng)
    if job is None:
        return None
    for _ in range(rng.choice((1, 2, 3, 5, 8))):
        job.step()
    return f"{job.name} {_where(job)}"


def _job_ends(world: Chance, rng: Random) -> str | None:
    job = _some_job(world, rng)
    return None if job is None else f"{job.name}: {job.finish()}"


def _job_dies(world: Chance, rng: Random) -> str | None:
    job = _some_job(world, rng)
    if job is None:
        return None
    where = _where(job)
    job.die()
    return f"{job.name} {where}"


def _answer_is_lost(world: Chance, rng: Random) -> str | None:
    at_google = [
        job for job in world.jobs if job.at is not None and not job.at.after and job.at.call.startswith("google.")
    ]
    if not at_google:
        return None
    job = rng.choice(at_google).lose_answer()
    where = _where(job)
    job.step()
    return f"{job.name} {where}"


def _pull_begins(world: Chance, rng: Random) -> str:
    account, place = rng.choice(world.places)
    job = world.sim.pulling(place, "c-anna" if account == ANNA else "c-ben")
    job.step()
    world.jobs.append(job)
    return place


def _news_arrives(world: Chance, rng: Random) -> str:
    if rng.random() < 0.3:
        world.sim.google.due_notifications(world.sim.clock.now())
        return "lost"
    world.sim.deliver_notifications(slow_s=rng.choice((0.0, 0.5)))
    return "delivered"


def _google_fails(world: Chance, rng: Random) -> str:
    fault = Fault(effect=rng.choice(FAULTS), count=rng.choice((1, 2)), after=rng.choice((0, 0, 1)))
    world.sim.google.add_fault(fault)
    return fault.effect


def _sync_tokens_expire(world: Chance, rng: Random) -> str:
    place = rng.choice(world.places)[1]
    world.sim.google.expire_sync_tokens(place)
    return place


def _access_tokens_expire(world: Chance, rng: Random) -> str:
    world.sim.google.expire_access_tokens(rng.choice((ANNA, BEN, None)))
    return "done"


def _sweep(world: Chance, rng: Random) -> str:
    world.sim.runner.sweep("tasks")
    return "done"


def _some_job(world: Chance, rng: Random) -> Job | None:
    world.jobs = [job for job in world.jobs if not job.over]
    return rng.choice(world.jobs) if world.jobs else None


def _where(job: Job) -> str:
    return str(job.at) if job.at is not None else f"over: {job.error or job.outcome}"


ACTIONS: dict[str, tuple[int, Callable[[Chance, Random], str | None]]] = {
    "crm_new": (5, _crm_new),
    "crm_edit": (8, _crm_edit),
    "crm_stale": (3, _crm_stale),
    "crm_reads": (3, _crm_reads),
    "crm_delete": (2, _crm_delete),
    "crm_moves": (2, _crm_moves),
    "crm_reassigns": (1, _crm_reassigns),
    "google_creates": (1, _google_creates),
    "google_edits": (8, _google_edits),
    "google_deletes": (2, _google_deletes),
    "google_restores": (2, _google_restores),
    "google_moves": (2, _google_moves),
    "google_copies": (1, _google_copies),
    "time_passes": (8, _time_passes),
    "job_begins": (10, _job_begins),
    "job_runs": (5, _job_runs),
    "job_doubled": (2, _job_doubled),
    "job_steps": (14, _job_steps),
    "job_ends": (6, _job_ends),
    "job_dies": (2, _job_dies),
    "answer_is_lost": (2, _answer_is_lost),
    "pull_begins": (6, _pull_begins),
    "news_arrives": (5, _news_arrives),
    "google_fails": (2, _google_fails),
    "sync_tokens_expire": (1, _sync_tokens_expire),
    "access_tokens_expire": (1, _access_tokens_expire),
    "sweep": (1, _sweep),
}
"""How often, and what."""
