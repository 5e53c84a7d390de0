"""What people in Google may do to series, and how Google may differ: each says what it did, None for nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from infra.simulator import ledger
from tests.simulation.laws_of_series import TEXTS, key_of
from tests.simulation.series_rules import DAY, RULES, ZONE

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from tests.simulation.series_world import SeriesChance


def google_series(world: SeriesChance, rng: Random) -> str:
    """A person makes a series."""
    account, place = rng.choice(world.places)
    start: Any = {"dateTime": f"{DAY.format(rng.randint(2, 20))}T14:00:00", "timeZone": ZONE}
    end: Any = {"dateTime": start["dateTime"].replace("T14", "T15"), "timeZone": ZONE}
    rule = [f"RRULE:{rng.choice(RULES)}"]
    made = world.people[account].create(world.value("g"), start, end, calendar=place, recurrence=rule)
    return f"{made['id'][:6]} in {place} {rule}"


def google_edits_occurrence(world: SeriesChance, rng: Random) -> str | None:
    """A person changes one occurrence."""
    found = _occurrence_of_google(world, rng)
    if found is None:
        return None
    account, place, event = found
    name, value = rng.choice(("title", "location")), world.value("g")
    said: dict[str, Any] = {TEXTS[name]: value}
    world.people[account].edit(event["id"], calendar=place, **said)
    world.occurrences.by_google(event, {name: value})
    return f"{event['id']} {name} {value}"


def google_moves_occurrence(world: SeriesChance, rng: Random) -> str | None:
    """A person drags one occurrence to another time."""
    found = _occurrence_of_google(world, rng)
    if found is None:
        return None
    account, place, event = found
    world.people[account].move(event["id"], f"{DAY.format(rng.randint(2, 27))}T18:00:00+02:00", calendar=place)
    return str(event["id"])


def google_cancels_occurrence(world: SeriesChance, rng: Random) -> str | None:
    """A person deletes one occurrence."""
    found = _occurrence_of_google(world, rng)
    if found is None:
        return None
    account, place, event = found
    world.people[account].delete(event["id"], calendar=place)
    world.occurrences.gone(key_of(event["originalStartTime"]))
    return str(event["id"])


def google_restores_occurrence(world: SeriesChance, rng: Random) -> str | None:
    """A person takes one occurrence out of the trash."""
    gone = [
        (account, place, event.id)
        for account, place in world.places
        for event in world.sim.google.ctx.world.calendars[place].events.values()
        if event.status == "cancelled" and event.original_start is not None and event.parent is not None
    ]
    if not gone:
        return None
    account, place, event_id = rng.choice(gone)
    world.people[account].restore(event_id, calendar=place)
    return event_id


def google_splits(world: SeriesChance, rng: Random) -> str | None:
    """A person changes an occurrence and the following ones."""

    def act(account: str, place: str, event: dict[str, Any]) -> None:
        world.people[account].edit_following(event["id"], calendar=place, description=world.value("g"))
        _overwritten(world)

    return _to_a_series(world, rng, act)


def google_splits_and_moves(world: SeriesChance, rng: Random) -> str | None:
    """A person moves an occurrence and the following ones."""

    def act(account: str, place: str, event: dict[str, Any]) -> None:
        start = _moment(event["start"]) + timedelta(hours=rng.choice((1, 24)))
        world.people[account].edit_following(
            event["id"], calendar=place, start=start, end=start + timedelta(minutes=45)
        )
        _overwritten(world)

    return _to_a_series(world, rng, act)


def google_ends(world: SeriesChance, rng: Random) -> str | None:
    """A person deletes an occurrence and the following ones."""

    def act(account: str, place: str, event: dict[str, Any]) -> None:
        world.people[account].delete_following(event["id"], calendar=place)

    return _to_a_series(world, rng, act)


def google_edits_all(world: SeriesChance, rng: Random) -> str | None:
    """A person changes all events of a series, and so what single ones had of their own."""

    def act(account: str, place: str, event: dict[str, Any]) -> None:
        title = world.value("g")
        world.people[account].edit_all(event["id"], calendar=place, summary=title)
        calendar = world.sim.google.ctx.world.calendars[place]
        kept = [
            key_of(each.original_start)
            for master in ledger.masters(calendar, event["recurringEventId"])
            for each in ledger.exceptions(calendar, master.id)
            if each.original_start is not None
        ]
        world.occurrences.of_all(kept, {"title": title})

    return _to_a_series(world, rng, act)


def google_moves_all(world: SeriesChance, rng: Random) -> str | None:
    """A person puts all events of a series on another day or time."""

    def act(account: str, place: str, event: dict[str, Any]) -> None:
        start = _moment(event["start"]) + timedelta(hours=rng.choice((1, 24)))
        world.people[account].edit_all(event["id"], calendar=place, start=start, end=start + timedelta(hours=1))

    return _to_a_series(world, rng, act)


def google_deletes_series(world: SeriesChance, rng: Random) -> str | None:
    """A person deletes all events of a series."""

    def act(account: str, place: str, event: dict[str, Any]) -> None:
        world.people[account].delete_all(event["id"], calendar=place)

    return _to_a_series(world, rng, act)


def google_repeats(world: SeriesChance, rng: Random) -> str | None:
    """A person repeats what happened once, or ends the repetition."""
    found = world.living(rng)
    if found is None:
        return None
    account, place, event = found
    master = event.get("recurringEventId", event["id"])
    rule = None if "recurringEventId" in event else ["RRULE:FREQ=WEEKLY;COUNT=4"]
    world.people[account].edit(master, calendar=place, recurrence=rule)
    return f"{master} {rule}"


def google_habits(world: SeriesChance, rng: Random) -> str:
    """What nobody has seen Google do is done another way."""
    changed = {
        "moved_series": rng.choice(("kept", "dropped", "tombstones")),
        "exceptions_follow": rng.choice(("told", "untold", "never")),
        "family_order": rng.choice(("as_written", "masters_first", "masters_last")),
        "split_exceptions": rng.choice(("kept", "kept", "overwritten")),
        "series_tombstones": rng.choice((False, True)),
        "instance_properties": rng.choice(("inherited", "own")),
    }
    world.sim.google.settings = msgspec.structs.replace(world.sim.google.settings, **changed)
    return str(changed)


def _overwritten(world: SeriesChance) -> None:
    """What single occurrences had may have gone with the split, where Google does so."""
    if world.sim.google.settings.split_exceptions == "overwritten":
        world.occurrences.forgive()


def _occurrence_of_google(world: SeriesChance, rng: Random) -> tuple[str, str, dict[str, Any]] | None:
    found = [
        (account, place, event)
        for account, place in world.places
        for event in world.people[account].events(calendar=place, end=datetime(2026, 9, 1, tzinfo=UTC))
        if "recurringEventId" in event
    ]
    return rng.choice(found) if found else None


def _to_a_series(world: SeriesChance, rng: Random, act: Callable[[str, str, dict[str, Any]], None]) -> str | None:
    found = _occurrence_of_google(world, rng)
    if found is None:
        return None
    act(*found)
    return f"{found[2]['id']} in {found[1]}"


def _moment(slot: dict[str, str]) -> datetime:
    if "date" in slot:
        return datetime.fromisoformat(slot["date"]).replace(hour=9, tzinfo=UTC)
    return datetime.fromisoformat(slot["dateTime"])


OF_PEOPLE: dict[str, tuple[int, Callable[[SeriesChance, Random], str | None]]] = {
    "google_series": (1, google_series),
    "google_edits_occurrence": (6, google_edits_occurrence),
    "google_moves_occurrence": (2, google_moves_occurrence),
    "google_cancels_occurrence": (2, google_cancels_occurrence),
    "google_restores_occurrence": (1, google_restores_occurrence),
    "google_splits": (4, google_splits),
    "google_splits_and_moves": (1, google_splits_and_moves),
    "google_ends": (1, google_ends),
    "google_edits_all": (2, google_edits_all),
    "google_moves_all": (1, google_moves_all),
    "google_deletes_series": (1, google_deletes_series),
    "google_repeats": (1, google_repeats),
    "google_habits": (1, google_habits),
}
