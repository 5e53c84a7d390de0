"""The world a simulator starts with, and the way it is kept in a file. Start at `populate`."""

from random import Random

import msgspec

from infra.simulator import calendars
from infra.simulator.context import Context
from infra.simulator.model import Client, World

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


def dumped(world: World, rng: Random) -> bytes:
    """Write a world, and the state of the dice, as JSON."""
    return msgspec.json.encode({"world": world, "rng": rng.getstate()})


def loaded(text: bytes) -> tuple[World, Random]:
    """Read what `dumped` wrote."""
    document = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
    version, internal, gauss = msgspec.json.decode(document["rng"])
    rng = Random(0)  # noqa: S311 - a simulation
    rng.setstate((version, tuple(internal), gauss))
    return msgspec.json.decode(document["world"], type=World), rng
