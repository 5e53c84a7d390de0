"""What a person sees in Google's own pages; nothing changes by looking. Start at `Onlooker`."""

from datetime import datetime, timedelta

from infra.simulator import calendars, ledger, recurrence
from infra.simulator.clock import to_us
from infra.simulator.context import Actor, Context
from infra.simulator.finding import find
from infra.simulator.model import Calendar, Event
from infra.simulator.rendering import rendered
from infra.simulator.wire import JsonObject


class Onlooker:
    """Somebody who looks at a calendar page."""

    def __init__(self, ctx: Context, account: str) -> None:
        """Be that account."""
        self.ctx = ctx
        self.account = account

    def get(self, event_id: str, *, calendar: str = "primary") -> JsonObject:
        """Look at one event, deleted or not."""
        home = self._calendar(calendar, "freeBusyReader")
        return rendered(self.ctx, home, find(home, event_id), viewer=self.account)

    def events(
        self,
        *,
        calendar: str = "primary",
        start: datetime | None = None,
        end: datetime | None = None,
        time_zone: str | None = None,
    ) -> list[JsonObject]:
        """See what the page shows: live events, series as their occurrences, in order of start, in a zone of choice."""
        home = self._calendar(calendar, "freeBusyReader")
        low = to_us(start) if start is not None else None
        high = to_us(end) if end is not None else to_us(self.ctx.now() + timedelta(days=366))
        shown: list[Event] = []
        for event in home.events.values():
            if event.status == "cancelled":
                continue
            if "recurrence" not in event.fields:
                shown.append(event)
                continue
            for begin, finish in recurrence.occurrences(event, home.time_zone, from_us_=low):
                if begin >= high:
                    break
                if ledger.stands(home, recurrence.instance_id(event, begin)) is None:
                    shown.append(recurrence.virtual(event, begin, finish, home.time_zone))
        found = [event for event in shown if event.start_us < high and (low is None or event.end_us > low)]
        found.sort(key=lambda event: (event.start_us, -event.end_us, event.id))
        return [rendered(self.ctx, home, event, viewer=self.account, time_zone=time_zone) for event in found]

    def trash(self, *, calendar: str = "primary") -> list[JsonObject]:
        """See the deleted events that can still be restored."""
        home = self._calendar(calendar, "writer")
        gone = [
            event
            for event in home.events.values()
            if event.status == "cancelled"
            and event.parent is None
            and not event.purged
            and not event.moved_away
            and event.organizer == home.id
        ]
        gone.sort(key=lambda event: -event.stamp_us)
        return [rendered(self.ctx, home, event, viewer=self.account) for event in gone]

    def calendars(self) -> list[JsonObject]:
        """See the own list of calendars, the primary one first."""
        reachable = [
            calendar
            for calendar in self.ctx.world.calendars.values()
            if self.account in calendar.roles and not calendar.deleted
        ]
        reachable.sort(key=lambda calendar: calendar.id != self.account)
        return [calendars.entry(self.ctx, calendar, self.account) for calendar in reachable]

    def _calendar(self, calendar_id: str, role: str) -> Calendar:
        calendar = calendars.resolve(self.ctx, self.account, calendar_id)
        calendars.require(calendar, self.account, role)
        return calendar

    def _actor(self, what: str, *, notify: bool = False) -> Actor:
        return Actor(
            account=self.account,
            by_person=True,
            because=f"{self.account} in Google Calendar: {what}",
            send_updates="all" if notify else "none",
            conference_version=1,
        )
