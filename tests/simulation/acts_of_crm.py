"""What a tenant's CRM may do to a world of chance; each says what it did, None for nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.model.ids import TaskId
from tests.simulation.sim import ANNA, BEN

if TYPE_CHECKING:
    from random import Random

    from tests.simulation.chance import Chance, Site
    from tests.simulation.receiver import Mood

MOST_TASKS = 6
MANY = 14
IDS = tuple(f"t{number}" for number in range(MOST_TASKS + 1))
DAY = "2026-07-{:02d}"
MOODS: tuple[Mood, ...] = ("takes", "fails", "fails", "takes_and_fails", "late", "gone")


def some_fields(rng: Random, text: str, side: str) -> dict[str, Any]:
    """One or two changed fields in the contract's names; each text new.

    Args:
        text: A value that was never used before.
        side: Whose words; all of them are for the CRM, Google's people change what both ways carry.
    """
    day, hour = rng.randint(2, 27), rng.randint(8, 18)
    start, end = f"{DAY.format(day)}T{hour:02d}:00:00+02:00", f"{DAY.format(day)}T{hour + 1:02d}:30:00+02:00"
    choices: list[dict[str, Any]] = [
        {"title": f"{text}t"},
        {"title": f"{text}t"},
        {"location": f"{text}l"},
        {"start": start, "end": end},
        {"start": DAY.format(day), "end": DAY.format(day + 1)},
        {"description": f"<p>{text}d</p>"},
        {"busy": rng.random() < 0.5},
        {"private": rng.random() < 0.5},
    ]
    if side == "crm":
        choices += [
            {"notes": f"{text}n"},
            {"deal": f"{text}v"},
            {"reminders": [{"method": "popup", "minutes": rng.choice((5, 30))}]},
            {"color": rng.choice(("#EF4444", "#10B981", None))},
            {"type": rng.choice(("call", "meeting"))},
            {"end": None},
        ]
    picked: dict[str, Any] = {}
    for _ in range(rng.choice((1, 1, 2))):
        picked |= rng.choice(choices)
    return picked


def new(world: Chance, rng: Random) -> str | None:
    """The CRM makes a task, or makes one again."""
    site = world.site(rng)
    task = _free_id(world, site, rng)
    if task is None:
        return None
    return put(world, site, task, _fresh(world, site, rng, shared=task in site.shared), rng)


def many(world: Chance, rng: Random) -> str | None:
    """The CRM makes more tasks for one user than the brake lets go at once, and they go out."""
    site = world.site(rng)
    if world.erasing(site) or len(site.crm.records) > MOST_TASKS:
        return None
    user = rng.choice(_users(site))
    for number in range(MANY):
        task = f"m{world.ledger.now}-{number}"
        fields = _fresh(world, site, rng) | {"user_id": user}
        site.crm.put(task, **fields)
        world.ledger.by_crm(site.tenant, task, fields)
    world.sim.runner.run_due()
    return f"{MANY} tasks of {user} of {site.tenant}"


def adopts(world: Chance, rng: Random) -> str | None:
    """The CRM makes a task of an event that is there already."""
    site = world.site(rng)
    user, account = rng.choice(sorted(site.accounts.items()))
    mine = [each for each in world.people[account].events() if "extendedProperties" not in each]
    task = f"t{rng.randint(0, MOST_TASKS)}"
    if (
        not mine
        or world.erasing(site)
        or len(site.crm.records) >= MOST_TASKS
        or task in site.crm.records
        or task in site.taken
    ):
        return None
    event = rng.choice(mine)
    fields = {"title": world.value("c", site, shared="attendees" in event), "start": DAY.format(3), "user_id": user}
    site.crm.adopt(task, event["id"], **fields)
    if "attendees" in event:
        site.shared.add(task)
    world.ledger.by_crm(site.tenant, task, fields)
    return f"{task} with {event['id'][:6]}"


def edits(world: Chance, rng: Random) -> str | None:
    """The CRM changes a field or two."""
    site = world.site(rng)
    task = world.known(site, rng)
    if task is None:
        return None
    return put(world, site, task, some_fields(rng, new_value(world, site, task), "crm"), rng)


def writes_whole_record(world: Chance, rng: Random) -> str | None:
    """The CRM writes its whole record, whatever it missed."""
    site = world.site(rng)
    task = world.known(site, rng)
    if task is None:
        return None
    fields = {"location": f"{new_value(world, site, task)}l"}
    site.crm.put_whole(task, **fields)
    world.ledger.by_crm(site.tenant, task, fields)
    return f"{task} whole record with {fields}"


def reads(world: Chance, rng: Random) -> str:
    """The CRM reads some of the feed, and applies it."""
    return f"{len(world.site(rng).crm.read_feed(limit=rng.choice((1, 3, 100))))} changes"


def fetches(world: Chance, rng: Random) -> str:
    """The CRM reads some of the feed, and will apply it later."""
    return f"{len(world.site(rng).crm.fetch(limit=rng.choice((1, 3, 100))))} changes"


def applies(world: Chance, rng: Random) -> str:
    """The CRM applies what it has fetched."""
    world.site(rng).crm.catch_up()
    return "done"


def deletes(world: Chance, rng: Random) -> str | None:
    """The CRM deletes a task."""
    site = world.site(rng)
    task = world.known(site, rng)
    if task is None:
        return None
    site.writing.add(task)
    world.ledger.ends(site.tenant, task)

    def work() -> None:
        site.crm.delete(task)
        world.ledger.deleted_by_crm(site.tenant, task)

    return world.call(f"delete {task}", work, rng, ended=lambda: site.writing.discard(task))


def ends(world: Chance, rng: Random) -> str | None:
    """The CRM ends a task, or opens it again."""
    site = world.site(rng)
    task = world.known(site, rng)
    if task is None:
        return None
    status = rng.choice(("done", "done", "open", "open", "cancelled"))
    if status == "cancelled":
        world.ledger.ends(site.tenant, task)
    return put(world, site, task, {"status": status}, rng)


def moves(world: Chance, rng: Random) -> str | None:
    """The CRM wants the event in the other calendar."""
    site = world.sites[0]
    task = world.known(site, rng)
    if task is None or site.crm.records[task].get("user_id") != "anna":
        return None
    return put(world, site, task, {"calendar_id": rng.choice((ANNA, world.second))}, rng)


def reassigns(world: Chance, rng: Random) -> str | None:
    """The CRM gives the task to another user."""
    site = world.sites[0]
    task = world.known(site, rng)
    if task is None or world.erasing(site):
        return None
    return put(world, site, task, {"user_id": rng.choice(sorted(site.accounts)), "calendar_id": None}, rng)


def invites(world: Chance, rng: Random) -> str | None:
    """The CRM invites somebody, or nobody any more."""
    site = world.site(rng)
    task = world.known(site, rng)
    if task is None or _shared(world, site, task):
        return None
    own = [[{"email": account}] for account in sorted(site.accounts.values())] if len(site.accounts) > 1 else []
    guests = rng.choice(([], [{"email": "zoe@elsewhere.example"}], *own))
    return put(world, site, task, {"attendees": guests}, rng)


def claims(world: Chance, rng: Random) -> str | None:
    """The CRM gives a task that was made in Google an id of its own."""
    site = world.site(rng)
    born = sorted(task for task in site.crm.records.keys() - site.writing if task.startswith("g_"))
    free = [task for task in IDS if task not in site.crm.records and task not in site.taken]
    if not born or not free:
        return None
    old, task = rng.choice(born), rng.choice(free)

    def work() -> None:
        site.crm.claim(old, task)
        world.ledger.claimed(site.tenant, TaskId(old), TaskId(task))

    site.writing |= {old, task}
    return world.call(
        f"claim {old[:6]} as {task}", work, rng, ended=lambda: site.writing.difference_update({old, task})
    )


def receiver_ails(world: Chance, rng: Random) -> str:
    """The next deliveries meet a CRM that fails, is late, or is gone."""
    world.sim.receiver.moods = [rng.choice(MOODS) for _ in range(rng.choice((1, 2, 5)))]
    return ", ".join(world.sim.receiver.moods)


def _fresh(world: Chance, site: Site, rng: Random, *, shared: bool = False) -> dict[str, Any]:
    start = f"{DAY.format(rng.randint(2, 27))}T09:00:00+02:00"
    fields = {
        "title": world.value("c", site, shared=shared),
        "start": start,
        "end": None,
        "user_id": rng.choice(_users(site)),
    }
    return fields | ({"attendees": [{"email": BEN}]} if site is world.sites[0] and rng.random() < 0.1 else {})


def _free_id(world: Chance, site: Site, rng: Random) -> str | None:
    """An id for one more task; the same few are used again and again."""
    task = f"t{rng.randint(0, MOST_TASKS)}"
    full = len(site.crm.records) >= MOST_TASKS or world.erasing(site)
    return None if full or task in site.crm.records or task in site.taken else task


def _users(site: Site) -> tuple[str, ...]:
    return ("anna", "anna", "ben") if "ben" in site.accounts else ("anna",)


def put(world: Chance, site: Site, task: str, fields: dict[str, Any], rng: Random) -> str:
    """The CRM writes these fields; it makes no second write of the task before the first is answered."""
    begun = world.ledger.now

    def work() -> None:
        site.crm.put(task, **fields)
        world.ledger.by_crm(site.tenant, task, fields, begun=begun)

    site.writing.add(task)
    return world.call(f"put {task} {fields}", work, rng, ended=lambda: site.writing.discard(task))


def new_value(world: Chance, site: Site, task: str) -> str:
    return world.value("c", site, shared=_shared(world, site, task))


def _shared(world: Chance, site: Site, task: str) -> bool:
    """A guest of the task is another tenant's user, so that its texts may be seen there."""
    own = set(site.accounts.values())
    accounts = set(world.people) - own
    return task in site.shared or any(
        guest["email"] in accounts for guest in site.crm.records[task].get("attendees") or ()
    )
