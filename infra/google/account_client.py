"""One Google account as the use cases see it: its calendars, and its Google Tasks lists as places beside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from infra.google.calendar_client import CalendarClient
from infra.google.tasks_client import TasksClient
from shared.errors import EventMissing, PushRefused
from shared.model.task_lists import is_list

if TYPE_CHECKING:
    from infra.google.calendar_client import GoogleClient
    from shared.google.events import Event, Tombstone
    from shared.google.requests import ChannelRequest, EventsRequest
    from shared.google.responses import Channel, EventPage
    from shared.google.tasks import TaskListPage


class AccountClient(CalendarClient):
    """Calendar and Tasks by one access token, told apart by the place; implements `shared.ports.Calendar`."""

    def __init__(self, google: GoogleClient, access_token: str) -> None:
        super().__init__(google, access_token)
        self._lists = TasksClient(google, access_token)

    def task_lists(self, page_token: str | None = None) -> TaskListPage:
        return self._lists.lists(page_token)

    def list(self, request: EventsRequest) -> EventPage:
        return self._lists.list(request) if is_list(request.calendar_id) else super().list(request)

    def get(self, calendar_id: str, event_id: str) -> Event | Tombstone:
        return self._lists.get(calendar_id, event_id) if is_list(calendar_id) else super().get(calendar_id, event_id)

    def insert(self, calendar_id: str, body: Mapping[str, object], *, notify: str) -> Event:
        if is_list(calendar_id):
            return self._lists.insert(calendar_id, body)
        return super().insert(calendar_id, body, notify=notify)

    def patch(
        self, calendar_id: str, event_id: str, body: Mapping[str, object], *, if_match: str, notify: str
    ) -> Event | Tombstone:
        if is_list(calendar_id):
            return self._lists.patch(calendar_id, event_id, body, if_match=if_match)
        return super().patch(calendar_id, event_id, body, if_match=if_match, notify=notify)

    def delete(self, calendar_id: str, event_id: str, *, if_match: str | None, notify: str) -> None:
        if is_list(calendar_id):
            self._lists.delete(calendar_id, event_id, if_match=if_match)
        else:
            super().delete(calendar_id, event_id, if_match=if_match, notify=notify)

    def move(self, calendar_id: str, event_id: str, destination: str, *, notify: str) -> Event:
        if is_list(calendar_id) or is_list(destination):
            raise EventMissing("nothing moves between a calendar and a Google Tasks list")
        return super().move(calendar_id, event_id, destination, notify=notify)

    def watch(self, request: ChannelRequest) -> Channel:
        if is_list(request.calendar_id):
            raise PushRefused("Google Tasks cannot push; the list is polled")
        return super().watch(request)
