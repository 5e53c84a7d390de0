"""`/portal/session/<token>`: a link that a CRM gave its user is opened, once. A HEAD of a link checker spends nothing.

The settings page is not there yet, and the page that is says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response

from functions.http import request_id_of
from functions.pages import HEADERS, Text, page_response
from shared.errors import BadState, RetryLater
from shared.usecases.connecting.portal_sessions import Opened, open_portal_session

if TYPE_CHECKING:
    from flask import Request

    from shared.usecases.world import World

_SESSION = "/portal/session/"

NOTHING = Text(title="There is nothing here", lines=("This address leads nowhere.",))
SPENT = Text(
    title="This link no longer works",
    lines=(
        "It opens once, within ten minutes: it was used before, is too old, or was not copied whole.",
        "Go back to where you came from and open the settings of your calendar again. You get a new link there.",
    ),
)
UNAVAILABLE = Text(
    title="This does not work at the moment",
    lines=("Nothing was changed. Please go back and open the settings of your calendar again in a few minutes.",),
)


def answer(request: Request, world: World) -> Response:
    """The page behind the link, or what to do where there is none."""
    request_id = request_id_of(request, world.ids.new())
    response = _answered(request, world, request_id)
    response.headers["X-Request-Id"] = request_id
    return response


def _answered(request: Request, world: World, request_id: str) -> Response:
    if not request.path.startswith(_SESSION):
        return page_response(NOTHING, 404)
    if request.method != "GET":
        return Response(status=405, headers={**HEADERS, "Allow": "GET"})
    began_at = world.clock.now()
    tenant, outcome = None, "opened"
    try:
        opened = open_portal_session(world, request.path.removeprefix(_SESSION))
        tenant, response = opened.session.tenant, page_response(_welcome(opened), 200)
    except BadState as error:
        outcome, response = error.code, page_response(SPENT, 410)
    except RetryLater as error:
        outcome, response = error.code, page_response(UNAVAILABLE, 503)
    except Exception as fault:  # noqa: BLE001 - a person is waiting for a page, whatever it was
        world.log.event("portal", "bug", error=type(fault).__name__, request_id=request_id)
        return page_response(UNAVAILABLE, 500)
    took = world.clock.now() - began_at
    took_ms = round(took.total_seconds() * 1000, 1)
    world.log.event("portal", outcome, tenant=tenant, request_id=request_id, duration_ms=took_ms)
    return response


def _welcome(opened: Opened) -> Text:
    name = opened.tenant.brand.get("name") or opened.tenant.name
    back = opened.session.return_url
    return Text(
        title="Your calendar connection",
        lines=(
            f"You are {opened.session.user} at {name}.",
            "The page on which you choose calendars and settings yourself comes with a later version.",
            f"Until then, {name} can change them for you.",
        ),
        links=((f"Back to {name}", back),) if back else (),
    )
