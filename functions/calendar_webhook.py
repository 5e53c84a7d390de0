"""The function `calendar_webhook` (/webhooks/google-calendar): Google says that a calendar changed, never what.

A message is proved by its own token, without the store and without any client library, and becomes one named job for
all messages of a short time. 404 for what proves nothing: nothing is read, nothing is queued.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response

from functions.http import request_id_of
from shared.errors import BadChannelToken, RetryLater
from shared.google.channel_token import PURPOSE, prove
from shared.usecases.jobs import pull_job

if TYPE_CHECKING:
    from flask import Request

    from shared.usecases.world import World


def calendar_webhook(request: Request) -> Response:
    """Take one message of Google's."""
    from infra.wiring import world

    return answer(request, world())


def answer(request: Request, world: World) -> Response:
    """The same with a world given. 204 when proved, also if nobody watches any more: the pull then ends in one read.

    Source: https://developers.google.com/workspace/calendar/api/guides/push#responding-to-notifications
    """
    request_id = request_id_of(request, world.ids.new())
    response = _answered(request, world, request_id)
    response.headers["X-Request-Id"] = request_id
    return response


def _answered(request: Request, world: World, request_id: str) -> Response:
    if request.method != "POST":
        return Response(status=405, headers={"Allow": "POST"})
    now = world.clock.now()

    def ended(outcome: str, **named: str) -> None:
        took_ms = round((world.clock.now() - now).total_seconds() * 1000, 1)
        world.log.event("calendar_webhook", outcome, request_id=request_id, duration_ms=took_ms, **named)

    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        notification = prove(headers, keys=world.keys.for_purpose(PURPOSE), now=now)
    except BadChannelToken:
        ended("refused")
        return Response(status=404)
    named = {"tenant": notification.tenant, "connection": notification.connection}
    if notification.state == "sync":  # the channel was opened just now; who opened it pulls once it is granted
        ended("sync", **named)
        return Response(status=204)
    job = pull_job(
        notification.tenant, notification.connection, notification.calendar_key, now=now, options=world.options
    )
    try:
        taken = world.queue.enqueue(job)
    except RetryLater as error:
        ended(error.code, **named)
        return Response(status=503)
    ended("queued" if taken else "coalesced", **named)
    return Response(status=204)
