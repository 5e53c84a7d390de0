"""`relay issue`: a token for an installation that comes through this deployment's relay. Nothing of it is kept."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import click

from infra import wiring
from infra.embedded.explained import explained
from infra.settings import load_settings
from shared.relay.installations import issue as issue_token

if TYPE_CHECKING:
    from shared.usecases.world import World


@click.group()
def relay() -> None:
    """What installations without an address of their own need from this deployment."""


@relay.command()
@click.argument("name")
@click.option("--days", default=365, show_default=True, type=click.IntRange(1, 3650), help="How long it lives.")
@explained
def issue(name: str, *, days: int) -> None:
    """Make an installation token, shown this once."""
    wiring.configure(load_settings())
    click.echo(issued(wiring.world(), name, days=days))


def issued(world: World, name: str, *, days: int) -> str:
    """A new installation token, with what a person must know of it."""
    token = issue_token(world.keys, name, chance=world.ids.new(), until=world.clock.now() + timedelta(days=days))
    return (
        f"Installation token (shown this once, good until {token.until:%Y-%m-%d}). Set on the installation:\n"
        f"  TANDEM_RELAY_URL={world.addresses.relay}\n"
        f"  TANDEM_RELAY_TOKEN={token.text}\n"
        f"To take it back, add {token.id} to TANDEM_RELAY_REFUSED here."
    )
