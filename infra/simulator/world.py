"""The world a simulator starts with, and the way it is kept in a file. Start at `populate`."""

from collections.abc import Iterator
from random import Random, SystemRandom

import msgspec

from infra.simulator import calendars
from infra.simulator.context import Context
from infra.simulator.finding import instance
from infra.simulator.model import Calendar, Client, Event, Snapshot, World

DEMO_CLIENT_ID = "100000000001-tandem.apps.googleusercontent.com"
DEMO_CLIENT_SECRET = "GOCSPX-simulated"  # noqa: S105 - opens nothing but this simulator


def populate(ctx: Context) -> None:
    """Make the default world: Anna and Ben, and a second calendar of Anna's."""
    calendars.add_account(ctx, "anna@example.com", "Anna Weber", "Europe/Berlin")
    calendars.add_account(ctx, "ben@example.com", "Ben Okafor", "Europe/Berlin")
    calendars.add_calendar(ctx, owner="anna@example.com", summary="Viewings", color=8)
    ctx.world.clients[DEMO_CLIENT_ID] = Client(
        client_id=DEMO_CLIENT_ID,
        client_secret=DEMO_CLIENT_SECRET,
        name="Tandem",
        redirect_uris=[],
        any_loopback=True,
    )
    ctx.touched.clear()


class _Page(msgspec.Struct, frozen=True, kw_only=True):
    """A snapshot in a file: ids only; its events are shown as they are when it is read back."""

    calendar_id: str
    ids: list[str]
    next_serial: int


class _File(msgspec.Struct, kw_only=True):
    """What is kept. `dice` is None when chance came from the operating system."""

    world: World
    pages: dict[str, _Page]
    dice: tuple[int, tuple[int, ...], float | None] | None


def dumped(world: World, rng: Random) -> bytes:
    """Write a world, and the state of the dice, as JSON."""
    pages = {
        name: _Page(
            calendar_id=snapshot.calendar_id,
            ids=[event.id for event in snapshot.items],
            next_serial=snapshot.next_serial,
        )
        for name, snapshot in world.snapshots.items()
    }
    dice = None if isinstance(rng, SystemRandom) else rng.getstate()
    return msgspec.json.encode({"world": msgspec.structs.replace(world, snapshots={}), "pages": pages, "dice": dice})


def loaded(text: bytes) -> tuple[World, Random]:
    """Read what `dumped` wrote."""
    kept = msgspec.json.decode(text, type=_File)
    for name, page in kept.pages.items():
        calendar = kept.world.calendars[page.calendar_id]
        kept.world.snapshots[name] = Snapshot(
            calendar_id=page.calendar_id, items=list(_events(calendar, page.ids)), next_serial=page.next_serial
        )
    if kept.dice is None:
        return kept.world, SystemRandom()
    rng = Random(0)  # noqa: S311 - a simulation
    rng.setstate(kept.dice)
    return kept.world, rng


def _events(calendar: Calendar, ids: list[str]) -> Iterator[Event]:
    for event_id in ids:
        event = calendar.events.get(event_id) or instance(calendar, event_id)
        if event is not None:
            yield event
