"""How a job's function answers its queue: 200 ends the job, 503 brings it back, 401 is for strangers.

Only what the queue itself must retry is answered badly; everything else was stored with its reason and is retried as a
new job, so one throttled user never slows the queue for the others.
"""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING, TypeVar

import msgspec

from functions.http import KIB, json_response, problem_response, read_body, request_id_of
from shared.errors import Bug, NeedsHuman, Refused, RetryLater, StartOver, StoreUnavailable, UnknownKey
from shared.usecases.jobs import deliver_job, enqueue_due

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
    except (UnknownKey, RetryLater) as unproved:
        return problem_response(unproved, request_id)
    except (msgspec.MsgspecError, UnicodeDecodeError, Refused) as fault:
        # No retry mends a payload; what it was about is found again by a sweep.
        here.log.event(flow, "unreadable", error=type(fault).__name__, request_id=request_id)
        return json_response(Ended(outcome="unreadable"))
    began_at = here.clock.now()

    def ended(outcome: str, **more: str) -> None:
        took_ms = round((here.clock.now() - began_at).total_seconds() * 1000, 1)
        # `later:rate_limited`: counted by its reason, so that stands in a field of its own.
        name, _, reason = outcome.partition(":")
        about = {**_named(request, payload), "reason": reason or None, **more}
        here.log.event(flow, name, request_id=request_id, duration_ms=took_ms, **about)

    try:
        outcome = work(here, payload)
    except StoreUnavailable as unavailable:
        # Its detail is the operator's remedy: a right, a database, a queue that is missing.
        ended("again", error=unavailable.code, detail=unavailable.detail)
        return problem_response(unavailable, request_id)
    except (RetryLater, StartOver) as later:
        ended("again", error=later.code)
        return problem_response(later, request_id)
    except (NeedsHuman, Refused) as refusal:
        outcome = refusal.code
    except Exception as fault:  # noqa: BLE001 - whatever it is, the queue keeps the job and the log has its trace
        ended("bug", error=type(fault).__name__, where=_where(fault))
        return problem_response(Bug(), request_id)
    ended(outcome)
    if request.headers.get("X-CloudTasks-TaskRetryCount", "0") != "0":
        _told_again(here, payload)
    return json_response(Ended(outcome=outcome))


def _told_again(world: World, payload: msgspec.Struct) -> None:
    """A try before may have died between a commit that tells the CRM something and the job that delivers it."""
    tenant = getattr(payload, "tenant", None)
    if tenant is not None:
        enqueue_due(world, deliver_job(tenant, now=world.clock.now(), options=world.options, attempt="retried"))


def _named(request: Request, payload: msgspec.Struct) -> dict[str, str | None]:
    """What the job is about, by ids; a sweep's kind stands in its address."""
    names = ("tenant", "connection", "calendar", "task", "run")
    named = {name: str(value) for name in names if (value := getattr(payload, name, None)) is not None}
    return {**named, "kind": request.args.get("kind")}


def _where(error: Exception) -> str:
    """Where it happened, never what was in it: messages of libraries quote values."""
    frames = traceback.extract_tb(error.__traceback__)
    return " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames[-8:]))
