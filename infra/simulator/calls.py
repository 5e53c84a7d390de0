"""One call of the Calendar API, authenticated and read. Start at `Call`; `authenticated` proves the bearer."""

from collections.abc import Mapping

import msgspec

from infra.simulator import discovery
from infra.simulator.calendars import require, resolve
from infra.simulator.context import Actor, Context
from infra.simulator.model import AccessToken, Calendar, Fields
from infra.simulator.wire import ApiError, Request

_PREFIX = "https://www.googleapis.com/auth/calendar"
_ALL_EVENTS = frozenset(
    {_PREFIX, f"{_PREFIX}.readonly", f"{_PREFIX}.events", f"{_PREFIX}.events.readonly", f"{_PREFIX}.app.created"}
)
_INVALID = "Invalid Credentials"


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """Who calls what with what."""

    ctx: Context
    method: discovery.Method
    account: str
    client_id: str
    scopes: frozenset[str]
    path: Mapping[str, str]
    values: dict[str, list[str]]
    body: Fields
    if_match: str | None
    if_none_match: str | None

    def value(self, name: str) -> str | None:
        """Give one query parameter."""
        found = self.values.get(name)
        return found[-1] if found else None

    def calendar(self, role: str) -> Calendar:
        """Give the calendar in the path, when the account has the role on it and the scopes reach it.

        Raises:
            ApiError: 404, or 403 for too small a role.
        """
        calendar = resolve(self.ctx, self.account, self.path["calendarId"])
        require(calendar, self.account, role)
        if self.method.id.startswith("events.") and not (self.scopes & self.method.scopes & _ALL_EVENTS):
            require(calendar, self.account, "owner")
        return calendar

    def actor(self) -> Actor:
        """Say who acts, for mails and conferences."""
        send = self.value("sendUpdates") or ("all" if self.value("sendNotifications") == "true" else "none")
        return Actor(
            account=self.account,
            because=f"{self.method.id} sendUpdates={send}",
            send_updates=send,
            conference_version=int(self.value("conferenceDataVersion") or 0),
        )


def bearer(ctx: Context, request: Request, *, from_query: str | None = None) -> AccessToken | None:
    """Find the live access token a request carries, or None."""
    header = request.header("authorization") or ""
    kind, _, text = header.partition(" ")
    found = ctx.world.access_tokens.get(text.strip() if kind.lower() == "bearer" else from_query or "")
    return found if found is not None and found.expires_us > ctx.now_us() else None


def authenticated(ctx: Context, request: Request, method: discovery.Method) -> AccessToken:
    """Prove the bearer and its scopes.

    Raises:
        ApiError: 401 without credentials or with dead ones, 403 when no granted scope opens the method.
    """
    if not request.header("authorization"):
        raise ApiError(401, "required", "Login Required.", location="Authorization", location_type="header")
    token = bearer(ctx, request)
    if token is None:
        raise ApiError(401, "authError", _INVALID, location="Authorization", location_type="header")
    if not method.scopes.intersection(token.scopes):
        raise insufficient_scopes(method)
    return token


def insufficient_scopes(method: discovery.Method) -> ApiError:
    """Write the front end's answer to a token whose scopes do not open a method."""
    return ApiError(
        403,
        "insufficientPermissions",
        "Request had insufficient authentication scopes.",
        extra={
            "status": "PERMISSION_DENIED",
            "details": [
                {
                    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                    "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
                    "domain": "googleapis.com",
                    "metadata": {"service": "calendar-json.googleapis.com", "method": f"calendar.v3.{method.id}"},
                }
            ],
        },
    )
