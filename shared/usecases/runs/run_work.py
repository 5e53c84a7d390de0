"""One stretch of a run's work: what a kind is handed, what it says when it stops, and what it leaves to be committed.

A kind works in small pieces; after each piece it moves its checkpoint, so that a stretch that dies is only repeated. It
neither stores the run nor enqueues anything of it: that is `run_step.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal, TypeAlias

import msgspec
from msgspec.structs import replace

from shared.errors import NotFound
from shared.model.connection import Connection, User, Watched
from shared.model.ids import CalendarId, ConnectionId, TenantId, connection_path, tenant_path, user_path
from shared.model.run import ItemAction, ItemSide, Run, RunItem
from shared.model.stored import read_as
from shared.model.tenant import Tenant
from shared.ports import Query, Revision
from shared.usecases.reading import context_of

if TYPE_CHECKING:
    from shared.ports import Document, Write
    from shared.sync.context import Context
    from shared.usecases.runs.pace import Meter
    from shared.usecases.world import World

MOST_CALENDARS = 500
ITEMS_A_STRETCH = 1000


class GoesOn(msgspec.Struct, frozen=True, kw_only=True):
    """There is more to do: at once, or not before Google has room for it."""

    not_before: datetime | None = None


class Ends(msgspec.Struct, frozen=True, kw_only=True):
    """The run is over, or held for a person; `writes` belong to the commit that says so."""

    state: Literal["done", "failed", "held"] = "done"
    detail: str | None = None
    writes: tuple[Write, ...] = ()


Stopped: TypeAlias = GoesOn | Ends


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """A connection with what decides about its tasks, as read in two calls."""

    tenant: Tenant
    connection: Connection
    revision: Revision
    user: User | None
    user_document: Document | None
    shelves: dict[CalendarId, Watched]

    def context(self, world: World, calendar: CalendarId | None) -> Context:
        """What a task of this connection in this calendar is decided in."""
        shelf = self.shelves.get(calendar) if calendar is not None else None
        return context_of(world, self.tenant, self.connection, shelf)

    def ahead(self) -> Account:
        """As it will be with its changed settings in force."""
        return replace(self, connection=replace(self.connection, settings_before=None))

    def watched(self) -> list[Watched]:
        """The calendars that are pulled."""
        return [shelf for shelf in self.shelves.values() if shelf.watched and shelf.state != "suspended"]


@dataclass(slots=True, kw_only=True)
class Work:
    """A stretch of a run's work; changed as the work goes on.

    Args:
        world: Its Google is metered.
        run: As it was read; never changed.
        until: When this job has worked long enough.
        place: The checkpoint, plain JSON; begins as the run's.
        items, counts, done: What this stretch adds.
    """

    world: World
    run: Run
    meter: Meter
    until: datetime
    place: dict[str, object]
    total: int | None
    items: list[RunItem] = field(default_factory=list)
    counts: Counter[tuple[ItemSide, ItemAction]] = field(default_factory=Counter)
    done: int = 0

    @property
    def tenant(self) -> TenantId:
        return self.run.tenant

    def stop(self) -> GoesOn | None:
        """None while there is time, quota and room in the list for one more piece of work."""
        if (free_at := self.meter.free_at()) is not None:
            return GoesOn(not_before=free_at)
        if self.world.clock.now() >= self.until or len(self.items) >= ITEMS_A_STRETCH:
            return GoesOn()
        return None

    def note(self, item: RunItem, *, listed: bool = True) -> None:
        """One thing was done or left; `listed`: it is worth a line and not only a count."""
        self.counts[item.side, item.action] += 1
        if listed:
            self.items.append(item)

    def text(self, name: str) -> str | None:
        """A text in the checkpoint."""
        value = self.place.get(name)
        return value if isinstance(value, str) else None

    def texts(self, name: str) -> list[str] | None:
        """A list of texts in the checkpoint; None when it was never put there."""
        value = self.place.get(name)
        return [str(each) for each in value] if isinstance(value, list) else None

    def option(self, name: str) -> str | None:
        """A text among what was asked for."""
        value = self.run.options.get(name)
        return value if isinstance(value, str) else None

    def account(self, connection: ConnectionId | None = None) -> Account:
        """The run's connection (or another) as it is now.

        Raises:
            NotFound: It was removed.
        """
        wanted = connection or self.run.connection
        if wanted is None:
            raise NotFound("this run names no connection")
        return read_account(self.world, self.tenant, wanted)


def read_account(world: World, tenant: TenantId, connection_id: ConnectionId) -> Account:
    """The connection, its tenant, user and calendars.

    Raises:
        NotFound: There is no such connection.
    """
    owner, link = tenant_path(tenant), connection_path(tenant, connection_id)
    found = world.store.get_many([owner, link])
    tenant_document, document = found[owner], found[link]
    if tenant_document is None or document is None:
        raise NotFound("the connection is gone")
    connection = read_as(Connection, document)
    person = user_path(tenant, connection.user)
    user = world.store.get_many([person])[person]
    shelves = [
        read_as(Watched, shelf)
        for shelf in world.store.query(Query(collection=f"{link}/calendars", limit=MOST_CALENDARS))
    ]
    return Account(
        tenant=read_as(Tenant, tenant_document),
        connection=connection,
        revision=Revision(document.revision),
        user=None if user is None else read_as(User, user),
        user_document=user,
        shelves={shelf.calendar_id: shelf for shelf in shelves},
    )


Phase: TypeAlias = Callable[[Work], Stopped | None]
"""Works until it is through (None), or says why it stops before."""


def in_phases(work: Work, phases: Sequence[tuple[str, Phase]]) -> Stopped:
    """The phase whose turn it is; when it is through, the next one's turn is stored before it begins.

    So a phase may rest on what the ones before it did. The checkpoint's `kept` stays over all of them.
    """
    names = [name for name, _ in phases]
    begun = work.text("phase")
    number = names.index(begun) if begun in names else 0
    if (stopped := phases[number][1](work)) is not None:
        work.place["phase"] = names[number]
        return stopped
    if number + 1 == len(phases):
        return Ends()
    work.place = {"phase": names[number + 1], "kept": work.place.get("kept") or {}}
    return GoesOn()


def soon(work: Work, seconds: float) -> GoesOn:
    """Go on in so many seconds."""
    return GoesOn(not_before=work.world.clock.now() + timedelta(seconds=seconds))
