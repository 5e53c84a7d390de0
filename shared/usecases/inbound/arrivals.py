"""What a list's items mean: each is decided against its mapping, read after the list arrived (rules 10, 11).

An item is ours (a mapping names it), another copy of an event that has its task (a view), an earlier generation of
ours that must go (rule 15), or foreign. Outcomes are writes to commit; nothing is committed here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from shared.errors import EventMissing, NoWriteAccess
from shared.google.events import Event, Tombstone
from shared.model.ids import CalendarId, EventId, TenantId, tenant_path
from shared.model.stored import read_as
from shared.model.task import Task
from shared.ports import Calendar, Document, Filter, Query, Revision
from shared.sync.mapping import event_key
from shared.usecases.family import Seen, look
from shared.usecases.inbound.foreign import adopted_or_imported, copied, guest_of_one, known_by_uid
from shared.usecases.inbound.groups import Group, grouped
from shared.usecases.inbound.halves import half_arrived, in_order_of_begin, may_be_half, may_come_of
from shared.usecases.inbound.judge import gone_here, living_here, without_master
from shared.usecases.inbound.outcome import Outcome
from shared.usecases.inbound.single_dates import dates_of_guests, taken_over
from shared.usecases.inbound.views import view_ended
from shared.usecases.outbound.superseded import superseded
from shared.usecases.reading import context_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

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
    whole: bool = True
    """Whatever is listed of a series is listed with all its exceptions; else a series is read by itself."""
    only_asked: bool = False
    """Nothing will be stored: what is new is not read further, and nothing waits for it."""
    contested: bool = False
    """A commit lost a race: somebody may have taken the event, or its id, that no key names yet."""
    overtaken: bool = False
    """Another pull has moved the calendar on since: what is new by this list is got again."""
    late: list[Outcome] = field(default_factory=list)
    """What turned out to be new when it was decided again, and is not stored yet."""
    shown: int = 0
    seen: set[str] = field(default_factory=set)
    outcomes: list[Outcome] = field(default_factory=list)
    _listed: list[Event | Tombstone] = field(default_factory=list)

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
        """Keep a page's items until the list is whole: a series and its exceptions may lie on different pages."""
        self.shown += len(page.items)
        self.seen |= {item.id for item in page.items}
        self._listed.extend(page.items)

    def decide(self) -> None:
        """Decide what was listed: one look-up for 30 events or series, and a second for those that nobody knows."""
        groups, self._listed = grouped(self._listed), []
        self.outcomes.extend(self._in_order(groups))

    def again(self, item: Event | Tombstone, *beside: Event | Tombstone) -> Outcome:
        """One event or series decided anew, from its mapping as it is now."""
        self.contested = True
        outcomes = self._in_order(grouped([item, *beside]))
        return next((each for each in outcomes if each.writes), outcomes[0])

    def _in_order(self, groups: Sequence[Group]) -> list[Outcome]:
        """The outcomes of a list; what may be the later half of a series of ours comes after it (rule 34)."""
        outcomes: list[Outcome] = []
        halves: list[Group] = []
        for first in range(0, len(groups), IN_A_QUERY):
            outcomes += self._decided(groups[first : first + IN_A_QUERY], halves)
        ordered = in_order_of_begin(halves)
        for number, group in enumerate(ordered):
            if not self.only_asked and may_come_of(group, ordered[:number]):
                outcomes.append(Outcome(item=group.items[0], beside=group.items[1:], waits=True))
                continue
            half = half_arrived(self, group, outcomes)
            outcomes += self._decided([group], None) if half is None else [half]
        return outcomes

    def _decided(self, groups: Sequence[Group], halves: list[Group] | None) -> list[Outcome]:
        """The outcomes of some events and series, from mappings read now.

        Args:
            halves: Takes those that no mapping names and that may be later halves; None: they are none.
        """
        mappings = self._mappings(group.key for group in groups)
        if halves is not None:
            halves += [group for group in groups if group.key not in mappings and may_be_half(group)]
            groups = [group for group in groups if group not in halves]
        loose = [item for group in groups if group.key not in mappings for item in group.beside]
        mappings |= self._mappings(item.id for item in loose)
        strangers = [
            item
            for group in groups
            if group.key not in mappings
            for item in group.items
            if isinstance(item, Event) and item.id not in mappings
        ]
        strangers += [date for group in groups if group.key in mappings for date in dates_of_guests(group)]
        copies = known_by_uid(self, [each for each in strangers if each.id not in self.ignore])
        return [outcome for group in groups for outcome in self._of_group(group, mappings, copies)]

    def _mappings(self, ids: Iterable[EventId]) -> dict[str, Document]:
        by_key = {event_key(self.reading.connection.id, each): each for each in ids}
        keys, found, best = list(by_key), dict[str, Document](), dict[str, int]()
        for first in range(0, len(keys), IN_A_QUERY):
            query = Query(
                collection=f"{tenant_path(self.tenant)}/tasks",
                filters=(Filter("sync.keys", "array_contains_any", keys[first : first + IN_A_QUERY]),),
            )
            for document in self.world.store.query(query):
                sync = read_as(Task, document).sync
                for event in (by_key[key] for key in sync.keys if key in by_key):
                    # One has it, another had it until that was gone, and others only remember it.
                    claim = 0 if sync.event_id != event else 1 if sync.gone else 2
                    if claim >= best.get(event, 0):
                        found[event], best[event] = document, claim
        return found

    def _of_group(
        self, group: Group, mappings: Mapping[str, Document], copies: Mapping[str, Document]
    ) -> list[Outcome]:
        document = mappings.get(group.key)
        if document is None:
            return self._of_strangers(group, mappings, copies)
        task, revision = read_as(Task, document), Revision(document.revision)
        ours = task.sync.event_id == group.key and task.sync.connection == self.reading.connection.id
        match group.master:
            case None:
                item = group.items[0]
                return [without_master(self, task, revision, group) if ours else Outcome(item=item)]
            case Tombstone() as ended if ours:
                return [gone_here(self, task, revision, ended)]
            case Event() as living if ours:
                return [taken_over(self, living_here(self, task, revision, living, group), document, group, copies)]
            case others:
                return [self._of_others(others, task, revision)]

    def _of_strangers(
        self, group: Group, mappings: Mapping[str, Document], copies: Mapping[str, Document]
    ) -> list[Outcome]:
        """No task has this event or series. What is listed of a series that nobody can see stands for itself."""
        master = group.master
        if master is not None:
            if isinstance(master, Tombstone) or master.id in self.ignore:
                alone = [Outcome(item=master)]
            else:
                by_themselves = {**copies, **mappings}
                alone = [adopted_or_imported(self, master, copies.get(master.id), group.beside, by_themselves)]
            return alone + [self._of_one(item, mappings[item.id]) for item in group.beside if item.id in mappings]
        return [
            self._of_one(item, mappings[item.id])
            if item.id in mappings
            else guest_of_one(self, item, copies.get(item.id))
            if isinstance(item, Event) and item.id not in self.ignore
            else Outcome(item=item)
            for item in group.beside
        ]

    def _of_one(self, item: Event | Tombstone, document: Document) -> Outcome:
        """An occurrence that has a task by itself: to whom only it was shown, it is no part of a series."""
        task, revision = read_as(Task, document), Revision(document.revision)
        if task.sync.event_id == item.id and task.sync.connection == self.reading.connection.id:
            if isinstance(item, Tombstone):
                return gone_here(self, task, revision, item)
            return living_here(self, task, revision, item, Group(key=item.id, master=item))
        return self._of_others(item, task, revision)

    def _of_others(self, item: Event | Tombstone, task: Task, revision: Revision) -> Outcome:
        """An event that a task knows and that is not its own: a view, an earlier generation, another copy."""
        sync = task.sync
        view = sync.views.get(self.reading.connection.id)
        if view is not None and view.event_id == item.id:
            return view_ended(self, task, revision, item) if isinstance(item, Tombstone) else Outcome(item=item)
        if isinstance(item, Tombstone):
            return Outcome(item=item)
        if self.is_superseded(task, item):
            return superseded(self, task, revision, item)
        if item.ical_uid == sync.ical_uid:
            return copied(self, task, revision, item)
        return Outcome(item=item)

    def is_superseded(self, task: Task, item: Event) -> bool:
        """The *whole* id is our hash for an earlier generation (rule 15), and it is no guest's copy of one."""
        context = self.context()
        return item.organizer_self and any(
            context.event_id(task.id, earlier) == item.id for earlier in range(task.sync.generation)
        )

    def look(self, task: Task) -> Seen | Tombstone | None:
        """The task's event as it is now, of a series with its exceptions (rules 11 and 30); None when there is none."""
        try:
            seen = look(self.calendar, self.place, task)
        except EventMissing:
            return None
        if isinstance(seen, Seen) and seen.event.withheld and self.reading.shelf.writable:
            raise NoWriteAccess  # since the list was made
        return seen

    def by_themselves(self, dates: Iterable[Event | Tombstone]) -> dict[str, Document]:
        """The tasks that dates of a series have by themselves, by event id."""
        living = [each for each in dates if isinstance(each, Event)]
        return {**known_by_uid(self, living), **self._mappings(each.id for each in living)}

    def get(self, event_id: EventId, place: CalendarId | None = None) -> Event | Tombstone | None:
        """The event as it is now, read after its document was (rule 11); None when Google knows none."""
        try:
            return self.calendar.get(place or self.place, event_id)
        except EventMissing:
            return None
