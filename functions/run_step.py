"""The function `run_step` (/jobs/run-step): one job of a run. The work is in `shared.usecases.runs.run_step`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.jobs import answer_job
from shared.usecases.runs import run_step as usecase

if TYPE_CHECKING:
    from flask import Request, Response


def run_step(request: Request) -> Response:
    """Do one job of a run."""
    return answer_job(request, "run_step", usecase.RunPayload, usecase.run_step)
