"""Where a task may be in a Google account: in a calendar, or in a Google Tasks list. Both are places of one type.

A list is the place `tasks:<list id>`; no calendar of Google's has such an id. Start at `belongs_in_list`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.model.ids import CalendarId

if TYPE_CHECKING:
    from shared.model.content import Content

_PREFIX = "tasks:"
_DAY = len("2026-11-21")


def list_place(list_id: str) -> CalendarId:
    """The place of a Google Tasks list."""
    return CalendarId(f"{_PREFIX}{list_id}")


def is_list(place: str | None) -> bool:
    """The place is a Google Tasks list, and no calendar."""
    return place is not None and place.startswith(_PREFIX)


def list_id_of(place: str) -> str:
    """Google's own id of the list."""
    return place.removeprefix(_PREFIX)


def belongs_in_list(content: Content) -> bool:
    """A date and no time, and nothing that a Google task cannot hold: no series, guests or Meet, no calendar named."""
    dated = isinstance(content.start, str) and len(content.start) == _DAY
    more = content.recurrence or content.attendees or content.conference
    return dated and not more and not isinstance(content.calendar_id, str)


def home_of(content: Content, calendar: CalendarId | None, task_list: CalendarId | None) -> CalendarId | None:
    """Where a task goes that names no calendar."""
    return task_list if task_list is not None and belongs_in_list(content) else calendar
