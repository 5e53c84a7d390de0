"""The function `pull_calendar` (/jobs/pull-calendar): one read. The work: `shared.usecases.inbound.pull`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.jobs import answer_job
from shared.usecases.inbound import pull as usecase

if TYPE_CHECKING:
    from flask import Request, Response

    from shared.usecases.world import World


def pull_calendar(request: Request) -> Response:
    """Do one inbound job."""
    return answer_job(request, "pull_calendar", usecase.PullPayload, _pulled)


def _pulled(world: World, payload: usecase.PullPayload) -> str:
    return usecase.pull_calendar(world, payload).outcome
