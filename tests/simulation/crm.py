"""A naive CRM: it writes tasks, reads the feed, and believes what it is told. Start at `Crm`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, cast

import msgspec

from shared.model.content import CONTENT_NAMES, Content
from shared.model.ids import TaskId
from shared.usecases.feed import read_changes
from shared.usecases.tasks.delete_task import delete_task
from shared.usecases.tasks.put_task import TaskWrite, put_tasks

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.model.change import Change
    from shared.model.ids import TenantId
    from shared.model.task import Task
    from shared.usecases.world import World

GONE = {"task.deleted"}


class Crm:
    """One tenant's CRM.

    `records` is what it believes: the fields it sent, and what the feed told it; of two versions the higher one counts.
    """

    def __init__(self, world: World, tenant: TenantId, *, user: str) -> None:
        self.records: dict[str, dict[str, Any]] = {}
        self.versions: dict[str, int] = {}
        self.heard: list[Change] = []
        self._world = world
        self._tenant = tenant
        self._user = user
        self._cursor: str | None = None

    def put(self, task: str, /, **fields: Any) -> Task:  # noqa: ANN401 - the contract's own fields
        """The task has these fields."""
        return self.writing(task, **fields)()

    def writing(self, task: str, /, **fields: Any) -> Callable[[], Task]:  # noqa: ANN401 - the same
        """A put that has not been made yet; for a job that is paused in the midst of it."""
        return partial(self._put, task, fields)

    def put_whole(self, task: str, /, **fields: Any) -> Task:  # noqa: ANN401 - the same
        """The CRM's whole record as it knows it, with these fields changed."""
        known = {name: value for name, value in self.records[task].items() if name in CONTENT_NAMES}
        return self.put(task, **(known | fields))

    def delete(self, task: str) -> None:
        """The task is deleted."""
        self.records.pop(task, None)
        delete_task(self._world, self._tenant, TaskId(task), if_match=None)

    def read_feed(self, limit: int = 100) -> list[Change]:
        """One page of the feed, applied to the records."""
        page = read_changes(self._world, self._tenant, self._cursor, limit=limit, include_crm=True)
        self._cursor = page.cursor
        for change in page.changes:
            self.apply(change)
        return list(page.changes)

    def read_whole_feed(self) -> None:
        """Everything up to now is read and, by one more read, acknowledged."""
        while self.read_feed():
            pass

    def apply(self, change: Change) -> None:
        """Believe one change, unless a newer one is known."""
        self.heard.append(change)
        if change.task is None or change.task_id is None or change.version is None:
            return
        if change.version < self.versions.get(change.task_id, 0):
            return
        self.versions[change.task_id] = change.version
        if change.kind in GONE:
            self.records.pop(change.task_id, None)
        else:
            self.records[change.task_id] = dict(change.task)

    def _put(self, task: str, fields: dict[str, Any]) -> Task:
        user = {} if task in self.records or "user_id" in fields else {"user_id": self._user}
        content = msgspec.convert(fields | user, Content)
        write = TaskWrite(id=TaskId(task), content=content)
        (result,) = put_tasks(self._world, self._tenant, [write], now=self._world.clock.now())
        if result.error is not None:
            raise result.error
        stored = cast("Task", result.task)
        self.records[task] = self.records.get(task, {}) | fields | user
        self.versions[task] = stored.version
        return stored
