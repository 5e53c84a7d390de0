"""A person in Google's own pages: events change with no API client involved. Start at `Person`."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from infra.simulator import calendars, channels, creation, events, finding, moving, recurrence, times
from infra.simulator.clock import to_us
from infra.simulator.context import Actor, Context
from infra.simulator.model import Calendar, Event
from infra.simulator.rendering import rendered
from infra.simulator.wire import JsonObject

When = date | datetime | str


class Person:
    """Somebody in front of a calendar page.

    Times are a `datetime` (or RFC 3339 text) for timed events and a `date` (or `YYYY-MM-DD`) for all-day ones; fields
    have Google's names. `notify` mails the guests, as the page asks on saving. Each action is announced to watches.
    """

    def __init__(self, ctx: Context, account: str) -> None:
        """Be that account."""
        self.ctx = ctx
        self.account = account

    def create(
        self,
        summary: str = "",
        start: When | None = None,
        end: When | None = None,
        *,
        calendar: str = "primary",
        notify: bool = False,
        **fields: Any,  # noqa: ANN401 - Google's own fields
    ) -> JsonObject:
        """Create an event; without an end it takes an hour, or a day."""
        home = self._calendar(calendar, "writer")
        begin = start if start is not None else self.ctx.now().replace(minute=0, second=0, microsecond=0)
        body: JsonObject = {"summary": summary, "start": _slot(begin), "end": _slot(end or _after(begin)), **fields}
        body = _zoned(body, home)
        return self._done(home, creation.insert(self.ctx, home, body, self._actor("create", notify=notify)))

    def edit(
        self,
        event_id: str,
        *,
        calendar: str = "primary",
        notify: bool = False,
        **fields: Any,  # noqa: ANN401 - Google's own fields
    ) -> JsonObject:
        """Change fields; start and end are replaced whole, so a timed event may become all-day."""
        home = self._calendar(calendar, "writer")
        body = dict(fields)
        for key in ("start", "end"):
            if key in body:
                empty = {"date": None, "dateTime": None, "timeZone": None}
                body[key] = empty | _zoned({key: _slot(body[key])}, home)[key]
        return self._done(home, events.change(self.ctx, home, event_id, body, self._actor("edit", notify=notify)))

    def move(self, event_id: str, start: When, end: When | None = None, *, calendar: str = "primary") -> JsonObject:
        """Drag an event to another time; its length stays unless an end is given."""
        home = self._calendar(calendar, "writer")
        event = finding.find(home, event_id)
        begin = _zoned({"start": _slot(start)}, home)["start"]
        if end is None:
            length_us = event.end_us - event.start_us
            if "date" in begin:
                end = date.fromisoformat(begin["date"]) + timedelta(days=max(1, round(length_us / 86_400_000_000)))
            else:
                moment = times.instant(begin, home.time_zone, "start")
                end = datetime.fromtimestamp((moment + length_us) / 1_000_000, UTC)
        return self.edit(event_id, calendar=calendar, start=start, end=end)

    def move_to_calendar(self, event_id: str, destination: str, *, calendar: str = "primary") -> JsonObject:
        """Give an event to another calendar."""
        home, target = self._calendar(calendar, "writer"), self._calendar(destination, "writer")
        moved = moving.move(self.ctx, home, event_id, target, self._actor("move"))
        return self._done(target, moved)

    def delete(self, event_id: str, *, calendar: str = "primary", notify: bool = False) -> None:
        """Put an event into the trash."""
        home = self._calendar(calendar, "writer")
        events.delete(self.ctx, home, event_id, self._actor("delete", notify=notify))
        channels.announce(self.ctx)

    def restore(self, event_id: str, *, calendar: str = "primary") -> JsonObject:
        """Take an event out of the trash."""
        home = self._calendar(calendar, "writer")
        return self._done(
            home, events.change(self.ctx, home, event_id, {"status": "confirmed"}, self._actor("restore"))
        )

    def answer(self, event_id: str, response: str, *, comment: str = "", notify: bool = True) -> JsonObject:
        """Answer an invitation in the own primary calendar: accepted, declined or tentative."""
        home = self._calendar("primary", "writer")
        entries = finding.find(home, event_id).fields.get("attendees", [])
        attendees = [
            entry | {"responseStatus": response, "comment": comment} if entry["email"] == self.account else entry
            for entry in entries
        ]
        actor = self._actor(f"answer {response}", notify=notify)
        return self._done(home, events.change(self.ctx, home, event_id, {"attendees": attendees}, actor))

    def add_meet(self, event_id: str, *, calendar: str = "primary") -> JsonObject:
        """Add Google Meet."""
        home = self._calendar(calendar, "writer")
        request = {"createRequest": {"requestId": self.ctx.new_id()}}
        actor = self._actor("add Meet")
        return self._done(home, events.change(self.ctx, home, event_id, {"conferenceData": request}, actor))

    def get(self, event_id: str, *, calendar: str = "primary") -> JsonObject:
        """Look at one event, deleted or not; nothing changes by looking."""
        home = self._calendar(calendar, "freeBusyReader")
        return rendered(self.ctx, home, finding.find(home, event_id), viewer=self.account)

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
                if recurrence.instance_id(event, begin) not in home.events:
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
            if event.status == "cancelled" and not event.purged and not event.moved_away and event.organizer == home.id
        ]
        gone.sort(key=lambda event: -event.stamp_us)
        return [rendered(self.ctx, home, event, viewer=self.account) for event in gone if event.original_start is None]

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

    def _done(self, calendar: Calendar, event: Event) -> JsonObject:
        channels.announce(self.ctx)
        return rendered(self.ctx, calendar, event, viewer=self.account)


def _slot(when: When | JsonObject) -> JsonObject:
    if isinstance(when, dict):
        return when
    if isinstance(when, datetime):
        return {"dateTime": when.isoformat()}
    text = when.isoformat() if isinstance(when, date) else when
    return {"date": text} if len(text) == len("2026-01-01") else {"dateTime": text}


def _after(start: When) -> When | JsonObject:
    slot = _slot(start)
    if "date" in slot:
        return times.shifted(slot, 1)
    return (datetime.fromisoformat(slot["dateTime"]) + timedelta(hours=1)).isoformat()


def _zoned(body: JsonObject, calendar: Calendar) -> JsonObject:
    """Give timed slots the calendar's zone, as the page does."""
    for key in ("start", "end"):
        slot = body.get(key)
        if slot and slot.get("dateTime") and not slot.get("timeZone"):
            body[key] = slot | {"timeZone": calendar.time_zone}
    return body
