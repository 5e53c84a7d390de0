"""One HTTP request, sent once: no retry, no redirect, no cache, a time limit on each wait.

google-api-python-client's own httplib2 sends a request a second time when the connection breaks before the answer, also
an insert; so the client gets this instead, on requests. Certificates and proxies come from the environment as requests
reads it (`REQUESTS_CA_BUNDLE`, `HTTPS_PROXY`). A transport is shared by threads: each has a session of its own.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TypeAlias

import requests

from shared.errors import GoogleUnavailable

TIMEOUT_S = 20.0
"""For the connection, and again for each wait on the answer."""

OnRequest: TypeAlias = Callable[[str, str], None]
"""Told of each request before it is sent: its method and address; for counting."""


class Transport:
    """Sends requests for one client; connections are kept per thread."""

    def __init__(self, *, timeout_s: float = TIMEOUT_S, on_request: OnRequest | None = None) -> None:
        self._timeout_s = timeout_s
        self._on_request = on_request
        self._local = threading.local()

    def send(
        self, method: str, address: str, *, body: str | bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> requests.Response:
        """The answer, whatever its status.

        Raises:
            GoogleUnavailable: No answer came; nothing is known about what the request did.
        """
        if self._on_request is not None:
            self._on_request(method, address)
        try:
            return self._session().request(
                method,
                address,
                data=body,
                headers=dict(headers or {}),
                timeout=(self._timeout_s, self._timeout_s),
                allow_redirects=False,
            )
        except requests.RequestException as fault:
            raise GoogleUnavailable(
                f"Google did not answer ({type(fault).__name__}); it is tried again later."
            ) from None

    def _session(self) -> requests.Session:
        session = getattr(self._local, "session", None)
        if not isinstance(session, requests.Session):
            session = self._local.session = requests.Session()
            session.auth = _keep_authorization
        return session


def _keep_authorization(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keeps a `.netrc` of the machine from replacing the token."""
    return request


def utc_now() -> datetime:
    """The machine's clock, for lifetimes that an answer gives in seconds."""
    return datetime.now(UTC)


def lower_case(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers as `shared.google` reads them."""
    return {name.lower(): value for name, value in headers.items()}
