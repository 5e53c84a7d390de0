"""One request, one answer, and Google's error envelope; never sockets. Start at `Request` and `ApiError`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import msgspec

JsonObject: TypeAlias = dict[str, Any]

JSON_TYPE = "application/json; charset=UTF-8"
_encoder = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One HTTP request, already split.

    Args:
        path: Percent-encoded, from the root, without the query: `/calendar/v3/calendars/primary/events`.
        query: Decoded pairs in order; a name may repeat.
        headers: Any case; compared in lower case.
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """Give the value of one header, whatever its case, or None."""
        wanted = name.lower()
        for key, value in self.headers.items():
            if key.lower() == wanted:
                return value
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """One answer.

    `delay_s` seconds must pass before the caller sees it, and when `cut` is true the caller never does: the connection
    breaks instead. What the request did stays done.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    delay_s: float = 0.0
    cut: bool = False

    def json(self) -> Any:  # noqa: ANN401 - the JSON boundary itself
        """Decode the body."""
        return msgspec.json.decode(self.body)


class ApiError(Exception):
    """Google refuses a request: status, domain, reason and message exactly as Google words them."""

    def __init__(
        self,
        status: int,
        reason: str,
        message: str,
        *,
        domain: str = "global",
        location: str | None = None,
        location_type: str | None = None,
        extra: JsonObject | None = None,
        retry_after_s: int | None = None,
    ) -> None:
        """Keep the envelope's fields; `extra` is merged beside `errors` (front-end errors carry status and details)."""
        super().__init__(f"{status} {domain}/{reason}: {message}")
        self.status = status
        self.reason = reason
        self.message = message
        self.domain = domain
        self.location = location
        self.location_type = location_type
        self.extra = extra or {}
        self.retry_after_s = retry_after_s

    def response(self) -> Response:
        """Render the envelope."""
        entry: JsonObject = {"domain": self.domain, "reason": self.reason, "message": self.message}
        if self.location is not None:
            entry |= {"locationType": self.location_type, "location": self.location}
        headers = {"Content-Type": JSON_TYPE}
        if self.retry_after_s is not None:
            headers["Retry-After"] = str(self.retry_after_s)
        if self.status == 401:
            headers["WWW-Authenticate"] = 'Bearer realm="https://accounts.google.com/", error="invalid_token"'
        document = {"error": {"errors": [entry], "code": self.status, "message": self.message, **self.extra}}
        return Response(status=self.status, headers=headers, body=pretty(document))


def pretty(document: JsonObject) -> bytes:
    """Encode as Google's back end does: one space of indent."""
    return msgspec.json.format(_encoder.encode(document), indent=1)


def answer(document: JsonObject, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Wrap one JSON document."""
    return Response(status=status, headers={"Content-Type": JSON_TYPE, **(headers or {})}, body=pretty(document))


def parameter_error(
    reason: str, message: str, parameter: str, *, domain: str = "global", status: int = 400
) -> ApiError:
    """Name the query parameter at fault."""
    return ApiError(status, reason, message, domain=domain, location=parameter, location_type="parameter")


def not_found() -> ApiError:
    """Say what Google says of everything it does not have."""
    return ApiError(404, "notFound", "Not Found")
