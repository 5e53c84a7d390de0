"""What people do in Google's own pages in a world of chance; each says what it did, None for nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.simulation.acts_of_crm import DAY, some_fields
from tests.simulation.sim import ANNA, BEN, ULA

if TYPE_CHECKING:
    from random import Random

    from tests.simulation.chance import Chance


MASS = 10
"""So many deletions at once are no accident yet."""


def _in_googles_words(fields: dict[str, Any]) -> dict[str, Any]:
    named = {"title": "summary", "location": "location", "description": "description", "start": "start", "end": "end"}
    said = {named[name]: value for name, value in fields.items() if name in named}
    if "busy" in fields:
        said["transparency"] = "opaque" if fields["busy"] else "transparent"
    if "private" in fields:
        said["visibility"] = "private" if fields["private"] else "default"
    return said


def _in_ours(event: dict[str, Any]) -> dict[str, Any]:
    return {"title": event.get("summary"), "location": event.get("location")}


def creates(world: Chance, rng: Random) -> str:
    """A person makes an event."""
    account, place = rng.choice(world.places)
    title = world.value_in_google(account)
    made = world.people[account].create(title, f"{DAY.format(rng.randint(2, 27))}T11:00:00+02:00", calendar=place)
    world.ledger.by_google(made, {"title": title})
    return f"{made['id']} in {place}"


def invites(world: Chance, rng: Random) -> str:
    """A person makes a meeting with the other."""
    account, guest = rng.choice(((ANNA, BEN), (BEN, ANNA), (ANNA, ULA), (ULA, BEN)))
    title, start = world.value("g"), f"{DAY.format(rng.randint(2, 27))}T15:00:00+02:00"
    made = world.people[account].create(title, start, attendees=[{"email": guest}])
    world.ledger.by_google(made, {"title": title})
    return f"{made['id'][:6]} by {account}"


def answers(world: Chance, rng: Random) -> str | None:
    """A guest answers an invitation."""
    invited = [
        (account, event["id"])
        for account in world.people
        for event in world.people[account].events()
        if any(each.get("self") and not each.get("organizer") for each in event.get("attendees", ()))
    ]
    if not invited:
        return None
    account, event_id = rng.choice(invited)
    answer = rng.choice(("accepted", "tentative", "declined"))
    world.people[account].answer(event_id, answer, notify=False)
    return f"{event_id[:6]} {answer}"


def edits(world: Chance, rng: Random) -> str | None:
    """A person changes an event."""
    found = world.living(rng)
    if found is None:
        return None
    account, place, event = found
    fields = some_fields(rng, world.value_in_google(account, event), "google")
    world.people[account].edit(event["id"], calendar=place, **_in_googles_words(fields))
    world.ledger.by_google(event, fields)
    return f"{event['id'][:6]} {fields}"


def deletes(world: Chance, rng: Random) -> str | None:
    """A person deletes an event."""
    found = world.living(rng)
    if found is None:
        return None
    account, place, event = found
    world.people[account].delete(event["id"], calendar=place)
    world.ledger.deleted_in_google(place, event)
    return str(event["id"][:6])


def clears(world: Chance, rng: Random) -> str:
    """A person deletes everything in a calendar, or nearly: in one so full that the brake holds, if there is one."""
    full = [each for each in world.places if len(world.shown(*each)) > MASS]
    account, place = rng.choice(full or world.places)
    for event in world.shown(account, place)[rng.choice((0, 1)) :]:
        world.people[account].delete(event["id"], calendar=place)
        world.ledger.deleted_in_google(place, event)
    if full:  # nobody waits for so much to be noticed
        for shelf in [each for each in world.sim.watched() if each.calendar_id == place]:
            world.sim.pull(place, shelf.connection, shelf.tenant)
    return place


def purges(world: Chance, rng: Random) -> str:
    """A calendar's trash is emptied: Google forgets its tombstones, so that only the sweep of orphans misses them."""
    place = rng.choice(world.places)[1]
    forgotten = world.sim.google.empty_trash(place)
    world.orphans = world.orphans or forgotten > 0
    return f"{forgotten} in {place}"


def restores(world: Chance, rng: Random) -> str | None:
    """A person takes an event out of the trash."""
    account, place = rng.choice(world.places)
    trash = world.people[account].trash(calendar=place)
    if not trash:
        return None
    event = rng.choice(trash)
    world.people[account].restore(event["id"], calendar=place)
    world.ledger.restored(place, event["id"])
    return str(event["id"][:6])


def moves(world: Chance, rng: Random) -> str | None:
    """Anna moves an event to her other calendar."""
    found = world.living(rng)
    if found is None or found[0] != ANNA:
        return None
    _, place, event = found
    target = world.second if place == ANNA else ANNA
    world.people[ANNA].move_to_calendar(event["id"], target, calendar=place)
    world.ledger.moved(event["id"])
    return f"{event['id'][:6]} to {target}"


def copies(world: Chance, rng: Random) -> str | None:
    """A person copies an event, with all that an app may have left on it."""
    found = world.living(rng)
    if found is None:
        return None
    account, place, event = found
    kept = {name: event[name] for name in ("extendedProperties", "location", "description") if name in event}
    made = world.people[account].create(event.get("summary", ""), event["start"], event["end"], calendar=place, **kept)
    world.ledger.by_google(made, {name: value for name, value in _in_ours(event).items() if value})
    return f"{event['id'][:6]} as {made['id'][:6]}"
