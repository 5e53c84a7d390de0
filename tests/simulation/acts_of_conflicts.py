"""Both sides want something else, and a person in the CRM decides; each says what it did, None for nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from tests.simulation.acts_of_crm import new_value, put

if TYPE_CHECKING:
    from random import Random

    from tests.simulation.chance import Chance


def contradicts(world: Chance, rng: Random) -> str | None:
    """The CRM and a person change one field of a task, before either can have heard of the other."""
    site = world.site(rng)
    here = {task for task in site.crm.records if task not in site.writing}
    found = [
        (each, event)
        for tenant, each in world.sim.held()
        if tenant == site.tenant and each.id in here and each.sync.state == "synced" and each.sync.organizer
        if (event := world.sim.event(each.id, tenant)) is not None and "attendees" not in event
    ]
    if not found:
        return None
    task, event = rng.choice(found)
    ours, theirs = rng.choice((("title", "summary"), ("location", "location")))
    account = world.sim.accounts[task.sync.connection or ""]
    value = world.value_in_google(account)
    said: dict[str, Any] = {theirs: value}
    world.people[account].edit(event["id"], calendar=str(task.sync.calendar), **said)
    world.ledger.by_google(event, {ours: value})
    return put(world, site, task.id, {ours: new_value(world, site, task.id)}, rng)


def settles(world: Chance, rng: Random) -> str | None:
    """A person in the CRM decides an open conflict."""
    site = world.site(rng)
    torn = {each.id for tenant, each in world.sim.held() if tenant == site.tenant and each.sync.conflict}
    found = sorted((torn & site.crm.records.keys()) - site.writing)
    if not found:
        return None
    task = rng.choice(found)
    winner: Literal["crm", "google"] = rng.choice(("crm", "google"))

    def work() -> None:
        site.crm.settle(task, winner)
        world.ledger.settled(site.tenant, task)

    site.writing.add(task)
    return world.call(f"settle {task} for {winner}", work, rng, ended=lambda: site.writing.discard(task))
