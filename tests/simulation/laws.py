"""What must hold when the weather has cleared, read from the stored documents and Google's own page.

Start at `check`; each law is a function that tells what breaks it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from msgspec import UNSET

from infra.simulator.guests import organizer_copy
from infra.simulator.recurrence import makes
from shared.model.ids import ConnectionId, event_id_of
from shared.model.settings import settings_of
from tests.simulation.laws_of_fields import left_alone

if TYPE_CHECKING:
    from shared.model.ids import TenantId
    from shared.model.settings import Settings
    from shared.model.task import Task
    from tests.simulation.sim import Sim

DEPLOYMENT = "sim"
TEXTS = frozenset({"title", "location"})
SHARED = frozenset({"title", "time", "location", "description", "private", "attendees", "details"})


WORKING_OR_ENDED = frozenset({"active", "disconnected"})


class LawBroken(AssertionError):
    """The world is not as it should be; says in which ways."""


def check(
    sim: Sim, *, one_way: Collection[str] = (), opened: Collection[str] = (), from_google: Collection[str] = ()
) -> None:
    """Every law holds.

    Args:
        one_way: Tenants in which something was, or is, carried one way only.
        opened: Tenants in which private events arrive, or once arrived, as ordinary tasks (`private_arrives: public`).
        from_google: Words of people in Google, which may stand there alone then.

    Raises:
        LawBroken: One does not.
    """
    broken = [
        *nothing_pending(sim),
        *equal(sim, one_way=one_way, opened=opened, from_google=from_google),
        *one_event_each(sim),
        *wanted_or_not(sim),
    ]
    if broken:
        raise LawBroken("; ".join(broken))


def nothing_pending(sim: Sim) -> Iterator[str]:
    """No task waits while its connection works, or for one that has ended or goes on; no run is under way."""
    for tenant, task in sim.held():
        if task.sync.state == "pending" and sim.connection(task, tenant).status in WORKING_OR_ENDED:
            yield f"{task.id} is still pending"
        if task.sync.reason == "paused" and _awaited(sim, tenant, task) in WORKING_OR_ENDED:
            yield f"{task.id} still waits for a pause that is over"
        if task.sync.state == "error" and not _was_forgotten(sim, task):
            yield f"{task.id} shows an error: {task.sync.error}"
    running = [each for tenant in sim.tenants for each in sim.runs(tenant) if each.state == "running"]
    yield from (f"a run is still under way: {each.kind}" for each in running)


def _awaited(sim: Sim, tenant: TenantId, task: Task) -> str:
    """How the connection stands that the task is to go to, or is in."""
    standing = {each.id: each.status for each in sim.connections(tenant)}
    return standing.get(task.sync.target_connection or task.sync.connection or ConnectionId(""), "disconnected")


def _was_forgotten(sim: Sim, task: Task) -> bool:
    """It was made of an event that Google forgot before anybody read it: nothing is known, and the error says so."""
    sync = task.sync
    if not sync.adopted or sync.etag is not None or sync.connection is None:
        return False
    account, calendars = sim.accounts[sync.connection], sim.google.ctx.world.calendars.values()
    held = [each.events.get(sync.event_id or "") for each in calendars if account in each.roles]
    return all(event is None or event.purged for event in held)


def equal(
    sim: Sim, *, one_way: Collection[str] = (), opened: Collection[str] = (), from_google: Collection[str] = ()
) -> Iterator[str]:
    """Every synced task equals its event, field by field under the policy, except where a conflict is shown."""
    for tenant, task in sim.held():
        if task.sync.state not in {"synced", "conflict"} or task.sync.connection is None:
            continue
        event = sim.event(task.id, tenant)
        if event is None:
            yield f"{task.id} is {task.sync.state} and has no living event"
            continue
        settings, account = sim.settings(task, tenant), sim.accounts[task.sync.connection]
        for name, ours, theirs in _differences(task, event, settings, sim.zone(task), account):
            # What the CRM says stands there alone while nothing is sent, as what people say may stand in Google.
            alone = settings.direction == "from_google" or {ours, theirs} & set(from_google)
            if tenant in one_way and (name not in TEXTS or alone):
                continue
            if tenant in opened and (name, ours, theirs) == ("private", False, True):
                continue
            if name not in task.sync.conflict and (task.sync.organizer or name not in SHARED):
                yield f"{task.id}.{name} is {ours!r} in the CRM and {theirs!r} in Google"


def one_event_each(sim: Sim) -> Iterator[str]:
    """No task has two living events, no event two tasks.

    All copies of an event have its id. Where its task has let it go, or its own copy is gone, another copy may have
    been adopted by another task since: the event is that one's with all copies, and carries the marker of the first.
    So may an event of an earlier generation that a person edited: it was left to that person (rule 15), and imported.
    A date that its series makes no more is not the series' (rule 37), and a guest's calendar may have kept it.
    """
    holders: dict[str, list[str]] = defaultdict(list)
    meetings: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    adopted = {
        (tenant, *each): task.id
        for tenant, task in sim.held()
        if task.sync.adopted and not task.sync.gone and task.deleted_at is None
        for each in _copies(task)
    }
    for tenant, task in sim.held():
        living = sim.living_ids(task, tenant)
        mapped = None if task.sync.gone else task.sync.event_id
        anothers = {each for each in living if each[1] != mapped and adopted.get((tenant, *each), task.id) != task.id}
        extra = [each for each in living if each not in _copies(task) and each not in anothers]
        if extra:
            yield f"{task.id} has other living events than its own: {extra}"
        if mapped is not None and task.deleted_at is None:
            holders[f"{task.sync.connection} {mapped}"].append(task.id)
            if task.sync.ical_uid and not _is_made_no_more(sim, task):
                half = mapped.partition("_R")[2]
                meetings[tenant, task.sync.ical_uid, half].append(task.id)
    for holder in (holders, meetings):
        yield from (f"one event has the tasks {each}" for each in holder.values() if len(each) > 1)


def _is_made_no_more(sim: Sim, task: Task) -> bool:
    """The task's event is a date that its organizer's series no longer makes."""
    ctx = sim.google.ctx
    shown = ctx.world.calendars[str(task.sync.calendar)].events.get(str(task.sync.event_id))
    found = organizer_copy(ctx, shown) if shown is not None and shown.parent is not None else None
    if found is None:
        return False
    calendar, own = found
    master = calendar.events.get(str(own.parent))
    return master is not None and not makes(master, own.id, calendar.time_zone)


def _copies(task: Task) -> set[tuple[str | None, str | None]]:
    """The task's event and the views of it, each with its calendar."""
    views = {(view.calendar, view.event_id) for view in task.sync.views.values()}
    return {(task.sync.calendar, task.sync.event_id), *views}


def wanted_or_not(sim: Sim) -> Iterator[str]:
    """A task that is deleted or cancelled has no living event of its own; one restored and adopted is another's."""
    taken = {(tenant, task.sync.event_id) for tenant, task in sim.held() if not task.sync.gone}
    for tenant, task in sim.held():
        ended = task.deleted_at is not None or task.content.status == "cancelled"
        if task.sync.gone and (tenant, task.sync.event_id) in taken:
            continue
        if ended and sim.connection(task, tenant).status == "active" and sim.event(task.id, tenant) is not None:
            yield f"{task.id} is over, and its event lives"


def own_ids(deployment: str, tenant: str, task: Task) -> set[str]:
    """The ids of every event this task has had."""
    hashed = {
        event_id_of(deployment, tenant, task.id, number)  # type: ignore[arg-type]
        for number in range(task.sync.generation + 1)
    }
    return hashed | ({task.sync.event_id} if task.sync.event_id is not None else set())


def settings_for(tenant: dict[str, object], connection: dict[str, object]) -> Settings:
    """The settings that hold."""
    return settings_of(tenant, connection)


def _differences(
    task: Task, event: dict[str, Any], settings: Settings, zone: ZoneInfo, account: str
) -> Iterator[tuple[str, object, object]]:
    content = task.content
    free = content.status == "done" and settings.on_done == "free"
    pairs: list[tuple[str, object, object]] = [
        ("location", _line(content.location) or _line(content.zoom_url), _line(event.get("location"))),
        ("private", bool(content.private or None), event.get("visibility") in {"private", "confidential"}),
        ("busy", content.busy is not False and not free, event.get("transparency") != "transparent"),
    ]
    if not (content.status == "done" and settings.on_done != "keep"):
        pairs.append(("title", _line(content.title), _line(event.get("summary"))))
    if isinstance(content.start, str):
        pairs.append(("time", _times(task, settings, zone), (_moment(event["start"]), _moment(event["end"]))))
    if isinstance(content.description, str) and _plain(content.description) not in _plain(event.get("description")):
        pairs.append(("description", content.description, event.get("description")))
    yield from (pair for pair in (*pairs, *left_alone(task, event, settings, account)) if pair[1] != pair[2])


def _line(value: object) -> str | None:
    return None if value is UNSET or value is None else " ".join(str(value).split()) or None


def _plain(value: object) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", str(value or "")).split())


def _times(task: Task, settings: Settings, zone: ZoneInfo) -> tuple[object, object]:
    content = task.content
    own = ZoneInfo(content.time_zone) if isinstance(content.time_zone, str) else zone
    start = _read(str(content.start), own)
    if isinstance(content.end, str):
        return start, _read(content.end, own)
    if isinstance(start, datetime):
        return start, start + timedelta(minutes=settings.default_duration.timed_min)
    return start, start + timedelta(days=settings.default_duration.all_day)


def _read(text: str, zone: ZoneInfo) -> date | datetime:
    if len(text) == len("2026-01-01"):
        return date.fromisoformat(text)
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def _moment(slot: dict[str, str]) -> date | datetime:
    return (
        date.fromisoformat(slot["date"]) if "date" in slot else datetime.fromisoformat(slot["dateTime"]).astimezone(UTC)
    )
