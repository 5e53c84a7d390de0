"""What settings, pauses and lost grants may do to a world of chance. `end_of_it` puts every connection back to work."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from shared.model.connection import Connection
from shared.model.ids import ConnectionId, connection_path
from shared.model.oauth import Tokens
from shared.model.stored import read_as
from shared.usecases.connecting.change_connection import change_connection
from shared.usecases.connecting.granted import Grant, take_grant
from tests.simulation.founding import SCOPES, granted

if TYPE_CHECKING:
    from random import Random

    from tests.simulation.chance import Chance

CONNECTIONS = ("c-anna", "c-ben")


def changes_settings(world: Chance, rng: Random) -> str:
    """A connection's policy changes."""
    name = rng.choice(CONNECTIONS)
    changed = rng.choice(
        (
            {"conflict": rng.choice(("manual", "crm_wins", "google_wins", "latest_wins"))},
            {"on_google_delete": rng.choice(("cancel_task", "unlink", "recreate"))},
            {"import_external": rng.choice(("off", "all"))},
        )
    )
    change_connection(world.sim.world, world.tenant, ConnectionId(name), settings=changed, paused=None)
    return f"{name} {changed}"


def pauses(world: Chance, rng: Random) -> str:
    """A connection is paused."""
    name = rng.choice(CONNECTIONS)
    change_connection(world.sim.world, world.tenant, ConnectionId(name), settings={}, paused=True)
    return name


def resumes(world: Chance, rng: Random) -> str:
    """A connection goes on."""
    name = rng.choice(CONNECTIONS)
    change_connection(world.sim.world, world.tenant, ConnectionId(name), settings={}, paused=False)
    return name


def revokes(world: Chance, rng: Random) -> str:
    """A user takes the access away in the Google account."""
    name = rng.choice(CONNECTIONS)
    world.sim.google.revoke_grant(world.sim.accounts[name])
    return name


def reconnects(world: Chance, rng: Random) -> str:
    """A user connects again, whatever the state."""
    name = rng.choice(CONNECTIONS)
    return f"{name} {_reconnected(world, name)}"


def end_of_it(world: Chance) -> None:
    """Everybody is connected and nothing is paused."""
    for name in CONNECTIONS:
        connection = _connection(world, name)
        refresh = world.sim.cipher.open(connection_path(world.tenant, connection.id), connection.refresh_token or "")
        if connection.status == "needs_reconnect" or refresh not in world.sim.google.ctx.world.refresh_tokens:
            _reconnected(world, name)
        if _connection(world, name).status == "paused":
            change_connection(world.sim.world, world.tenant, ConnectionId(name), settings={}, paused=False)


def _reconnected(world: Chance, name: str) -> str:
    sim = world.sim
    connection = _connection(world, name)
    if connection.google is None:
        return "never connected"
    refresh, access = granted(sim.google, sim.accounts[name])
    tokens = Tokens(
        access_token=access,
        expires_at=sim.clock.now() + timedelta(seconds=sim.google.settings.access_token_s),
        scopes=SCOPES,
        refresh_token=refresh,
    )
    return take_grant(sim.world, connection, Grant(tokens=tokens, identity=connection.google, scopes=SCOPES))


def _connection(world: Chance, name: str) -> Connection:
    path = connection_path(world.tenant, ConnectionId(name))
    document = world.sim.store.get_many([path])[path]
    if document is None:
        raise KeyError(name)
    return read_as(Connection, document)
