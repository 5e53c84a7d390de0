"""`/v1/runs/{run_id}`: long work, how far it is and what it did."""

from __future__ import annotations

from functions.api.operation import Answer, Call, PageQuery, Resource
from shared.model.ids import RunId
from shared.usecases.runs.runs import RunView, get_run

runs = Resource("runs")


@runs.call("GET /v1/runs/{run_id}", answers={200: RunView}, refusals=(404,))
def read_run(call: Call, run_id: str, query: PageQuery) -> Answer:
    """The run as it stands, with a page of its items; `eta_s` are seconds from now."""
    run = get_run(call.world, call.tenant, RunId(run_id), cursor=query.cursor, limit=query.limit)
    return Answer(value=run)
