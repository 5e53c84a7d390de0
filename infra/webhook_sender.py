"""Sends to addresses that tenants chose, over connections that can only lead to public hosts.

The name is resolved once, every address it has is judged, and the connection is made to one of those very addresses,
with the name kept for TLS and Host: a name that changes its mind in between changes nothing. No redirect is followed,
no proxy is used, nothing of the answer but its status is read. Start at `HttpWebhookSender`.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TypeAlias

from standardwebhooks import Webhook

from shared.ports import WebhookReply
from shared.webhooks.address import Address, UnusableAddress, may_reach, read_address

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shared.ports import WebhookMessage

TIMEOUT_S = 10.0
"""For all of it: name, connection, handshake, request and answer."""

Resolve: TypeAlias = Callable[[str, int], Sequence[str]]
"""The IP addresses of a host, in the order in which to try them."""


class NotSent(Exception):
    """Why there is no status, in words for the tenant."""


class HttpWebhookSender:
    """One POST a message, within `timeout_s`.

    Args:
        loopback_allowed: Messages may also go to this machine, without TLS.
        resolve: Where a name leads; the system's resolver if none is given.
        context: Whom to believe; the system's certificates if none is given.
    """

    def __init__(
        self,
        *,
        loopback_allowed: bool,
        resolve: Resolve | None = None,
        context: ssl.SSLContext | None = None,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        self._loopback_allowed = loopback_allowed
        self._resolve = resolve or resolved_by_system
        self._context = context or ssl.create_default_context()
        self._timeout_s = timeout_s

    def send(self, message: WebhookMessage) -> WebhookReply:
        began = time.monotonic()
        status, error = self._tried(lambda deadline: self._sent(message, deadline))
        return WebhookReply(status=status, error=error, duration_ms=round((time.monotonic() - began) * 1000, 1))

    def unreachable(self, url: str) -> str | None:
        """Why no connection to the address comes about; None when one does. Nothing is sent over it."""
        return self._tried(lambda deadline: self._reached(url, deadline))[1]

    def _tried(self, act: Callable[[float], int]) -> tuple[int | None, str | None]:
        """What the act gave within its time, or why it gave nothing."""
        began = time.monotonic()
        status, error = None, None
        try:
            status = act(began + self._timeout_s)
        except (UnusableAddress, NotSent) as fault:
            error = str(fault)
        except ssl.SSLCertVerificationError as fault:
            error = f"the certificate is not accepted: {fault.verify_message}"
        except (TimeoutError, OSError, http.client.HTTPException, ValueError) as fault:
            late = time.monotonic() - began >= self._timeout_s or isinstance(fault, TimeoutError)
            error = f"no answer within {self._timeout_s:g} s" if late else f"no answer ({type(fault).__name__})"
        return status, error

    def _reached(self, url: str, deadline: float) -> int:
        with self._connected(read_address(url, loopback_allowed=self._loopback_allowed), deadline):
            return 0

    def _sent(self, message: WebhookMessage, deadline: float) -> int:
        address = read_address(message.url, loopback_allowed=self._loopback_allowed)
        body = message.body.encode()
        with self._connected(address, deadline) as connection:
            connection.putrequest("POST", address.target, skip_host=True, skip_accept_encoding=True)
            headers = {"Host": address.authority, "Content-Length": str(len(body)), **signed_headers(message)}
            for name, value in headers.items():
                connection.putheader(name, value)
            connection.endheaders(body)
            status = connection.getresponse().status
        _left(deadline)  # an answer that was cut short at the deadline is none
        return status

    @contextmanager
    def _connected(self, address: Address, deadline: float) -> Iterator[http.client.HTTPConnection]:
        """A connection to an address that was judged, cut at the deadline however slowly the other side talks."""
        line = self._line(address, deadline)
        if not address.plain:
            line = self._context.wrap_socket(line, server_hostname=address.host, do_handshake_on_connect=False)
        cut = threading.Timer(_left(deadline), _cut, args=(line,))
        cut.daemon = True
        cut.start()
        connection = http.client.HTTPConnection(address.host, address.port)
        connection.auto_open = 0
        connection.sock = line
        try:
            if isinstance(line, ssl.SSLSocket):
                line.do_handshake()
            yield connection
        finally:
            cut.cancel()
            connection.close()

    def _line(self, address: Address, deadline: float) -> socket.socket:
        """A TCP connection to the first address of the host that takes one; none at all if one of them is private."""
        found = self._found(address, deadline)
        if not all(may_reach(ip, plain=address.plain, loopback_allowed=self._loopback_allowed) for ip in found):
            raise NotSent("the host leads to an address that is not public")
        failure: OSError | None = None
        for ip in found:
            try:
                return socket.create_connection((ip, address.port), timeout=_left(deadline))
            except OSError as fault:
                failure = fault
        raise failure or NotSent("the host has no address")

    def _found(self, address: Address, deadline: float) -> Sequence[str]:
        """The host's addresses, asked for once; the system's resolver knows no deadline, so it is waited for apart."""
        answers: list[Sequence[str]] = []

        def ask() -> None:
            with suppress(OSError, UnicodeError):
                answers.append(self._resolve(address.host, address.port))

        asking = threading.Thread(target=ask, name="resolve", daemon=True)
        asking.start()
        asking.join(_left(deadline))
        if asking.is_alive():
            raise TimeoutError
        if not answers or not answers[0]:
            raise NotSent("the host's name leads nowhere: check the address and its DNS entry")
        return answers[0]


def signed_headers(message: WebhookMessage) -> dict[str, str]:
    """The headers of a message, signed by each of its secrets.

    Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
    """
    signatures = (Webhook(secret).sign(message.id, message.at, message.body) for secret in message.secrets)
    return {
        "Content-Type": "application/json",
        "User-Agent": "Tandem",
        "Connection": "close",
        "webhook-id": message.id,
        "webhook-timestamp": str(int(message.at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def resolved_by_system(host: str, port: int) -> Sequence[str]:
    """Where the machine's resolver says that a host is."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _cut(line: socket.socket) -> None:
    """Whoever waits on the socket stops waiting; below TLS, which would wait for the other side again."""
    with suppress(OSError):
        socket.socket.shutdown(line, socket.SHUT_RDWR)
