"""What time, the platform and Google may do to a world of chance: jobs, failures, lost answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.simulator.model import Fault
from tests.simulation.sim import ANNA, BEN

if TYPE_CHECKING:
    from random import Random

    from tests.simulation.chance import Chance
    from tests.simulation.stepping import Job


FAULTS = (
    "userRateLimitExceeded",
    "rateLimitExceeded429",
    "backendError500",
    "backendError503",
    "authError",
    "cut_before",
    "cut_after",
)


def time_passes(world: Chance, rng: Random) -> str:
    """Nothing happens for a while."""
    seconds = rng.choice((0.5, 3.0, 3.0, 30.0, 130.0))
    world.sim.clock.advance(seconds)
    return f"{seconds} s"


def job_begins(world: Chance, rng: Random) -> str | None:
    """A job is handed out and stands at its first call."""
    due = world.sim.queue.due()
    if not due:
        return None
    job = world.sim.runner.begun(rng.choice(due))
    job.step()
    world.jobs.append(job)
    return f"{job.name} {_where(job)}"


def job_runs(world: Chance, rng: Random) -> str | None:
    """A job runs from beginning to end."""
    due = world.sim.queue.due()
    if not due:
        return None
    job = world.sim.runner.begun(rng.choice(due))
    return f"{job.name}: {job.finish()}"


def job_doubled(world: Chance, rng: Random) -> str | None:
    """A job is delivered a second time."""
    waiting = world.sim.queue.waiting
    if not waiting:
        return None
    entry = rng.choice(waiting)
    job = world.sim.job(entry.job.function, **entry.job.payload)
    job.step()
    world.jobs.append(job)
    return f"{job.name} {_where(job)}"


def job_steps(world: Chance, rng: Random) -> str | None:
    """A job goes on for some calls."""
    job = _some_job(world, rng)
    if job is None:
        return None
    for _ in range(rng.choice((1, 2, 3, 5, 8))):
        job.step()
    return f"{job.name} {_where(job)}"


def job_ends(world: Chance, rng: Random) -> str | None:
    """A job goes on to its end."""
    job = _some_job(world, rng)
    return None if job is None else f"{job.name}: {job.finish()}"


def job_dies(world: Chance, rng: Random) -> str | None:
    """A job's process dies."""
    job = _some_job(world, rng)
    if job is None:
        return None
    where = _where(job)
    job.die()
    return f"{job.name} {where}"


def answer_is_lost(world: Chance, rng: Random) -> str | None:
    """A job's call to Google has its effect, and no answer comes."""
    at_google = [
        job for job in world.jobs if job.at is not None and not job.at.after and job.at.call.startswith("google.")
    ]
    if not at_google:
        return None
    job = rng.choice(at_google).lose_answer()
    where = _where(job)
    job.step()
    return f"{job.name} {where}"


def pull_begins(world: Chance, rng: Random) -> str:
    """A calendar is pulled out of turn."""
    account, place = rng.choice(world.places)
    job = world.sim.pulling(place, "c-anna" if account == ANNA else "c-ben")
    job.step()
    world.jobs.append(job)
    return place


def news_arrives(world: Chance, rng: Random) -> str:
    """Google's notifications arrive, or are lost."""
    if rng.random() < 0.3:
        world.sim.google.due_notifications(world.sim.clock.now())
        return "lost"
    world.sim.deliver_notifications(slow_s=rng.choice((0.0, 0.5)))
    return "delivered"


def google_fails(world: Chance, rng: Random) -> str:
    """Google will fail once or twice."""
    fault = Fault(effect=rng.choice(FAULTS), count=rng.choice((1, 2)), after=rng.choice((0, 0, 1)))
    world.sim.google.add_fault(fault)
    return fault.effect


def sync_tokens_expire(world: Chance, rng: Random) -> str:
    """A calendar's sync tokens expire."""
    place = rng.choice(world.places)[1]
    world.sim.google.expire_sync_tokens(place)
    return place


def access_tokens_expire(world: Chance, rng: Random) -> str:
    """Access tokens expire."""
    world.sim.google.expire_access_tokens(rng.choice((ANNA, BEN, None)))
    return "done"


def sweep(world: Chance, rng: Random) -> str:
    """The sweep of tasks runs."""
    world.sim.runner.sweep("tasks")
    return "done"


def _some_job(world: Chance, rng: Random) -> Job | None:
    world.jobs = [job for job in world.jobs if not job.over]
    return rng.choice(world.jobs) if world.jobs else None


def _where(job: Job) -> str:
    return str(job.at) if job.at is not None else f"over: {job.error or job.outcome}"
