"""Tasks that other connections hold and that are to go to this one: those that it kept waiting are tried again.

A task whose new connection is paused, or needs its user, rests with no job where it is. So whatever changes how a
connection stands, for better or for good, comes through here. Start at `arriving`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from shared.model.ids import tenant_path
from shared.model.stored import read_as
from shared.model.task import Task
from shared.ports import Filter, Query
from shared.usecases.outbound.sync_task import SyncTaskPayload, sync_task

if TYPE_CHECKING:
    from shared.model.ids import ConnectionId
    from shared.usecases.runs.run_work import Stopped, Work

PAGE = 100


def arriving(work: Work, connection: ConnectionId) -> Stopped | None:
    """Every task that is to go to the connection has been tried, each in the connection that holds it.

    What that one refuses or puts off is noted with the task, whose own job goes on; nothing here waits for it.
    """
    filters = (Filter("sync.target_connection", "==", connection),)
    query = Query(collection=f"{tenant_path(work.tenant)}/tasks", filters=filters, limit=PAGE)
    while True:
        behind = work.text("after")
        documents = work.world.store.query(replace(query, after=(behind,) if behind else None))
        for document in documents:
            if (stopped := work.stop()) is not None:
                return stopped
            task = read_as(Task, document)
            at = task.sync
            payload = SyncTaskPayload(tenant=work.tenant, connection=at.connection, calendar=at.calendar, task=task.id)
            sync_task(work.world, payload, quiet=True)
            work.place["after"] = document.path
        if len(documents) < PAGE:
            return None
