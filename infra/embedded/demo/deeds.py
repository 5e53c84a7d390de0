"""A task's changed fields in words: moved, made longer, renamed, changed the guests of. Pure.

Start at `deed`; `readable` says what of a change is worth telling a person.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from infra.embedded.demo.times import span_of, spoken

if TYPE_CHECKING:
    from collections.abc import Iterable

NAMES = {
    "title": "title", "description": "description", "notes": "notes", "location": "place", "priority": "priority",
    "status": "status", "attendees": "guests", "conference": "Google Meet", "zoom_url": "Zoom link",
    "private": "privacy", "busy": "busy or free", "color": "colour", "reminders": "reminders", "contact": "contact",
    "deal": "deal", "type": "type", "url": "link", "recurrence": "repetition", "sync": "sync switch",
    "calendar_id": "calendar", "cancelled": "taking place", "meet_url": "Meet link", "responses": "answers",
}  # fmt: skip
"""How the fields of the contract are called in front of people."""

TIME = frozenset({"start", "end", "time_zone"})
LINKS = frozenset({"event_id", "html_link"})
"""Addresses: they tell that there is an event, and are shown to nobody."""
ANSWERS = {"accepted": "accepted", "declined": "declined", "tentative": "said maybe to", "needsAction": "not answered"}
UNSAID = {"busy": True, "status": "open"}
"""What it means when nobody ever said it; of other fields, nothing."""
SHORT = 60


def readable(change: dict[str, Any]) -> dict[str, Any]:
    """What changed for a person: links are addresses, not news, and an unset field that was false is no change."""
    task = change["task"]
    changed = {
        name: pair
        for name, pair in change["changed"].items()
        if (name in NAMES or name in TIME or name in LINKS) and _meant(name, pair[0]) != _meant(name, pair[1])
    }
    if changed.keys() & TIME and span_of(_before(changed, task)) == span_of(task):
        return {name: pair for name, pair in changed.items() if name not in TIME}
    return changed


def _meant(name: str, value: object) -> object:
    """The value, with nothing for every way of saying nothing."""
    if value is None:
        return UNSAID.get(name)
    return value if value or name in UNSAID else None


def deed(changed: dict[str, Any], task: dict[str, Any]) -> str:
    """What somebody did to a task: `moved “Visit” to Tue 24 Nov, 11:00 to 12:00`."""
    title, seen = quoted(task), changed.keys() - LINKS
    if seen <= TIME:
        return _timing(changed, task)
    if seen == {"title"}:
        return f"renamed {_cut(str(changed['title'][0] or 'Untitled'))} to {title}"
    if seen == {"status"}:
        return {"done": f"finished {title}", "cancelled": f"cancelled {title}"}.get(task["status"], f"reopened {title}")
    return f"changed the {listed(field_names(seen))} of {title}"


def answered_by(changed: dict[str, Any]) -> str | None:
    """`Ben accepted`, when guests' answers are all that changed."""
    if changed.keys() - LINKS - {"responses", "attendees"} or "responses" not in changed:
        return None
    before, after = ({each["email"]: each["response"] for each in side or ()} for side in changed["responses"])
    said = [
        f"{mail.partition('@')[0].title()} {ANSWERS.get(answer, answer)}"
        for mail, answer in after.items()
        if before.get(mail) != answer and answer != "needsAction"
    ]
    return listed(said) if said else None


def details_of(changed: dict[str, Any], task: dict[str, Any]) -> tuple[str, ...]:
    """What was and what is, field by field; the sentence says it all when one field has another name for it."""
    lines = []
    if changed.keys() & TIME:
        only, before = not changed.keys() - TIME - LINKS, spoken(_before(changed, task))
        lines.append(f"was {before}" if only else f"time: {before} → {spoken(task)}")
    elif changed.keys() <= {"title"} or changed.keys() <= {"status"}:
        return ()
    lines += [
        f"{NAMES[name]}: {_shown(pair[0])} → {_shown(pair[1])}" for name, pair in changed.items() if name in NAMES
    ]
    return tuple(lines)


def field_names(names: Iterable[str]) -> list[str]:
    """What people call these fields, each once."""
    known = ["time" if name in TIME else NAMES.get(name, name) for name in names]
    return sorted(set(known))


def listed(words: list[str]) -> str:
    """`one, two and three`."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else "details"


def quoted(task: dict[str, Any]) -> str:
    """The task's title, in quotation marks and not too long."""
    return _cut(str(task.get("title") or "Untitled"))


def _before(changed: dict[str, Any], task: dict[str, Any]) -> dict[str, Any]:
    """The fields of time as they were."""
    return {name: changed[name][0] if name in changed else task.get(name) for name in TIME}


def _timing(changed: dict[str, Any], task: dict[str, Any]) -> str:
    title, when = quoted(task), spoken(task)
    if not task.get("start"):
        return f"took the time from {title}"
    before, after = span_of(_before(changed, task)), span_of(task)
    if before is None or after is None:
        return f"gave {title} a time, {when}"
    kinds = {isinstance(moment, datetime) for moment in (before[0], after[0])}
    if len(kinds) > 1:
        return f"made {title} {'a timed one' if isinstance(after[0], datetime) else 'an all-day one'}, {when}"
    was, is_ = (_length(start, end) for start, end in (before, after))
    if was == is_:
        return f"moved {title} to {when}"
    return f"made {title} {'longer' if is_ > was else 'shorter'}, {when}"


def _length(start: date, end: date) -> timedelta:
    if isinstance(start, datetime) and isinstance(end, datetime):
        return end - start
    return end - start if type(start) is type(end) else timedelta()


def _shown(value: object) -> str:
    match value:
        case None | "" | [] | ():
            return "nothing"
        case bool():
            return "yes" if value else "no"
        case list() | tuple():
            return ", ".join(_shown(each) for each in value)
        case {"email": mail, "response": response}:
            return f"{mail} {ANSWERS.get(str(response), response)}"
        case {"minutes": minutes, "method": method}:
            return f"{minutes} min before ({method})"
        case {"email": mail} if mail:
            return str(mail)
        case {"name": name}:
            return str(name)
    return _cut(str(value))


def _cut(text: str) -> str:
    flat = " ".join(text.split())
    return f"“{flat if len(flat) <= SHORT else flat[: SHORT - 1] + '…'}”"
