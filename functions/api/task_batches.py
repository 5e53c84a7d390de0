"""`/v1/tasks/batch` and `/v1/tasks/claim`: many tasks in one call, each on its own, answers in order."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from functions.api.operation import Answer, Call, Resource
from functions.api.preconditions import Condition
from functions.api.task_bodies import EXAMPLE, TaskBody
from functions.api.tasks import content_write
from functions.decoding import decode
from functions.http import KIB, MIB, Problem, problem_of
from shared.errors import Bug, Refused, RetryLater, TandemError, TooLarge
from shared.model.content import OutsideId
from shared.model.ids import TaskId
from shared.usecases.runs.runs import start_run
from shared.usecases.tasks.claim import Claim, claim_tasks
from shared.usecases.tasks.put_task import PutResult, TaskWrite, put_tasks

task_batches = Resource("task_batches")

MOST = 500
MAX_TASK = 64 * KIB


class BatchTask(TaskBody, frozen=True, kw_only=True):
    """One task as PUT takes it, with its id."""

    id: OutsideId


class BatchBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Tasks as they came: each is read on its own, so that one's fault stops no other."""

    tasks: list[msgspec.Raw]


class BatchOfTasks(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Up to 500 tasks."""

    tasks: Annotated[tuple[BatchTask, ...], Meta(max_length=MOST)]


class BatchResult(msgspec.Struct, frozen=True, kw_only=True):
    """One task: stored (201 made, 200 there before) with its version, or `problem`. `id` is null when unreadable."""

    id: str | None
    status: int | UnsetType = UNSET
    version: int | UnsetType = UNSET
    problem: Problem | UnsetType = UNSET


class BatchAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What became of each task, in order."""

    results: tuple[BatchResult, ...]


class ClaimItem(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The id a task was born with, and the CRM's own for it."""

    old: OutsideId = msgspec.field(name="from")
    new: OutsideId = msgspec.field(name="to")


class ClaimBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Up to 500 claims."""

    claims: Annotated[tuple[ClaimItem, ...], Meta(max_length=MOST)]


class ClaimResult(msgspec.Struct, frozen=True, kw_only=True):
    """One claim: carried out (200), or `problem`."""

    old: str = msgspec.field(name="from")
    to: str | UnsetType = UNSET
    status: int | UnsetType = UNSET
    problem: Problem | UnsetType = UNSET


class ClaimAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What became of each claim, in order."""

    results: tuple[ClaimResult, ...]


@task_batches.call(
    "POST /v1/tasks/batch",
    answers={200: BatchAnswer},
    refusals=(413,),
    limit=8 * MIB,
    documented=BatchOfTasks,
    example={"tasks": [{"id": "42", **EXAMPLE}, {"id": "43", "user_id": "anna", "title": "Call back"}]},
)
def put_tasks_in_batch(call: Call, body: BatchBody) -> Answer:
    """Each task is stored or has its problem; what is stored goes to Google by one run per connection."""
    if len(body.tasks) > MOST:
        message = f"a batch has at most {MOST} tasks; send the others in another one"
        raise TooLarge(message)
    read = [_read(raw) for raw in body.tasks]
    writes = [each for each in read if isinstance(each, TaskWrite)]
    stored = put_tasks(call.world, call.tenant, writes, now=call.now, enqueue=False)
    _send(call, stored)
    waiting = iter(stored)
    results = [next(waiting) if isinstance(each, TaskWrite) else each for each in read]
    return Answer(value=BatchAnswer(results=tuple(_result(call, each) for each in results)))


@task_batches.call(
    "POST /v1/tasks/claim",
    answers={200: ClaimAnswer},
    refusals=(413,),
    example={"claims": [{"from": "g_4k2v9c", "to": "44"}]},
)
def claim(call: Call, body: ClaimBody) -> Answer:
    """Tasks that were born in Google have the CRM's ids; the old ids answer 308 for 30 days."""
    wanted = [Claim(old=TaskId(item.old), new=TaskId(item.new)) for item in body.claims]
    results = [
        ClaimResult(old=done.claim.old, to=done.claim.new, status=200)
        if done.error is None
        else ClaimResult(old=done.claim.old, problem=problem_of(done.error, call.request_id))
        for done in claim_tasks(call.world, call.tenant, wanted)
    ]
    return Answer(value=ClaimAnswer(results=tuple(results)))


class _Unread(msgspec.Struct, frozen=True, kw_only=True):
    """A task of a batch that cannot be read."""

    id: str | None
    error: TandemError


class _OnlyId(msgspec.Struct, frozen=True, kw_only=True):
    """What can be said of a task that has faults."""

    id: OutsideId


def _read(raw: msgspec.Raw) -> TaskWrite | _Unread:
    text = bytes(raw)
    try:
        if len(text) > MAX_TASK:
            message = f"a task has at most {MAX_TASK} bytes"
            raise TooLarge(message)
        task = decode(text, BatchTask)
        return content_write(task.id, task, Condition())
    except Refused as error:
        try:
            return _Unread(id=decode(text, _OnlyId).id, error=error)
        except Refused:
            return _Unread(id=None, error=error)


def _result(call: Call, done: PutResult | _Unread) -> BatchResult:
    if done.error is not None:
        return BatchResult(id=done.id, problem=problem_of(done.error, call.request_id))
    if done.task is None:
        message = f"task {done.id} has neither been stored nor refused"
        raise Bug(message)
    return BatchResult(id=done.id, status=201 if done.created else 200, version=done.task.version)


def _send(call: Call, stored: list[PutResult]) -> None:
    """One run per connection; what a run cannot take now is pending and due, so the sweep sends it."""
    waiting = {each.task.sync.connection for each in stored if each.task is not None and each.send}
    for connection in sorted(filter(None, waiting)):
        try:
            options = {"reason": "batch"}
            start_run(call.world, call.tenant, kind="backlog", connection=connection, options=options)
        except (RetryLater, Refused) as error:
            call.world.log.event("api", "run_not_started", tenant=call.tenant, connection=connection, error=error.code)
