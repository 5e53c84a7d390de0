"""`/v1/users/{user_id}`: a person is erased."""

from __future__ import annotations

from functions.api.connections import EndQuery
from functions.api.operation import Answer, Call, Resource, RunStarted
from shared.usecases.runs.runs import start_run

users = Resource("users")


@users.call("DELETE /v1/users/{user_id}", answers={202: RunStarted}, refusals=(409,))
def erase_user(call: Call, user_id: str, query: EndQuery) -> Answer:
    """The person is being erased: connections end, their events stay or go, tasks and changes are forgotten."""
    run = start_run(call.world, call.tenant, kind="erase", user=user_id, options={"events": query.events})
    return Answer(value=RunStarted(run_id=run), status=202)
