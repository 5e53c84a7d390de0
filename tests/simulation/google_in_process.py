"""The Google and OAuth ports over the simulator's state machine in this process: the requests of the real client.

Answers and failures are read by the product's own `shared.google`; only the transport is missing.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlencode

import msgspec

from infra.google.transport import TIMEOUT_S
from infra.simulator.wire import Request, Response
from shared.errors import AccessTokenRefused, EventMissing, GoogleUnavailable
from shared.google.errors import About, classify
from shared.google.oauth_errors import classify_oauth
from shared.google.requests import ChannelRequest, EventsRequest, channel_body, events_query
from shared.google.responses import (
    CalendarEntry,
    Channel,
    Event,
    EventPage,
    Tombstone,
    calendar_entries_of,
    channel_of,
    event_of,
    living,
    page_of,
)
from shared.model.oauth import Client, Consent, Identity, Tokens
from tests.simulation.laws_of_guests import answers_at, reset_between
from tests.simulation.laws_on_meets import conference_at, replaced_between

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from infra.simulator.state import Google
    from tests.simulation.doubles import VirtualClock
    from tests.simulation.lists_in_process import InProcessAccount
    from tests.simulation.stepping import Stage

BASE = "/calendar/v3"
WRITES = frozenset({"patch", "delete", "move"})


class InProcessGoogle:
    """Opens the calendar API for a token; implements `shared.ports.Google`."""

    def __init__(self, google: Google, stage: Stage, clock: VirtualClock, *, is_ours: Callable[[str], bool]) -> None:
        self.google = google
        self.stage = stage
        self.clock = clock
        self.is_ours = is_ours
        self.foreign: list[str] = []
        """Events that were patched, moved or deleted while no task's document named them."""
        self.reset: list[str] = []
        """Answers of guests that a write of ours changed."""
        self.replaced: list[str] = []
        """Conferences that a write of ours took the place of, or took off though they were no Meet."""

    def calendar(self, access_token: str) -> InProcessAccount:
        from tests.simulation.lists_in_process import InProcessAccount

        return InProcessAccount(self, access_token)


class InProcessCalendar:
    """The calendar API as one token sees it: `shared.ports.Calendar` but for the lists."""

    def __init__(self, owner: InProcessGoogle, token: str) -> None:
        self._owner = owner
        self._token = token

    def calendars(self, page_token: str | None = None) -> tuple[list[CalendarEntry], str | None]:
        query = {"maxResults": "250", "showHidden": "true"} | ({"pageToken": page_token} if page_token else {})
        return calendar_entries_of(self._send("calendars", "GET", "/users/me/calendarList", query, about="account"))

    def list(self, request: EventsRequest) -> EventPage:
        path = f"{_calendar(request.calendar_id)}/events"
        return page_of(self._send("list", "GET", path, events_query(request), about="list"))

    def get(self, calendar_id: str, event_id: str) -> Event | Tombstone:
        return event_of(self._send("get", "GET", _event(calendar_id, event_id)))

    def insert(self, calendar_id: str, body: Mapping[str, object], *, notify: str) -> Event:
        path = f"{_calendar(calendar_id)}/events"
        return living(event_of(self._send("insert", "POST", path, _saying(notify), body=body, about="insert")))

    def patch(
        self, calendar_id: str, event_id: str, body: Mapping[str, object], *, if_match: str, notify: str
    ) -> Event | Tombstone:
        path = _event(calendar_id, event_id)
        return event_of(self._send("patch", "PATCH", path, _saying(notify), body=body, if_match=if_match))

    def delete(self, calendar_id: str, event_id: str, *, if_match: str | None, notify: str) -> None:
        self._send("delete", "DELETE", _event(calendar_id, event_id), {"sendUpdates": notify}, if_match=if_match)

    def move(self, calendar_id: str, event_id: str, destination: str, *, notify: str) -> Event:
        query = {"destination": destination, "sendUpdates": notify}
        return living(event_of(self._send("move", "POST", f"{_event(calendar_id, event_id)}/move", query)))

    def watch(self, request: ChannelRequest) -> Channel:
        asked_until = self._owner.clock.now() + timedelta(seconds=request.ttl_s)
        path = f"{_calendar(request.calendar_id)}/events/watch"
        made = self._send("watch", "POST", path, {"eventTypes": "default"}, body=channel_body(request), about="watch")
        return channel_of(made, asked_until=asked_until)

    def stop(self, channel_id: str, resource_id: str) -> None:
        body = {"id": channel_id, "resourceId": resource_id}
        try:
            self._send("stop", "POST", "/channels/stop", body=body, about="channel")
        except EventMissing:
            return

    def _send(
        self,
        call: str,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        *,
        body: Mapping[str, object] | None = None,
        if_match: str | None = None,
        about: About = "event",
    ) -> object:
        return self._answered(call, method, f"{BASE}{path}", query, body=body, if_match=if_match, about=about)[0]

    def _answered(
        self,
        call: str,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        *,
        body: Mapping[str, object] | None = None,
        if_match: str | None = None,
        about: About = "event",
    ) -> tuple[object, Mapping[str, str]]:
        """The decoded answer of one request with its headers; the path is the whole one."""
        headers = {"Authorization": f"Bearer {self._token}"} | ({"If-Match": if_match} if if_match is not None else {})
        request = Request(
            method=method,
            path=path,
            query=tuple((query or {}).items()),
            headers=headers,
            body=msgspec.json.encode(body) if body is not None else b"",
        )
        writes = call in WRITES and path.startswith(BASE)
        answer = self._owner.stage.call(f"google.{call}", partial(self._handled, request, writes=writes))
        return _read(_in_time(answer, self._owner.clock), about), _lower(answer)

    def _handled(self, request: Request, *, writes: bool) -> Response:
        """What Google answers, at once; a write that it carries out is to an event that is ours at this moment."""
        ours = not writes or self._owner.is_ours(unquote(request.path.split("/events/")[1].partition("/")[0]))
        google = self._owner.google
        before = answers_at(google, request.path) if writes else {}
        met = conference_at(google, request.path) if request.method == "PATCH" else None
        answer = google.handle(request)
        self._owner.reset += reset_between(before, answers_at(google, request.path) if before else {})
        self._owner.replaced += replaced_between(met, conference_at(google, request.path) if met else None)
        if not ours and 200 <= answer.status < 300:
            self._owner.foreign.append(f"{request.method} {request.path}")
        return answer


class InProcessOAuth:
    """Google's OAuth endpoints; implements `shared.ports.OAuth`."""

    def __init__(self, google: Google, stage: Stage, clock: VirtualClock) -> None:
        self._google = google
        self._stage = stage
        self._clock = clock

    def authorize_url(self, client: Client, consent: Consent) -> str:
        query = {
            "client_id": client.client_id,
            "redirect_uri": consent.redirect_uri,
            "response_type": "code",
            "scope": " ".join(consent.scopes),
            "access_type": "offline",
            "include_granted_scopes": "true",
            "prompt": "consent",
            "state": consent.state,
            "code_challenge": consent.challenge,
            "code_challenge_method": "S256",
        }
        hint = {"login_hint": consent.login_hint} if consent.login_hint else {}
        return f"https://accounts.google.com/o/oauth2/v2/auth?{urlencode(query | hint)}"

    def exchange(self, client: Client, *, code: str, verifier: str, redirect_uri: str) -> Tokens:
        form = {"grant_type": "authorization_code", "code": code, "code_verifier": verifier}
        return self._tokens("oauth.exchange", client, form | {"redirect_uri": redirect_uri})

    def refresh(self, client: Client, refresh_token: str) -> Tokens:
        return self._tokens("oauth.refresh", client, {"grant_type": "refresh_token", "refresh_token": refresh_token})

    def identity(self, access_token: str) -> Identity:
        request = Request(method="GET", path="/v1/userinfo", headers={"Authorization": f"Bearer {access_token}"})
        answer = self._asked("oauth.identity", request)
        if answer.status == 401:
            raise AccessTokenRefused
        if answer.status != 200:
            raise classify_oauth(answer.status, answer.body, _lower(answer))
        said = answer.json()
        return Identity(sub=said["sub"], email=said.get("email", ""))

    def revoke(self, token: str) -> None:
        request = Request(method="POST", path="/revoke", body=urlencode({"token": token}).encode())
        answer = self._asked("oauth.revoke", request)
        if answer.status not in {200, 400}:
            raise classify_oauth(answer.status, answer.body, _lower(answer))

    def _asked(self, call: str, request: Request) -> Response:
        answer = _in_time(self._stage.call(call, lambda: self._google.handle(request)), self._clock)
        if answer.cut:
            raise GoogleUnavailable("no answer came")
        return answer

    def _tokens(self, call: str, client: Client, form: Mapping[str, str]) -> Tokens:
        whole = {**form, "client_id": client.client_id, "client_secret": client.client_secret}
        request = Request(method="POST", path="/token", body=urlencode(whole).encode())
        answer = self._asked(call, request)
        if answer.status != 200:
            raise classify_oauth(answer.status, answer.body, _lower(answer))
        said = answer.json()
        return Tokens(
            access_token=said["access_token"],
            expires_at=self._clock.now() + timedelta(seconds=said["expires_in"]),
            scopes=tuple(sorted(said["scope"].split())),
            refresh_token=said.get("refresh_token"),
        )


def _in_time(answer: Response, clock: VirtualClock) -> Response:
    """The answer when it comes; one that takes longer than the real client waits is none."""
    clock.advance(min(answer.delay_s, TIMEOUT_S))
    return replace(answer, cut=True) if answer.delay_s > TIMEOUT_S else answer


def _read(answer: Response, about: About) -> object:
    if answer.cut:
        raise GoogleUnavailable("no answer came")
    if not 200 <= answer.status < 300:
        raise classify(answer.status, answer.body, _lower(answer), about=about)
    return answer.json() if answer.body else None


def _lower(answer: Response) -> dict[str, str]:
    return {name.lower(): value for name, value in answer.headers.items()}


def _calendar(calendar_id: str) -> str:
    return f"/calendars/{quote(calendar_id, safe='')}"


def _event(calendar_id: str, event_id: str) -> str:
    return f"{_calendar(calendar_id)}/events/{quote(event_id, safe='')}"


def _saying(notify: str) -> dict[str, str]:
    return {"sendUpdates": notify, "conferenceDataVersion": "1"}
