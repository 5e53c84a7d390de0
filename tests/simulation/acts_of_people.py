"""What the CRM and the people in Google may do to a world of chance; each says what it did, None for nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.simulation.sim import ANNA, BEN

if TYPE_CHECKING:
    from random import Random

    from tests.simulation.chance import Chance


MOST_TASKS = 6
DAY = "2026-07-{:02d}"


def _fields(rng: Random, world: Chance, side: str) -> dict[str, Any]:
    """One or two changed fields in the contract's names, each value new."""
    day = rng.randint(2, 27)
    hour = rng.randint(8, 18)
    choices: tuple[dict[str, Any], ...] = (
        {"title": world.value(side)},
        {"title": world.value(side)},
        {"location": world.value(side)},
        {"start": f"{DAY.format(day)}T{hour:02d}:00:00+02:00", "end": f"{DAY.format(day)}T{hour + 1:02d}:30:00+02:00"},
        {"start": DAY.format(day), "end": DAY.format(day + 1)},
        {"description": f"<p>{world.value(side)}</p>"},
        {"busy": rng.random() < 0.5},
        {"private": rng.random() < 0.5},
    )
    picked: dict[str, Any] = {}
    for _ in range(rng.choice((1, 1, 2))):
        picked |= rng.choice(choices)
    return picked


def crm_new(world: Chance, rng: Random) -> str | None:
    """The CRM makes a task, or makes one again."""
    if len(world.crm.records) >= MOST_TASKS:
        return None
    task = f"t{rng.randint(0, MOST_TASKS)}"
    if task in world.crm.records:
        return None
    fields = {"title": world.value("c"), "start": f"{DAY.format(rng.randint(2, 27))}T09:00:00+02:00", "end": None}
    whole = fields | {"user_id": rng.choice(("anna", "anna", "ben"))}
    world.crm.put(task, **whole)
    world.ledger.by_crm(task, whole)
    return f"{task} {whole}"


def crm_edit(world: Chance, rng: Random) -> str | None:
    """The CRM changes a field or two."""
    task = world.known(rng)
    if task is None:
        return None
    fields = _fields(rng, world, "c")
    world.crm.put(task, **fields)
    world.ledger.by_crm(task, fields)
    return f"{task} {fields}"


def crm_stale(world: Chance, rng: Random) -> str | None:
    """The CRM writes its whole record, whatever it missed."""
    task = world.known(rng)
    if task is None:
        return None
    fields = {"location": world.value("c")}
    world.crm.put_whole(task, **fields)
    world.ledger.by_crm(task, fields)
    return f"{task} whole record with {fields}"


def crm_reads(world: Chance, rng: Random) -> str:
    """The CRM reads some of the feed."""
    return f"{len(world.crm.read_feed(limit=rng.choice((1, 3, 100))))} changes"


def crm_delete(world: Chance, rng: Random) -> str | None:
    """The CRM deletes a task."""
    task = world.known(rng)
    if task is not None:
        world.crm.delete(task)
    return task


def crm_moves(world: Chance, rng: Random) -> str | None:
    """The CRM wants the event in the other calendar."""
    task = world.known(rng)
    if task is None or world.crm.records[task].get("user_id") != "anna":
        return None
    place = rng.choice((ANNA, world.second))
    world.crm.put(task, calendar_id=place)
    return f"{task} to {place}"


def crm_reassigns(world: Chance, rng: Random) -> str | None:
    """The CRM gives the task to another user."""
    task = world.known(rng)
    if task is None:
        return None
    user = rng.choice(("anna", "ben"))
    world.crm.put(task, user_id=user, calendar_id=None)
    return f"{task} to {user}"


def _in_googles_words(fields: dict[str, Any]) -> dict[str, Any]:
    named = {"title": "summary", "location": "location", "description": "description", "start": "start", "end": "end"}
    said = {named[name]: value for name, value in fields.items() if name in named}
    if "busy" in fields:
        said["transparency"] = "opaque" if fields["busy"] else "transparent"
    if "private" in fields:
        said["visibility"] = "private" if fields["private"] else "default"
    return said


def google_creates(world: Chance, rng: Random) -> str:
    """A person makes an event."""
    account, place = rng.choice(world.places)
    made = world.people[account].create(
        world.value("g"), f"{DAY.format(rng.randint(2, 27))}T11:00:00+02:00", calendar=place
    )
    return f"{made['id']} in {place}"


def google_invites(world: Chance, rng: Random) -> str:
    """A person makes a meeting with the other."""
    account, guest = rng.choice(((ANNA, BEN), (BEN, ANNA)))
    made = world.people[account].create(
        world.value("g"), f"{DAY.format(rng.randint(2, 27))}T15:00:00+02:00", attendees=[{"email": guest}]
    )
    return f"{made['id'][:6]} by {account}"


def google_answers(world: Chance, rng: Random) -> str | None:
    """A guest answers an invitation."""
    invited = [
        (account, event["id"])
        for account in (ANNA, BEN)
        for event in world.people[account].events()
        if any(each.get("self") and not each.get("organizer") for each in event.get("attendees", ()))
    ]
    if not invited:
        return None
    account, event_id = rng.choice(invited)
    answer = rng.choice(("accepted", "tentative", "declined"))
    world.people[account].answer(event_id, answer, notify=False)
    return f"{event_id[:6]} {answer}"


def crm_invites(world: Chance, rng: Random) -> str | None:
    """The CRM invites somebody, or nobody any more."""
    task = world.known(rng)
    if task is None:
        return None
    guests = rng.choice(([], [{"email": "zoe@elsewhere.example"}], [{"email": BEN}], [{"email": ANNA}]))
    world.crm.put(task, attendees=guests)
    return f"{task} {guests}"


def google_edits(world: Chance, rng: Random) -> str | None:
    """A person changes an event."""
    found = world.living(rng)
    if found is None:
        return None
    account, place, event = found
    fields = _fields(rng, world, "g")
    world.people[account].edit(event["id"], calendar=place, **_in_googles_words(fields))
    world.ledger.by_google(event["id"], fields)
    return f"{event['id'][:6]} {fields}"


def google_deletes(world: Chance, rng: Random) -> str | None:
    """A person deletes an event."""
    found = world.living(rng)
    if found is None:
        return None
    account, place, event = found
    world.people[account].delete(event["id"], calendar=place)
    world.ledger.deleted_in_google(place, event)
    return str(event["id"][:6])


def google_restores(world: Chance, rng: Random) -> str | None:
    """A person takes an event out of the trash."""
    account, place = rng.choice(world.places)
    trash = world.people[account].trash(calendar=place)
    if not trash:
        return None
    event = rng.choice(trash)
    world.people[account].restore(event["id"], calendar=place)
    world.ledger.restored(place, event["id"])
    return str(event["id"][:6])


def google_moves(world: Chance, rng: Random) -> str | None:
    """Anna moves an event to her other calendar."""
    found = world.living(rng)
    if found is None or found[0] != ANNA:
        return None
    _, place, event = found
    target = world.second if place == ANNA else ANNA
    world.people[ANNA].move_to_calendar(event["id"], target, calendar=place)
    return f"{event['id'][:6]} to {target}"


def google_copies(world: Chance, rng: Random) -> str | None:
    """A person copies an event, with all that an app may have left on it."""
    found = world.living(rng)
    if found is None:
        return None
    account, place, event = found
    kept = {name: event[name] for name in ("extendedProperties", "location", "description") if name in event}
    made = world.people[account].create(event.get("summary", ""), event["start"], event["end"], calendar=place, **kept)
    return f"{event['id'][:6]} as {made['id'][:6]}"
