"""What a stored task can be listed by. Written with the task, never read back; tombstones and stubs have none of it.

Content is not indexed, so the few values that lists filter and order by lie beside it, in one comparable form.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from shared.model.task import Task


def listed(task: Task) -> dict[str, object] | None:
    """The task's entry in lists, or None when lists do not show it (deleted, or only the stub of a claim)."""
    if task.deleted_at is not None or task.moved_to is not None:
        return None
    content, sync = task.content, task.sync
    return {
        "live": True,
        "user": content.user_id or None,
        "connection": sync.connection,
        "state": sync.state,
        "error": sync.error.code if sync.error else None,
        "changed_at": task.changed_at,
        "start": starts_at(content.start or None, content.time_zone or None),
        "views": sorted(sync.views),
    }


def starts_at(start: str | None, time_zone: str | None) -> datetime | None:
    """The instant a task starts, aware UTC; a day starts at its midnight UTC, a time without any zone is taken as UTC.

    None when there is no start, or none that can be read: it was checked when it arrived, so that is not judged here.
    """
    if start is None:
        return None
    try:
        if len(start) == len("YYYY-MM-DD"):
            day = date.fromisoformat(start)
            return datetime(day.year, day.month, day.day, tzinfo=UTC)
        instant = datetime.fromisoformat(start)
        if instant.tzinfo is None:
            instant = instant.replace(tzinfo=ZoneInfo(time_zone) if time_zone else UTC)
        return instant.astimezone(UTC)
    except (ValueError, OverflowError, KeyError):
        return None
