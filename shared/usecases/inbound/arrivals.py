"""What a page's items mean: each is decided against its mapping, read after the page arrived (rules 10, 11).

An item is ours (a mapping names it), another copy of an event that has its task (a view), an earlier generation of
ours that must go (rule 15), or foreign. Outcomes are writes to commit; nothing is committed here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from shared.errors import EventMissing
from shared.google.events import Event, Tombstone
from shared.model.ids import CalendarId, EventId, TenantId, tenant_path
from shared.model.stored import read_as
from shared.model.task import Task
from shared.ports import Calendar, Document, Filter, Query, Revision
from shared.sync.mapping import event_key
from shared.usecases.inbound.foreign import adopted_or_imported, copied, known_by_uid
from shared.usecases.inbound.judge import gone_here, living_here
from shared.usecases.inbound.outcome import Outcome
from shared.usecases.inbound.views import view_ended
from shared.usecases.outbound.superseded import superseded
from shared.usecases.reading import context_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from shared.google.responses import EventPage
    from shared.sync.context import Context
    from shared.usecases.inbound.pull import PullReading
    from shared.usecases.world import World

IN_A_QUERY = 30
"""How many values Firestore takes in one `array-contains-any`: https://firebase.google.com/docs/firestore/query-data/queries"""


@dataclass(slots=True, kw_only=True)
class Arrivals:
    """The items of one list and what they lead to."""

    world: World
    reading: PullReading
    calendar: Calendar
    ignore: frozenset[str] = frozenset()
    import_all: bool = False
    """An explicit import: every future event arrives, whatever `import_external` says."""
    shown: int = 0
    seen: set[str] = field(default_factory=set)
    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def tenant(self) -> TenantId:
        """Whose calendar this is."""
        return self.reading.tenant.id

    @property
    def place(self) -> CalendarId:
        """The calendar that is pulled."""
        return self.reading.shelf.calendar_id

    def context(self) -> Context:
        """What this calendar's tasks are decided in."""
        return context_of(self.world, self.reading.tenant, self.reading.connection, self.reading.shelf)

    def take(self, page: EventPage) -> None:
        """Decide a page's items: one look-up for 30 of them, and a second for those that nobody knows."""
        self.shown += len(page.items)
        self.seen |= {item.id for item in page.items}
        for first in range(0, len(page.items), IN_A_QUERY):
            self.outcomes.extend(self.decided(page.items[first : first + IN_A_QUERY]))

    def decided(self, items: Sequence[Event | Tombstone]) -> list[Outcome]:
        """The outcomes of some items, from mappings read now."""
        mappings = self._mappings(item.id for item in items)
        strangers = [item for item in items if isinstance(item, Event) and item.id not in mappings]
        copies = known_by_uid(self, strangers)
        return [self._decided(item, mappings.get(item.id), copies) for item in items]

    def again(self, item: Event | Tombstone) -> Outcome:
        """One item decided anew, from its mapping as it is now."""
        return self.decided([item])[0]

    def _mappings(self, ids: Iterable[EventId]) -> dict[str, Document]:
        by_key = {event_key(self.reading.connection.id, each): each for each in ids}
        query = Query(
            collection=f"{tenant_path(self.tenant)}/tasks",
            filters=(Filter("sync.keys", "array_contains_any", list(by_key)),),
        )
        found: dict[str, Document] = {}
        for document in self.world.store.query(query) if by_key else ():
            sync = read_as(Task, document).sync
            for event in (by_key[key] for key in sync.keys if key in by_key):
                if event not in found or sync.event_id == event:  # others only remember it
                    found[event] = document
        return found

    def _decided(self, item: Event | Tombstone, document: Document | None, copies: dict[str, Document]) -> Outcome:
        if document is None:
            if isinstance(item, Tombstone) or item.recurring_event_id is not None or item.id in self.ignore:
                return Outcome(item=item)
            return adopted_or_imported(self, item, copies.get(item.ical_uid or ""))
        task, revision = read_as(Task, document), Revision(document.revision)
        sync = task.sync
        if sync.event_id == item.id and sync.connection == self.reading.connection.id:
            if isinstance(item, Tombstone):
                return gone_here(self, task, revision, item)
            return living_here(self, task, revision, item)
        view = sync.views.get(self.reading.connection.id)
        if view is not None and view.event_id == item.id:
            return view_ended(self, task, revision, item) if isinstance(item, Tombstone) else Outcome(item=item)
        if isinstance(item, Tombstone):
            return Outcome(item=item)
        if self._is_superseded(task, item):
            return superseded(self, task, revision, item)
        if item.ical_uid == sync.ical_uid:
            return copied(self, task, revision, item)
        return Outcome(item=item)

    def _is_superseded(self, task: Task, item: Event) -> bool:
        """The *whole* id is our hash for an earlier generation (rule 15), and it is no guest's copy of one."""
        context = self.context()
        return item.organizer_self and any(
            context.event_id(task.id, earlier) == item.id for earlier in range(task.sync.generation)
        )

    def get(self, event_id: EventId, place: CalendarId | None = None) -> Event | Tombstone | None:
        """The event as it is now, read after its document was (rule 11); None when Google knows none."""
        try:
            return self.calendar.get(place or self.place, event_id)
        except EventMissing:
            return None
