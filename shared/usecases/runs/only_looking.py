"""Google's calendar API for looks only: what would be written is not. Implements `shared.ports.Calendar`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from shared.errors import Bug, PreconditionFailed

if TYPE_CHECKING:
    from shared.google.requests import ChannelRequest, EventsRequest
    from shared.google.responses import CalendarEntry, Event, EventPage, Tombstone
    from shared.google.tasks import TaskListPage
    from shared.ports import Calendar


@dataclass(frozen=True, slots=True)
class OnlyLooking:
    """Reads are passed on; writes to events fail as if somebody else had been faster: nothing follows from them."""

    inner: Calendar

    def calendars(self, page_token: str | None = None) -> tuple[list[CalendarEntry], str | None]:
        return self.inner.calendars(page_token)

    def task_lists(self, page_token: str | None = None) -> TaskListPage:
        return self.inner.task_lists(page_token)

    def list(self, request: EventsRequest) -> EventPage:
        return self.inner.list(request)

    def get(self, calendar_id: str, event_id: str) -> Event | Tombstone:
        return self.inner.get(calendar_id, event_id)

    def insert(self, calendar_id: str, body: Mapping[str, object], *, notify: str) -> NoReturn:
        del calendar_id, body, notify
        raise Bug("a look inserted an event")

    def patch(
        self, calendar_id: str, event_id: str, body: Mapping[str, object], *, if_match: str, notify: str
    ) -> NoReturn:
        del calendar_id, event_id, body, if_match, notify
        raise PreconditionFailed

    def delete(self, calendar_id: str, event_id: str, *, if_match: str | None, notify: str) -> NoReturn:
        del calendar_id, event_id, if_match, notify
        raise PreconditionFailed

    def move(self, calendar_id: str, event_id: str, destination: str, *, notify: str) -> NoReturn:
        del calendar_id, event_id, destination, notify
        raise Bug("a look moved an event")

    def watch(self, request: ChannelRequest) -> NoReturn:
        del request
        raise Bug("a look opened a channel")

    def stop(self, channel_id: str, resource_id: str) -> NoReturn:
        del channel_id, resource_id
        raise Bug("a look stopped a channel")
