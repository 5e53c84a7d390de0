"""A task of Anna's in a list of Google Tasks: what the CRM, Google and Tandem's jobs do with it, in few words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from infra.simulator.model import Fault, GoogleTask
from shared.model.content import Content
from shared.model.ids import TaskId, key_of, task_path
from shared.model.task import Task
from shared.model.task_lists import list_place
from shared.usecases.inbound.pull import Pulled, PullPayload, pull_calendar
from shared.usecases.outbound.sync_task import SyncTaskPayload, sync_task
from shared.usecases.tasks.put_task import TaskWrite, put_tasks
from tests.google.worlds import ANNA, USER, Place

if TYPE_CHECKING:
    from infra.simulator.person import Person
    from shared.model.connection import Connection

T1 = TaskId("t1")
LIST = list_place("@default")
DAY = "2026-12-01"
PROVED_S = 121
"""Seconds after which an insert that nobody answered for can no longer be under way."""


@dataclass(slots=True, kw_only=True)
class Listed:
    """Task `t1` of a connection whose tasks with a date alone go to the list."""

    here: Place
    anna: Connection

    def put(self, **content: object) -> None:
        """The CRM writes it."""
        whole = Content(**({"user_id": USER, "title": "Call", "start": DAY} | content))  # type: ignore[arg-type]
        write = TaskWrite(id=T1, content=whole)
        world = self.here.world
        (result,) = put_tasks(world, self.here.tenant, [write], now=world.clock.now(), enqueue=False)
        assert result.error is None

    def sync(self) -> str:
        """Its job runs once."""
        payload = SyncTaskPayload(tenant=self.here.tenant, connection=self.anna.id, calendar=LIST, task=T1)
        return sync_task(self.here.world, payload)

    def sync_through(self, store: object) -> str:
        """Its job runs once over a store that stands in for its own."""
        before = self.here.world
        self.here.with_world(store=store)
        try:
            return self.sync()
        finally:
            self.here.with_world(store=before.store)

    def synced_later(self) -> str:
        """Its job runs again when nobody can be inserting any more."""
        self.here.advance(seconds=PROVED_S)
        return self.sync()

    def pull(self) -> Pulled:
        """The list is read once."""
        payload = PullPayload(tenant=self.here.tenant, connection=self.anna.id, calendar=key_of(LIST))
        return pull_calendar(self.here.world, payload)

    @property
    def task(self) -> Task:
        """As it is stored."""
        return self.here.read(Task, task_path(self.here.tenant, T1))

    @property
    def person(self) -> Person:
        """Anna before her list."""
        return self.here.simulator.google.person(ANNA)

    @property
    def in_google(self) -> list[GoogleTask]:
        """What her list shows."""
        return self.person.tasks()

    @property
    def titles(self) -> list[str]:
        """The titles that her list shows."""
        return [each.title for each in self.in_google]

    def next_fails(self, method: str, effect: Literal["cut_after", "cut_before"] = "cut_after") -> None:
        """Google's answer to the next such request is lost, or the request never arrives."""
        fault = Fault(effect=effect, method=method, path="/tasks/v1/lists", count=1)
        self.here.simulator.google.add_fault(fault)
