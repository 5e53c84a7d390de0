"""A task in a list of Google Tasks: both sides' canonical fields there, and Google's values into the CRM's content.

Four fields: title, description (Google's notes, plain text), time (the day it is due, nothing more), completed.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from shared.google.tasks import UNDATED
from shared.sync.description import as_html, as_text
from shared.sync.text import one_line
from shared.sync.title import title_of

if TYPE_CHECKING:
    from shared.google.events import Event
    from shared.model.content import Content
    from shared.model.settings import Settings
    from shared.model.times import AllDay, Timed
    from shared.sync.fields import Fields, Value


def of_the_crm(content: Content, settings: Settings, when: AllDay | Timed | None) -> dict[str, Value]:
    """The canonical values of the four fields, as far as the CRM owns them."""
    values: dict[str, Value] = {"completed": content.status == "done"}
    if isinstance(content.title, str) or content.title is None:
        values["title"] = title_of(content.title)
    if when is not None:
        values["time"] = _due(when.start.date() if isinstance(when.start, datetime) else when.start)
    if isinstance(content.description, str) or content.description is None:
        values["description"] = as_text(content.description, settings.description_format)
    return values


def of_google(event: Event) -> dict[str, Value]:
    """The canonical values of the four fields as the list shows them."""
    dated = event.when != UNDATED and not isinstance(event.when.start, datetime)
    return {
        "title": title_of(event.summary),
        "time": _due(event.when.start) if dated else None,
        "description": as_text(event.description, "text"),
        "completed": bool(event.completed),
    }


def taken_from_list(content: Content, values: Fields, settings: Settings) -> dict[str, object]:
    """What changes of the content; a task of several days keeps their number."""
    changes: dict[str, object] = {}
    for name, value in values.items():
        match name:
            case "title":
                changes["title"] = (one_line(str(value)) or "")[:1024] or None
            case "description":
                text = str(value)[:8000] if value else None
                changes["description"] = as_html(text) if settings.description_format == "html" else text
            case "completed":
                changes["status"] = "done" if value else "open"
            case "time":
                changes |= _moved(content, value)
            case _:
                pass
    return changes


def _due(day: object) -> Value:
    return {"start": str(day)}


def _moved(content: Content, value: Value) -> dict[str, object]:
    if not isinstance(value, dict):
        return {"start": None, "end": None}
    start = str(value["start"])
    if not isinstance(content.start, str) or not isinstance(content.end, str):
        return {"start": start}
    moved = date.fromisoformat(start) - date.fromisoformat(content.start[:10])
    end = date.fromisoformat(content.end[:10]) + timedelta(days=moved.days)
    return {"start": start, "end": end.isoformat()}
