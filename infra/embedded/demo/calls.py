"""JSON over HTTP to one server: how the demo CRM speaks to Tandem, and a person's hand to the simulated Google.

Only the public addresses are used, as any other program would. Start at `Server.call`.
"""

from __future__ import annotations

import http.client
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

TIMEOUT_S = 15.0


class Unreachable(Exception):
    """The server did not answer; nothing is known about what it did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server said; `document` is empty where it said nothing."""

    status: int
    document: dict[str, Any] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        """It did what it was asked."""
        return 200 <= self.status < 300

    @property
    def complaint(self) -> str:
        """Why not, in the server's words."""
        said = self.document.get("detail") or self.document.get("error") or self.document.get("title")
        return str(said or f"it answered {self.status}")


class Server:
    """One HTTP server on this machine, or wherever its address leads.

    Args:
        url: Its address.
        headers: Sent with every call.
    """

    def __init__(self, url: str, headers: Mapping[str, str] | None = None) -> None:
        parts = urlsplit(url)
        self._secure = parts.scheme == "https"
        self._place = parts.netloc
        self._prefix = parts.path.rstrip("/")
        self._headers = dict(headers or {})

    def call(self, method: str, path: str, body: object = None, *, query: Mapping[str, object] | None = None) -> Answer:
        """One call and its answer, whatever its status.

        Raises:
            Unreachable: There was none.
        """
        given = {name: str(value) for name, value in (query or {}).items() if value is not None}
        address = f"{self._prefix}{path}" + (f"?{urlencode(given)}" if given else "")
        kind = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
        connection = kind(self._place, timeout=TIMEOUT_S)
        raw = None if body is None else msgspec.json.encode(body)
        headers = self._headers if raw is None else {**self._headers, "Content-Type": "application/json"}
        try:
            connection.request(method, address, body=raw, headers=headers)
            response = connection.getresponse()
            said = response.read()
        except (OSError, http.client.HTTPException) as fault:
            raise Unreachable(f"{self._place} does not answer") from fault
        finally:
            connection.close()
        return Answer(status=response.status, document=_document(said))


def _document(said: bytes) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(said) if said else {}
    except msgspec.DecodeError:
        return {"detail": "it answered something that is not JSON"}
    return found if isinstance(found, dict) else {"data": found}
