"""Bad weather by rule: which requests fail, and how. Start at `struck` and `EFFECTS`."""

import re

import msgspec

from infra.simulator.context import Context
from infra.simulator.model import Fault
from infra.simulator.wire import ApiError

_USAGE = "usageLimits"


def _errors() -> dict[str, ApiError]:
    return {
        "userRateLimitExceeded": ApiError(403, "userRateLimitExceeded", "User Rate Limit Exceeded", domain=_USAGE),
        "rateLimitExceeded403": ApiError(403, "rateLimitExceeded", "Rate Limit Exceeded", domain=_USAGE),
        "rateLimitExceeded429": ApiError(429, "rateLimitExceeded", "Rate Limit Exceeded", domain=_USAGE),
        "quotaExceeded": ApiError(403, "quotaExceeded", "Calendar usage limits exceeded.", domain=_USAGE),
        "backendError500": ApiError(500, "backendError", "Backend Error"),
        "backendError503": ApiError(503, "backendError", "Backend Error"),
        "badGateway502": ApiError(502, "backendError", "Bad Gateway"),
        "timeout504": ApiError(504, "backendError", "Gateway Timeout"),
        "authError": ApiError(
            401, "authError", "Invalid Credentials", location="Authorization", location_type="header"
        ),
        "notFound": ApiError(404, "notFound", "Not Found"),
        "forbidden": ApiError(403, "forbidden", "Forbidden"),
        "conflict": ApiError(409, "conflict", "Conflict"),
        "conditionNotMet": ApiError(
            412, "conditionNotMet", "Precondition Failed", location="If-Match", location_type="header"
        ),
        "fullSyncRequired": ApiError(
            410,
            "fullSyncRequired",
            "Sync token is no longer valid, a full sync is required.",
            domain="calendar",
            location="syncToken",
            location_type="parameter",
        ),
        "updatedMinTooLongAgo": ApiError(
            410,
            "updatedMinTooLongAgo",
            "The requested minimum modification time lies too far in the past.",
            domain="calendar",
            location="updatedMin",
            location_type="parameter",
        ),
        "pushRefused": ApiError(
            400,
            "pushNotSupportedForRequestedResource",
            "Push notifications are not supported by this resource.",
            domain="calendar",
        ),
    }


ERRORS = frozenset(_errors())
EFFECTS = ERRORS | {"slow", "cut_before", "cut_after"}


class Strike(msgspec.Struct, frozen=True, kw_only=True):
    """What the weather does to one request: an error instead of an answer, a delay, a cut connection."""

    error: str | None = None
    delay_s: float = 0.0
    cut_before: bool = False
    cut_after: bool = False


CALM = Strike()


def add(ctx: Context, fault: Fault) -> Fault:
    """Put a rule in force.

    Raises:
        ValueError: An effect that does not exist, or a path that is no regular expression.
    """
    if fault.effect not in EFFECTS:
        message = f"unknown effect {fault.effect!r}; there are: {', '.join(sorted(EFFECTS))}"
        raise ValueError(message)
    try:
        re.compile(fault.path)
    except re.error as cause:
        message = f"path is no regular expression: {cause}"
        raise ValueError(message) from cause
    fault.id = ctx.next_number()
    ctx.world.faults.append(fault)
    return fault


def struck(ctx: Context, method: str, path: str, account: str | None) -> Strike:
    """Decide what happens to a request; every rule that matches adds its part."""
    if not ctx.world.faults:
        return CALM
    error, delay_s, before, after = None, 0.0, False, False
    for fault in ctx.world.faults:
        if not _hits(ctx, fault, method, path, account):
            continue
        ctx.counters[f"fault {fault.effect}"] += 1
        delay_s += fault.seconds
        before = before or fault.effect == "cut_before"
        after = after or fault.effect == "cut_after"
        if fault.effect in ERRORS:
            error = error or fault.effect
    return Strike(error=error, delay_s=delay_s, cut_before=before, cut_after=after)


def _hits(ctx: Context, fault: Fault, method: str, path: str, account: str | None) -> bool:
    if fault.method not in {None, method} or fault.account not in {None, account}:
        return False
    if not re.search(fault.path, path) or (fault.count is not None and fault.hits >= fault.count):
        return False
    fault.seen += 1
    if fault.seen <= fault.after or (fault.probability < 1 and ctx.rng.random() >= fault.probability):
        return False
    fault.hits += 1
    return True


def error(name: str) -> ApiError:
    """Make the error an effect names."""
    return _errors()[name]
