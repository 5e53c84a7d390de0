"""One try of one frozen batch: sent, and what became of it stored. Start at `try_delivery`."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

import msgspec
from msgspec.structs import replace

from shared.errors import LostRace
from shared.model.ids import TenantId, change_path, delivery_path
from shared.model.stored import read_as
from shared.model.webhook import Delivery, Try, Webhook
from shared.ports import DROP, Patch, Revision, WebhookMessage
from shared.usecases.jobs import deliver_job, enqueue_due
from shared.webhooks.acknowledge import acknowledge
from shared.webhooks.schedule import next_try_at
from shared.webhooks.stored import secrets_at

if TYPE_CHECKING:
    from shared.ports import Document, WebhookReply
    from shared.usecases.world import World

LEASE = timedelta(seconds=30)
"""A try ends within 10 s; after so long somebody died, and the next job tries again under the same id."""


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """How a try ended.

    Args:
        outcome: `taken_over` when another job tries it by now; `gone` after a 410.
        waits: The delivery as it waits for its next try; None: it is done, given up, or another job's.
    """

    outcome: Literal["delivered", "refused", "given_up", "gone", "taken_over"]
    waits: Delivery | None = None


def try_delivery(world: World, webhook: Webhook, delivery: Delivery) -> Tried:
    """The batch was sent once and its changes are acknowledged; or it is due again later, with a job of its own.

    Args:
        webhook: As it is; its secrets sign.
        delivery: Leased by the caller.

    Raises:
        LostRace: It was delivered, and a task kept changing while that was stored; it is sent again under its id.
    """
    now = world.clock.now()
    secrets = secrets_at(world, webhook, now)
    message = WebhookMessage(url=webhook.url, id=delivery.id, at=now, body=delivery.body, secrets=secrets)
    reply = world.sender.send(message)
    tried = Try(at=now, status=reply.status, error=error_of(reply))
    if tried.error is None:
        acknowledge(world, webhook.tenant, delivery, tried)
        ended = Tried(outcome="delivered")
    else:
        ended = _failed(world, webhook.tenant, delivery, tried)
    world.log.event(
        "deliver_changes", ended.outcome, tenant=webhook.tenant, delivery=delivery.id, changes=delivery.count,
        tries=len(delivery.tries) + 1, status=reply.status, error=tried.error, duration_ms=reply.duration_ms,
    )  # fmt: skip
    return ended


def error_of(reply: WebhookReply) -> str | None:
    """Why the reply is no acknowledgement; None when it is one."""
    if reply.status is None:
        return reply.error or "no answer"
    if 200 <= reply.status < 300:
        return None
    if 300 <= reply.status < 400:
        return "redirects are not followed: set the address it leads to"
    if reply.status == 410:
        return "the receiver says it is gone for good, so the webhook is off until it is set again"
    return "the receiver must answer with a status from 200 to 299"


def _failed(world: World, tenant: TenantId, delivery: Delivery, tried: Try) -> Tried:
    """Stored while our lease stands; whoever took the delivery over tells its end."""
    now = world.clock.now()
    failures, since = delivery.failures + 1, delivery.failing_since or tried.at
    due_at = next_try_at(now, failures=failures, failing_since=since, jitter=world.ids.jitter())
    after = replace(
        delivery, tries=(*delivery.tries, tried), failures=failures, failing_since=since, due_at=due_at,
        lease_until=None,
    )  # fmt: skip
    if due_at is None:
        after = replace(after, state="failed", entries=(), body="")
    document = _ours(world, tenant, delivery)
    if document is None:
        return Tried(outcome="taken_over")
    let_go = _let_go(world, tenant, delivery) if due_at is None else []
    try:
        world.store.commit([_patch(document, after), *let_go])
    except LostRace:
        return Tried(outcome="taken_over")
    if due_at is None:
        return Tried(outcome="given_up")
    if tried.status == 410:
        return Tried(outcome="gone", waits=after)
    attempt = f"{delivery.id}-{len(after.tries)}"
    enqueue_due(world, deliver_job(tenant, now=now, options=world.options, attempt=attempt, not_before=due_at))
    return Tried(outcome="refused", waits=after)


def _ours(world: World, tenant: TenantId, delivery: Delivery) -> Document | None:
    """The delivery's document, while the lease in it is the caller's."""
    document = world.store.get_many([path := delivery_path(tenant, delivery.id)])[path]
    if document is None:
        return None
    stored = read_as(Delivery, document)
    return document if stored.state == "retrying" and stored.lease_until == delivery.lease_until else None


def _let_go(world: World, tenant: TenantId, delivery: Delivery) -> list[Patch]:
    """Its changes stay in the feed, but no delivery looks for them any more."""
    paths = [change_path(tenant, entry.id) for entry in delivery.entries]
    found = world.store.get_many(paths)
    return [Patch(path=path, fields={"delivered_at": DROP}) for path in paths if found[path] is not None]


def _patch(document: Document, after: Delivery) -> Patch:
    fields: dict[str, object] = {
        "state": after.state,
        "tries": msgspec.to_builtins(after.tries, builtin_types=(datetime,)),
        "failures": after.failures,
        "failing_since": after.failing_since,
        "due_at": after.due_at,
        "lease_until": None,
    }
    if after.state == "failed":
        fields |= {"entries": [], "body": ""}
    return Patch(path=document.path, fields=fields, must=Revision(document.revision))
