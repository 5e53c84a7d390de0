"""A tenant's webhook as the API has it: set, rotated, tested, taken away, and what became of its deliveries.

A secret is shown once, when it is made, and kept sealed for the webhook's document.
"""

from __future__ import annotations

import base64
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from msgspec.structs import replace

from shared.errors import Fault, Invalid, LostRace, NotFound
from shared.model.ids import TenantId, delivery_path, tenant_path, webhook_path
from shared.model.stored import read_as, to_data
from shared.model.webhook import Delivery, Secret, Webhook
from shared.ports import SERVER_TIME, Delete, Must, Patch, Query, Revision, Set, WebhookMessage, WebhookReply
from shared.usecases.cursors import open_cursor, seal_cursor
from shared.usecases.jobs import deliver_job, enqueue_due
from shared.webhooks.address import UnusableAddress, read_address
from shared.webhooks.batch import empty_body
from shared.webhooks.stored import change_webhook, open_deliveries, read_webhook, secrets_at
from shared.webhooks.trying import error_of

if TYPE_CHECKING:
    from shared.ports import Document, Write
    from shared.usecases.world import World

SIGNS_ALONG = timedelta(hours=24)
MOST_SECRETS = 5
"""However often a secret is replaced within a day, no more of them sign."""
FIRST_LOOK = timedelta(minutes=10)
ROUNDS = 5
_SCOPE = "deliveries"
_NO_WEBHOOK = "there is no webhook; set one with PUT /v1/webhook"


def set_webhook(world: World, tenant: TenantId, url: str) -> tuple[Webhook, str]:
    """Changes go to this address from now on, signed with a new secret, which is returned this once.

    What another address has not acknowledged yet goes to this one, at once; also where that one was off.

    Raises:
        Invalid: The address is not one that messages may be sent to.
    """
    try:
        read_address(url, loopback_allowed=world.options.loopback_allowed)
    except UnusableAddress as fault:
        raise Invalid([Fault("/url", str(fault))]) from fault
    for _ in range(ROUNDS):
        document, before = read_webhook(world, tenant)
        secrets, plain = _with_new_secret(world, tenant, before)
        now = world.clock.now()
        webhook = Webhook(
            tenant=tenant, url=url, secrets=secrets, since=before.since if before else now, due_at=now + FIRST_LOOK,
            batches=before.batches + 1 if before else 0,
        )  # fmt: skip
        since = {} if before else {"since": SERVER_TIME}
        must = Must.BE_ABSENT if document is None else Revision(document.revision)
        writes: list[Write] = [
            Set(path=webhook_path(tenant), data=to_data(webhook) | since, must=must),
            Patch(path=tenant_path(tenant), fields={"webhook": True}),
            *_due_at_once(world, tenant, now),
        ]
        try:
            world.store.commit(writes)
        except LostRace:
            continue
        enqueue_due(world, deliver_job(tenant, now=now, options=world.options, attempt=world.ids.new()))
        return webhook, plain
    raise LostRace("the webhook is being changed by many at once; try again")


def webhook_of(world: World, tenant: TenantId) -> Webhook:
    """The tenant's webhook.

    Raises:
        NotFound: There is none.
    """
    return _existing(read_webhook(world, tenant)[1])


def rotate_secret(world: World, tenant: TenantId) -> tuple[Webhook, str]:
    """A new secret signs, which is returned this once; the one before signs along for 24 hours.

    Raises:
        NotFound: There is no webhook.
    """
    made: list[str] = []

    def rotated(webhook: Webhook) -> Webhook:
        secrets, plain = _with_new_secret(world, tenant, webhook)
        made[:] = [plain]
        return replace(webhook, secrets=secrets)

    return _existing(change_webhook(world, tenant, rotated)), made[0]


def remove_webhook(world: World, tenant: TenantId) -> None:
    """Nothing is sent any more, and what was under way is given up; having none is no failure."""
    for _ in range(ROUNDS):
        document, _webhook = read_webhook(world, tenant)
        if document is None:
            return
        ended: dict[str, object] = {"state": "failed", "entries": [], "body": "", "due_at": None, "lease_until": None}
        open_ = (delivery_path(tenant, each.delivery.id) for each in open_deliveries(world, tenant))
        writes: list[Write] = [
            Delete(path=document.path, must=Revision(document.revision)),
            Patch(path=tenant_path(tenant), fields={"webhook": False}),
            *(Patch(path=path, fields=ended) for path in open_),
        ]
        try:
            world.store.commit(writes)
        except LostRace:
            continue
        return
    raise LostRace("the webhook is being changed by many at once; try again")


def test_webhook(world: World, tenant: TenantId) -> WebhookReply:
    """A signed batch without changes was sent; what the receiver made of it, `error` saying why it does not count.

    Raises:
        NotFound: There is no webhook.
    """
    webhook, now = webhook_of(world, tenant), world.clock.now()
    message = WebhookMessage(
        url=webhook.url, id=world.ids.new(), at=now, body=empty_body(now), secrets=secrets_at(world, webhook, now)
    )
    reply = world.sender.send(message)
    return WebhookReply(status=reply.status, error=error_of(reply), duration_ms=reply.duration_ms)


def deliveries_of(
    world: World, tenant: TenantId, cursor: str | None, *, limit: int
) -> tuple[list[Delivery], str | None]:
    """The deliveries of 30 days, newest first, and the cursor of the next page.

    Raises:
        Invalid: The cursor is none of this list.
    """
    query = Query(
        collection=f"{tenant_path(tenant)}/deliveries",
        order=("-at",),
        limit=limit + 1,
        after=_opened(world, tenant, cursor) if cursor else None,
    )
    found = world.store.query(query)
    shown = [read_as(Delivery, document) for document in found[:limit]]
    if len(found) <= limit:
        return shown, None
    last: Document = found[limit - 1]
    return shown, seal_cursor(world, tenant, _SCOPE, (shown[-1].at, last.path))


def forget_person(world: World, tenant: TenantId, user: str) -> None:
    """No delivery holds anything of this person; other people's changes in the same batches are delivered anew.

    Their changes are gone by now. A batch that is just being made of what was read before loses its race.
    """
    change_webhook(world, tenant, lambda webhook: replace(webhook, batches=webhook.batches + 1))
    naming = [
        each.delivery.id
        for each in open_deliveries(world, tenant)
        if any(entry.user == user for entry in each.delivery.entries)
    ]
    if naming:
        world.store.commit([Delete(path=delivery_path(tenant, delivery)) for delivery in naming])


def _with_new_secret(world: World, tenant: TenantId, before: Webhook | None) -> tuple[tuple[Secret, ...], str]:
    """The secrets with a new one before them, and that one as its owner sees it: 43 random characters in base64."""
    now = world.clock.now()
    plain = f"whsec_{base64.b64encode(world.ids.secret().encode()).decode()}"
    kept = [
        replace(secret, until=secret.until or now + SIGNS_ALONG)
        for secret in (before.secrets if before else ())
        if secret.until is None or secret.until > now
    ]
    new = Secret(sealed=world.cipher.seal(webhook_path(tenant), plain))
    return (new, *kept[: MOST_SECRETS - 1]), plain


def _due_at_once(world: World, tenant: TenantId, now: datetime) -> list[Patch]:
    """What waits for another try begins anew: its address may be another, or answer again."""
    fresh = {"failures": 0, "failing_since": None, "due_at": now, "lease_until": None}
    return [
        Patch(path=delivery_path(tenant, each.delivery.id), fields=fresh) for each in open_deliveries(world, tenant)
    ]


def _existing(webhook: Webhook | None) -> Webhook:
    if webhook is None:
        raise NotFound(_NO_WEBHOOK)
    return webhook


def _opened(world: World, tenant: TenantId, cursor: str) -> tuple[object, ...]:
    match open_cursor(world, tenant, _SCOPE, cursor):
        case (datetime() as at, str() as path):
            return (at, path)
    raise Invalid([Fault("cursor", "is not a cursor of this list; use next_cursor as it was given")])
