"""Google, as one state machine: `Google.handle` answers requests, `Google.due_notifications` gives what it would push.

It reads no wall clock, opens no socket and starts no thread: clock and dice come in, messages go out as values.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from random import Random
from typing import Self

from infra.simulator import calendars, channels, faults, lists, oauth
from infra.simulator.calls import bearer
from infra.simulator.clock import http_date, to_us
from infra.simulator.context import Context
from infra.simulator.dispatch import Dispatcher
from infra.simulator.events import purge
from infra.simulator.finding import finish_meets
from infra.simulator.model import Calendar, Client, Fault, Mail, Notification, World
from infra.simulator.person import Person
from infra.simulator.settings import SimSettings
from infra.simulator.wire import ApiError, Request, Response
from infra.simulator.world import DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, dumped, loaded, populate

__all__ = ["DEMO_CLIENT_ID", "DEMO_CLIENT_SECRET", "Google"]

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
        self._dispatcher = Dispatcher(self.ctx)
        self.check_answers = check_answers
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
    def check_answers(self) -> bool:
        """Tell whether answers are held against the discovery document."""
        return self._dispatcher.check_answers

    @check_answers.setter
    def check_answers(self, check: bool) -> None:
        self._dispatcher.check_answers = check

    @property
    def violations(self) -> list[str]:
        """Give how answers broke Google's schema so far; each was answered 500."""
        return self._dispatcher.violations

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
            response = self._dispatcher.answer(request)
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

    def finish_meets(self) -> None:
        """Make every Meet that is still being made: it comes in time, whether somebody reads or not."""
        for calendar in self.ctx.world.calendars.values():
            finish_meets(self.ctx, calendar)
        channels.announce(self.ctx)

    def add_fault(self, fault: Fault) -> Fault:
        """Put a rule of bad weather in force."""
        return faults.add(self.ctx, fault)

    def clear_faults(self) -> None:
        """End all bad weather."""
        self.ctx.world.faults.clear()

    def dump(self) -> bytes:
        """Write the whole world, and the state of the dice, as JSON."""
        return dumped(self.ctx.world, self.ctx.rng)

    @classmethod
    def load(cls, text: bytes, *, now: Callable[[], datetime], settings: SimSettings | None = None) -> Self:
        """Bring back what `dump` wrote."""
        world, rng = loaded(text)
        return cls(now=now, rng=rng, settings=settings, world=world)
