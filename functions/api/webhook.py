"""`/v1/webhook`: where the tenant's changes go, and what became of them. A secret is shown once, when it is made."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from functions.api.operation import Answer, Call, Page, PageQuery, Resource
from shared.model.webhook import Delivery, DeliveryState, Webhook, WebhookState
from shared.webhooks import manage
from shared.webhooks.address import LONGEST

webhook = Resource("webhook")


class WebhookBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where changes go."""

    url: Annotated[
        str,
        Meta(
            pattern="^https?://[!-~]+$(?!\\n)", max_length=LONGEST,
            description="https and public; on one machine also http to a loopback address",
        ),
    ]  # fmt: skip


class WebhookAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The webhook. `failing` while a batch waits for another try; `off` after a 410, until it is set again."""

    url: str
    state: WebhookState
    failing_since: datetime | None


class WebhookSecretAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The webhook with its new secret, shown this once. The secret before it signs along for 24 hours."""

    url: str
    state: WebhookState
    failing_since: datetime | None
    secret: str


class WebhookTestAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the receiver answered to a batch without changes; status null when it did not, `error` says why."""

    status: int | None
    duration_ms: float
    error: str | None = None


class TryAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One try: the receiver's status, null when it did not answer; `error` is null when it counts."""

    at: datetime
    status: int | None
    error: str | None


class DeliveryAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A batch of changes; its id is the `webhook-id` of all its tries."""

    id: str
    at: datetime
    state: DeliveryState
    changes: int
    tries: tuple[TryAnswer, ...]
    next_try_at: datetime | None


@webhook.call("GET /v1/webhook", answers={200: WebhookAnswer}, refusals=(404,))
def read_webhook(call: Call) -> Answer:
    """The tenant's webhook; never its secrets."""
    return Answer(value=_answer(manage.webhook_of(call.world, call.tenant)))


@webhook.call(
    "PUT /v1/webhook", answers={200: WebhookSecretAnswer}, example={"url": "https://crm.example.com/hooks/tandem"}
)
def set_webhook(call: Call, body: WebhookBody) -> Answer:
    """Changes go to this address from now on, signed with a new secret, which is shown this once."""
    return Answer(value=_with_secret(*manage.set_webhook(call.world, call.tenant, body.url)))


@webhook.call("DELETE /v1/webhook", answers={204: None})
def remove_webhook(call: Call) -> Answer:
    """Nothing is sent any more; the feed goes on."""
    manage.remove_webhook(call.world, call.tenant)
    return Answer(status=204)


@webhook.call("POST /v1/webhook/test", answers={200: WebhookTestAnswer}, refusals=(404,))
def test_webhook(call: Call) -> Answer:
    """A signed batch without changes was sent, and the receiver's status is told."""
    reply = manage.test_webhook(call.world, call.tenant)
    return Answer(value=WebhookTestAnswer(status=reply.status, duration_ms=reply.duration_ms, error=reply.error))


@webhook.call("POST /v1/webhook/rotate", answers={200: WebhookSecretAnswer}, refusals=(404,))
def rotate_webhook_secret(call: Call) -> Answer:
    """A new secret signs, which is shown this once; the one before signs along for 24 hours."""
    return Answer(value=_with_secret(*manage.rotate_secret(call.world, call.tenant)))


@webhook.call("GET /v1/webhook/deliveries", answers={200: Page[DeliveryAnswer]})
def list_deliveries(call: Call, query: PageQuery) -> Answer:
    """The deliveries of the last 30 days with their tries, newest first."""
    found, cursor = manage.deliveries_of(call.world, call.tenant, query.cursor, limit=query.limit)
    return Answer(value=Page(data=tuple(map(_delivery, found)), next_cursor=cursor))


def _answer(found: Webhook) -> WebhookAnswer:
    return WebhookAnswer(url=found.url, state=found.state, failing_since=found.failing_since)


def _with_secret(found: Webhook, secret: str) -> WebhookSecretAnswer:
    return WebhookSecretAnswer(url=found.url, state=found.state, failing_since=found.failing_since, secret=secret)


def _delivery(found: Delivery) -> DeliveryAnswer:
    tries = tuple(TryAnswer(at=each.at, status=each.status, error=each.error) for each in found.tries)
    return DeliveryAnswer(
        id=found.id, at=found.at, state=found.state, changes=found.count, tries=tries, next_try_at=found.due_at
    )
