"""The brake has held: nothing is carried out, the list is kept, and a person decides (rule 42)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from shared.errors import LostRace
from shared.google.events import Event
from shared.model.connection import WORKING, Connection, Problem, User, UserConnection
from shared.model.ids import RunId, connection_path, run_page_path, run_path, user_path
from shared.model.run import Run, RunItem, RunPage
from shared.model.stored import read_as, to_data
from shared.ports import Must, Patch, Revision, Set, Write
from shared.usecases.changes import connection_change

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.usecases.inbound.outcome import Outcome
    from shared.usecases.inbound.pull import PullReading
    from shared.usecases.world import World

ITEMS_A_PAGE = 500


def hold(world: World, reading: PullReading, inferred: Sequence[Outcome]) -> RunId:
    """The connection waits for a person, who is told once and sees the list as a run that is `held`.

    Raises:
        LostRace: The connection or the calendar changed meanwhile; the pull starts again.
    """
    tenant = reading.tenant.id
    run_id = RunId(world.ids.new())
    link = connection_path(tenant, reading.connection.id)
    person = user_path(tenant, reading.connection.user)
    found = world.store.get_many([link, person])
    document, owner = found[link], found[person]
    if document is None:
        return run_id
    connection = read_as(Connection, document)
    if connection.review is not None:
        raise LostRace("another pull holds a list of this connection already")
    if connection.status not in WORKING:
        raise LostRace("the connection was paused or ended while its list was read")
    items = [_item(each) for each in inferred]
    pages = [items[first : first + ITEMS_A_PAGE] for first in range(0, len(items), ITEMS_A_PAGE)]
    held = replace(
        connection,
        status="needs_review",
        review=run_id,
        problem=Problem(
            code="brake_held",
            detail=f"{len(items)} changes at once look like an accident; look at the list and confirm or discard it",
        ),
    )
    totals = {side: _totals(items, side) for side in ("crm", "google")}
    run = Run(
        id=run_id,
        tenant=tenant,
        kind="review",
        connection=connection.id,
        state="held",
        total=len(items),
        totals=totals,
        pages=len(pages),
        created_at=world.clock.now(),
        checkpoint={"calendar": reading.shelf.calendar_id},
    )
    writes: list[Write] = [
        Set(path=link, data=to_data(held), must=Revision(document.revision)),
        # Another pull that listed at the same time holds the same list, or has taken in what a person decided since.
        # What was deleted before is in this person's hands now too, and the count begins anew.
        Patch(path=reading.shelf_path, fields={"deletions": None}, must=reading.shelf_revision),
        Set(path=run_path(tenant, run_id), data=to_data(run), must=Must.BE_ABSENT),
        *(
            Set(
                path=run_page_path(tenant, run_id, number),
                data=to_data(RunPage(items=tuple(page))),
                must=Must.BE_ABSENT,
            )
            for number, page in enumerate(pages)
        ),
        connection_change(world, held, kind="connection.needs_review"),
    ]
    if owner is not None:
        user = read_as(User, owner)
        known: UserConnection | None = user.connections.get(connection.id)
        if known is not None:
            listed = {**user.connections, connection.id: replace(known, status="needs_review")}
            writes.append(
                Set(path=person, data=to_data(replace(user, connections=listed)), must=Revision(owner.revision))
            )
    world.store.commit(writes)
    world.log.event("brake", "held", tenant=tenant, connection=connection.id, run=run_id, number=len(items))
    return run_id


def _item(outcome: Outcome) -> RunItem:
    event = outcome.item if isinstance(outcome.item, Event) else None
    task = outcome.task
    creating = outcome.action == "create"
    return RunItem(
        side="crm",
        action="create" if creating else "delete",
        task_id=task.id if task else None,
        event_id=outcome.item.id,
        title=(event.summary if event else None) or (task.content.title or None if task else None),
        start=(event.raw_start if event else None) or (task.content.start or None if task else None),
        reason="would be imported" if creating else "its event is gone",
    )


def _totals(items: Sequence[RunItem], side: str) -> dict[str, int]:
    counted: dict[str, int] = {}
    for item in items:
        if item.side == side:
            counted[item.action] = counted.get(item.action, 0) + 1
    return counted
