"""`/v1/status`: how the tenant stands."""

from __future__ import annotations

from functions.api.operation import Answer, Call, Resource
from shared.usecases.status import StatusAnswer, status_of_tenant

status = Resource("status")


@status.call("GET /v1/status", answers={200: StatusAnswer})
def read_status(call: Call) -> Answer:
    """Connections and tasks by state, what is late, and what needs a person."""
    return Answer(value=status_of_tenant(call.world, call.tenant))
