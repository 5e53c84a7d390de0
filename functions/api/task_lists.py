"""`/v1/connections/{id}/task_lists`: which lists of Google Tasks the account has, to choose one for `google_tasks`."""

from __future__ import annotations

from functions.api.operation import Answer, Call, Page, PageQuery, Resource
from functions.api.slices import slice_of
from shared.model.ids import ConnectionId
from shared.usecases.answers import TaskListAnswer
from shared.usecases.connecting.task_lists import list_task_lists

task_lists = Resource("task_lists")


@task_lists.call(
    "GET /v1/connections/{connection_id}/task_lists", answers={200: Page[TaskListAnswer]}, refusals=(404, 409, 429)
)
def list_task_lists_of_connection(call: Call, connection_id: str, query: PageQuery) -> Answer:
    """Every list of Google Tasks of the account."""
    entries = list_task_lists(call.world, call.tenant, ConnectionId(connection_id))
    found = [TaskListAnswer(task_list_id=entry.id, name=entry.title) for entry in entries]
    scope = f"task_lists {connection_id}"
    return Answer(value=slice_of(call, scope, found, query, name=lambda entry: entry.task_list_id))
