"""The function `renew_channels` (/jobs/renew-channels): every channel that is due. The work is in `shared.usecases`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.jobs import answer_job
from shared.usecases.connecting import renew_channels as usecase

if TYPE_CHECKING:
    from flask import Request, Response

    from shared.usecases.world import World


def renew_channels(request: Request) -> Response:
    """Do one round, or go on with one."""
    return answer_job(request, "renew_channels", usecase.RenewPayload, _renewed)


def _renewed(world: World, payload: usecase.RenewPayload) -> str:
    renewed = usecase.renew_channels(world, payload)
    return "nothing_due" if not renewed.done else "failed" if renewed.failed == renewed.done else "renewed"
