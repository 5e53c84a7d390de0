"""`/v1/tasks`: write, read, list, settle. Many at once stand in `task_batches.py`, their types in `task_bodies.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET

from functions.api.operation import Answer, Call, Page, PageQuery, Resource
from functions.api.preconditions import Condition, condition_of
from functions.api.task_bodies import EXAMPLE, ConflictBody, TaskBody, TasksQuery
from functions.http import KIB
from shared.errors import Fault, Invalid, NotFound, Stale
from shared.model.ids import ConnectionId, EventId, TaskId, UserId
from shared.usecases.answers import TaskAnswer
from shared.usecases.present import task_answer
from shared.usecases.tasks.delete_task import delete_task
from shared.usecases.tasks.history import HistoryEntry, read_history
from shared.usecases.tasks.list_tasks import TaskFilter, get_task, list_tasks
from shared.usecases.tasks.put_task import TaskWrite, put_tasks
from shared.usecases.tasks.settle_conflict import settle_conflict

if TYPE_CHECKING:
    from shared.model.task import Task

tasks = Resource("tasks")


@tasks.call(
    "PUT /v1/tasks/{task_id}",
    answers={200: TaskAnswer, 201: TaskAnswer},
    refusals=(308, 409, 412, 413),
    limit=64 * KIB,
    conditional=True,
    example=EXAMPLE,
)
def put_task(call: Call, task_id: str, body: TaskBody) -> Answer:
    """The task is as sent: made if there was none; fields left out stay as they are, null clears."""
    return _written(call, task_id, body, must_exist=False)


@tasks.call(
    "PATCH /v1/tasks/{task_id}",
    answers={200: TaskAnswer},
    refusals=(308, 404, 409, 412, 413),
    limit=64 * KIB,
    conditional=True,
    example={"title": "Call Ms Rossi back", "status": "done"},
)
def patch_task(call: Call, task_id: str, body: TaskBody) -> Answer:
    """The fields sent are as sent; the task exists already."""
    return _written(call, task_id, body, must_exist=True)


@tasks.call("GET /v1/tasks/{task_id}", answers={200: TaskAnswer}, refusals=(308, 404))
def read_task(call: Call, task_id: str) -> Answer:
    """The task, with how it stands in Google."""
    return _answer(get_task(call.world, call.tenant, TaskId(task_id)))


@tasks.call("DELETE /v1/tasks/{task_id}", answers={204: None}, refusals=(308, 412), conditional=True)
def remove_task(call: Call, task_id: str) -> Answer:
    """The task is deleted and its event will be; an unknown id is no failure."""
    condition = condition_of(call.if_match)
    delete_task(call.world, call.tenant, TaskId(task_id), if_match=condition.version)
    return Answer(status=204)


@tasks.call("GET /v1/tasks", answers={200: Page[TaskAnswer]})
def list_tasks_of_tenant(call: Call, query: TasksQuery) -> Answer:
    """Tasks by one filter, alone or with `user_id`; all without any."""
    wanted = TaskFilter(
        user_id=UserId(query.user_id) if query.user_id else None,
        connection_id=ConnectionId(query.connection_id) if query.connection_id else None,
        state=query.state,
        changed_since=query.changed_since,
        start_from=query.start_from,
        start_to=query.start_to,
    )
    page = list_tasks(call.world, call.tenant, wanted, cursor=query.cursor, limit=query.limit)
    return Answer(value=Page(data=tuple(map(task_answer, page.tasks)), next_cursor=page.cursor))


@tasks.call(
    "POST /v1/tasks/{task_id}/conflict",
    answers={200: TaskAnswer},
    refusals=(308, 404, 409),
    example={"resolution": "fields", "fields": {"title": "crm", "start": "google"}},
)
def settle(call: Call, task_id: str, body: ConflictBody) -> Answer:
    """The conflict is settled: each field has the version of the side that was chosen."""
    settled = settle_conflict(
        call.world, call.tenant, TaskId(task_id), body.resolution, body.chosen(), occurrence=body.occurrence
    )
    return _answer(settled)


@tasks.call("GET /v1/tasks/{task_id}/history", answers={200: Page[HistoryEntry]}, refusals=(308, 404))
def read_task_history(call: Call, task_id: str, query: PageQuery) -> Answer:
    """What happened to the task, oldest first, for 30 days: when, from which side, and why."""
    page = read_history(call.world, call.tenant, TaskId(task_id), cursor=query.cursor, limit=query.limit)
    return Answer(value=Page(data=page.entries, next_cursor=page.cursor))


def content_write(task_id: str, body: TaskBody, condition: Condition, *, must_exist: bool = False) -> TaskWrite:
    """The body as the write it asks for.

    Raises:
        Invalid: It names another id than its address.
    """
    if body.id is not UNSET and body.id != task_id:
        raise Invalid([Fault("/id", "must be the id in the address, or be left out")])
    return TaskWrite(
        id=TaskId(task_id),
        content=body.content(),
        event_id=EventId(body.event_id) if body.event_id else None,
        must_exist=must_exist or condition.must_exist,
        if_match=condition.version,
    )


def _written(call: Call, task_id: str, body: TaskBody, *, must_exist: bool) -> Answer:
    condition = condition_of(call.if_match)
    write = content_write(task_id, body, condition, must_exist=must_exist)
    (result,) = put_tasks(call.world, call.tenant, [write], now=call.now)
    if result.error is not None:
        if isinstance(result.error, NotFound) and not must_exist:
            raise Stale("If-Match asks for a task that exists, and there is none") from result.error
        raise result.error
    if result.task is None:
        raise NotFound
    return _answer(result.task, 201 if result.created else 200)


def _answer(task: Task, status: int = 200) -> Answer:
    return Answer(value=task_answer(task), status=status, headers={"ETag": f'"{task.version}"'})
