"""The CRM's side: its content as canonical fields, and what is wrong with a content. Start at `crm_fields`.

A field that the CRM never sent is not its own, and absent. Always there are `details` and `done`; `time` as soon as
there is a start; `location` as soon as it or `zoom_url` was sent; `color` as soon as it or a type was.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET

from shared.errors import Bug
from shared.google.times import rfc3339
from shared.model.content import Attendee, Content, Reminder
from shared.model.settings import Settings
from shared.model.times import AllDay, Timed, When
from shared.sync.colors import GRAPHITE, nearest
from shared.sync.description import canonical
from shared.sync.details import details_of
from shared.sync.fields import Value
from shared.sync.list_fields import of_the_crm
from shared.sync.rules import canonical_rules
from shared.sync.text import one_line
from shared.sync.title import title_of
from shared.sync.zoned import between, instant, read_when, zone_of


class Rendering(msgspec.Struct, frozen=True, kw_only=True):
    """How one task stands in one calendar: what the mapping must know beside the two records; see `rendering_of`.

    Args:
        time_zone: The target calendar's IANA zone: for date-times without a zone, for days and hours.
        task_zone: The zone that the task names, shown on its event.
        account: The Google account's address; it is nobody's guest.
        has_guests: Somebody else can read the event, so nothing internal goes into it.
        by_hand: What a person chose on the event and the settings do not overrule: its `color`.
        in_list: The place is a list of Google Tasks, which has four fields (`shared.google.tasks.IN_A_LIST`).
    """

    settings: Settings = Settings()
    time_zone: str = "UTC"
    task_zone: str | None = None
    account: str | None = None
    has_guests: bool = False
    by_hand: dict[str, str | None] = msgspec.field(default_factory=dict)
    in_list: bool = False

    @property
    def zone(self) -> ZoneInfo:
        """The task's zone, else the calendar's, else UTC."""
        named = (zone_of(name) for name in (self.task_zone, self.time_zone) if name)
        return next((zone for zone in named if zone), _UTC)


_UTC = ZoneInfo("UTC")


def rendering_of(
    content: Content,
    settings: Settings,
    time_zone: str,
    *,
    account: str | None = None,
    google_guests: bool = False,
    by_hand: dict[str, str | None] | None = None,
    in_list: bool = False,
) -> Rendering:
    """The rendering of this content.

    Args:
        google_guests: Google's event has guests, as last read or as the answers known of it tell.
    """
    return Rendering(
        settings=settings,
        time_zone=time_zone,
        task_zone=content.time_zone or None,
        account=account,
        has_guests=google_guests or bool(content.attendees),
        by_hand=by_hand or {},
        in_list=in_list,
    )


def crm_fields(content: Content, rendering: Rendering) -> dict[str, Value]:
    """The canonical values of all fields that the CRM owns.

    Raises:
        Bug: The content has faults that `check_content` names.
    """
    settings = rendering.settings
    if rendering.in_list:
        return of_the_crm(content, settings, when_of(content, rendering))
    done = settings.on_done if content.status == "done" and settings.on_done in {"check", "color", "free"} else None
    guests = rendering.has_guests or bool(content.attendees)
    when = when_of(content, rendering)
    values: dict[str, Value] = {"details": details_of(content, settings, guests=guests), "done": done}
    if content.title is not UNSET:
        values["title"] = title_of(content.title)
    if when is not None:
        values["time"] = time_value(when, series_zone(content, rendering) if content.recurrence else None)
    if content.location is not UNSET or content.zoom_url is not UNSET:
        values["location"] = one_line(content.location or None) or content.zoom_url or None
    if content.description is not UNSET:
        values["description"] = canonical(content.description, settings.description_format)
    if content.private is not UNSET:
        values["private"] = bool(content.private)
    if content.busy is not UNSET or (settings.on_done == "free" and content.status is not UNSET):
        values["busy"] = done != "free" and content.busy is not False
    if content.reminders is not UNSET:
        values["reminders"] = reminders_value(content.reminders)
    if content.attendees is not UNSET:
        values["attendees"] = attendees_value(content.attendees or (), rendering)
    if content.recurrence is not UNSET:
        zone = series_zone(content, rendering)
        values["recurrence"] = canonical_rules(content.recurrence or (), all_day=isinstance(when, AllDay), zone=zone)
    values |= _color(content, rendering, done)
    if content.url is not UNSET:
        values["url"] = content.url
    if content.conference is not UNSET:
        values["conference"] = content.conference
    return values


def when_of(content: Content, rendering: Rendering) -> When | None:
    """When the task is; None without a start. A missing end follows from the default duration.

    Date-times without an offset are read in the task's zone, else in the calendar's; `zoned.instant` says what clock
    changes do.

    Raises:
        Bug: The content has faults that `check_content` names.
    """
    if not content.start:
        return None
    duration = rendering.settings.default_duration
    try:
        start, end = read_when(content.start), read_when(content.end) if content.end else None
    except ValueError as fault:
        raise Bug(f"a stored time cannot be read: {fault}") from fault
    zone = zone_of(content.time_zone or "") or zone_of(rendering.time_zone) or _UTC
    if isinstance(start, datetime) and (end is None or isinstance(end, datetime)):
        first = instant(start, zone)
        last = first + timedelta(minutes=duration.timed_min) if end is None else between(start, end, zone)[1]
        return Timed(start=first, end=last, zone=content.time_zone or None)
    if not isinstance(start, datetime) and not isinstance(end, datetime):
        return AllDay(start=start, end=end or start + timedelta(days=duration.all_day))
    raise Bug("a stored task has a day and a moment as its ends")


def time_value(when: When, zone: ZoneInfo | None) -> Value:
    """The canonical `time`; the zone is that of a series, None for what happens once."""
    if isinstance(when, AllDay):
        return {"start": when.start.isoformat(), "end": when.end.isoformat()}
    value: dict[str, Value] = {"start": rfc3339(when.start), "end": rfc3339(when.end)}
    return value | {"zone": zone.key} if zone else value


def reminders_value(reminders: tuple[Reminder, ...] | None) -> Value:
    """The canonical `reminders`: None for the calendar's own, else each one once, earliest warning last."""
    if reminders is None:
        return None
    each = sorted({(reminder.minutes, reminder.method) for reminder in reminders})
    return [{"method": method, "minutes": minutes} for minutes, method in each]


def attendees_value(attendees: tuple[Attendee, ...], rendering: Rendering) -> Value:
    """The canonical `attendees`: each address once, lower case, sorted, without the account's own."""
    account = (rendering.account or "").lower()
    named = {attendee.email.lower(): one_line(attendee.name) for attendee in attendees}
    return [
        {"email": email, "name": name if name != email else None}
        for email, name in sorted(named.items())
        if email != account
    ]


def series_zone(content: Content, rendering: Rendering) -> ZoneInfo:
    """The zone whose clock a series goes by: the task's, else the calendar's, else UTC."""
    return zone_of(content.time_zone or "") or zone_of(rendering.time_zone) or _UTC


def _color(content: Content, rendering: Rendering, done: str | None) -> dict[str, Value]:
    """Where finished tasks go grey, the colour is the CRM's as soon as it sends a status, so that it can come back."""
    settings = rendering.settings
    if done == "color":
        return {"color": GRAPHITE}
    if "color" in rendering.by_hand:
        return {"color": rendering.by_hand["color"]}
    if content.color:
        return {"color": nearest(content.color)}
    by_type = settings.colors.get(content.type or "")
    if by_type:
        return {"color": nearest(by_type)}
    spoken = content.color is None or bool(content.type)
    return {"color": None} if spoken or (settings.on_done == "color" and content.status is not UNSET) else {}
