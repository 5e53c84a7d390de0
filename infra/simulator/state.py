"""Google, as one state machine: `Google.handle` answers requests, `Google.due_notifications` gives what it would push.

It reads no wall clock, opens no socket and starts no thread: clock and dice come in, messages go out as values.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from random import Random
from urllib.parse import parse_qsl, unquote

import msgspec

from infra.simulator import calendars, channels, discovery, faults, lists, oauth
from infra.simulator.calendar_calls import METHODS
from infra.simulator.calls import Call, authenticated, bearer
from infra.simulator.clock import http_date, to_us
from infra.simulator.conformance import check_body, check_query, faults_in
from infra.simulator.context import Context
from infra.simulator.events import purge
from infra.simulator.id_token import IdTokens
from infra.simulator.model import Calendar, Client, Fault, Fields, Mail, Notification, World
from infra.simulator.partial import selected
from infra.simulator.person import Person
from infra.simulator.quota import UNITS, Limiter
from infra.simulator.settings import SimSettings
from infra.simulator.wire import ApiError, JsonObject, Request, Response, answer, not_found

DEMO_CLIENT_ID = "100000000001-tandem.apps.googleusercontent.com"
DEMO_CLIENT_SECRET = "GOCSPX-simulated"  # noqa: S105 - opens nothing but this simulator
CALENDAR_SCOPE = "https://www.googleapis.com/auth/calendar"


class Google:
    """The simulated Google.

    Args:
        now: Aware UTC; the only clock there is.
        rng: Ids, tokens and chance; the same seed and the same calls give the same world.
        world: A world that was dumped; by default two accounts and one more calendar.
        check_answers: Hold every answer against the discovery document; a fault becomes a 500 and is kept in
            `violations`.
    """

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        rng: Random,
        settings: SimSettings | None = None,
        world: World | None = None,
        check_answers: bool = False,
    ) -> None:
        """Take over a world, or make the default one."""
        self.ctx = Context(world=world or World(), now=now, rng=rng, settings=settings or SimSettings())
        self.check_answers = check_answers
        self.violations: list[str] = []
        self._limiter = Limiter()
        self._id_tokens = IdTokens()
        if world is None:
            populate(self.ctx)

    @property
    def settings(self) -> SimSettings:
        """Give the switches in force."""
        return self.ctx.settings

    @settings.setter
    def settings(self, settings: SimSettings) -> None:
        self.ctx.settings = settings

    @property
    def version(self) -> int:
        """Give a number that grows with every change."""
        return self.ctx.version

    @property
    def mails(self) -> list[Mail]:
        """Give the mails Google sent, oldest first."""
        return self.ctx.world.mails

    def handle(self, request: Request) -> Response:
        """Answer one HTTP request: Calendar v3, or the token, revocation, userinfo and certificate endpoints."""
        ctx = self.ctx
        token = bearer(ctx, request)
        account = token.account if token is not None else None
        strike = faults.struck(ctx, request.method, request.path, account)
        if strike.cut_before:
            return Response(status=503, cut=True, delay_s=strike.delay_s)
        try:
            if strike.error is not None:
                raise faults.error(strike.error)
            response = self._routed(request)
        except ApiError as refusal:
            response = refusal.response()
        channels.announce(ctx)
        headers = {"Date": http_date(ctx.now_us()), **response.headers}
        return Response(
            status=response.status,
            headers=headers,
            body=response.body,
            delay_s=strike.delay_s,
            cut=strike.cut_after,
        )

    def _routed(self, request: Request) -> Response:
        if request.path.startswith(discovery.BASE):
            return self._called(request)
        ctx, route = self.ctx, (request.method, request.path)
        match route:
            case ("POST", "/token"):
                ctx.counters["oauth.token"] += 1
                return oauth.token(ctx, _form(request), self._id_tokens)
            case ("POST" | "GET", "/revoke"):
                ctx.counters["oauth.revoke"] += 1
                return oauth.revoke(ctx, dict(request.query) | _form(request))
            case ("GET" | "POST", "/v1/userinfo"):
                return oauth.userinfo(ctx, bearer(ctx, request))
            case ("GET", "/oauth2/v3/certs"):
                return answer(self._id_tokens.key_set())
            case ("GET", "/oauth2/v1/certs"):
                return answer(self._id_tokens.certificates)
        raise not_found()

    def _called(self, request: Request) -> Response:
        found = discovery.load().find(request.method, request.path.removeprefix(discovery.BASE))
        if found is None:
            raise not_found()
        method, path = found
        handler = METHODS.get(method.id)
        if handler is None:
            raise ApiError(501, "notImplemented", f"The simulator does not play calendar.{method.id}.")
        ctx = self.ctx
        ctx.counters[method.id] += 1
        ctx.counters["units"] += UNITS.get(method.id, 1)
        token = authenticated(ctx, request, method)
        self._limiter.spend(
            ctx.settings.quota,
            method=method.id,
            account=token.account,
            client_id=token.client_id,
            now_us=ctx.now_us(),
        )
        values = _values(request)
        check_query(method, values)
        call = Call(
            ctx=ctx,
            method=method,
            account=token.account,
            client_id=token.client_id,
            scopes=frozenset(token.scopes),
            path={key: unquote(value) for key, value in path.items()},
            values=values,
            body=self._body(method, request),
            if_match=request.header("if-match"),
            if_none_match=request.header("if-none-match"),
        )
        return self._checked(method, call, handler(call))

    def _body(self, method: discovery.Method, request: Request) -> Fields:
        if method.request is None:
            return {}
        try:
            body = msgspec.json.decode(request.body or b"{}")
        except msgspec.DecodeError as fault:
            raise ApiError(400, "parseError", "Parse Error") from fault
        if not isinstance(body, dict):
            raise ApiError(400, "parseError", "Parse Error")
        check_body(method, body, unknown=self.settings.unknown_fields == "refuse")
        return body

    def _checked(self, method: discovery.Method, call: Call, response: Response) -> Response:
        if self.check_answers and method.response is not None and response.body:
            found = faults_in(method.response, response.json())
            if found:
                text = f"{method.id}: {'; '.join(found)}"
                self.violations.append(text)
                raise ApiError(500, "simulatorFault", f"The simulator's own answer breaks Google's schema: {text}")
        mask = call.value("fields")
        if mask is not None and response.body:
            return answer(selected(response.json(), mask), headers=response.headers)
        return response

    def due_notifications(self, now: datetime) -> list[Notification]:
        """Take the push messages due at a moment out of the outbox; say later how each was answered."""
        return channels.due(self.ctx, to_us(now))

    def notification_answered(self, message: Notification, status: int | None) -> None:
        """Hear the HTTP status a message was answered with, None for none; 500, 502, 503 and 504 bring it back."""
        channels.answered(self.ctx, message, status)

    def next_notification_at(self) -> int | None:
        """Give the earliest due moment in the outbox, in microseconds since the epoch."""
        return min((message.due_us for message in self.ctx.world.outbox), default=None)

    def person(self, account: str) -> Person:
        """Act as somebody in Google's own pages."""
        if account not in self.ctx.world.accounts:
            raise KeyError(account)
        return Person(self.ctx, account)

    def add_account(self, email: str, name: str = "", time_zone: str = "Europe/Berlin") -> Person:
        """Make an account with a primary calendar."""
        calendars.add_account(self.ctx, email, name or email.partition("@")[0].title(), time_zone)
        channels.announce(self.ctx)
        return Person(self.ctx, email)

    def add_calendar(self, owner: str, summary: str, *, push_refused: bool = False) -> Calendar:
        """Make a secondary calendar."""
        calendar = calendars.add_calendar(self.ctx, owner=owner, summary=summary, push_refused=push_refused)
        channels.announce(self.ctx)
        return calendar

    def share(self, calendar_id: str, account: str, role: str | None) -> None:
        """Give an account a role on a calendar, or take it away; its sync tokens die with the change."""
        calendars.share(self.ctx, self.ctx.world.calendars[calendar_id], account, role)
        channels.announce(self.ctx)

    def add_client(self, client: Client) -> None:
        """Register an OAuth client."""
        self.ctx.world.clients[client.client_id] = client

    def access_token(self, account: str, *scopes: str, client_id: str = DEMO_CLIENT_ID) -> str:
        """Make an access token without any consent; all of Calendar unless scopes are named."""
        return oauth.mint(self.ctx, account, client_id, list(scopes) or [CALENDAR_SCOPE])

    def consent(self, query: Mapping[str, str], account: str, scopes: tuple[str, ...] | None = None) -> str:
        """Answer an authorization request as a person would; gives the address the browser goes to.

        Raises:
            oauth.Refused: Google would show an error page.
        """
        return oauth.approve(self.ctx, oauth.read_authorization(self.ctx, query), account, scopes)

    def deny(self, query: Mapping[str, str]) -> str:
        """Refuse an authorization request as a person would."""
        return oauth.deny(oauth.read_authorization(self.ctx, query))

    def revoke_grant(self, account: str, client_id: str | None = None) -> None:
        """Take access away from a client, or from all, as in the account's own settings."""
        oauth.end_grant(self.ctx, account, client_id)

    def expire_access_tokens(self, account: str | None = None) -> None:
        """Let access tokens end now."""
        for token in self.ctx.world.access_tokens.values():
            if account in {None, token.account}:
                token.expires_us = 0

    def expire_sync_tokens(self, calendar_id: str) -> None:
        """Let every sync token of a calendar answer 410 from now on."""
        lists.expire_tokens(self.ctx.world.calendars[calendar_id])

    def empty_trash(self, calendar_id: str) -> int:
        """Purge a calendar's deleted events; their ids stay taken."""
        return purge(self.ctx, self.ctx.world.calendars[calendar_id])

    def add_fault(self, fault: Fault) -> Fault:
        """Put a rule of bad weather in force."""
        return faults.add(self.ctx, fault)

    def clear_faults(self) -> None:
        """End all bad weather."""
        self.ctx.world.faults.clear()

    def dump(self) -> bytes:
        """Write the whole world, and the state of the dice, as JSON."""
        return msgspec.json.encode({"world": self.ctx.world, "rng": self.ctx.rng.getstate()})

    @classmethod
    def load(cls, dumped: bytes, *, now: Callable[[], datetime], settings: SimSettings | None = None) -> "Google":
        """Bring back what `dump` wrote."""
        document = msgspec.json.decode(dumped, type=dict[str, msgspec.Raw])
        version, internal, gauss = msgspec.json.decode(document["rng"])
        rng = Random(0)  # noqa: S311 - a simulation
        rng.setstate((version, tuple(internal), gauss))
        return cls(now=now, rng=rng, settings=settings, world=msgspec.json.decode(document["world"], type=World))


def populate(ctx: Context) -> None:
    """Make the default world: Anna and Ben, and a second calendar of Anna's."""
    calendars.add_account(ctx, "anna@example.com", "Anna Weber", "Europe/Berlin")
    calendars.add_account(ctx, "ben@example.com", "Ben Okafor", "Europe/Berlin")
    calendars.add_calendar(ctx, owner="anna@example.com", summary="Viewings", color=8)
    ctx.world.clients[DEMO_CLIENT_ID] = Client(
        client_id=DEMO_CLIENT_ID,
        client_secret=DEMO_CLIENT_SECRET,
        name="Tandem",
        redirect_uris=[],
        any_loopback=True,
    )
    ctx.touched.clear()


def _values(request: Request) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    for key, value in request.query:
        values.setdefault(key, []).append(value)
    return values


def _form(request: Request) -> JsonObject:
    return dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))
