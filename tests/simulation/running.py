"""Runs what waits: the queue's jobs, notifications, sweeps and pulls, until nothing changes any more."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import msgspec

from shared.errors import NeedsHuman, Refused
from shared.usecases import sweep
from shared.usecases.connecting import renew_channels
from shared.usecases.inbound import pull
from shared.usecases.jobs import pull_now_job
from shared.usecases.outbound import sync_task
from shared.usecases.runs import run_step
from shared.webhooks import deliver
from tests.simulation.laws import LawBroken
from tests.simulation.stepping import Job, StoryBroken

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from shared.usecases.world import World
    from tests.simulation.memory_queue import Waiting
    from tests.simulation.sim import Sim

ROUNDS = 12
SETTLING = ("/tasks/", "/runs/", "/deliveries/")
BY_DUE = ("tasks", "calendars", "runs", "webhooks")
MOST_JOBS = 3000


def _sync_task(world: World, payload: Mapping[str, object]) -> object:
    return _ended(lambda: sync_task.sync_task(world, msgspec.convert(payload, sync_task.SyncTaskPayload)))


def _pull_calendar(world: World, payload: Mapping[str, object]) -> object:
    return _ended(lambda: pull.pull_calendar(world, msgspec.convert(payload, pull.PullPayload)).outcome)


def _renew_channels(world: World, payload: Mapping[str, object]) -> object:
    return renew_channels.renew_channels(world, msgspec.convert(payload, renew_channels.RenewPayload))


def _run_step(world: World, payload: Mapping[str, object]) -> object:
    return _ended(lambda: run_step.run_step(world, msgspec.convert(payload, run_step.RunPayload)))


def _sweep(world: World, payload: Mapping[str, object]) -> object:
    return sweep.sweep(world, msgspec.convert(payload, sweep.SweepPayload))


def _deliver_changes(world: World, payload: Mapping[str, object]) -> object:
    return deliver.deliver_changes(world, msgspec.convert(payload, deliver.DeliverPayload))


def _ended(work: Callable[[], object]) -> object:
    """As a job's function answers: what no retry mends has ended."""
    try:
        return work()
    except (NeedsHuman, Refused) as error:
        return error.code


FUNCTIONS: dict[str, Callable[[World, Mapping[str, object]], object]] = {
    "sync_task": _sync_task,
    "pull_calendar": _pull_calendar,
    "renew_channels": _renew_channels,
    "run_step": _run_step,
    "sweep": _sweep,
    "deliver_changes": _deliver_changes,
}


class Runner:
    """What the platform does: it hands out jobs, and wakes the schedules."""

    def __init__(self, sim: Sim) -> None:
        self._sim = sim

    def take(self, function: str, task: str | None = None) -> Job:
        """The earliest waiting job of a function (for a task), begun by nobody yet; time passes until it is due."""
        sim = self._sim
        fitting = [
            each
            for each in sorted(sim.queue.waiting, key=lambda it: (it.due_at, it.number))
            if each.job.function == function and task in {None, each.job.payload.get("task")}
        ]
        if not fitting:
            raise StoryBroken(f"no job of {function} waits")
        sim.clock.time = max(sim.clock.time, fitting[0].due_at)
        return self.begun(fitting[0])

    def begun(self, entry: Waiting) -> Job:
        """The job is handed out; when it dies or asks for it, it comes again."""
        sim = self._sim
        sim.queue.take(entry)
        work = partial(FUNCTIONS[entry.job.function], sim.world, entry.job.payload)

        def ended(well: bool) -> None:  # noqa: FBT001 - told by the job
            (sim.queue.done if well else sim.queue.again)(entry)

        return Job(sim.stage, entry.job.function, work, ended)

    def run_due(self) -> int:
        """Everything that is due runs, one after the other; how many jobs ran."""
        count = 0
        self._sim.deliver_notifications()
        while due := self._sim.queue.due():
            self.begun(due[0]).finish()
            self._sim.deliver_notifications()
            count += 1
            if count > MOST_JOBS:
                raise LawBroken("jobs beget jobs without end")
        return count

    def run_all(self) -> None:
        """Time passes until no job waits."""
        sim, count = self._sim, 0
        while True:
            count += self.run_due()
            times = [at for at in (sim.queue.next_at(),) if at is not None]
            if not times:
                return
            sim.clock.time = max(sim.clock.time, *times)
            if count > MOST_JOBS:
                raise LawBroken("jobs beget jobs without end")

    def settle(self, *, orphans: bool = False) -> None:
        """Rounds of everything until one changes nothing.

        Args:
            orphans: Calendars are compared with their mappings too, as every half hour.
        """
        self._sim.google.clear_faults()
        before = None
        for _ in range(ROUNDS):
            self.run_all()
            options = self._sim.world.options
            self._sim.clock.advance(options.pending_after_s + options.run_step_s + 1)
            self.one_round()
            if orphans:
                self.sweep("orphans")
            after = self._picture()
            if after == before:
                return
            before = after
        raise LawBroken("the world does not come to rest")

    def one_round(self) -> None:
        """Everything that is due by now, every sweep and every pull, once."""
        self.run_all()
        self.sweep()
        self.pull_everything()
        self.run_all()

    def sweep(self, *kinds: str) -> None:
        """What is overdue of these kinds is under way again."""
        for kind in kinds or BY_DUE:
            self._sim.job("sweep", kind=kind).finish()
        if not kinds:
            self._sim.job("renew_channels").finish()

    def pull_everything(self) -> None:
        """Every watched calendar is pulled soon."""
        sim = self._sim
        for shelf in sim.watched():
            attempt = f"s{int(sim.clock.now().timestamp() * 1000)}"
            sim.queue.enqueue(pull_now_job(shelf.tenant, shelf.connection, shelf.calendar_id, attempt=attempt))

    def _picture(self) -> object:
        """What must stand still: every task's revision and every calendar's count of changes."""
        sim = self._sim
        tasks = {each.path: each.revision for each in sim.store.every() if any(kind in each.path for kind in SETTLING)}
        calendars = {each.id: each.serial for each in sim.google.ctx.world.calendars.values()}
        return tasks, calendars, len(sim.queue.waiting)
