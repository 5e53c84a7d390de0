"""The function `sync_task` (/jobs/sync-task): one task to its event. The work: `shared.usecases.outbound.sync_task`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.jobs import answer_job
from shared.usecases.outbound import sync_task as usecase

if TYPE_CHECKING:
    from flask import Request, Response


def sync_task(request: Request) -> Response:
    """Do one outbound job."""
    return answer_job(request, "sync_task", usecase.SyncTaskPayload, usecase.sync_task)
