"""The webhook's documents: read, and changed under the revision they were read at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from shared.errors import LostRace
from shared.model.ids import TenantId, tenant_path, webhook_path
from shared.model.stored import read_as, to_data
from shared.model.webhook import Delivery, Webhook
from shared.ports import Document, Filter, Query, Revision, Set, Write

if TYPE_CHECKING:
    from shared.usecases.world import World

ROUNDS = 5
MOST_READ = 50


class Open(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery that is not done, and the revision it was read at; none for one that was written since."""

    delivery: Delivery
    revision: str = ""


def read_webhook(world: World, tenant: TenantId) -> tuple[Document | None, Webhook | None]:
    """The tenant's webhook as stored; None twice when it has none."""
    path = webhook_path(tenant)
    document = world.store.get_many([path])[path]
    return document, read_as(Webhook, document) if document else None


def change_webhook(
    world: World, tenant: TenantId, change: Callable[[Webhook], Webhook | None], *, also: Sequence[Write] = ()
) -> Webhook | None:
    """The webhook as changed; None when there is none, or `change` gave none: then nothing was written.

    Args:
        change: Called with the webhook as it is, again after each lost race.
        also: Written in the same commit.

    Raises:
        LostRace: Others kept winning.
    """
    for _ in range(ROUNDS):
        document, webhook = read_webhook(world, tenant)
        if document is None or webhook is None or (after := change(webhook)) is None:
            return None
        if after == webhook and not also:
            return webhook
        try:
            world.store.commit([Set(path=document.path, data=to_data(after), must=Revision(document.revision)), *also])
        except LostRace:
            continue
        return after
    raise LostRace("the webhook is being changed by many at once; try again")


def open_deliveries(world: World, tenant: TenantId) -> list[Open]:
    """Batches that are to be tried again, or were frozen and not tried yet; oldest first."""
    query = Query(
        collection=f"{tenant_path(tenant)}/deliveries",
        filters=(Filter("state", "==", "retrying"),),
        order=("at",),
        limit=MOST_READ,
    )
    found = world.store.query(query)
    return [Open(delivery=read_as(Delivery, document), revision=document.revision) for document in found]


def secrets_at(world: World, webhook: Webhook, now: datetime) -> tuple[str, ...]:
    """The secrets that sign at that moment, the current one first."""
    path = webhook_path(webhook.tenant)
    living = [secret for secret in webhook.secrets if secret.until is None or secret.until > now]
    return tuple(world.cipher.open(path, secret.sealed) for secret in living)
