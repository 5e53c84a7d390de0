"""The function `relay` (/relay/start, /relay/callback, /relay/token, /relay/revoke): OAuth for who has no address.

Browsers get pages and redirects, installations OAuth's JSON (RFC 6749, 5). Neither the store nor the log sees a code,
token, state or address. The work is in `shared.relay`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import msgspec
from flask import Response

from functions.http import KIB, json_response, read_body, request_id_of
from functions.pages import HEADERS, Text, page_response
from shared.errors import (
    BadRequest,
    BadState,
    ClientRefused,
    GoogleRefused,
    GrantRevoked,
    NotFound,
    RateLimited,
    RetryLater,
    TandemError,
    TooLarge,
)
from shared.relay.passing import Onward, callback, start
from shared.relay.tokens import exchanged, refreshed, revoked

if TYPE_CHECKING:
    from flask import Request

    from shared.model.oauth import Tokens
    from shared.relay.sealed import Caller
    from shared.usecases.world import World

MOST_BYTES = 16 * KIB
METHODS = {"start": "GET", "callback": "GET", "token": "POST", "revoke": "POST"}
_NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache", "X-Content-Type-Options": "nosniff"}

NOTHING = Text(title="There is nothing here", lines=("This address leads nowhere.",))
OLD_STATE = Text(
    title="This page was used before, or took too long",
    lines=(
        "Connecting must end within ten minutes, in the browser in which it began, with cookies allowed.",
        "Go back to where you came from and open the link to connect again.",
    ),
)
NOT_NOW = Text(
    title="This does not work at the moment",
    lines=("Nothing was changed. Please go back and try again in a few minutes.",),
)
TAKEN_BACK = Text(
    title="This installation may not connect here",
    lines=("The operator of this address has taken its permission back. Tell the administrator of your system.",),
)


def relay(request: Request) -> Response:
    """Answer a browser on its way, or an installation's server."""
    from infra.wiring import world

    return answer(request, world())


def answer(request: Request, world: World) -> Response:
    """The same with a world given."""
    request_id = request_id_of(request, world.ids.new())
    response = _answered(request, world, request_id)
    response.headers["X-Request-Id"] = request_id
    return response


def _answered(request: Request, world: World, request_id: str) -> Response:
    step = request.path.rstrip("/").rpartition("/")[2]
    if step not in METHODS:
        return page_response(NOTHING, 404)
    if request.method != METHODS[step]:
        return Response(status=405, headers={**HEADERS, "Allow": METHODS[step]})
    began_at = world.clock.now()
    for_a_browser = step in {"start", "callback"}

    def ended(outcome: str, caller: Caller | None = None, **more: str) -> None:
        took_ms = round((world.clock.now() - began_at).total_seconds() * 1000, 1)
        installation = caller.installation if caller else None
        world.log.event(
            "relay", outcome, step=step, installation=installation, request_id=request_id, duration_ms=took_ms, **more
        )

    try:
        response, outcome, caller = _passed(request, world, step) if for_a_browser else _served(request, world, step)
    except TandemError as error:
        ended("refused", reason=error.code)
        return _page_of(error) if for_a_browser else _oauth_error(error)
    except Exception as fault:  # noqa: BLE001 - somebody is waiting for an answer, whatever it was
        ended("bug", error=type(fault).__name__)
        return page_response(NOT_NOW, 500) if for_a_browser else _error("server_error", "a fault of the relay's", 500)
    ended(outcome, caller)
    return response


def _passed(request: Request, world: World, step: str) -> tuple[Response, str, Caller]:
    query = _once(request.args.items(multi=True))
    onward = start(world, query) if step == "start" else callback(world, query, request.cookies)
    response = Response(status=302, headers={**HEADERS, "Location": onward.location})
    _hold_cookie(response, onward, secure=world.addresses.relay.startswith("https://"))
    return response, "to_google" if step == "start" else "to_installation", onward.caller


def _hold_cookie(response: Response, onward: Onward, *, secure: bool) -> None:
    response.set_cookie(
        onward.cookie,
        onward.cookie_value,
        max_age=onward.max_age_s,
        path="/",
        secure=secure,
        httponly=True,
        samesite="Lax",
    )


def _served(request: Request, world: World, step: str) -> tuple[Response, str, Caller | None]:
    if request.mimetype != "application/x-www-form-urlencoded":
        raise _BadForm("send a form: application/x-www-form-urlencoded")
    form = _once(parse_qsl(read_body(request, MOST_BYTES).decode("utf-8", "replace"), keep_blank_values=True))
    if step == "revoke":
        revoked(world, form.get("token", ""))
        return Response(status=200, headers=_NO_STORE), "revoked", None
    match form:
        case {"grant_type": "authorization_code", "code": code, "code_verifier": verifier}:
            tokens, caller = exchanged(world, code, verifier)
            return _tokens(tokens, world), "exchanged", caller
        case {"grant_type": "refresh_token", "refresh_token": token}:
            tokens, caller = refreshed(world, token)
            return _tokens(tokens, world), "refreshed", caller
    raise _BadForm(
        "send grant_type authorization_code with code and code_verifier, or refresh_token with refresh_token"
    )


def _tokens(tokens: Tokens, world: World) -> Response:
    body = {
        "access_token": tokens.access_token,
        "token_type": "Bearer",
        "expires_in": max(0, int((tokens.expires_at - world.clock.now()).total_seconds())),
        "scope": " ".join(tokens.scopes),
    }
    return json_response(
        body if tokens.refresh_token is None else {**body, "refresh_token": tokens.refresh_token}, headers=_NO_STORE
    )


class _BadForm(BadRequest):
    """The form is none of those that the token address takes."""


class _Twice(_BadForm):
    """A parameter stands twice, and two readers could take another one each."""


def _once(pairs: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for name, value in pairs:
        if name in found:
            raise _Twice
        found[name] = value
    return found


def _page_of(error: TandemError) -> Response:
    match error:
        case BadState():
            return page_response(OLD_STATE, 400)
        case NotFound():
            return page_response(NOTHING, 404)
        case ClientRefused():
            return page_response(TAKEN_BACK, 403)
        case RetryLater():
            return page_response(NOT_NOW, 503)
    return page_response(
        Text(title="This cannot be passed on", lines=(f"The request is refused: {error.detail.rstrip('.')}.",)), 400
    )


def _oauth_error(error: TandemError) -> Response:
    """The error as OAuth says it (RFC 6749, 5.2)."""
    match error:
        case _BadForm() | TooLarge():
            return _error("invalid_request", error.detail, 400)
        case BadRequest() | GrantRevoked():
            return _error("invalid_grant", error.detail, 400)
        case ClientRefused():
            return _error("unauthorized_client", error.detail, 403)
        case NotFound():
            return _error("invalid_client", error.detail, 404)
        case RateLimited(after_s=after_s):
            return _error("slow_down", error.detail, 429, after_s)
        case RetryLater(after_s=after_s):
            return _error("temporarily_unavailable", error.detail, 503, after_s)
        case GoogleRefused(reason=reason):
            return _error(reason, error.detail, 400)
    return _error("server_error", "a fault of the relay's", 500)


def _error(code: str, detail: str, status: int, after_s: float | None = None) -> Response:
    again = {"Retry-After": str(max(1, math.ceil(after_s)))} if after_s else {}
    body = msgspec.to_builtins({"error": code, "error_description": detail})
    return json_response(body, status, {**_NO_STORE, **again})
