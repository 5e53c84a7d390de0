"""The function `sweep` (/jobs/sweep): what is overdue, one kind a call. The work is in `shared.usecases.sweep`.

The scheduler names the kind in the address (`?kind=`), a continuation in its payload.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from functions.jobs import answer_job
from shared.usecases import sweep as usecase
from shared.usecases.inbound.sweep_orphans import SweptOrphans
from shared.usecases.rekey import rekey

if TYPE_CHECKING:
    from flask import Request, Response

    from shared.usecases.world import World


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A continuation's payload; the scheduler sends none of it."""

    schema: int = 1
    kind: str | None = None
    after: list[object] | None = None


def sweep(request: Request) -> Response:
    """Do one page of one kind."""
    named = request.args.get("kind")

    def swept(world: World, asked: Asked) -> str:
        return _swept(world, named, asked)

    return answer_job(request, "sweep", Asked, swept)


def _swept(world: World, named: str | None, asked: Asked) -> str:
    if (asked.kind or named) == "keys":
        return _resealed(world)
    try:
        payload = msgspec.convert({"kind": asked.kind or named, "after": asked.after}, usecase.SweepPayload)
    except msgspec.ValidationError:
        return "unknown_kind"
    done = usecase.sweep(world, payload)
    if isinstance(done, SweptOrphans):
        return "held" if done.held else "compared" if done.calendars else "nothing"
    return "swept" if done.due else "nothing"


def _resealed(world: World) -> str:
    from infra.wiring import key_ring

    done = rekey(world, key_ring())
    return "resealed" if done.due else "nothing"
