"""A person in Google's own pages: events change with no API client involved. Start at `Person`."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal, get_args

from infra.simulator import channels, conference, creation, events, finding, moving, splitting, times, whole_series
from infra.simulator.model import Calendar, Event
from infra.simulator.onlooker import Onlooker
from infra.simulator.rendering import rendered
from infra.simulator.tasker import Tasker
from infra.simulator.wire import JsonObject

When = date | datetime | str
Deed = Literal[
    "create",
    "edit",
    "edit_following",
    "edit_all",
    "move",
    "move_to_calendar",
    "delete",
    "delete_following",
    "delete_all",
    "restore",
    "answer",
    "add_meet",
    "add_zoom",
    "remove_meet",
]
DEEDS = frozenset(get_args(Deed))


class Person(Onlooker, Tasker):
    """Somebody in front of a calendar page.

    Times are a `datetime` (or RFC 3339 text) for timed events and a `date` (or `YYYY-MM-DD`) for all-day ones; fields
    have Google's names. `notify` mails the guests, as the page asks on saving. Each action is announced to watches.
    """

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
        actor = self._actor("edit", notify=notify)
        return self._done(home, events.change(self.ctx, home, event_id, _body(fields, home), actor))

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

    def add_zoom(
        self, event_id: str, *, link: str = "https://zoom.example/j/1", calendar: str = "primary"
    ) -> JsonObject:
        """Have Zoom's add-on put its conference there, in place of any other."""
        home = self._calendar(calendar, "writer")
        data = conference.by_add_on("Zoom Meeting", link)
        actor = self._actor("add Zoom")
        return self._done(home, events.change(self.ctx, home, event_id, {"conferenceData": data}, actor))

    def remove_meet(self, event_id: str, *, calendar: str = "primary") -> JsonObject:
        """Take the conference off, whoever made it."""
        home = self._calendar(calendar, "writer")
        actor = self._actor("remove Meet")
        return self._done(home, events.change(self.ctx, home, event_id, {"conferenceData": None}, actor))

    def edit_following(
        self,
        event_id: str,
        *,
        calendar: str = "primary",
        notify: bool = False,
        **fields: Any,  # noqa: ANN401 - Google's own fields
    ) -> JsonObject:
        """Change an occurrence and all after it; gives the master of the later half."""
        home = self._calendar(calendar, "writer")
        actor = self._actor("edit this and following", notify=notify)
        return self._done(home, splitting.split(self.ctx, home, event_id, _body(fields, home), actor))

    def edit_all(
        self,
        event_id: str,
        *,
        calendar: str = "primary",
        notify: bool = False,
        **fields: Any,  # noqa: ANN401 - Google's own fields
    ) -> JsonObject:
        """Change all events of a series, which any of them names; gives the master of the named one."""
        home = self._calendar(calendar, "writer")
        actor = self._actor("edit all events", notify=notify)
        return self._done(home, whole_series.change_all(self.ctx, home, event_id, _body(fields, home), actor))

    def delete_following(self, event_id: str, *, calendar: str = "primary", notify: bool = False) -> None:
        """Delete an occurrence and all after it."""
        home = self._calendar(calendar, "writer")
        splitting.end_before(self.ctx, home, event_id, self._actor("delete this and following", notify=notify))
        channels.announce(self.ctx)

    def delete_all(self, event_id: str, *, calendar: str = "primary", notify: bool = False) -> None:
        """Delete all events of a series, which any of them names."""
        home = self._calendar(calendar, "writer")
        whole_series.delete_all(self.ctx, home, event_id, self._actor("delete all events", notify=notify))
        channels.announce(self.ctx)

    def _done(self, calendar: Calendar, event: Event) -> JsonObject:
        channels.announce(self.ctx)
        return rendered(self.ctx, calendar, event, viewer=self.account)


def _body(fields: dict[str, Any], calendar: Calendar) -> JsonObject:
    """Write the fields of a form as a patch."""
    body = dict(fields)
    for key in ("start", "end"):
        if key in body:
            empty = {"date": None, "dateTime": None, "timeZone": None}
            body[key] = empty | _zoned({key: _slot(body[key])}, calendar)[key]
    return body


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
