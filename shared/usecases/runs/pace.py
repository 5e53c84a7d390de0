"""A run's share of Google's quota: its calls are counted, and it stops before its user's minute is spent.

Nothing here waits or refuses: a run asks `Meter.free_at` between two pieces of work and goes on then, as another job.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shared.google.requests import ChannelRequest, EventsRequest
    from shared.google.responses import CalendarEntry, Channel, Event, EventPage, Tombstone
    from shared.google.tasks import TaskListPage
    from shared.ports import Calendar, Clock, Google

MINUTE_S = 60
UNITS_A_MINUTE = 540
"""Of the 600 that Google gives a user in a minute: what is left is for the edits that a person makes meanwhile.

Source: https://developers.google.com/workspace/calendar/api/guides/quota
"""
PATCH_UNITS = 3
ROOM_FOR = 8
"""The units that one piece of work may still need: a refused patch, a get, and the patch again."""
UNITS_A_SECOND = UNITS_A_MINUTE / MINUTE_S


class Meter:
    """The units that a run spent in the last minute, over a sliding window as Google counts them.

    Args:
        spent: Per second since 1970, how many; as `spent` gave it before.
    """

    def __init__(self, clock: Clock, spent: tuple[tuple[int, int], ...] = ()) -> None:
        self._clock = clock
        self._spent = list(spent)

    def spend(self, units: int) -> None:
        """So many units are being spent now."""
        second = int(self._clock.now().timestamp())
        if self._spent and self._spent[-1][0] == second:
            self._spent[-1] = (second, self._spent[-1][1] + units)
        else:
            self._spent.append((second, units))

    @property
    def spent(self) -> tuple[tuple[int, int], ...]:
        """What still counts."""
        since = self._clock.now().timestamp() - MINUTE_S
        return tuple(each for each in self._spent if each[0] > since)

    def free_at(self) -> datetime | None:
        """When there is room for a piece of work; None: there is now."""
        spent = self.spent
        over = sum(units for _, units in spent) + ROOM_FOR - UNITS_A_MINUTE
        for second, units in spent:
            if over <= 0:
                break
            over -= units
            if over <= 0:
                return datetime.fromtimestamp(second + MINUTE_S + 1, tz=UTC)
        return None


@dataclass(frozen=True, slots=True)
class MeteredGoogle:
    """Opens the calendar API, every call of it counted; implements `shared.ports.Google`."""

    inner: Google
    meter: Meter

    def calendar(self, access_token: str) -> MeteredCalendar:
        return MeteredCalendar(self.inner.calendar(access_token), self.meter)


@dataclass(frozen=True, slots=True)
class MeteredCalendar:
    """The calendar API, every call counted in units before it is made; implements `shared.ports.Calendar`."""

    inner: Calendar
    meter: Meter

    def calendars(self, page_token: str | None = None) -> tuple[list[CalendarEntry], str | None]:
        self.meter.spend(1)
        return self.inner.calendars(page_token)

    def task_lists(self, page_token: str | None = None) -> TaskListPage:
        self.meter.spend(1)
        return self.inner.task_lists(page_token)

    def list(self, request: EventsRequest) -> EventPage:
        self.meter.spend(1)
        return self.inner.list(request)

    def get(self, calendar_id: str, event_id: str) -> Event | Tombstone:
        self.meter.spend(1)
        return self.inner.get(calendar_id, event_id)

    def insert(self, calendar_id: str, body: Mapping[str, object], *, notify: str) -> Event:
        self.meter.spend(1)
        return self.inner.insert(calendar_id, body, notify=notify)

    def patch(
        self, calendar_id: str, event_id: str, body: Mapping[str, object], *, if_match: str, notify: str
    ) -> Event | Tombstone:
        self.meter.spend(PATCH_UNITS)
        return self.inner.patch(calendar_id, event_id, body, if_match=if_match, notify=notify)

    def delete(self, calendar_id: str, event_id: str, *, if_match: str | None, notify: str) -> None:
        self.meter.spend(1)
        self.inner.delete(calendar_id, event_id, if_match=if_match, notify=notify)

    def move(self, calendar_id: str, event_id: str, destination: str, *, notify: str) -> Event:
        self.meter.spend(1)
        return self.inner.move(calendar_id, event_id, destination, notify=notify)

    def watch(self, request: ChannelRequest) -> Channel:
        self.meter.spend(1)
        return self.inner.watch(request)

    def stop(self, channel_id: str, resource_id: str) -> None:
        self.meter.spend(1)
        self.inner.stop(channel_id, resource_id)
