"""The words in which traces are told: one tenant `acme`, its user Anna, her two calendars, and her task `t1`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.simulation.sim import ANNA, Sim

if TYPE_CHECKING:
    from infra.simulator.person import Person
    from shared.model.task import Task
    from shared.usecases.world import Options
    from tests.simulation.stepping import Job

START = "2026-07-02T10:00:00+02:00"
END = "2026-07-02T11:00:00+02:00"


class Story:
    """One simulation with everything a trace of one user needs.

    Args:
        settings: The tenant's.
        second: Anna's other calendar is watched too.
        horizon_s: How long a commit may stay invisible in this store.
    """

    def __init__(
        self, *, second: bool = False, options: Options | None = None, horizon_s: float = 0.0, **settings: object
    ) -> None:
        self.sim = Sim(options=options, horizon_s=horizon_s)
        self.tenant = self.sim.found("acme", **settings)
        others = self.sim.google.ctx.world.calendars.values()
        self.second = next(each.id for each in others if each.owner == ANNA and each.id != ANNA)
        watch = [ANNA, self.second] if second else [ANNA]
        self.connection = self.sim.connect(self.tenant, "anna", ANNA, name="c-anna", watch=watch)
        self.crm = self.sim.crm(self.tenant)
        self.anna: Person = self.sim.google.person(ANNA)

    # The CRM

    def synced(self, task: str = "t1", **fields: Any) -> Task:  # noqa: ANN401 - the contract's own fields
        """The task and its event stand, equal and at rest."""
        self.crm.put(task, **({"title": "a0", "start": START, "end": END} | fields))
        self.sim.settle()
        return self.task(task)

    # Google

    def edits(self, task: str = "t1", **fields: Any) -> None:  # noqa: ANN401 - Google's own fields
        """Anna changes the task's event in Google."""
        sync = self.task(task).sync
        self.later()
        self.anna.edit(str(sync.event_id), calendar=str(sync.calendar), **fields)

    def deletes(self, task: str = "t1") -> None:
        """Anna deletes the task's event in Google."""
        sync = self.task(task).sync
        self.later()
        self.anna.delete(str(sync.event_id), calendar=str(sync.calendar))

    def restores(self, task: str = "t1") -> None:
        """Anna takes it out of the trash."""
        sync = self.task(task).sync
        self.later()
        self.anna.restore(str(sync.event_id), calendar=str(sync.calendar))

    def moves(self, destination: str, task: str = "t1", *, source: str | None = None) -> None:
        """Anna gives the event to another calendar."""
        sync = self.task(task).sync
        self.later()
        self.anna.move_to_calendar(str(sync.event_id), destination, calendar=source or str(sync.calendar))

    # Jobs and time

    def later(self, seconds: float = 1.0) -> None:
        """Time passes."""
        self.sim.clock.advance(seconds)

    def next_sync(self, task: str = "t1") -> Job:
        """The task's job that waits in the queue, handed out."""
        return self.sim.runner.take("sync_task", task)

    def pulling(self, calendar: str = ANNA) -> Job:
        """A pull of one of Anna's calendars, not begun."""
        return self.sim.pulling(calendar, self.connection, self.tenant)

    def pulls(self, calendar: str = ANNA) -> object:
        """One of Anna's calendars is pulled; the outcome."""
        return self.pulling(calendar).finish()

    def settle(self) -> None:
        """The weather clears and everything comes to rest, lawfully."""
        self.sim.settle()

    # Looking

    def task(self, task: str = "t1") -> Task:
        """The task as stored."""
        return self.sim.task(task, self.tenant)

    def event(self, task: str = "t1") -> dict[str, Any]:
        """Its living event; empty when there is none."""
        return self.sim.event(task, self.tenant) or {}

    def titles(self, task: str = "t1") -> tuple[object, object]:
        """What the CRM's side and Google's side call it."""
        return self.task(task).content.title, self.event(task).get("summary")

    def kinds(self) -> list[str]:
        """What the CRM hears from the feed about tasks, in order."""
        self.crm.read_whole_feed()
        return [str(each.kind) for each in self.crm.heard if each.origin != "crm"]
