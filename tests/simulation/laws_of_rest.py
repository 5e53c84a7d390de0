"""What must hold of a world of chance once it has come to rest: another round, the feed, guests, strangers, tenants.

Start at `check`; each law is a function that tells what breaks it.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from shared.model.content import CONTENT_NAMES
from shared.usecases.present import task_json
from tests.simulation.crm import Crm
from tests.simulation.laws import LawBroken
from tests.simulation.laws_of_guests import no_answer_was_reset
from tests.simulation.laws_on_meets import every_meet_is_told, no_conference_was_replaced

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.simulation.chance import Chance, Site
    from tests.simulation.sim import Sim

DUE = re.compile(r"events\.list$|units$|oauth\.token$|notifications|fault ")
"""What Google may still be asked when all is at rest: the pulls that are due, with a token."""
STANDS_STILL = ("/tasks/", "/runs/", "/changes/", "/deliveries/", "/users/")


def check(world: Chance) -> None:
    """Every law of rest holds.

    Raises:
        LawBroken: One does not.
    """
    broken = [
        *at_rest(world.sim),
        *(each for site in world.sites for each in feed_tells_all(world.sim, site)),
        *nobody_was_mailed(world.sim, asked=world.asked_for_mail),
        *nothing_foreign_touched(world.sim),
        *no_answer_was_reset(world.sim),
        *every_meet_is_told(world.sim),
        *no_conference_was_replaced(world.sim),
        *(each for site in world.sites for each in nothing_crossed(world, site)),
    ]
    if broken:
        raise LawBroken("; ".join(broken))


def at_rest(sim: Sim) -> Iterator[str]:
    """Another round changes nothing, tells nothing, sends nothing, and only lists."""
    sim.clock.advance(1)  # a pull that is asked for twice at one instant runs once
    if _a_channel_is_due(sim):  # by its own clock: it may fall into this very second
        sim.runner.one_round()
        sim.clock.advance(1)
    asked, before = Counter(sim.google.ctx.counters), _standing(sim)
    sim.runner.one_round()
    called = Counter(sim.google.ctx.counters) - asked
    busy = {name: count for name, count in called.items() if not DUE.search(name)}
    if busy:
        yield f"at rest Google was still asked: {busy}"
    after = _standing(sim)
    moved = sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))
    if moved:
        yield f"at rest documents were still written: {moved}"


def feed_tells_all(sim: Sim, site: Site) -> Iterator[str]:
    """A CRM that only reads the feed, its own writes included, has every task as it is; so has the one that wrote."""
    naive = sim.crm(site.tenant)
    naive.read_whole_feed()
    site.crm.read_whole_feed()
    for reader, crm in (("the feed", naive), ("the CRM", site.crm)):
        yield from _told_apart(sim, site, reader, crm)


def nobody_was_mailed(sim: Sim, *, asked: bool) -> Iterator[str]:
    """Guests hear nothing unless the tenant asked for it."""
    if not asked:
        yield from (f"{mail.to} got a mail: {mail.kind}, {mail.because}" for mail in sim.google.mails)


def nothing_foreign_touched(sim: Sim) -> Iterator[str]:
    """What was patched, moved or deleted was some task's event at that moment."""
    yield from (f"no task named what this wrote to: {each}" for each in sim.client.foreign)


def nothing_crossed(world: Chance, site: Site) -> Iterator[str]:
    """Nothing that only another tenant's CRM or people said is in this one's documents, calendars or deliveries."""
    others = "|".join(each.tenant for each in world.sites if each is not site)
    mark = re.compile(rf"\b(?:{others})-[cg]\d+|tenants/(?:{others})\b")
    for document in world.sim.store.every():
        if document.path.startswith(f"tenants/{site.tenant}/") and (found := mark.search(repr(document.data))):
            yield f"{document.path} holds {found[0]}, which is another tenant's"
    for place, calendar in world.sim.google.ctx.world.calendars.items():
        if calendar.owner in site.accounts.values():
            for event in calendar.events.values():
                if found := mark.search(repr(event.fields)):
                    yield f"{place} shows {found[0]}, which is another tenant's"
    if found := mark.search(repr(site.crm.heard)):
        yield f"the CRM of {site.tenant} heard {found[0]}, which is another tenant's"


def _told_apart(sim: Sim, site: Site, reader: str, crm: Crm) -> Iterator[str]:
    living = {task.id: task for tenant, task in sim.held() if tenant == site.tenant and task.deleted_at is None}
    for task_id, task in sorted(living.items()):
        whole, told = task_json(task), crm.records.get(task_id)
        if told is None:
            yield f"{reader} tells nothing of {task_id}"
            continue
        for name in CONTENT_NAMES:
            if name != "updated_at" and _plain(told.get(name)) != _plain(whole[name]):
                yield f"{reader} tells {task_id}.{name} as {told.get(name)!r}, it is {whole[name]!r}"
                break
    known = living.keys() | site.crm.renamed | site.crm.forgotten.tasks
    ended = sorted(task for task in crm.records if task not in known and not _erased(crm.records[task], site))
    if ended:
        yield f"{reader} still tells of {ended}"


def _plain(value: object) -> object:
    """The value as JSON has it, without what was left out."""
    match value:
        case dict():
            return {name: _plain(each) for name, each in value.items() if each is not None}
        case list() | tuple():
            return [_plain(each) for each in value]
    return msgspec.to_builtins(value)


def _erased(record: dict[str, object], site: Site) -> bool:
    """The task's person was erased, which no feed tells."""
    return record.get("user_id") in site.crm.forgotten.persons


def _a_channel_is_due(sim: Sim) -> bool:
    """One is to be renewed, or its predecessor to be stopped once more, now or as soon as clocks may be apart."""
    latest = sim.clock.now() + timedelta(seconds=sim.world.options.guard_s)
    dues = [each.data.get("renew_at") for each in sim.store.every() if "/calendars/" in each.path]
    return any(isinstance(due, datetime) and due <= latest for due in dues)


def _standing(sim: Sim) -> dict[str, str]:
    return {each.path: each.revision for each in sim.store.every() if any(part in each.path for part in STANDS_STILL)}
