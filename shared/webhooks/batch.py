"""What goes into the next batch: undelivered changes in order, none of a line of which an older batch still waits.

Deliveries take what is undelivered, not a cursor, so a change that becomes visible late is not skipped (rule 24).
Nothing here commits. Start at `next_batch`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from shared.model.change import Change
from shared.model.ids import UserId, tenant_path
from shared.model.stored import read_as
from shared.model.webhook import Delivery, Entry
from shared.ports import Document, Filter, Query
from shared.usecases.present import change_answer

if TYPE_CHECKING:
    from datetime import datetime

    from shared.model.webhook import Webhook
    from shared.usecases.world import World

MOST_CHANGES = 100
MOST_BYTES = 256 * 1024
KEPT = timedelta(days=30)
"""How long the log of a delivery stays readable."""
PAGE = 100
PAGES = 20
"""How far one job looks past changes that must wait; further ones follow when those are delivered."""


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """What to deliver next, not stored yet.

    Args:
        delivery: None: there is nothing, or nothing that need not wait.
        last: No undelivered change lies behind it.
    """

    delivery: Delivery | None
    last: bool


def next_batch(world: World, webhook: Webhook, under_way: Iterable[Delivery], *, lease_until: datetime) -> Batch:
    """The oldest changes that nobody delivers yet, at most 100 and 256 KiB; a single larger one goes alone.

    Args:
        under_way: Batches that are not delivered.
        lease_until: Who freezes it also tries it, undisturbed until then.
    """
    older = [entry for delivery in under_way for entry in delivery.entries]
    frozen, waiting = {entry.id for entry in older}, {entry.line for entry in older} - {None}
    entries: list[Entry] = []
    texts: list[bytes] = []
    now = world.clock.now()
    size = len(_body(now, []))
    last = True
    for document in _undelivered(world, webhook):
        if document is None or len(entries) == MOST_CHANGES:
            last = False
            break
        change = read_as(Change, document)
        entry = _entry(change)
        if change.id in frozen or entry.line in waiting:
            continue
        text = msgspec.json.encode(change_answer(change))
        if entries and size + len(text) + 1 > MOST_BYTES:
            last = False
            break
        entries.append(entry)
        texts.append(text)
        size += len(text) + 1
    if not entries:
        return Batch(delivery=None, last=last)
    delivery = Delivery(
        id=world.ids.new(), at=now, state="retrying", count=len(entries), entries=tuple(entries),
        body=_body(now, texts).decode(), due_at=now, lease_until=lease_until, expires_at=now + KEPT,
    )  # fmt: skip
    return Batch(delivery=delivery, last=last)


def empty_body(now: datetime) -> str:
    """A batch without changes: what a receiver does with it shows that it can read and verify one."""
    return _body(now, []).decode()


def _undelivered(world: World, webhook: Webhook) -> Iterator[Document | None]:
    """Changes without a delivery in the order of the feed; None at the end if there may be more."""
    query = Query(
        collection=f"{tenant_path(webhook.tenant)}/changes",
        filters=(Filter("delivered_at", "==", None), Filter("at", ">=", webhook.since)),
        order=("at",),
        limit=PAGE,
    )
    for _ in range(PAGES):
        page = world.store.query(query)
        yield from page
        if len(page) < PAGE:
            return
        query = msgspec.structs.replace(query, after=(page[-1].data["at"], page[-1].path))
    yield None


def _entry(change: Change) -> Entry:
    user = change.user_id
    return Entry(
        id=change.id, at=change.at, task=change.task_id, connection=change.connection_id,
        user=UserId(user) if user else None,
    )  # fmt: skip


def _body(now: datetime, changes: list[bytes]) -> bytes:
    """The message; its timestamp is the batch's, the headers carry that of each try."""
    data = {"changes": [msgspec.Raw(change) for change in changes]}
    return msgspec.json.encode({"type": "changes.batch", "timestamp": now, "data": data})
