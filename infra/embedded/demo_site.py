"""Tandem, a simulated Google and the demo CRM on one port, for `demo`; and the simulated Google alone, for `simulator`.

Tandem's functions keep their paths, the demo has its own, and the simulator answers all the others. The simulator's
world is kept in the data folder, so that a killed demo goes on where it was. Start at `demo_site`.
"""

from __future__ import annotations

import os
import sys
import threading
from contextlib import contextmanager
from random import Random
from secrets import randbits
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

import msgspec

from infra import wiring
from infra.embedded.folder import DataFolder
from infra.embedded.site import Site
from infra.settings import load_settings
from infra.simulator.addresses import google_addresses
from infra.simulator.http import create_app
from infra.simulator.sim_clock import SimClock
from infra.simulator.state import Google

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path
    from wsgiref.types import WSGIApplication

    from infra.embedded.server import OnePort
    from infra.simulator.courier import Courier
    from infra.simulator.desk import Desk
    from shared.usecases.world import World

DEFAULTS = {
    "TANDEM_DATA": ".tandem/demo",
    "TANDEM_COALESCE_S": "0.5",
    "TANDEM_TICK_S": "1",
    "TANDEM_LOG_LEVEL": "WARNING",
}
"""Somebody is watching: a notification is not held back for long, and the page tells what happens."""
KEEP_EVERY_S = 1.0
RESTART_AFTER_S = 0.3
"""The page that asked for the restart gets its answer first."""


@contextmanager
def demo_site(
    *, functions: Sequence[str], source: Path, server: OnePort, first_key: Callable[[World], str]
) -> Iterator[Site]:
    """All three answer on the server's port, and the demo CRM has its API key.

    Args:
        functions: Names in `source`.
        source: The `main.py` that has them.
        server: The port to answer on; closed at the end.
        first_key: Makes a tenant and gives its API key; asked at the first start of a data folder.
    """
    from infra.embedded.demo.app import DemoApp

    settings = load_settings(defaults=DEFAULTS, fixed=google_addresses(server.url))
    folder = DataFolder(settings.data).path
    with SimulatedGoogle(server.url, kept=folder / "google.json") as google:
        demo = DemoApp(
            url=server.url, folder=folder, otherwise=google.app, restart=lambda: google.restart_process(server.port)
        )
        # Google's address for a person's data lies below Tandem's /v1 on a shared port.
        beside = {urlsplit(settings.google_userinfo_url).path: google.app}
        site = Site(settings, functions=functions, source=source, server=server, otherwise=demo, beside=beside)
        with demo, site:
            demo.start(lambda: first_key(wiring.world()))
            yield site


@contextmanager
def simulated_google(server: OnePort) -> Iterator[SimulatedGoogle]:
    """The simulator answers on the server's port; it forgets its world at the end."""
    try:
        with SimulatedGoogle(server.url) as google:
            server.start(google.app)
            try:
                yield google
            finally:
                server.stop(within_s=1.0)
    finally:
        server.close()


class SimulatedGoogle:
    """A simulator below an address; a context manager.

    Args:
        url: Where its app will answer.
        kept: A file that holds its world from one start to the next; None: it starts empty.
    """

    def __init__(self, url: str, *, kept: Path | None = None) -> None:
        clock = SimClock()
        if kept is not None and kept.exists():
            google = Google.load(kept.read_bytes(), now=clock)
        else:
            google = Google(now=clock, rng=Random(randbits(64)))  # noqa: S311 - a simulation
        google.settings = msgspec.structs.replace(google.settings, event_page=f"{url}/calendar/event")
        app = create_app(google, clock=clock)
        self.app: WSGIApplication = app
        self.addresses = google_addresses(url)
        self._kept = kept
        self._desk: Desk = app.extensions["desk"]
        self._courier: Courier = app.extensions["courier"]
        self._ended = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name="simulator-keeper", daemon=True)

    def __enter__(self) -> Self:
        self._keeper.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._desk.ring()
        self._keeper.join()
        self._courier.close()
        self._save()

    def restart_process(self, port: int) -> None:
        """This process is replaced by a fresh one on the same port, a moment later, with nothing tidied up.

        Tandem is cut off wherever it was, as by kill -9; the simulated Google has lost nothing.
        """

        def replace() -> None:
            with self._desk.doing():
                self._save()
                os.execv(sys.executable, [*sys.orig_argv, "--port", str(port)])  # noqa: S606 - ourselves, as we were started

        later = threading.Timer(RESTART_AFTER_S, replace)
        later.daemon = True
        later.start()

    def _keep(self) -> None:
        while not self._ended.is_set():
            heard = self._desk.rings
            self._save()
            self._ended.wait(KEEP_EVERY_S)
            while not self._ended.is_set() and self._desk.rings == heard:
                self._desk.wait(KEEP_EVERY_S, heard=heard)

    def _save(self) -> None:
        """The world is in the file; the old one stays until the new one is whole."""
        if self._kept is None:
            return
        with self._desk.doing() as google:
            world = google.dump()
            fresh = self._kept.with_suffix(".new")
            fresh.write_bytes(world)
            fresh.replace(self._kept)
