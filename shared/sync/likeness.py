"""What a person would take for the same thing on both sides: the same words as title, at the same time. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from shared.model.times import AllDay, When
from shared.sync.crm_fields import when_of

if TYPE_CHECKING:
    from shared.google.events import Event
    from shared.model.content import Content
    from shared.sync.crm_fields import Rendering

Likeness: TypeAlias = tuple[str, str]
LIKELY_DUPLICATE = "likely_duplicate"
"""The error of a task that waits for its user's word, because an event like it stands in the calendar already."""


def likeness_of_task(content: Content, rendering: Rendering) -> Likeness | None:
    """Equal to that of an event that is likely the same; None for a task without title or start."""
    return _likeness(content.title or None, when_of(content, rendering))


def likeness_of_event(event: Event) -> Likeness | None:
    """Equal to that of a task that is likely the same; None for an event without title."""
    return _likeness(event.summary, event.when)


def _likeness(title: str | None, when: When | None) -> Likeness | None:
    words = " ".join((title or "").casefold().split())
    if not words or when is None:
        return None
    return words, (when.start.isoformat() if isinstance(when, AllDay) else f"{when.start.timestamp():.0f}")
