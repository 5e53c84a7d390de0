"""What the generated lines of a description say, and what of it guests may see. Start at `details_of`."""

from __future__ import annotations

from shared.model.content import Contact, Content
from shared.model.settings import Settings
from shared.sync.description import canonical, fill
from shared.sync.fields import Value
from shared.sync.markup import read_html, text_of
from shared.sync.text import one_line, paragraphs

LABELS: dict[str, dict[str, str]] = {
    "en": {
        "type": "Type",
        "status": "Status",
        "priority": "Priority",
        "contact": "Contact",
        "deal": "Deal",
        "zoom_url": "Zoom",
        "url": "Link",
        "notes": "Notes",
        "footer": "Managed by Tandem. Changes to these lines are not kept.",
        "type:call": "Call",
        "type:email": "E-mail",
        "type:meeting": "Meeting",
        "type:task": "Task",
        "type:follow_up": "Follow-up",
        "status:open": "Open",
        "status:done": "Done",
        "status:cancelled": "Cancelled",
        "priority:low": "Low",
        "priority:medium": "Medium",
        "priority:high": "High",
    }
}
"""Words by language; a language that is not here reads English."""

INTERNAL = frozenset({"type", "status", "priority", "contact", "deal", "url", "notes"})
"""Never shown to guests. `url` leads into the CRM; as the event's `source` only the event's creator sees it.

Source: https://developers.google.com/workspace/calendar/api/v3/reference/events (source)
"""
_IN_DETAILS = ("type", "status", "priority", "contact", "deal", "zoom_url", "url", "notes")


def details_of(content: Content, settings: Settings, *, guests: bool) -> Value:
    """The canonical `details` of a task; with guests, nothing internal is in them.

    `internal` is set when something is, so that whoever writes the event can refuse to show it to guests.
    """
    words = LABELS.get(settings.language.partition("-")[0], LABELS["en"])
    fields = _fields(content, settings, words)
    if guests:
        fields = {name: text for name, text in fields.items() if name not in INTERNAL}
    internal = any(fields.get(name) for name in INTERNAL)
    labelled = [_labelled(words[name], text) for name in _IN_DETAILS if (text := fields.get(name))]
    filled = fill(settings.description_template, fields | {"details": "\n".join(labelled), "footer": words["footer"]})
    return filled | {"internal": True} if internal and isinstance(filled, dict) else filled


def _fields(content: Content, settings: Settings, words: dict[str, str]) -> dict[str, str | None]:
    kind = one_line(content.type or None)
    status = content.status or None
    priority = content.priority or None
    notes = content.notes or None
    if settings.description_format == "html" and notes:
        notes = text_of(read_html(notes))
    return {
        "type": words.get(f"type:{kind}", kind) if kind else None,
        "status": words[f"status:{status}"] if status else None,
        "priority": words[f"priority:{priority}"] if priority else None,
        "contact": _contact(content.contact or None),
        "deal": one_line(content.deal or None),
        "zoom_url": content.zoom_url or None,
        "url": content.url or None,
        "notes": paragraphs(notes),
        "title": one_line(content.title or None),
        "description": canonical(content.description or None, settings.description_format),
    }


def _contact(contact: Contact | None) -> str | None:
    if contact is None:
        return None
    name = one_line(contact.name)
    return f"{name} <{contact.email}>" if name and contact.email else name or contact.email


def _labelled(label: str, text: str) -> str:
    """A label and its text; a text of several lines begins below its label."""
    return f"{label}:\n{text}" if "\n" in text else f"{label}: {text}"
