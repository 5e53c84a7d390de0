"""The function `oauth` (/oauth/start, /oauth/callback): a user's browser on its way to Google and back.

One function serves both, since the cookie that binds a consent to its browser stays on one host. The work is in
`shared.usecases.connecting.consent`; pages are in `pages.py`, their words in `oauth_texts.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response

from functions.http import request_id_of
from functions.oauth_texts import FAULT, SAID, text_of
from functions.pages import HEADERS, Text, page_response
from shared.errors import RetryLater
from shared.usecases.connecting.consent import Page, ToGoogle, callback, start

if TYPE_CHECKING:
    from flask import Request

    from shared.usecases.world import World

RETURNING = frozenset({"connected", "already_connected"})
"""Outcomes after which the CRM says the rest itself, if it gave an address."""


def oauth(request: Request) -> Response:
    """Send a browser to Google, or take it back."""
    from infra.wiring import world

    return answer(request, world())


def answer(request: Request, world: World) -> Response:
    """The same with a world given; a HEAD of a link checker spends no state."""
    request_id = request_id_of(request, world.ids.new())
    response = _answered(request, world, request_id)
    response.headers["X-Request-Id"] = request_id
    return response


def _answered(request: Request, world: World, request_id: str) -> Response:
    step = request.path.rstrip("/").rpartition("/")[2]
    if step not in {"start", "callback"}:
        return page_response(Text(title="There is nothing here", lines=("This address leads nowhere.",)), 404)
    if request.method != "GET":
        return Response(status=405, headers={**HEADERS, "Allow": "GET"})
    began_at = world.clock.now()

    def ended(outcome: str, **more: str) -> None:
        took_ms = round((world.clock.now() - began_at).total_seconds() * 1000, 1)
        world.log.event("oauth", outcome, step=step, request_id=request_id, duration_ms=took_ms, **more)

    reason: dict[str, str] = {}
    try:
        done = start(world, request.args) if step == "start" else callback(world, request.args, request.cookies)
    except RetryLater as error:
        reason["error"] = error.code
        done = Page(kind="unavailable")
    except Exception as fault:  # noqa: BLE001 - a person is waiting for a page, whatever it was
        ended("bug", error=type(fault).__name__)
        return page_response(FAULT, 500)
    ended("to_google" if isinstance(done, ToGoogle) else done.kind, **reason)
    secure = world.addresses.oauth.startswith("https://")
    return _to_google(done, secure=secure) if isinstance(done, ToGoogle) else _shown(done, secure=secure)


def _to_google(done: ToGoogle, *, secure: bool) -> Response:
    response = Response(status=302, headers={**HEADERS, "Location": done.location})
    response.set_cookie(
        done.cookie, done.cookie_value, max_age=done.max_age_s, path="/", secure=secure, httponly=True, samesite="Lax"
    )
    return response


def _shown(page: Page, *, secure: bool) -> Response:
    if page.kind in RETURNING and page.return_url is not None:
        response = Response(status=302, headers={**HEADERS, "Location": page.return_url})
    else:
        response = page_response(text_of(page), SAID[page.kind].status)
    if page.spent_cookie is not None:
        response.set_cookie(
            page.spent_cookie, "", max_age=0, expires=0, path="/", secure=secure, httponly=True, samesite="Lax"
        )
    return response
