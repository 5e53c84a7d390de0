"""The job that tells a CRM what it has not been told: retries that are due first, then new batches while there are any.

A batch is stored before it is sent and keeps its id, so whatever dies or runs twice, the receiver sees one message. One
that keeps failing holds up only the tasks in it: others go on beside it. Start at `deliver_changes`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from shared.errors import LostRace
from shared.model.ids import TenantId, delivery_path, tenant_path, webhook_path
from shared.model.stored import to_data
from shared.model.webhook import Delivery, Webhook, WebhookState
from shared.ports import Must, Patch, Revision, Set
from shared.usecases.jobs import deliver_job, enqueue_due
from shared.webhooks.batch import next_batch
from shared.webhooks.stored import Open, change_webhook, open_deliveries, read_webhook
from shared.webhooks.trying import LEASE, try_delivery

if TYPE_CHECKING:
    from shared.ports import Document, Write
    from shared.usecases.world import World

MOST_OPEN = 10
"""Batches that wait for another try; beyond, nothing new is frozen until one of them ends."""
STEP = timedelta(seconds=35)
"""After so long a job leaves the rest to another."""
LOOK_EVERY = timedelta(minutes=10)
"""The sweep has a webhook looked at so often, whatever became of jobs."""
GRACE = timedelta(minutes=1)
"""How long a retry's own job may be late before the sweep enqueues one."""
ROUNDS = 5


class DeliverPayload(msgspec.Struct, frozen=True, kw_only=True):
    """What a `deliver_changes` job carries."""

    schema: int = 1
    tenant: TenantId


def deliver_changes(world: World, payload: DeliverPayload) -> str:
    """Everything that is due was tried once; what failed is due later. Returns the outcome's name.

    Raises:
        LostRace: A task kept changing while it was acknowledged; the batch is sent again.
    """
    document, webhook = read_webhook(world, payload.tenant)
    if document is None or webhook is None or webhook.state == "off":
        return "no_webhook"
    open_ = {each.delivery.id: each for each in open_deliveries(world, payload.tenant)}
    job = _Delivering(
        world=world, webhook=webhook, document=document, waiting=open_, began_at=world.clock.now(),
        due_at=webhook.due_at,
    )  # fmt: skip
    job.run()
    job.keep_state()
    return job.outcome


@dataclass(slots=True, kw_only=True)
class _Delivering:
    """One job's work, and what it knows of the webhook and its open deliveries."""

    world: World
    webhook: Webhook
    document: Document
    waiting: dict[str, Open]
    began_at: datetime
    due_at: datetime | None
    """When the webhook was to be looked at before this job looked."""
    outcome: str = "nothing"
    tried: set[str] = field(default_factory=set)
    delivered: bool = False
    back: bool = False
    """A retry succeeded: the receiver is back, so the others need not wait for their time."""
    last: bool = False
    """Nothing undelivered is left but what must wait."""

    def run(self) -> None:
        """Try what is due, oldest first, then freeze and try what is new, until nothing is left or time is up."""
        while (delivery := self._next()) is not None:
            self.tried.add(delivery.id)
            ended = try_delivery(self.world, self.webhook, delivery)
            self.outcome = ended.outcome
            self.waiting.pop(delivery.id)
            if ended.waits is not None:
                self.waiting[delivery.id] = Open(delivery=ended.waits)
            if ended.outcome == "delivered":
                self.delivered = True
                self.back = self.back or delivery.failures > 0
            elif ended.outcome == "gone":
                self._switch_off()
                return
            if self.world.clock.now() - self.began_at >= STEP:
                now, options = self.world.clock.now(), self.world.options
                enqueue_due(
                    self.world, deliver_job(self.webhook.tenant, now=now, options=options, attempt=self.world.ids.new())
                )
                return

    def keep_state(self) -> None:
        """The webhook's document says how it stands and when to look again; written only if that is news."""
        now, known = self.world.clock.now(), self.webhook
        if known.state == "off":
            return
        waiting = [each.delivery for each in self.waiting.values()]
        failing = [each.failing_since for each in waiting if each.failing_since is not None]
        if known.failing_since is not None and not self.delivered:
            failing.append(known.failing_since)
        state: WebhookState = "failing" if failing else "active"
        since = min(failing, default=None)
        look_at = min([now + LOOK_EVERY, *(max(each.due_at, now) + GRACE for each in waiting if each.due_at)])
        timely = known.due_at is not None and now + (look_at - now) / 2 <= known.due_at <= look_at
        if timely and (known.state, known.failing_since) == (state, since):
            return

        def as_it_stands(webhook: Webhook) -> Webhook | None:
            if webhook.state == "off" or webhook.secrets != known.secrets:
                return None
            # Whoever wants a look meanwhile knows of something that this job may not have seen.
            wanted = webhook.due_at if webhook.due_at != self.due_at else None
            return replace(webhook, state=state, failing_since=since, due_at=min(look_at, wanted or look_at))

        change_webhook(self.world, known.tenant, as_it_stands)

    def _next(self) -> Delivery | None:
        """What to try now, leased; the webhook is as it is now, and neither gone nor off."""
        candidates = [each for each in self.waiting.values() if self._is_due(each.delivery)]
        if not candidates and (self.last or len(self.waiting) >= MOST_OPEN):
            return None
        if self.tried and not self._read_again():
            return None
        for candidate in candidates:
            if (claimed := self._claimed(candidate)) is not None:
                return claimed
        return self._frozen()

    def _is_due(self, delivery: Delivery) -> bool:
        now = self.world.clock.now()
        if delivery.id in self.tried or delivery.due_at is None:
            return False
        leased = delivery.lease_until is not None and delivery.lease_until > now
        return not leased and (self.back or delivery.due_at <= now)

    def _claimed(self, candidate: Open) -> Delivery | None:
        """The delivery, ours for a while; None when somebody else has it."""
        tenant, delivery = self.webhook.tenant, candidate.delivery
        claimed = replace(delivery, lease_until=self.world.clock.now() + LEASE)
        lease = Patch(
            path=delivery_path(tenant, delivery.id), fields={"lease_until": claimed.lease_until},
            must=Revision(candidate.revision),
        )  # fmt: skip
        try:
            self.world.store.commit([lease])
        except LostRace:
            self.tried.add(delivery.id)
            return None
        return claimed

    def _frozen(self) -> Delivery | None:
        """A new batch, stored; where another job froze one meanwhile, this one starts again from the read."""
        tenant = self.webhook.tenant
        for _ in range(ROUNDS):
            if self.last or len(self.waiting) >= MOST_OPEN:
                return None
            under_way = [each.delivery for each in self.waiting.values()]
            lease_until = self.world.clock.now() + LEASE
            batch = next_batch(self.world, self.webhook, under_way, lease_until=lease_until)
            self.last = batch.last
            if (delivery := batch.delivery) is None:
                return None
            counted = {"batches": self.webhook.batches + 1}
            writes: list[Write] = [
                Set(path=delivery_path(tenant, delivery.id), data=to_data(delivery), must=Must.BE_ABSENT),
                Patch(path=webhook_path(tenant), fields=counted, must=Revision(self.document.revision)),
            ]
            try:
                self.world.store.commit(writes)
            except LostRace:
                if not self._read_again():
                    return None
                self.last = False
                self.waiting = {each.delivery.id: each for each in open_deliveries(self.world, tenant)}
                continue
            self.waiting[delivery.id] = Open(delivery=delivery)
            return delivery
        raise LostRace("many deliver to this webhook at once")

    def _read_again(self) -> bool:
        """The webhook is as stored now; False when it is gone or off."""
        document, webhook = read_webhook(self.world, self.webhook.tenant)
        if document is None or webhook is None or webhook.state == "off":
            return False
        self.document, self.webhook = document, webhook
        return True

    def _switch_off(self) -> None:
        """The receiver said that it is gone for good (410): nothing is sent until the webhook is set again."""
        sent_to, tenant = self.webhook, self.webhook.tenant

        def off(webhook: Webhook) -> Webhook | None:
            if webhook.secrets != sent_to.secrets:
                return None
            since = webhook.failing_since or self.world.clock.now()
            return replace(webhook, state="off", failing_since=since, due_at=None)

        without = Patch(path=tenant_path(tenant), fields={"webhook": False})
        if (after := change_webhook(self.world, tenant, off, also=[without])) is not None:
            self.webhook = after
            self.world.log.event("deliver_changes", "switched_off", tenant=tenant)
