"""A naive CRM: it writes tasks, reads the feed, takes deliveries, and believes what it is told. Start at `Crm`."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import msgspec

from shared.model.content import CONTENT_NAMES, Content
from shared.model.ids import EventId, TaskId
from shared.usecases.feed import read_changes
from shared.usecases.present import task_json
from shared.usecases.tasks.claim import Claim, claim_tasks
from shared.usecases.tasks.delete_task import delete_task
from shared.usecases.tasks.put_task import TaskWrite, put_tasks
from shared.usecases.tasks.settle_conflict import settle_conflict
from tests.simulation.forgetting import Forgotten

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from typing import Literal

    from shared.model.change import Change
    from shared.model.ids import TenantId
    from shared.model.task import Task
    from shared.usecases.world import World

GONE = {"task.deleted"}
ENDED = GONE | {"task.restored"}
"""What tells of a task's end, or that it was brought back from there."""


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """What a CRM looks at in one change, whether it read it in the feed or got it delivered."""

    at: datetime
    kind: str | None
    origin: str
    task_id: str | None
    version: int | None
    task: dict[str, Any] | None


def heard(change: Change) -> Heard:
    """The change as a reader of the feed takes it."""
    return msgspec.convert(change, Heard, from_attributes=True)


class Crm:
    """One tenant's CRM.

    `records` is what it believes: the fields it sent, and what it was told; of two versions the higher one counts.
    """

    def __init__(self, world: World, tenant: TenantId, *, user: str) -> None:
        self.tenant = tenant
        self.records: dict[str, dict[str, Any]] = {}
        self.versions: dict[str, int] = {}
        self.heard: list[Heard] = []
        self.renamed: set[str] = set()
        """Ids that tasks had before the CRM gave them its own."""
        self.forgotten = Forgotten()
        self._world = world
        self._user = user
        self._cursor: str | None = None
        self._unapplied: list[Heard] = []
        self._ended: dict[str, int] = {}
        """The version of the last word on each task's end, or on its return."""
        self._written: set[str] = set()
        """Tasks that it wrote, or is writing, since it last forgot their person: it listens to what is told of them."""

    def put(self, task: str, /, **fields: Any) -> Task:  # noqa: ANN401 - the contract's own fields
        """The task has these fields."""
        return self.writing(task, **fields)()

    def writing(self, task: str, /, **fields: Any) -> Callable[[], Task]:  # noqa: ANN401 - the same
        """A put that has not been made yet; for a job that is paused in the midst of it."""
        return partial(self._put, task, fields)

    def adopt(self, task: str, event_id: str, /, **fields: Any) -> Task:  # noqa: ANN401 - the same
        """The task is made of an event that is there already."""
        return self._put(task, fields, EventId(event_id))

    def put_whole(self, task: str, /, **fields: Any) -> Task:  # noqa: ANN401 - the same
        """The CRM's whole record as it knows it, with these fields changed."""
        known = {name: value for name, value in self.records[task].items() if name in CONTENT_NAMES}
        return self.put(task, **(known | fields))

    def delete(self, task: str) -> None:
        """The task is deleted; the answer names no version, so what was told of its end by then is the newer word."""
        known = self._ended.get(task)
        delete_task(self._world, self.tenant, TaskId(task), if_match=None)
        if self._ended.get(task) == known:
            self.records.pop(task, None)

    def settle(self, task: str, winner: Literal["crm", "google"]) -> None:
        """The task's open conflicts are decided for one side."""
        stored = settle_conflict(self._world, self.tenant, TaskId(task), winner, {})
        self.versions[task] = stored.version

    def claim(self, task: str, own: str) -> None:
        """A task that was made in Google has the CRM's own id from now on."""
        (claimed,) = claim_tasks(self._world, self.tenant, [Claim(old=TaskId(task), new=TaskId(own))])
        if claimed.error is not None:
            raise claimed.error
        self.renamed.add(task)
        if task in self.records:
            self.records[own] = self.records.pop(task)
            self.versions[own] = self.versions.pop(task, 0)

    def forget(self, user: str, tasks: Collection[str]) -> None:
        """Nothing of this person is kept, and what is told of these tasks of theirs is not listened to any more."""
        gone = {task for task, record in self.records.items() if record.get("user_id") == user} | set(tasks)
        self.forgotten.leaves(user, gone, self._world.clock.now())
        self._written -= gone
        for task in gone:
            self.records.pop(task, None)
            self.versions.pop(task, None)

    def welcome(self, user: str) -> None:
        """This person may have tasks again."""
        self.forgotten.returns(user, self._world.clock.now())

    def read_feed(self, limit: int = 100) -> list[Heard]:
        """One page of the feed, applied to the records."""
        page = self.fetch(limit)
        self.catch_up()
        return page

    def fetch(self, limit: int = 100) -> list[Heard]:
        """One page of the feed, not applied yet; what an earlier page told is applied before it is read past."""
        self.catch_up()
        page = read_changes(self._world, self.tenant, self._cursor, limit=limit, include_crm=True)
        self._cursor = page.cursor
        self._unapplied = [heard(change) for change in page.changes]
        return list(self._unapplied)

    def catch_up(self) -> None:
        """What was fetched is applied."""
        waiting, self._unapplied = self._unapplied, []
        for change in waiting:
            self.apply(change)

    def read_whole_feed(self) -> None:
        """Everything up to now is read and, by one more read, acknowledged."""
        while self.read_feed():
            pass

    def take(self, body: str) -> None:
        """A delivery's changes are applied."""
        for change in msgspec.json.decode(body)["data"]["changes"]:
            self.apply(msgspec.convert(change, Heard))

    def apply(self, change: Heard) -> None:
        """Believe one change, unless a newer one is known."""
        self.heard.append(change)
        if change.task is None or change.task_id is None or change.version is None:
            return
        if change.version < self.versions.get(change.task_id, 0):
            return
        if self.forgotten.is_of_a_past_one(change, known=change.task_id in {*self.records, *self._written}):
            return
        self.versions[change.task_id] = change.version
        if change.kind in ENDED:
            self._ended[change.task_id] = change.version
        if change.kind in GONE:
            self.records.pop(change.task_id, None)
        else:
            self.records[change.task_id] = dict(change.task)

    def _put(self, task: str, fields: dict[str, Any], event_id: EventId | None = None) -> Task:
        user = {} if task in self.records or "user_id" in fields else {"user_id": self._user}
        content = msgspec.convert(fields | user, Content)
        write = TaskWrite(id=TaskId(task), content=content, event_id=event_id)
        self._written.add(task)
        (result,) = put_tasks(self._world, self.tenant, [write], now=self._world.clock.now())
        if result.error is not None:
            raise result.error
        stored = cast("Task", result.task)
        if stored.version >= self.versions.get(task, 0):
            # Of what it sent it believes the answer: what only looked like an edit is answered as it stands.
            whole = task_json(stored)
            self.records[task] = self.records.get(task, {}) | {name: whole[name] for name in fields | user}
            self.versions[task] = stored.version
        return stored
