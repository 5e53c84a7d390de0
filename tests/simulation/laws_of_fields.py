"""What people leave alone in a world of chance: an event shows just what the CRM says, and guests nothing internal.

`laws.equal` takes these fields with its own. Start at `left_alone`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from msgspec import UNSET

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shared.model.content import Content, Reminder
    from shared.model.settings import Settings
    from shared.model.task import Task

COLORS = {
    "#EF4444": "11", "#10B981": "10", "#8B5CF6": "3", "#3B82F6": "9",
    "#d50000": "11", "#0b8043": "10", "#8e24aa": "3", "#3f51b5": "9", "#616161": "8",
}  # fmt: skip
"""Google's colours by the shades that the CRMs of these worlds use, and by those that an import tells."""
GRAPHITE = "8"
BY_HAND = re.compile(r"\bg\d+")
"""A person's words in a description."""


def left_alone(
    task: Task, event: dict[str, Any], settings: Settings, account: str
) -> Iterator[tuple[str, object, object]]:
    """Name, what the CRM says and what the event shows, of every field that the CRM has said.

    Args:
        account: In whose calendar the event is; its address is nobody's guest.
    """
    content = task.content
    if content.reminders is not UNSET:
        yield "reminders", _said(content.reminders), _set(event["reminders"])
    if content.attendees is not UNSET:
        invited = frozenset(each.email for each in content.attendees or ()) - {account}
        yield "attendees", invited, _guests(event)
    # An event that was there before its task keeps its colour until the CRM says one; so does one coloured by hand.
    if "color" not in task.sync.by_hand and (
        content.color or (content.type and task.created_in == "crm" and not task.sync.adopted)
    ):
        yield "color", _color(content, settings), event.get("colorId")
    shown = str(event.get("description") or "")
    for name in ("notes", "deal"):
        text = getattr(content, name)
        if not isinstance(text, str):
            continue
        if _guests(event):
            yield "details", False, text in shown
        # What a person wrote over generated lines stays until the CRM says something else of them: they go one way.
        elif not (content.attendees or BY_HAND.search(shown)) and "{details}" in settings.description_template:
            yield "details", True, text in shown


def _said(reminders: Sequence[Reminder] | None) -> object:
    return None if reminders is None else frozenset((each.method, each.minutes) for each in reminders)


def _set(reminders: dict[str, Any]) -> object:
    if reminders.get("useDefault"):
        return None
    return frozenset((each["method"], each["minutes"]) for each in reminders.get("overrides", ()))


def _guests(event: dict[str, Any]) -> frozenset[str]:
    others = (each for each in event.get("attendees", ()) if not each.get("self") and not each.get("organizer"))
    return frozenset(each["email"] for each in others)


def _color(content: Content, settings: Settings) -> str | None:
    if content.status == "done" and settings.on_done == "color":
        return GRAPHITE
    shade = content.color or settings.colors.get(content.type or "")
    return COLORS[shade] if shade else None
