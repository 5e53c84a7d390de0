"""Tasks that other connections hold and that are to go to this one: those that it kept waiting are tried again.

A task whose new connection is paused, or needs its user, rests with no job where it is, and so does one whose new
calendar was out of reach. So whatever changes how a connection or its calendars stand, for better or for good, comes
through here. Start at `arriving`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from shared.errors import LostRace
from shared.model.stored import read_as
from shared.model.task import Task
from shared.ports import Revision
from shared.usecases.inbound.missing import arriving_at
from shared.usecases.outbound.remember import task_writes
from shared.usecases.outbound.sync_task import SyncTaskPayload, sync_task

if TYPE_CHECKING:
    from shared.model.ids import ConnectionId
    from shared.usecases.runs.run_work import Stopped, Work

PAGE = 100


def arriving(work: Work, connection: ConnectionId) -> Stopped | None:
    """Every task that is to go to the connection has been tried, each in the connection that holds it.

    What that one refuses or puts off is noted with the task, whose own job goes on; nothing here waits for it.
    """
    query = replace(arriving_at(work.tenant, connection), limit=PAGE)
    while True:
        behind = work.text("after")
        documents = work.world.store.query(replace(query, after=(behind,) if behind else None))
        for document in documents:
            if (stopped := work.stop()) is not None:
                return stopped
            task = read_as(Task, document)
            if task.sync.state == "error":
                _reopened(work, task, Revision(document.revision))
            at = task.sync
            payload = SyncTaskPayload(tenant=work.tenant, connection=at.connection, calendar=at.calendar, task=task.id)
            sync_task(work.world, payload, quiet=True)
            work.place["after"] = document.path
        if len(documents) < PAGE:
            return None


def _reopened(work: Work, task: Task, revision: Revision) -> None:
    """What was refused waits to be sent again; somebody who writes the task just now makes it due himself."""
    after = replace(task, sync=replace(task.sync, state="pending", reason=None, error=None, attempts=0))
    try:
        work.world.store.commit(task_writes(work.world, work.tenant, task, after, (), revision))
    except LostRace:
        work.world.log.event("run_step", "written_meanwhile", tenant=work.tenant, task=task.id)
