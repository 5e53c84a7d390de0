"""What must hold of occurrences when the weather has cleared: each equals its instance, and nothing said vanished."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from infra.simulator.clock import from_us
from infra.simulator.ledger import masters
from infra.simulator.recurrence import makes
from shared.google.series import family_of
from shared.model.ids import TaskId
from shared.sync.expansion import without_end
from shared.sync.occurrence import CANCELLED, IS_CANCELLED
from shared.usecases.feed import read_changes
from shared.usecases.tasks.occurrences import list_occurrences
from tests.simulation.laws import LawBroken

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from infra.simulator.model import Calendar, Event
    from shared.model.change import Change
    from shared.model.ids import TenantId
    from shared.model.task import Task
    from shared.usecases.tasks.occurrences import Expanded
    from tests.simulation.sim import Sim

FIRST, LAST = datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 10, 1, tzinfo=UTC)
JUDGED = "20260930"
"""Original starts before this day: a whole day at the very end begins in Google's zone and not yet in the CRM's."""
TEXTS = {"title": "summary", "location": "location"}


def check(sim: Sim, said: SaidOfOccurrences) -> None:
    """Every law of occurrences holds.

    Raises:
        LawBroken: One does not.
    """
    broken = [*occurrences_equal(sim), *said.check(sim)]
    if broken:
        raise LawBroken("; ".join(broken))


def expanded(sim: Sim, tenant: TenantId, task: str) -> dict[str, Expanded]:
    """The occurrences of a series as the CRM reads them, by original start."""
    page = list_occurrences(sim.world, tenant, TaskId(task), first=FIRST, last=LAST, cursor=None, limit=500)
    return {each.slot.original_start: each for each in page.occurrences}


def occurrences_equal(sim: Sim) -> Iterator[str]:
    """Each occurrence of a synced series equals its instance, except where a conflict is shown."""
    for tenant, task in sim.held():
        if task.sync.state not in {"synced", "conflict"} or not task.content.recurrence:
            continue
        if task.sync.connection is None or not task.sync.organizer:
            continue
        if {"time", "recurrence"} & task.sync.conflict.keys():
            continue
        ours = expanded(sim, tenant, task.id)
        theirs = {
            start: each for start, each in instances(sim, task).items() if start in ours or _is_made(sim, task, each)
        }
        later = _later_halves_begin(sim, task)
        ends = min(later, JUDGED)
        for start in sorted(start for start in ours.keys() | theirs.keys() if start.replace("-", "") < ends):
            one = ours.get(start)
            if (one is not None and "cancelled" in one.occurrence.conflict) or _has_two_series(sim, task, start):
                continue
            if one is not None and one.occurrence.base.get(CANCELLED, ("", ""))[1] == IS_CANCELLED:
                takes_place = start in theirs  # a person cancelled it, and the policy lets the CRM keep it
            else:
                takes_place = one is not None and not one.occurrence.cancelled
            if takes_place != (start in theirs):
                yield f"{task.id}/{start} takes place in the CRM: {takes_place}, in Google: {start in theirs}"
            elif one is not None and start in theirs:
                yield from (f"{task.id}/{start}.{each}" for each in _differences(one, theirs[start], task))


def _later_halves_begin(sim: Sim, task: Task) -> str:
    """The first original start that a later half of the series has too: Google then shows that one alone."""
    master = str(task.sync.event_id)
    family = masters(sim.google.ctx.world.calendars[str(task.sync.calendar)], master)
    own = next((each.start_us for each in family if each.id == master), 0)
    return min((f"{from_us(each.start_us):%Y%m%dT%H%M%SZ}" for each in family if each.start_us > own), default="9")


def _has_two_series(sim: Sim, task: Task, start: str) -> bool:
    """Two halves make this date, by a rule that somebody gave one of them afterwards.

    Google would call both by one id, and nobody has seen what it does then.
    """
    calendar, event_id = sim.google.ctx.world.calendars[str(task.sync.calendar)], str(task.sync.event_id)
    named = f"{family_of(event_id)}_{start.replace('-', '')}"
    return sum(makes(each, named, calendar.time_zone) for each in masters(calendar, event_id)) > 1


def instances(sim: Sim, task: Task) -> dict[str, dict[str, Any]]:
    """The living instances of a series as its account's page shows them, by original start."""
    sync = task.sync
    person = sim.google.person(sim.accounts[str(sync.connection)])
    shown = person.events(calendar=str(sync.calendar), start=FIRST, end=LAST)
    return {key_of(each["originalStartTime"]): each for each in shown if each.get("recurringEventId") == sync.event_id}


def _is_made(sim: Sim, task: Task, instance: dict[str, Any]) -> bool:
    """The rule makes it; Google may keep an exception under a series that was moved away from it."""
    calendar = sim.google.ctx.world.calendars[str(task.sync.calendar)]
    return makes(calendar.events[str(task.sync.event_id)], instance["id"], calendar.time_zone)


def _differences(one: Expanded, event: dict[str, Any], task: Task) -> Iterator[str]:
    open_fields = one.occurrence.conflict.keys() | task.sync.conflict.keys()
    for name, theirs in TEXTS.items():
        value = getattr(one.content, name) or None
        if name not in open_fields and value != event.get(theirs):
            yield f"{name} is {value!r} in the CRM and {event.get(theirs)!r} in Google"
    start = str(one.content.start)
    if "time" not in open_fields and _at(start) != _at(event["start"].get("dateTime") or event["start"]["date"]):
        yield f"start is {start} in the CRM and {event['start']} in Google"


def _at(text: str) -> date | datetime:
    return date.fromisoformat(text) if len(text) == len("2026-01-01") else datetime.fromisoformat(text).astimezone(UTC)


def key_of(slot: dict[str, str]) -> str:
    """The original start as the CRM writes it."""
    if "date" in slot:
        return slot["date"]
    return f"{datetime.fromisoformat(slot['dateTime']).astimezone(UTC):%Y%m%dT%H%M%SZ}"


class SaidOfOccurrences:
    """The last word of each side on each occurrence, and the law that it stands where nothing overrode it.

    A word holds for a series as it then was: when its time or rule has changed since, its occurrences are others.
    """

    def __init__(self, sim: Sim) -> None:
        self._sim = sim
        self._ended = False
        self._crm: dict[tuple[str, str], tuple[str, Pattern]] = {}
        self._google: dict[tuple[str, str], tuple[str, Pattern]] = {}
        self._crms: dict[str, str] = {}
        self._googles: dict[str, str] = {}
        self._of_all: dict[tuple[str, str], str] = {}
        """What a person said of all of a series, and so of single ones too; it stands only against the CRM's word."""
        self._before: dict[tuple[str, str], set[str]] = defaultdict(set)
        """What was said of occurrences before anything may have given way; a later word may still lose against it."""

    def by_crm(self, task: str, start: str, fields: dict[str, Any]) -> None:
        """The CRM changed an occurrence."""
        pattern = _pattern(self._sim.task(task))
        self._crm |= {(start, name): (value, pattern) for name, value in fields.items() if name in TEXTS}

    def by_google(self, event: dict[str, Any], fields: dict[str, Any]) -> None:
        """A person changed an occurrence; the fields by the CRM's names for them."""
        start, master = key_of(event["originalStartTime"]), event["recurringEventId"]
        held = [task for _, task in self._sim.held()]
        halves = [task for task in held if task.sync.event_id == master]
        # A later half may have no task yet, and then its pattern is the one of the series that it was cut from.
        root = [task for task in held if task.sync.event_id == family_of(master)]
        patterns = [_pattern(task) for task in halves or root]
        self._google |= {
            (start, name): (value, patterns[0]) for name, value in fields.items() if name in TEXTS and patterns
        }

    def of_all(self, starts: Iterable[str], fields: dict[str, str]) -> None:
        """A person changed the whole series, these occurrences among it."""
        self.forgive()
        self._of_all = {(start, name): value for start in starts for name, value in fields.items()}

    def gone(self, start: str) -> None:
        """An occurrence was cancelled."""
        for said in (self._crm, self._google):
            for key in [key for key in said if key[0] == start]:
                del said[key]

    def forgive(self) -> None:
        """Anything may have given way."""
        for said in (self._crm, self._google):
            for key, (value, _) in said.items():
                self._before[key].add(value)
        self._crm.clear()
        self._google.clear()
        self._of_all.clear()

    def notice(self) -> None:
        """What one side says of a date ends when that side's series no longer has it (rule 37)."""
        for family, tasks in _families(self._sim).items():
            now = repr(sorted((task.id, task.content.start, task.content.recurrence) for task in tasks))
            if self._crms.get(family) != now and not any(task.cut for task in tasks):
                self._crms[family] = now
                series = [task.id for task in tasks if task.is_series]
                self._keep(
                    family, {start for each in series for start in expanded(self._sim, self._sim.tenants[0], each)}
                )
        for calendar in self._sim.google.ctx.world.calendars.values():
            for family in {event.id for event in calendar.events.values() if "_" not in event.id}:
                living = masters(calendar, family)
                now = repr([(each.id, each.start_us, each.fields["recurrence"]) for each in living])
                if living and self._googles.get(family) != now:
                    self._googles[family] = now
                    said = {start for start, _ in self._crm.keys() | self._google.keys()}
                    self._keep(family, {start for start in said if _is_made_by(living, family, start, calendar)})

    def _keep(self, family: str, made: set[str]) -> None:
        """What was said of other dates of this series is forgotten."""
        for said in (self._crm, self._google):
            for key in [key for key, (_, pattern) in said.items() if pattern[0] == family and key[0] not in made]:
                del said[key]

    def end(self) -> None:
        """From now on series change hands, and what is said of an occurrence may go with an event."""
        self._ended = True

    def check(self, sim: Sim) -> Iterator[str]:
        """What was said last of an occurrence stands somewhere, if there is still such an occurrence."""
        if self._ended:
            return
        shown: dict[tuple[str, str], set[object]] = {}
        for tenant, task in sim.held():
            if task.content.recurrence and task.sync.state in {"synced", "conflict"} and task.deleted_at is None:
                for start, one in expanded(sim, tenant, task.id).items():
                    for name in TEXTS:
                        values = shown.setdefault((start, name), set())
                        undecided = one.occurrence.conflict or task.sync.conflict or one.occurrence.cancelled
                        values |= {_pattern(task), getattr(one.content, name)} | ({ANYTHING} if undecided else set())
        calendars = sim.google.ctx.world.calendars.values()
        ended = {
            key_of(event.original_start)
            for calendar in calendars
            for event in calendar.events.values()
            if event.status == "cancelled" and event.original_start is not None
        }
        dropped = told_as_dropped(sim)
        for key in {key for key in self._crm.keys() | self._google.keys() if key[0] not in ended}:
            said = [each[key] for each in (self._crm, self._google) if key in each]
            values = shown.get(key, {ANYTHING})
            same_series = all(pattern in values for _, pattern in said)
            words = {value for value, _ in said} | self._before.get(key, set())
            words |= {each for each in (self._of_all.get(key),) if each is not None}
            stands = any(value in values or (*key, value) in dropped for value in words)
            if same_series and ANYTHING not in values and not stands:
                yield f"nothing shows what was said last of {key}: {[value for value, _ in said]}"


ANYTHING = "*"
Pattern: TypeAlias = tuple[str, str, object, object]


def told_as_dropped(sim: Sim) -> set[tuple[str, str, object]]:
    """Original start, field and value of what the feed told as dropped with its occurrence (rule 37).

    The CRM itself gave the series a time or rule without that occurrence, so the word ends with it; that the later half
    of a split may have such an occurrence again, nobody knew then.
    """
    return {
        (change.occurrence, name, values[0])
        for tenant in sim.tenants
        for change in changes_of(sim, tenant)
        if change.occurrence is not None and change.origin == "tandem"
        for name, values in change.changed.items()
        if values[1] is None and name in TEXTS
    }


def changes_of(sim: Sim, tenant: TenantId) -> Iterator[Change]:
    """The tenant's whole feed, the CRM's own writes too."""
    cursor: str | None = None
    while (page := read_changes(sim.world, tenant, cursor, limit=100, include_crm=True)).changes:
        yield from page.changes
        cursor = page.cursor


def _families(sim: Sim) -> dict[str, list[Task]]:
    """The living tasks of the first tenant by the series that they are, or are halves of."""
    found: dict[str, list[Task]] = defaultdict(list)
    for tenant, task in sim.held():
        if tenant == sim.tenants[0] and task.deleted_at is None and task.sync.event_id is not None:
            found[family_of(task.sync.event_id)].append(task)
    return found


def _is_made_by(living: Iterable[Event], family: str, start: str, calendar: Calendar) -> bool:
    return any(makes(master, f"{family}_{start.replace('-', '')}", calendar.time_zone) for master in living)


def _pattern(task: Task) -> Pattern:
    """What names a series' occurrences, whichever half of it has them."""
    content, family = task.content, family_of(task.sync.event_id or task.id)
    return family, str(content.start)[10:], content.time_zone, without_end(content.recurrence or ())
