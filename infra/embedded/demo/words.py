"""Turns what the feed says into sentences that anybody understands: who did what, and what Tandem did about it. Pure.

Start at `told`. A change that needs no sentence (an echo of something said before) gives None.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from infra.embedded.demo.deeds import LINKS, TIME, answered_by, deed, details_of, field_names, listed, quoted, readable
from infra.embedded.demo.records import Entry, Side, Tone
from infra.embedded.demo.times import read, spoken

POLICIES = {
    "task.cancelled": "setting on_google_delete: cancel_task",
    "task.restored": "an edit beats a deletion",
    "task.conflict": "setting conflict: manual",
}
RUNS = {
    "first_sync": "The first sync", "export": "The export", "import": "The import", "backlog": "What had waited",
    "review": "What was held", "disconnect": "Disconnecting",
}  # fmt: skip


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

    def entry(self, change: dict[str, Any], *, took_s: float | None, more: int = 0) -> Entry:
        """The line of the log.

        Args:
            change: What it tells.
            took_s: How long the CRM waited for it, in seconds.
            more: So many further changes are of the same kind, and are not told one by one.
        """
        said = f"{self.text}, and {more} more like it" if more else self.text
        text = f"{said}; {self.done}." if self.done else f"{said}."
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
    if change.get("occurrence") and kind == "task.updated":
        return _one_date(change, person)
    if change.get("task") is not None and kind.startswith("task."):
        said = {"google": _google_did, "crm": _crm_did, "tandem": _tandem_did}[origin]
        return said(kind, change["task"], readable(change), person)
    return _stands(kind, change, person)


def _google_did(kind: str, task: dict[str, Any], changed: dict[str, Any], person: str) -> Told | None:
    title = quoted(task)
    match kind:
        case "task.created" if task.get("split_from"):
            text = f"{person} changed {title} from {spoken(task)} on"
            return Told(side="google", text=text, done="Tandem made the later part a task of its own", timed=True)
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
        case "task.updated" if changed.keys() - LINKS:
            if answered := answered_by(changed):
                done = "Tandem told the CRM, and changed nothing else"
                return Told(side="google", text=f"{answered} {title}", done=done, timed=True)
            text, done = f"{person} {deed(changed, task)} in Google", "Tandem updated the task"
            return Told(side="google", text=text, done=done, details=details_of(changed, task), timed=True)
    return None


def _crm_did(kind: str, task: dict[str, Any], changed: dict[str, Any], person: str) -> Told | None:
    del person
    title, waits = quoted(task), task["sync_state"]["state"] == "pending"
    details: tuple[str, ...] = ()
    match kind:
        case "task.created":
            text = f"The CRM has a new task, {title}"
            details = (spoken(task),)
        case "task.deleted":
            text = f"The CRM deleted {title}"
        case _ if changed.keys() - LINKS:
            text = f"The CRM {deed(changed, task)}"
            details = details_of(changed, task)
        case _:
            return None
    return Told(side="crm", text=text, details=details, waits=waits)


def _tandem_did(kind: str, task: dict[str, Any], changed: dict[str, Any], person: str) -> Told | None:
    title = quoted(task)
    match kind:
        case "task.conflict":
            fields = (task["sync_state"]["conflict"] or {}).get("fields", {})
            text = f"Both sides changed the {listed(field_names(fields))} of {title}"
            done = "Tandem keeps both versions and overwrites neither. Settle it in the task"
            return Told(side="tandem", text=text, done=done, why=POLICIES[kind], tone="warn")
        case "task.error":
            detail = (task["sync_state"]["error"] or {}).get("detail", "Google refused it")
            return Told(side="tandem", text=f"{title} could not be synced", done=detail.rstrip("."), tone="bad")
        case "task.restored":
            text = f"{title} was deleted in Google and edited in the CRM"
            return Told(side="tandem", text=text, done="Tandem made the event again", why=POLICIES[kind])
        case "task.linked" if "meet_url" in changed and not changed.keys() & LINKS:
            return Told(side="tandem", text=f"Google made a Meet link for {title}", done="the CRM has it")
        case "task.linked" if changed.keys() & LINKS:
            text = f"Tandem put {title} into {person}'s calendar"
            return Told(side="tandem", text=text, details=(spoken(task),))
        case "task.updated" if changed.keys() - LINKS:
            return Told(side="tandem", text=f"Tandem settled {title}", details=details_of(changed, task))
    return None


def _one_date(change: dict[str, Any], person: str) -> Told | None:
    """One date of a series, changed on either side; the others are as they were."""
    changed, title, origin = change["changed"], quoted(change["task"]), change["origin"]
    if not changed or origin == "tandem":
        return None
    day = _day(change["occurrence"])
    if "cancelled" in changed:
        verb = "called off" if changed["cancelled"][1] else "brought back"
    else:
        verb = "moved" if changed.keys() <= TIME else f"changed the {listed(field_names(changed))} of"
    if origin == "crm":
        return Told(side="crm", text=f"The CRM {verb} {title} on {day} alone", done="the other dates stay")
    done = "Tandem changed that date in the CRM, and the others stay"
    return Told(side="google", text=f"{person} {verb} {title} on {day} alone in Google", done=done, timed=True)


def _day(original_start: str) -> str:
    """`Tue 24 Nov`, from an original start as Tandem writes it."""
    found = read(f"{original_start[:4]}-{original_start[4:6]}-{original_start[6:8]}{original_start[8:]}"
                 if "T" in original_start else original_start)  # fmt: skip
    return f"{found:%a} {found.day} {found:%b}"


def counted(run: dict[str, Any]) -> Entry | None:
    """What a finished run has done, if anything.

    Args:
        run: As `GET /v1/runs/{id}` answers it.
    """
    words = (("google", "create", "made in Google"), ("google", "update", "changed in Google"),
             ("google", "delete", "deleted in Google"), ("crm", "create", "made in the CRM"),
             ("crm", "update", "changed in the CRM"), ("crm", "delete", "cancelled in the CRM"))  # fmt: skip
    done = [f"{run['totals'][side][action]} {word}" for side, action, word in words if run["totals"][side][action]]
    name = RUNS.get(run["kind"])
    if name is None or not done:
        return None
    text = f"{name} is done: {listed(done)}."
    return Entry(at=datetime.now(UTC), side="tandem", text=text, key=f"run {run['id']}", tone="good")


def _stands(kind: str, change: dict[str, Any], person: str) -> Told | None:
    del change
    match kind:
        case "connection.connected":
            text = f"{person}'s Google Calendar is connected"
            return Told(side="tandem", text=text, tone="good")
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
