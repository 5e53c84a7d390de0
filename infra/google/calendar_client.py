"""Google Calendar over google-api-python-client: its discovery document makes the requests, `Transport` sends them.

Nothing is built on import; the resources are made at the first call and kept, since making them costs more than a
request. Answers are read in `shared.google.responses`, failures in `shared.google.errors`. Start at `GoogleClient`.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from infra.google.transport import TIMEOUT_S, OnRequest, Transport, lower_case, utc_now
from shared.errors import EventMissing, GoogleUnavailable
from shared.google.errors import About, classify
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

if TYPE_CHECKING:
    from infra.google.account_client import AccountClient

GOOGLE_API_URL = "https://www.googleapis.com"
GOOGLE_TASKS_URL = "https://tasks.googleapis.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Resources:
    """The library's request makers; untyped, as the library is."""

    events: Any
    calendar_list: Any
    channels: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class _TaskResources:
    """The same for Google Tasks."""

    tasks: Any
    lists: Any


class GoogleClient:
    """Opens the calendar API for one access token after another; implements `shared.ports.Google`.

    Args:
        api_url: Scheme and host, or more; `/calendar/v3/` is appended.
        tasks_url: The same for Google Tasks; `/tasks/v1/` is appended.
    """

    def __init__(
        self,
        api_url: str = GOOGLE_API_URL,
        *,
        tasks_url: str = GOOGLE_TASKS_URL,
        timeout_s: float = TIMEOUT_S,
        on_request: OnRequest | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._base = f"{api_url.rstrip('/')}/calendar/v3/"
        self._transport = Transport(timeout_s=timeout_s, on_request=on_request)
        self.now = now
        self._tasks_base = f"{tasks_url.rstrip('/')}/"
        self._resources: _Resources | None = None
        self._task_resources: _TaskResources | None = None
        self._building = threading.Lock()

    def calendar(self, access_token: str) -> AccountClient:
        from infra.google.account_client import AccountClient

        return AccountClient(self, access_token)

    def resources(self) -> _Resources:
        """The request makers, made once."""
        if self._resources is None:
            with self._building:
                if self._resources is None:
                    self._resources = self._build()
        return self._resources

    def _build(self) -> _Resources:
        service = _service("calendar", "v3", self._base)
        return _Resources(events=service.events(), calendar_list=service.calendarList(), channels=service.channels())

    def task_resources(self) -> _TaskResources:
        """The request makers of Google Tasks, made once and only where lists are used."""
        if self._task_resources is None:
            with self._building:
                if self._task_resources is None:
                    service = _service("tasks", "v1", self._tasks_base)
                    self._task_resources = _TaskResources(tasks=service.tasks(), lists=service.tasklists())
        return self._task_resources

    def send(self, request: Any, *, access_token: str, about: About, if_match: str | None = None) -> object:  # noqa: ANN401 - the library's request
        """The decoded answer of one request; None for an empty one.

        Raises:
            TandemError: As `classify` says, or GoogleUnavailable.
        """
        return self.answered(request, access_token=access_token, about=about, if_match=if_match)[0]

    def answered(
        self,
        request: Any,  # noqa: ANN401 - the library's request
        *,
        access_token: str,
        about: About,
        if_match: str | None = None,
    ) -> tuple[object, Mapping[str, str]]:
        """The decoded answer of one request with its headers, in lower case; raises as `send`."""
        headers = {**request.headers, "authorization": f"Bearer {access_token}"}
        if if_match is not None:
            headers["If-Match"] = if_match
        answer = self._transport.send(request.method, request.uri, body=request.body, headers=headers)
        if not 200 <= answer.status_code < 300:
            raise classify(answer.status_code, answer.content, lower_case(answer.headers), about=about)
        try:
            return (json.loads(answer.content) if answer.content else None), lower_case(answer.headers)
        except ValueError:
            raise GoogleUnavailable("Google's answer is not JSON; it is asked for again later.") from None


def _service(name: str, version: str, base: str) -> Any:  # noqa: ANN401 - untyped, as the library is
    from googleapiclient.discovery import build

    return build(
        name,
        version,
        http=_NoTransport(),
        static_discovery=True,
        cache_discovery=False,
        client_options={"api_endpoint": base},
    )


class _NoTransport:
    """Stands where the library wants a transport: it only makes requests here, it never sends one."""


class CalendarClient:
    """Google Calendar as one access token sees it, one HTTP request a call; implements `shared.ports.Calendar`."""

    def __init__(self, google: GoogleClient, access_token: str) -> None:
        self._google = google
        self._token = access_token

    def calendars(self, page_token: str | None = None) -> tuple[list[CalendarEntry], str | None]:
        request = self._make.calendar_list.list(maxResults=250, showHidden=True, pageToken=page_token)
        return calendar_entries_of(self._send(request, about="account"))

    def list(self, request: EventsRequest) -> EventPage:
        query = {name: _typed(value) for name, value in events_query(request).items()}
        made = self._make.events.list(calendarId=request.calendar_id, **query)
        return page_of(self._send(made, about="list"))

    def get(self, calendar_id: str, event_id: str) -> Event | Tombstone:
        return event_of(self._send(self._make.events.get(calendarId=calendar_id, eventId=event_id)))

    def insert(self, calendar_id: str, body: Mapping[str, object], *, notify: str) -> Event:
        request = self._make.events.insert(
            calendarId=calendar_id, body=dict(body), sendUpdates=notify, conferenceDataVersion=1
        )
        return living(event_of(self._send(request, about="insert")))

    def patch(
        self, calendar_id: str, event_id: str, body: Mapping[str, object], *, if_match: str, notify: str
    ) -> Event | Tombstone:
        request = self._make.events.patch(
            calendarId=calendar_id, eventId=event_id, body=dict(body), sendUpdates=notify, conferenceDataVersion=1
        )
        return event_of(self._send(request, if_match=if_match))

    def delete(self, calendar_id: str, event_id: str, *, if_match: str | None, notify: str) -> None:
        request = self._make.events.delete(calendarId=calendar_id, eventId=event_id, sendUpdates=notify)
        self._send(request, if_match=if_match)

    def move(self, calendar_id: str, event_id: str, destination: str, *, notify: str) -> Event:
        request = self._make.events.move(
            calendarId=calendar_id, eventId=event_id, destination=destination, sendUpdates=notify
        )
        return living(event_of(self._send(request)))

    def watch(self, request: ChannelRequest) -> Channel:
        asked_until = self._google.now() + timedelta(seconds=request.ttl_s)
        made = self._make.events.watch(calendarId=request.calendar_id, body=channel_body(request), eventTypes="default")
        return channel_of(self._send(made, about="watch"), asked_until=asked_until)

    def stop(self, channel_id: str, resource_id: str) -> None:
        request = self._make.channels.stop(body={"id": channel_id, "resourceId": resource_id})
        try:
            self._send(request, about="channel")
        except EventMissing:
            return  # Google knows no such channel: it has stopped

    @property
    def _make(self) -> _Resources:
        return self._google.resources()

    def _send(self, request: Any, *, about: About = "event", if_match: str | None = None) -> object:  # noqa: ANN401 - the library's request
        return self._google.send(request, access_token=self._token, about=about, if_match=if_match)


def _typed(value: str) -> str | bool:
    """A query value as the library wants it: it takes a text `false` for true."""
    return {"true": True, "false": False}.get(value, value)
