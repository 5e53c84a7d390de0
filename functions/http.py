"""HTTP as every function speaks it: request ids, problem documents (RFC 9457), bodies read within their limits.

Never says more than cause and remedy: no token, title or mail address leaves through an error. Start at `problem_of`,
which maps the errors of `shared.errors` to statuses.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, cast

import msgspec
from flask import Response
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from shared.errors import (
    BadChannelToken,
    BadRequest,
    BadState,
    Conflicting,
    CursorExpired,
    GoogleRefused,
    Invalid,
    Moved,
    NeedsHuman,
    NotFound,
    QuotaExceeded,
    RateLimited,
    RetryLater,
    Stale,
    StartOver,
    TandemError,
    TooLarge,
    UnknownKey,
)
from shared.model.task import Task
from shared.usecases.present import task_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Request

KIB, MIB = 1024, 1024 * 1024
PROBLEM_JSON = "application/problem+json"
_SANE_ID = re.compile(r"[A-Za-z0-9._:+/=-]{1,128}")
_RETRY_AFTER_S = 2.0

STATUSES: dict[type[TandemError], int] = {
    BadRequest: 400,
    BadState: 400,
    UnknownKey: 401,
    NotFound: 404,
    BadChannelToken: 404,
    Moved: 308,
    Conflicting: 409,
    GoogleRefused: 409,
    NeedsHuman: 409,
    CursorExpired: 410,
    Stale: 412,
    TooLarge: 413,
    Invalid: 422,
    QuotaExceeded: 429,
    RateLimited: 429,
    RetryLater: 503,
    StartOver: 503,
}
"""Each error's own status, or its nearest parent's; what is not here is our fault: 500."""

TITLES = {
    308: "The task has another id",
    400: "The request cannot be read",
    401: "The API key is not accepted",
    404: "There is nothing here",
    405: "This address does not know this method",
    409: "The request contradicts how things stand",
    410: "The cursor is too old",
    412: "The version has moved on",
    413: "The body is too large",
    422: "Some values are not acceptable",
    429: "Too much at once",
    500: "Tandem failed",
    503: "Not possible at this moment",
}


class FaultAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One fault: where (a JSON pointer into the body, or the name of a parameter), and what would be right."""

    pointer: str
    detail: str


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why a call did not do what it was asked (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    errors: tuple[FaultAnswer, ...] | None = None
    """For 422: every fault at once."""
    current: dict[str, Any] | None = None
    """For 412: the task as it is."""


def request_id_of(request: Request, made: str) -> str:
    """The caller's `X-Request-Id` if it is one, else the one made for this request."""
    given = request.headers.get("X-Request-Id", "")
    return given if _SANE_ID.fullmatch(given) else made


def status_of(error: TandemError) -> int:
    """The status that says who must act."""
    return next((STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES), 500)


def problem_of(error: TandemError, request_id: str) -> Problem:
    """The error as the caller reads it; one of ours says nothing of its inside."""
    status = status_of(error)
    if status == 500:
        detail = "this is a fault of Tandem's; report it with the request_id"
        return problem(status, "internal", detail, request_id)
    current = error.current if isinstance(error, Stale) else None
    plain = problem(status, error.code, error.detail, request_id)
    return msgspec.structs.replace(
        plain,
        errors=faults_of(error) if isinstance(error, Invalid) else None,
        current=task_json(current) if isinstance(current, Task) else cast("dict[str, Any] | None", current),
    )


def problem(status: int, code: str, detail: str, request_id: str) -> Problem:
    """A problem document; its type is an address below `/docs/errors/`."""
    title = TITLES.get(status, "The request was refused")
    return Problem(
        type=f"/docs/errors/{code}", title=title, status=status, detail=detail, code=code, request_id=request_id
    )


def faults_of(error: Invalid) -> tuple[FaultAnswer, ...]:
    """Every fault that the error names."""
    return tuple(FaultAnswer(pointer=fault.pointer, detail=fault.detail) for fault in error.faults)


def headers_of(error: TandemError) -> dict[str, str]:
    """What a caller needs beside the problem: when to come back, where to go, how to authenticate."""
    match error:
        case UnknownKey():
            return {"WWW-Authenticate": "Bearer"}
        case RetryLater(after_s=after_s):
            return {"Retry-After": str(max(1, math.ceil(after_s or _RETRY_AFTER_S)))}
        case StartOver():
            return {"Retry-After": "1"}
    return {}


def json_response(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer."""
    kind = PROBLEM_JSON if isinstance(value, Problem) else "application/json"
    response = Response(msgspec.json.encode(value), status=status, content_type=kind)
    response.headers.extend(dict(headers or {}))
    return response


def problem_response(error: TandemError, request_id: str) -> Response:
    """The error as an answer, with its request id."""
    headers = {"X-Request-Id": request_id} | headers_of(error)
    return json_response(problem_of(error, request_id), status_of(error), headers)


def read_body(request: Request, limit: int) -> bytes:
    """The whole body, of which no more than `limit` bytes are ever held.

    Holds with a Content-Length, with a wrong one, and without one: what is read is counted, not what is claimed.

    Raises:
        TooLarge: There is more.
        BadRequest: The body ended before the length that was announced.
    """
    # One more than allowed, because Werkzeug cuts a body without a length off at its limit and says nothing.
    request.max_content_length = limit + 1
    too_large = TooLarge(f"the body has more than {limit} bytes; send less at once")
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge as fault:
        raise too_large from fault
    except ClientDisconnected as fault:
        message = "the body ended before its Content-Length"
        raise BadRequest(message) from fault
    if len(body) > limit:
        raise too_large
    return body
