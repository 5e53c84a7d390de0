"""What the settings say: which tasks want an event, which foreign events become tasks, which days a run looks at."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

from shared.google.events import Event
from shared.google.tasks import UNDATED
from shared.model.content import Content
from shared.model.settings import Hours, Settings, Window
from shared.model.task import OffReason
from shared.model.times import AllDay, Timed, When
from shared.sync.crm_fields import Rendering, when_of
from shared.sync.expansion import slots_by
from shared.sync.markup import read_html, text_of
from shared.sync.rules import is_counted, until_of
from shared.sync.zoned import zone_of

StaysReason: TypeAlias = Literal[
    "import_off", "not_marked", "event_type", "declined", "private", "direction", "hours", "occurrence",
    "completed", "no_date",
]  # fmt: skip
"""Why a foreign event stays Google's alone."""


def qualifies(
    content: Content, rendering: Rendering, *, created_in: Literal["crm", "google"] = "crm"
) -> OffReason | None:
    """Why the task wants no event now, by its fields and the settings; None when it wants one.

    What the CRM itself ended (deleted, cancelled, done with `on_done: delete`) is not asked here. A task made in Google
    keeps its event when nothing more is sent there, so its direction does not put it off.
    """
    settings = rendering.settings
    when = when_of(content, rendering)
    if when is None:
        return "no_start"
    if content.sync is False or (content.sync is not True and not settings.auto_sync):
        return "not_selected"
    if settings.direction == "from_google" and created_in == "crm":
        return "direction"
    if content.private is True and not sends_private(settings) and created_in == "crm":
        return "private"
    if content.private is True and settings.private_events == "skip":
        return "private"
    return None if within_hours(when, settings.hours, rendering.time_zone) else "hours"


def arrives(event: Event, settings: Settings, zone: str) -> StaysReason | None:
    """Why this foreign event is not imported; None when it is.

    Args:
        zone: The calendar's IANA zone, in which `hours` are meant.
    """
    if settings.import_external == "off":
        return "import_off"
    if settings.direction == "to_google":
        return "direction"
    if event.recurring_event_id is not None:
        return "occurrence"
    if event.event_type != "default":
        return "event_type"
    if event.completed or event.when == UNDATED:
        return "completed" if event.completed else "no_date"
    if any(guest.is_self and guest.response == "declined" for guest in event.guests):
        return "declined"
    if is_private(event) and not takes_private(settings):
        return "private"
    if settings.import_external == "marked" and not is_marked(event, settings.mark):
        return "not_marked"
    return None if within_hours(event.when, settings.hours, zone) else "hours"


def is_private(event: Event) -> bool:
    """Whether only those who may see all of the calendar see what it is."""
    return event.visibility in {"private", "confidential"}


def sends_private(settings: Settings) -> bool:
    """Whether private tasks go to Google."""
    return settings.private_events in {"sync", "to_google_only"}


def takes_private(settings: Settings) -> bool:
    """Whether private events reach the CRM."""
    return settings.private_events in {"sync", "to_crm_only"}


def is_marked(event: Event, mark: str) -> bool:
    """Whether title or description hold the mark as a word of its own, in any case."""
    text = "\n".join([event.summary or "", text_of(read_html(event.description or ""))])
    return re.search(rf"(?<!\w){re.escape(mark)}(?!\w)", text, re.IGNORECASE) is not None


def within_hours(when: When, hours: Hours | None, zone: str) -> bool:
    """Whether it starts inside the hours, on the calendar's clock; whole days need only one of the days.

    Hours that end before they begin go over midnight, and belong to the day on which they began.
    """
    if hours is None:
        return True
    if isinstance(when, AllDay):
        return when.start.isoweekday() in hours.days
    local = when.start.astimezone(_zone(zone))
    opens, closes, at = _minutes(hours.start), _minutes(hours.end), local.hour * 60 + local.minute
    if opens < closes:
        return opens <= at < closes and local.isoweekday() in hours.days
    if at >= opens:
        return local.isoweekday() in hours.days
    return at < closes and (local - timedelta(days=1)).isoweekday() in hours.days


def in_window(when: When, now: datetime, window: Window, zone: str, *, recurrence: Iterable[str] = ()) -> bool:
    """Whether any of it lies in the days around today, on the calendar's clock, both outer days whole.

    Args:
        now: Aware UTC.
        recurrence: The series' lines; a series counts while it can still go on.
    """
    first, last = window_of(now, window, zone)
    starts, ends = _span(when, zone)
    if lines := list(recurrence):
        return starts < last and _goes_on(lines, when, zone, first)
    return starts < last and (ends > first or (starts == ends and starts >= first))


def _goes_on(lines: list[str], when: When, zone: str, first: datetime) -> bool:
    """Whether an occurrence of the series can still end after that instant."""
    starts, ends = _span(when, zone)
    until = until_of(lines)
    if until is not None:
        return until + timedelta(days=1) + (ends - starts) > first
    if not is_counted(lines):
        return True
    own = when.zone if isinstance(when, Timed) else None
    return any(_span(slot.when, zone)[1] > first for slot in slots_by(lines, when, _zone(own or zone)))


def _span(when: When, zone: str) -> tuple[datetime, datetime]:
    """Its first instant, and the first one after it; days begin and end on the calendar's clock."""
    if isinstance(when, AllDay):
        start, end = (datetime.combine(day, time(), _zone(zone)) for day in (when.start, when.end))
        return start, end
    return when.start, when.end


def window_of(now: datetime, window: Window, zone: str) -> tuple[datetime, datetime]:
    """The window's first instant, and the first one after it, in UTC."""
    local = _zone(zone)
    today = now.astimezone(local).date()
    days = (today - timedelta(days=window.past_days), today + timedelta(days=window.future_days + 1))
    first, last = (datetime.combine(day, time(), local).astimezone(UTC) for day in days)
    return first, last


def _zone(name: str) -> ZoneInfo:
    return zone_of(name) or ZoneInfo("UTC")


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)
