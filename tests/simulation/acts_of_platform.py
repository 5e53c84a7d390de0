"""What the platform may do: jobs begun, doubled, interleaved, killed, their calls unanswered; schedules that wake."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.simulation.running import BY_DUE

if TYPE_CHECKING:
    from random import Random

    from tests.simulation.chance import Chance
    from tests.simulation.stepping import Job


def job_begins(world: Chance, rng: Random) -> str | None:
    """A job is handed out and stands at its first call."""
    due = world.sim.queue.due()
    if not due:
        return None
    job = world.begins(world.sim.runner.begun(rng.choice(due)), rng)
    return f"{job.name} {_where(job)}"


def job_runs(world: Chance, rng: Random) -> str | None:
    """A job runs from beginning to end."""
    due = world.sim.queue.due()
    if not due:
        return None
    job = world.sim.runner.begun(rng.choice(due))
    return f"{job.name}: {job.finish()}"


def all_runs(world: Chance, rng: Random) -> str:
    """For a while nothing is in the way: what is due runs to its end, news arrive, and a CRM may hear of all of it."""
    world.sim.clock.advance(rng.choice((3.0, 3.0, 30.0)))
    count = world.sim.runner.run_due()
    if rng.random() < 0.5:
        world.site(rng).crm.read_whole_feed()
    return f"{count} jobs"


def job_doubled(world: Chance, rng: Random) -> str | None:
    """A job is delivered a second time."""
    waiting = world.sim.queue.waiting
    if not waiting:
        return None
    entry = rng.choice(waiting)
    job = world.begins(world.sim.job(entry.job.function, **entry.job.payload), rng)
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
    """A job's call has its effect, and no answer comes."""
    job = _waiting_for_an_answer(world, rng)
    if job is None:
        return None
    where = _where(job.lose_answer())
    job.step()
    return f"{job.name} {where}"


def call_is_refused(world: Chance, rng: Random) -> str | None:
    """A job's call finds nobody there."""
    job = _waiting_for_an_answer(world, rng)
    if job is None:
        return None
    where = _where(job.refuse_call())
    job.step()
    return f"{job.name} {where}"


def pull_begins(world: Chance, rng: Random) -> str | None:
    """A calendar is pulled out of turn."""
    watched = world.sim.watched()
    if not watched:
        return None
    shelf = rng.choice(watched)
    world.begins(world.sim.pulling(shelf.calendar_id, shelf.connection, shelf.tenant), rng)
    return f"{shelf.calendar_id} by {shelf.connection}"


def sweep(world: Chance, rng: Random) -> str:
    """A schedule wakes one of the sweeps, or the renewal of channels."""
    kind = rng.choice((*BY_DUE, "orphans", "renew_channels"))
    job = world.sim.job(kind) if kind == "renew_channels" else world.sim.job("sweep", kind=kind)
    world.begins(job, rng)
    return kind


def _some_job(world: Chance, rng: Random) -> Job | None:
    world.jobs = [job for job in world.jobs if not job.over]
    return rng.choice(world.jobs) if world.jobs else None


def _waiting_for_an_answer(world: Chance, rng: Random) -> Job | None:
    """Some job that stands before a call which can fail; a delivery's fate is the receiver's mood."""
    standing = [
        job
        for job in world.jobs
        if job.at is not None and not job.at.after and job.at.call.startswith(("google.", "store.", "queue.", "oauth."))
    ]
    return rng.choice(standing) if standing else None


def _where(job: Job) -> str:
    return str(job.at) if job.at is not None else f"over: {job.error or job.outcome}"
