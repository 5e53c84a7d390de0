"""Tandem beside a simulated Google on one port, for `demo`; and the simulated Google alone, for `simulator`.

The simulator answers every path that is no function's, its calendar page among them; the data folder keeps its world.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from random import SystemRandom
from typing import TYPE_CHECKING

import msgspec

from infra.embedded.site import Site
from infra.settings import load_settings
from infra.simulator.addresses import google_addresses
from infra.simulator.http import create_app
from infra.simulator.sim_clock import SimClock
from infra.simulator.state import Google

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from wsgiref.types import WSGIApplication

    from infra.embedded.server import OnePort

DEFAULTS = {"TANDEM_DATA": ".tandem/demo", "TANDEM_COALESCE_S": "0.5", "TANDEM_TICK_S": "1"}
"""Somebody is watching: a notification is not held back for long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedGoogle:
    """A simulator's app and where it is."""

    app: WSGIApplication
    addresses: dict[str, str]


@contextmanager
def demo_site(*, functions: Sequence[str], source: Path, server: OnePort) -> Iterator[Site]:
    """Tandem and the simulator answer on the server's port."""
    settings = load_settings(defaults=DEFAULTS, fixed=google_addresses(server.url))
    with _simulation(server.url, settings.data / "google.json") as google:
        site = Site(settings, functions=functions, source=source, server=server, otherwise=google.app)
        with site:
            yield site


@contextmanager
def simulated_google(server: OnePort) -> Iterator[SimulatedGoogle]:
    """The simulator answers on the server's port; it forgets its world at the end."""
    try:
        with _simulation(server.url, None) as google:
            server.start(google.app)
            try:
                yield google
            finally:
                server.stop(within_s=1.0)
    finally:
        server.close()


@contextmanager
def _simulation(url: str, kept: Path | None) -> Iterator[SimulatedGoogle]:
    clock = SimClock()
    if kept is not None and kept.exists():
        google = Google.load(kept.read_bytes(), now=clock)
    else:
        google = Google(now=clock, rng=SystemRandom())
    google.settings = msgspec.structs.replace(google.settings, event_page=f"{url}/calendar/event")
    app = create_app(google, clock=clock)
    try:
        yield SimulatedGoogle(app=app, addresses=google_addresses(url))
    finally:
        app.extensions["courier"].close()
        if kept is not None:
            with app.extensions["desk"].doing() as last:
                world = last.dump()
            fresh = kept.with_suffix(".new")
            fresh.write_bytes(world)
            fresh.replace(kept)
