"""Every function behind its path, in one process and on one port. Each is a real target of the functions framework.

Werkzeug's server gives each connection a thread, so that streams and the calls that this process makes to itself cannot
starve one another, and there is but one process, so that kill -9 ends everything at once. Start at `OnePort`.
"""

from __future__ import annotations

import errno
import os
import re
import socket
import threading
from typing import TYPE_CHECKING, cast

import msgspec
from werkzeug.serving import WSGIRequestHandler, make_server

from infra.system import SystemIds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

HOST = "127.0.0.1"
BACKLOG = 256
REQUEST_ID = re.compile(r"[A-Za-z0-9._:+/=-]{1,128}")
IDLE_S = 60.0
"""A connection that says nothing for so long is closed."""

PREFIXES: Mapping[str, Sequence[str]] = {
    "oauth": ("/oauth",),
    "calendar_webhook": ("/webhooks/google-calendar",),
    "api": ("/v1", "/docs", "/openapi.json"),
    "portal": ("/portal", "/admin"),
    "relay": ("/relay",),
}
"""Where each function is reached; every other one is a job below `/jobs/`."""


class PortTaken(Exception):
    """Another program listens on the port."""


class Gateway:
    """Chooses the function by the path, which it leaves as it is; answers `/healthz` itself.

    Args:
        functions: The WSGI app of each function.
        otherwise: Answers every other path.
        beside: More paths with their apps, also within a function's.
    """

    def __init__(
        self,
        functions: Mapping[str, WSGIApplication],
        *,
        otherwise: WSGIApplication,
        beside: Mapping[str, WSGIApplication] | None = None,
    ) -> None:
        mounts = [(prefix, app) for name, app in functions.items() for prefix in prefixes_of(name)]
        self._mounts = sorted(
            [*mounts, *(beside or {}).items()],
            key=lambda mount: -len(mount[0]),
        )
        self._otherwise = otherwise

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = str(environ.get("PATH_INFO", ""))
        if path == "/healthz":
            headers = [("Content-Type", "application/json"), ("Cache-Control", "no-store")]
            start_response("200 OK", [*headers, ("X-Request-Id", request_id(environ))])
            return [b'{"status":"ok"}\n']
        for prefix, app in self._mounts:
            if path == prefix or path.startswith(f"{prefix}/"):
                return app(environ, start_response)
        return self._otherwise(environ, start_response)


def request_id(environ: WSGIEnvironment) -> str:
    """The caller's `X-Request-Id` if it is one, as every function answers it; else a new one."""
    given = str(environ.get("HTTP_X_REQUEST_ID", ""))
    return given if REQUEST_ID.fullmatch(given) else SystemIds().new()


def prefixes_of(function: str) -> Sequence[str]:
    """The paths below which a function is reached."""
    return PREFIXES.get(function) or (f"/jobs/{function.replace('_', '-')}",)


def nothing_else(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Leads from the root to the API's pages; there is nothing at any other path."""
    if environ.get("PATH_INFO") in {"", "/"}:
        start_response("302 Found", [("Location", "/docs"), ("Content-Length", "0")])
        return []
    answered = request_id(environ)
    problem = {
        "type": "/docs/errors/not_found",
        "title": "There is nothing here",
        "status": 404,
        "detail": "no function has this path; the API is described at /docs",
        "code": "not_found",
        "request_id": answered,
    }
    body = msgspec.json.encode(problem)
    headers = [("Content-Type", "application/problem+json"), ("X-Request-Id", answered)]
    start_response("404 Not Found", [*headers, ("Content-Length", str(len(body)))])
    return [body]


def framework_apps(functions: Iterable[str], *, source: Path) -> dict[str, WSGIApplication]:
    """Each function as the functions framework serves it, one app per target.

    Args:
        functions: Names in the source.
        source: The `main.py` that has them.
    """
    from functions_framework import create_app

    make = cast("Callable[..., WSGIApplication]", create_app)
    apps = {}
    kept = {name: os.environ.get(name) for name in ("FUNCTION_TARGET", "FUNCTION_SIGNATURE_TYPE", "FUNCTION_SOURCE")}
    for name in functions:
        apps[name] = make(target=name, source=str(source), signature_type="http")
    for name, value in kept.items():
        # The framework leaves the last target in the environment, where a child process would find it.
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value
    return apps


class OnePort:
    """A threaded HTTP server on the loopback address.

    Args:
        port: 0 takes a free one.

    Raises:
        PortTaken: Another program has the port.
    """

    def __init__(self, port: int) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind((HOST, port))
        except OSError as fault:
            self._socket.close()
            if fault.errno == errno.EADDRINUSE:
                raise PortTaken(
                    f"port {port} is taken: stop the program that has it, or choose another with --port"
                ) from fault
            if fault.errno == errno.EACCES:
                raise PortTaken(f"port {port} is not for this user: choose one above 1023 with --port") from fault
            raise
        self._socket.listen(BACKLOG)
        self.port: int = self._socket.getsockname()[1]
        self.url = f"http://{HOST}:{self.port}"
        self._counting = Counting()

    def start(self, app: WSGIApplication) -> None:
        """Requests are answered from now on; those that came since the port was taken come first."""
        counted = self._counting.around(app)
        self._server = make_server(
            HOST, self.port, counted, threaded=True, request_handler=_Handler, fd=self._socket.fileno()
        )
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="server", daemon=True)
        self._thread.start()

    def stop(self, *, within_s: float) -> None:
        """No further request is taken, and those under way are answered, unless that takes longer than this."""
        self._server.shutdown()
        self._thread.join()
        self._counting.wait_for_none(within_s)
        self._server.server_close()

    def close(self) -> None:
        """The port is free again."""
        self._socket.close()


class Counting:
    """Knows how many requests are being computed; a stream that is only being sent does not count."""

    def __init__(self) -> None:
        self._number = 0
        self._changed = threading.Condition()

    def around(self, app: WSGIApplication) -> WSGIApplication:
        """The app, counted."""

        def counted(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            self._add(1)
            try:
                return app(environ, start_response)
            finally:
                self._add(-1)

        return counted

    def wait_for_none(self, within_s: float) -> None:
        """No request is being computed, or the time is over."""
        with self._changed:
            self._changed.wait_for(lambda: self._number == 0, timeout=within_s)

    def _add(self, change: int) -> None:
        with self._changed:
            self._number += change
            self._changed.notify_all()


class _Handler(WSGIRequestHandler):
    """Speaks HTTP/1.1, so that streams come in chunks; writes no line per request."""

    protocol_version = "HTTP/1.1"
    timeout = IDLE_S

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        del code, size
