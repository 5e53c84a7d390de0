"""A small world of chance around one list of Google Tasks: a CRM, a person, jobs that die and answers that get lost.

The person keeps off a task whose insert is not proved yet: what happens then is the limit that the documents state.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

from shared.model.connection import Watched
from shared.model.ids import UserId, calendar_path, connection_path, user_path
from shared.model.oauth import SCOPE_TASKS
from shared.model.stored import to_data
from shared.model.task_lists import is_list, list_place
from shared.ports import Patch, Set
from tests.simulation.sim import ANNA, Sim

if TYPE_CHECKING:
    from collections.abc import Callable

    from infra.simulator.model import GoogleTask
    from tests.simulation.stepping import Job

LIST = list_place("@default")
MOST_TASKS, MOST_JOBS = 4, 3
DAY = "2026-07-{:02d}"
LONG_S, LONGEST_S = 130.0, 110.0
"""A long pause, and how long the platform lets a function run."""


class ListWorld:
    """One user whose tasks with a date alone go to a list; `said` is every title, by the task or Google's id."""

    def __init__(self, seed: int) -> None:
        rng = Random(seed)
        self.sim = Sim(seed)
        policies = {
            "conflict": rng.choice(("crm_wins", "google_wins", "latest_wins")),
            "on_google_delete": rng.choice(("cancel_task", "unlink", "recreate")),
        }
        self.tenant = self.sim.found("acme", **policies)
        self.connection = self.sim.connect(self.tenant, "anna", ANNA, google_tasks="@default")
        self.crm = self.sim.crm(self.tenant)
        self.person = self.sim.google.person(ANNA)
        self.jobs: list[Job] = []
        self._ends: dict[int, datetime] = {}
        self.told: list[str] = []
        self.said: set[str] = set()
        self._values = 0
        self._choose_the_list()

    def play(self, steps: int, rng: Random) -> None:
        """So many things happen, then all comes to rest."""
        for _ in range(steps):
            self._time_passes(rng.choice((0.01, *[1.0] * 8, LONG_S)))
            act: Callable[[Random], str | None] = rng.choice(self._acts())
            self.told.append(f"{act.__name__}: {act(rng)}")
        for job in self.jobs:
            job.die()
        self.sim.runner.settle()

    def shown(self) -> list[GoogleTask]:
        """What stands in the list."""
        return self.person.tasks()

    def _acts(self) -> list[Callable[[Random], str | None]]:
        of_jobs = [
            self.job_begins,
            self.job_begins,
            self.job_goes_on,
            self.job_goes_on,
            self.job_dies,
            self.answer_is_lost,
        ]
        of_people = [self.crm_writes, self.crm_writes, self.crm_deletes, self.person_edits, self.person_ticks]
        return [*of_jobs, *of_people, self.crm_changes_time, self.person_deletes, self.list_is_read, self.all_run]

    def crm_writes(self, rng: Random) -> str:
        """The CRM makes or changes a task."""
        task = f"t{rng.randrange(MOST_TASKS)}"
        fields = rng.choice(({"title": self._value("c")}, {"status": rng.choice(("open", "done"))}))
        if task not in self.crm.records:
            fields = {"title": self._value("c"), "start": DAY.format(rng.randint(2, 27))}
        self.crm.put(task, **fields)
        return f"{task} {fields}"

    def crm_changes_time(self, rng: Random) -> str | None:
        """A task gains or loses its time, or moves to another day."""
        if not self.crm.records:
            return None
        task, day = rng.choice(sorted(self.crm.records)), DAY.format(rng.randint(2, 27))
        start = rng.choice((day, f"{day}T09:00:00+02:00"))
        self.crm.put(task, start=start, end=None)
        return f"{task} {start}"

    def crm_deletes(self, rng: Random) -> str | None:
        """The CRM deletes a task."""
        if not self.crm.records or rng.random() < 0.5:
            return None
        task = rng.choice(sorted(self.crm.records))
        self.crm.delete(task)
        return task

    def person_edits(self, rng: Random) -> str | None:
        """The person renames a task, or puts it off."""
        found = self._touched(rng)
        if found is None:
            return None
        if rng.random() < 0.5:
            self.person.edit_task(found.id, title=self._value("g"))
        else:
            self.person.edit_task(found.id, due=DAY.format(rng.randint(2, 27)))
        return found.id

    def person_ticks(self, rng: Random) -> str | None:
        """The person ticks a task, or takes the tick back."""
        found = self._touched(rng)
        if found is not None:
            (self.person.tick if found.completed_us is None else self.person.untick)(found.id)
        return None if found is None else found.id

    def person_deletes(self, rng: Random) -> str | None:
        """The person deletes a task."""
        found = self._touched(rng) if rng.random() < 0.5 else None
        if found is not None:
            self.person.delete_task(found.id)
        return None if found is None else found.id

    def job_begins(self, rng: Random) -> str | None:
        """A job that waits is handed out."""
        waiting = sorted(self.sim.queue.waiting, key=lambda each: each.number)
        if not waiting or len(self.jobs) >= MOST_JOBS:
            return None
        entry = rng.choice(waiting)
        self._time_passes(max(0.0, (entry.due_at - self.sim.clock.time).total_seconds()))
        job = self.sim.runner.begun(entry)
        self.jobs.append(job)
        self._ends[id(job)] = self.sim.clock.time + timedelta(seconds=LONGEST_S)
        return entry.job.function

    def job_goes_on(self, rng: Random) -> str | None:
        """A job does its next calls, or comes to its end."""
        job = self._job(rng)
        if job is None:
            return None
        for _ in range(rng.randint(1, 6)):
            job.step()
        return self._over(job) or str(job.at)

    def job_dies(self, rng: Random) -> str | None:
        """A process ends where it stands."""
        job = self._job(rng)
        if job is not None:
            job.die()
            self._over(job)
        return None if job is None else job.name

    def answer_is_lost(self, rng: Random) -> str | None:
        """A call has its effect, and nobody hears of it."""
        job = self._job(rng)
        while job is not None and not job.over and not self._asks_google(job):
            job.step()
        if job is None or job.over:
            return None if job is None else self._over(job)
        job.lose_answer()
        job.step()
        return self._over(job) or str(job.at)

    @staticmethod
    def _asks_google(job: Job) -> bool:
        return job.at is not None and not job.at.after and job.at.call.startswith("google.")

    def list_is_read(self, rng: Random) -> str:
        """The list is polled."""
        del rng
        return str(self.sim.pull(LIST, self.connection, self.tenant))

    def all_run(self, rng: Random) -> str:
        """Whatever is due runs undisturbed."""
        del rng
        return str(self.sim.runner.run_due())

    def _time_passes(self, seconds: float) -> None:
        """No job lives so long that another may take it for dead."""
        self.sim.clock.advance(seconds)
        for job in [job for job in self.jobs if self.sim.clock.time >= self._ends[id(job)]]:
            job.die()
            self.jobs.remove(job)

    def _job(self, rng: Random) -> Job | None:
        return rng.choice(self.jobs) if self.jobs else None

    def _over(self, job: Job) -> str | None:
        if not job.over:
            return None
        self.jobs.remove(job)
        return "over"

    def _touched(self, rng: Random) -> GoogleTask | None:
        """A task that the person may touch."""
        proved = {task.sync.event_id for _, task in self.sim.held() if is_list(task.sync.calendar)}
        found = [each for each in self.shown() if each.id in proved]
        return rng.choice(found) if found else None

    def _value(self, side: str) -> str:
        self._values += 1
        value = f"{side}{self._values}"
        self.said.add(value)
        return value

    def _choose_the_list(self) -> None:
        """The permission is granted, the connection and its user know the list, and it is polled."""
        world = self.sim.google.ctx.world
        for access in world.access_tokens.values():
            access.scopes.append(SCOPE_TASKS)
        for refresh in world.refresh_tokens.values():
            refresh.scopes.append(SCOPE_TASKS)
        link, person = connection_path(self.tenant, self.connection), user_path(self.tenant, UserId("anna"))
        shelf = Watched(
            tenant=self.tenant, connection=self.connection, calendar_id=LIST, due_at=self.sim.clock.now(),
            time_zone="Europe/Berlin",
        )  # fmt: skip
        self.sim.store.commit(
            [
                Patch(path=link, fields={"task_list": LIST}),
                Patch(path=person, fields={f"connections.{self.connection}.task_list": LIST}),
                Set(path=calendar_path(self.tenant, self.connection, LIST), data=to_data(shelf)),
            ]
        )
        self.sim.pull(LIST, self.connection, self.tenant)
