"""After a backup was put back: nothing is believed that the backup cannot know, and everything is read again.

The store is older than Google and than the CRM. What Google shows counts, also where our own marker says that we wrote
it: the CRM's words behind that write are lost, so they come back from the event. Start at `take_restored`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import msgspec
from msgspec.structs import replace

from shared.errors import Conflicting, LostRace
from shared.model.connection import Connection, Watched
from shared.model.ids import TenantId, event_id_of
from shared.model.stored import read_as, to_data
from shared.model.task import Task
from shared.ports import Query, Revision, Set

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from shared.ports import Document
    from shared.usecases.world import World

Kept = TypeVar("Kept", bound=msgspec.Struct)
PAGE = 500
CHUNK = 100
SAMPLE = 200
ROUNDS = 5
AHEAD = 1_000_000
"""Added to every task's version: the CRM keeps the highest, and may have seen higher ones than the backup holds."""


class Restored(msgspec.Struct, frozen=True, kw_only=True):
    """How many documents are to be proved anew."""

    connections: int = 0
    calendars: int = 0
    tasks: int = 0


def take_restored(world: World) -> Restored:
    """Every calendar is due to be read whole, with the brake on, and every task is ahead of what the CRM has seen.

    May be done again, after a kill too: a task's version then only grows once more.

    Raises:
        Conflicting: These documents were made under another deployment id; nothing was changed.
    """
    require_own_documents(world)
    return Restored(
        connections=_each(world, "connections", Connection, _without_access),
        calendars=_each(world, "calendars", Watched, lambda shelf: _unread(world, shelf)),
        tasks=_each(world, "tasks", Task, _ahead),
    )


def require_own_documents(world: World) -> None:
    """Events of the first tasks have ids that this deployment makes, if any has one.

    Raises:
        Conflicting: None has: everything would be made a second time.
    """
    page = world.store.query(Query(collection="tasks", group=True, limit=SAMPLE))
    tasks = [(TenantId(document.path.split("/", 2)[1]), read_as(Task, document)) for document in page]
    made = [(tenant, task) for tenant, task in tasks if _made_here(task)]
    if made and not any(
        event_id_of(world.deployment, tenant, task.id, task.sync.generation) == task.sync.event_id
        for tenant, task in made
    ):
        raise Conflicting(
            "these documents were made under another deployment id, and with this one every event would be made a "
            "second time: set TANDEM_DEPLOYMENT to the id that the deployment had"
        )


def _made_here(task: Task) -> bool:
    """Its event was inserted by us, under an id of ours."""
    return task.created_in == "crm" and not task.sync.adopted and task.sync.etag is not None


def _without_access(connection: Connection) -> Connection | None:
    """The access token of then is over or replaced; the grant stays."""
    return None if connection.access_token is None else replace(connection, access_token=None, access_expires_at=None)


def _unread(world: World, shelf: Watched) -> Watched | None:
    """The cursor fits no list any more, but is remembered: so the brake counts creations too."""
    if not shelf.watched or shelf.state == "suspended":
        return None
    now = world.clock.now()
    return replace(shelf, token_parameters=None, listing_until=None, due_at=now, renew_at=now)


def _ahead(task: Task) -> Task | None:
    if task.moved_to is not None:
        return None
    sync = replace(
        task.sync,
        restored=task.sync.event_id is not None,
        synced_version=task.sync.synced_version + AHEAD,
        id_version=task.sync.id_version + AHEAD,
    )
    return replace(task, version=task.version + AHEAD, sync=sync)


def _each(world: World, collection: str, kind: type[Kept], change: Callable[[Kept], Kept | None]) -> int:
    """Every document of the collections is changed; how many were."""

    def changed(document: Document) -> Set | None:
        after = change(read_as(kind, document))
        return None if after is None else Set(path=document.path, data=to_data(after), must=Revision(document.revision))

    return sum(_written(world, chunk, changed) for chunk in _chunks(world, collection))


def _chunks(world: World, collection: str) -> Iterator[Sequence[Document]]:
    after: tuple[str] | None = None
    while True:
        page = world.store.query(Query(collection=collection, group=True, limit=PAGE, after=after))
        yield from (page[first : first + CHUNK] for first in range(0, len(page), CHUNK))
        if len(page) < PAGE:
            return
        after = (page[-1].path,)


def _written(world: World, documents: Sequence[Document], changed: Callable[[Document], Set | None]) -> int:
    """One commit for the chunk; where somebody writes one of its documents meanwhile, one for each."""
    writes = [write for document in documents if (write := changed(document)) is not None]
    try:
        if writes:
            world.store.commit(writes)
    except LostRace:
        return sum(_written_alone(world, document, changed) for document in documents)
    return len(writes)


def _written_alone(world: World, document: Document, changed: Callable[[Document], Set | None]) -> int:
    current: Document | None = document
    for _ in range(ROUNDS):
        write = None if current is None else changed(current)
        if write is None:
            return 0
        try:
            world.store.commit([write])
        except LostRace:
            current = world.store.get_many([document.path])[document.path]
            continue
        return 1
    raise LostRace(f"{document.path} is written by others all the time: stop queues and schedules, then do it again")
