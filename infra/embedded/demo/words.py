"""Turns what the feed says into sentences that anybody understands: who did what, and what Tandem did about it. Pure.

Start at `told`. A change that needs no sentence (an echo of something said before) gives None.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from infra.embedded.demo.records import Entry, Side, Tone
from infra.embedded.demo.times import span_of, spoken

NAMES = {
    "title": "title", "description": "description", "notes": "notes", "location": "place", "priority": "priority",
    "status": "status", "attendees": "guests", "conference": "Google Meet", "zoom_url": "Zoom link",
    "private": "privacy", "busy": "busy or free", "color": "colour", "reminders": "reminders", "contact": "contact",
    "deal": "deal", "type": "type", "url": "link", "recurrence": "repetition", "sync": "sync switch",
    "calendar_id": "calendar", "meet_url": "Meet link", "responses": "answers",
}  # fmt: skip
"""How the fields of the contract are called in front of people."""

TIME = frozenset({"start", "end", "time_zone"})
LINKS = frozenset({"event_id", "html_link"})
ANSWERS = {"accepted": "accepted", "declined": "declined", "tentative": "may come", "needsAction": "has not answered"}
POLICIES = {
    "task.cancelled": "setting on_google_delete: cancel_task",
    "task.restored": "an edit beats a deletion",
    "task.conflict": "setting conflict: manual",
}
SHORT = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One sentence about a change, before the log adds when and how fast.

    Args:
        done: What Tandem did about it, said after the sentence; empty: the sentence says it.
        timed: The log may say how long the other side waited for it.
        waits: What is written after it is known that Google has it.
    """

    side: Side
    text: str
    done: str = ""
    why: str | None = None
    tone: Tone = "plain"
    details: tuple[str, ...] = ()
    timed: bool = False
    waits: bool = False

    def entry(self, change: dict[str, Any], *, took_s: float | None) -> Entry:
        """The line of the log."""
        text = f"{self.text}; {self.done}." if self.done else f"{self.text}."
        return Entry(
            at=datetime.fromisoformat(change["at"]),
            side=self.side,
            text=text,
            key=change["id"],
            tone=self.tone,
            why=self.why,
            details=self.details,
            task_id=change.get("task_id"),
            took_s=took_s if self.timed else None,
            until=change.get("version") if self.waits else None,
        )


def told(change: dict[str, Any], *, person: str) -> Told | None:
    """What to say about one entry of the feed.

    Args:
        change: As `/v1/changes` gives it.
        person: The first name of the user whose connection it is.
    """
    kind, origin = change["kind"], change["origin"]
    if change.get("task") is not None and kind.startswith("task."):
        said = {"google": _google_did, "crm": _crm_did, "tandem": _tandem_did}[origin]
        return said(kind, change["task"], _readable(change), person)
    return _stands(kind, change, person)


def _google_did(kind: str, task: dict[str, Any], changed: dict[str, Any], person: str) -> Told | None:
    title = _quoted(task)
    match kind:
        case "task.created":
            text = f"{person} made {title} in Google"
            return Told(side="google", text=text, done="Tandem made a task of it", details=(spoken(task),), timed=True)
        case "task.cancelled":
            text = f"{person} deleted {title} in Google"
            return Told(side="google", text=text, done="Tandem cancelled the task", why=POLICIES[kind], timed=True)
        case "task.deleted":
            return Told(side="google", text=f"{person} deleted {title} in Google", done="the task is gone", timed=True)
        case "task.restored":
            text = f"{person} brought {title} back in Google"
            return Told(side="google", text=text, done="Tandem opened the task again", timed=True)
        case "task.updated" if changed:
            if answered := _answers(changed):
                done = "Tandem told the CRM, and changed nothing else"
                return Told(side="google", text=answered + f" to {title}", done=done, timed=True)
            text = f"{person} {_deed(changed, task)} in Google"
            return Told(
                side="google", text=text, done="Tandem updated the task", details=_details(changed, task), timed=True
            )
    return None


def _crm_did(kind: str, task: dict[str, Any], changed: dict[str, Any], person: str) -> Told | None:
    del person
    title, waits = _quoted(task), task["sync_state"]["state"] == "pending"
    details: tuple[str, ...] = ()
    match kind:
        case "task.created":
            text = f"The CRM has a new task, {title}"
            details = (spoken(task),)
        case "task.deleted":
            text = f"The CRM deleted {title}"
        case _ if changed:
            text = f"The CRM {_deed(changed, task)}"
            details = _details(changed, task)
        case _:
            return None
    return Told(side="crm", text=text, details=details, waits=waits)


def _tandem_did(kind: str, task: dict[str, Any], changed: dict[str, Any], person: str) -> Told | None:
    title = _quoted(task)
    match kind:
        case "task.conflict":
            fields = (task["sync_state"]["conflict"] or {}).get("fields", {})
            text = f"Both sides changed the {_listed(_field_names(fields))} of {title}"
            done = "Tandem keeps both versions and overwrites neither. Settle it in the task"
            return Told(side="tandem", text=text, done=done, why=POLICIES[kind], tone="warn")
        case "task.error":
            detail = (task["sync_state"]["error"] or {}).get("detail", "Google refused it")
            return Told(side="tandem", text=f"{title} could not be synced", done=detail.rstrip("."), tone="bad")
        case "task.restored":
            text = f"{title} was deleted in Google and edited in the CRM"
            return Told(side="tandem", text=text, done="Tandem made the event again", why=POLICIES[kind])
        case "task.linked" if "meet_url" in changed and "event_id" not in changed:
            return Told(side="tandem", text=f"Google made a Meet link for {title}", done="the CRM has it")
        case "task.linked" if "event_id" in changed:
            where = task["sync_state"]["calendar_id"] or f"{person}'s calendar"
            return Told(side="tandem", text=f"Tandem put {title} into {where}", details=(spoken(task),))
        case "task.updated" if changed:
            return Told(side="tandem", text=f"Tandem settled {title}", details=_details(changed, task))
    return None


def _stands(kind: str, change: dict[str, Any], person: str) -> Told | None:
    del change
    match kind:
        case "connection.connected":
            text = f"{person}'s Google Calendar is connected"
            return Told(side="tandem", text=text, done="from now on both sides are kept in step", tone="good")
        case "connection.needs_reconnect":
            text = f"Google no longer lets Tandem into {person}'s calendar"
            done = "the CRM was told once, edits wait, and nothing is lost"
            return Told(side="tandem", text=text, done=done, tone="bad")
        case "connection.needs_review":
            text = "Many events went at once, which looks like an accident"
            done = "Tandem changed nothing and asks you first"
            return Told(side="tandem", text=text, done=done, why="the brake: more than 10 and 25 %", tone="warn")
        case "connection.disconnected":
            return Told(side="tandem", text=f"{person}'s Google Calendar is no longer connected", tone="warn")
        case "calendar.suspended":
            return Told(side="tandem", text="A calendar is gone or may no longer be written", tone="warn")
    return None


def _readable(change: dict[str, Any]) -> dict[str, Any]:
    """What changed for a person: links are addresses, not news, and an unset field that was false is no change."""
    return {
        name: pair
        for name, pair in change["changed"].items()
        if (name in NAMES or name in TIME or name == "event_id") and (pair[0] or None) != (pair[1] or None)
    }


def _deed(changed: dict[str, Any], task: dict[str, Any]) -> str:
    title, seen = _quoted(task), changed.keys() - LINKS
    if seen <= TIME:
        return _timing(changed, task)
    if seen == {"title"}:
        return f"renamed {_cut(str(changed['title'][0] or 'Untitled'))} to {title}"
    if seen == {"status"}:
        return {"done": f"finished {title}", "cancelled": f"cancelled {title}"}.get(task["status"], f"reopened {title}")
    return f"changed the {_listed(_field_names(seen))} of {title}"


def _timing(changed: dict[str, Any], task: dict[str, Any]) -> str:
    title, when = _quoted(task), spoken(task)
    if not task.get("start"):
        return f"took the time from {title}"
    before = span_of({name: changed[name][0] if name in changed else task.get(name) for name in TIME})
    after = span_of(task)
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


def _answers(changed: dict[str, Any]) -> str | None:
    """`Ben accepted`, when guests' answers are all that changed."""
    if changed.keys() - {"responses", "attendees"} or "responses" not in changed:
        return None
    before, after = ({each["email"]: each["response"] for each in side or ()} for side in changed["responses"])
    said = [
        f"{mail.partition('@')[0].title()} {ANSWERS.get(answer, answer)}"
        for mail, answer in after.items()
        if before.get(mail) != answer and answer != "needsAction"
    ]
    return _listed(said) if said else None


def _details(changed: dict[str, Any], task: dict[str, Any]) -> tuple[str, ...]:
    lines = []
    if changed.keys() & TIME:
        before = {name: changed[name][0] if name in changed else task.get(name) for name in TIME}
        lines.append(f"time: {spoken(before)} → {spoken(task)}")
    lines += [
        f"{NAMES[name]}: {_shown(pair[0])} → {_shown(pair[1])}" for name, pair in changed.items() if name in NAMES
    ]
    return tuple(lines)


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


def _field_names(names: Any) -> list[str]:  # noqa: ANN401 - any iterable of names
    known = ["time" if name in TIME else NAMES.get(name, name) for name in names]
    return sorted(set(known))


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else "details"


def _quoted(task: dict[str, Any]) -> str:
    return _cut(str(task.get("title") or "Untitled"))


def _cut(text: str) -> str:
    flat = " ".join(text.split())
    return f"“{flat if len(flat) <= SHORT else flat[: SHORT - 1] + '…'}”"
