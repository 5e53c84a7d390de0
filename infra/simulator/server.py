"""A running simulator: in a test on a free loopback port, or for `make demo`. Start at `RunningSimulator`."""

import ipaddress
import socket
import threading
from pathlib import Path
from random import Random
from typing import Self

import msgspec
from werkzeug.serving import WSGIRequestHandler, make_server

from infra.simulator.addresses import google_addresses
from infra.simulator.http import close_app, create_app
from infra.simulator.settings import SimSettings
from infra.simulator.sim_clock import SimClock
from infra.simulator.state import Google


class _QuietHandler(WSGIRequestHandler):
    """Speaks HTTP/1.1 and writes no access log."""

    protocol_version = "HTTP/1.1"

    def send_response(self, code: int, message: str | None = None) -> None:
        """Leave the `Date` to the simulator, whose clock may not be this machine's."""
        self.send_response_only(code, message)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        del code, size


class RunningSimulator:
    """A threaded server in this process; a context manager.

    Args:
        port: 0 takes a free one.
        allow_remote: Without it nothing but loopback is bound.
        state: A file to read the world from at the start, when it exists, and to keep it in.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        host: str = "127.0.0.1",
        settings: SimSettings | None = None,
        seed: int = 1,
        allow_remote: bool = False,
        state: Path | None = None,
    ) -> None:
        """Start serving at once."""
        if not allow_remote and not _loopback(host):
            raise ValueError(f"{host} is not loopback; the simulator lets anybody in, so say allow_remote=True")
        self.clock = SimClock()
        google = _world(self.clock, settings, seed, state)
        self.app = create_app(google, clock=self.clock, keep=state, allow_remote=allow_remote)
        self.desk = self.app.extensions["desk"]
        self._server = make_server(host, port, self.app, threaded=True, request_handler=_QuietHandler)
        self.url = f"http://{host}:{self._server.server_port}"
        google.settings = msgspec.structs.replace(google.settings, event_page=f"{self.url}/calendar/event")
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="simulator", daemon=True)
        self._thread.start()

    @property
    def google(self) -> Google:
        """Give the state machine; beside running requests use `desk.doing()`."""
        google: Google = self.desk.google
        return google

    @property
    def addresses(self) -> dict[str, str]:
        """Give the environment that points Tandem here."""
        return google_addresses(self.url)

    def close(self) -> None:
        """Stop serving.

        Raises:
            AssertionError: An answer broke Google's schema while it ran.
        """
        self._server.shutdown()
        self._thread.join()
        close_app(self.app)
        self._server.server_close()
        if self.google.violations:
            raise AssertionError("\n".join(self.google.violations))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def serve(
    port: int, *, host: str = "127.0.0.1", allow_remote: bool = False, state: Path | None = None
) -> RunningSimulator:
    """Start a simulator for people; the caller decides when to close it."""
    return RunningSimulator(port=port, host=host, allow_remote=allow_remote, state=state)


def _world(clock: SimClock, settings: SimSettings | None, seed: int, state: Path | None) -> Google:
    if state is not None and state.exists():
        return Google.load(state.read_bytes(), now=clock, settings=settings)
    return Google(now=clock, rng=Random(seed), settings=settings)  # noqa: S311 - a simulation


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return socket.gethostbyname(host).startswith("127.")
