"""A CRM's receiver: a real HTTP server on a free port that keeps what it is sent and answers as it is told."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One request."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def changes(self) -> list[Any]:
        return list(json.loads(self.body)["data"]["changes"])


@dataclass(slots=True)
class Receiver:
    """What came, and what is answered: `answers` first, then `otherwise`."""

    answers: list[int] = field(default_factory=list)
    otherwise: int = 200
    extra: dict[str, str] = field(default_factory=dict)
    """Headers of every answer."""
    write: Callable[[Any], object] | None = None
    """Writes the raw answer instead."""
    received: list[Received] = field(default_factory=list)
    url: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, request: Received) -> int:
        with self.lock:
            self.received.append(request)
            return self.answers.pop(0) if self.answers else self.otherwise

    def changes(self) -> list[Any]:
        """All changes that came, in order."""
        with self.lock:
            return [change for request in self.received for change in request.changes]


class QuietServer(ThreadingHTTPServer):
    """Says nothing about connections that are cut, which is what some tests are about."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Quiet."""


@contextmanager
def receiving(context: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """A receiver on a free port of this machine, with TLS if there is a context."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status = receiver.take(Received(method="POST", path=self.path, headers=headers, body=body))
            if receiver.write is not None:
                receiver.write(self.wfile)
                self.close_connection = True
                return
            self.send_response(status)
            for name, value in receiver.extra.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Quiet."""

    server = QuietServer(("127.0.0.1", 0), Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    scheme = "https" if context else "http"
    receiver.url = f"{scheme}://127.0.0.1:{server.server_port}/hook"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
