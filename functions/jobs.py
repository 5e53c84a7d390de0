"""How a job's function answers its queue: 200 ends the job, 503 brings it back, 401 is for strangers.

Only what the queue itself must retry is answered badly; everything else was stored with its reason and is retried as a
new job, so one throttled user never slows the queue for the others.
"""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING, TypeVar

import msgspec

from functions.http import KIB, json_response, problem_response, read_body, request_id_of
from shared.errors import Bug, NeedsHuman, Refused, RetryLater, StartOver, UnknownKey

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Request, Response

    from shared.usecases.world import World

T = TypeVar("T", bound=msgspec.Struct)
MAX_PAYLOAD = 256 * KIB


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a job; nobody reads it but a person who looks at the queue."""

    outcome: str


def answer_job(request: Request, flow: str, kind: type[T], work: Callable[[World, T], str]) -> Response:
    """Do one job and tell its queue whether it is done.

    Args:
        flow: The function's name, for the log.
        kind: What the payload must be.
        work: The use case; returns the outcome's name.
    """
    from infra.wiring import verify_job, world

    here = world()
    request_id = request_id_of(request, here.ids.new())
    try:
        verify_job(request.headers)
        payload = msgspec.json.decode(read_body(request, MAX_PAYLOAD), type=kind)
    except UnknownKey as stranger:
        return problem_response(stranger, request_id)
    except (msgspec.MsgspecError, UnicodeDecodeError, Refused) as fault:
        # No retry mends a payload; what it was about is found again by a sweep.
        here.log.event(flow, "unreadable", error=type(fault).__name__, request_id=request_id)
        return json_response(Ended(outcome="unreadable"))
    began_at = here.clock.now()
    try:
        outcome = work(here, payload)
    except (RetryLater, StartOver) as later:
        here.log.event(flow, "again", error=later.code, request_id=request_id)
        return problem_response(later, request_id)
    except (NeedsHuman, Refused) as ended:
        outcome = ended.code
    except Exception as fault:  # noqa: BLE001 - whatever it is, the queue keeps the job and the log has its trace
        _log_fault(here, flow, fault, request_id)
        return problem_response(Bug(), request_id)
    took = here.clock.now() - began_at
    here.log.event(
        flow, outcome, request_id=request_id, duration_ms=round(took.total_seconds() * 1000, 1), **_named(payload)
    )
    return json_response(Ended(outcome=outcome))


def _named(payload: msgspec.Struct) -> dict[str, str | None]:
    names = ("tenant", "connection", "calendar", "task", "run")
    return {name: str(value) for name in names if (value := getattr(payload, name, None)) is not None}


def _log_fault(world: World, flow: str, error: Exception, request_id: str) -> None:
    """Where it happened, never what was in it: messages of libraries quote values."""
    frames = traceback.extract_tb(error.__traceback__)
    where = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames[-8:]))
    world.log.event(flow, "bug", error=type(error).__name__, where=where, request_id=request_id)
