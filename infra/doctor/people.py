"""What `doctor` finds in any store: keys and what they open, connections that need their user."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from infra.doctor.findings import fault, well
from shared.errors import Bug
from shared.model.connection import Connection
from shared.model.stored import read_as
from shared.ports import Query
from shared.remedies import remedy_of
from shared.usecases.rekey import POSITION, Progress, is_due

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.doctor.findings import Finding
    from shared.usecases.rekey import KeyRing
    from shared.usecases.world import World

PAGE = 500
NEED_THEIR_USER = ("needs_reconnect", "needs_review")


def keys(world: World, ring: KeyRing, *, where: str, count: int, resealed_by: str) -> Finding:
    """How many keys there are, and whether everything is under the first."""
    progress = world.store.get_many([POSITION])[POSITION]
    done = Progress() if progress is None else read_as(Progress, progress)
    retired = f"{count - 1} retired" if count > 1 else "none retired"
    waits = is_due(done, ring.due(world.clock.now()))
    state = f"what is stored is still to be encrypted under the first: {resealed_by}" if waits else "all is under it"
    return well("keys", f"{where}; {retired}; {state}")


def people(world: World, *, restore: str) -> Iterator[Finding]:
    """Grants that no key opens, with how to get the keys back, and whom Tandem waits for."""
    closed, statuses = _connections(world)
    if closed:
        detail = f"{closed} cannot be opened with these keys: {restore}, or ask these users to connect again"
        yield fault("grants", detail)
    for status in NEED_THEIR_USER:
        if statuses[status]:
            yield fault("connections", f"{statuses[status]} {status}: {remedy_of(status)}")
    yield well("connections", f"{statuses.total()} in all, {statuses['active']} active")


def _connections(world: World) -> tuple[int, Counter[str]]:
    """How many grants no key opens, and how many connections there are of each status."""
    closed, statuses = 0, Counter[str]()
    after: tuple[str] | None = None
    while True:
        page = world.store.query(Query(collection="connections", group=True, limit=PAGE, after=after))
        for document in page:
            connection = read_as(Connection, document)
            statuses[connection.status] += 1
            if connection.refresh_token is not None:
                try:
                    world.cipher.open(document.path, connection.refresh_token)
                except Bug:
                    closed += 1
        if len(page) < PAGE:
            return closed, statuses
        after = (page[-1].path,)
