"""Trouble on purpose: what goes wrong in real life, at the press of a button, so that one can watch it being mended.

Each button acts as a person or as bad weather would, through the simulated Google's own addresses and the CRM's own
saves; nothing reaches into Tandem. Start at `Trouble.make`.
"""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from infra.embedded.demo import examples
from infra.embedded.demo.calls import Unreachable
from infra.embedded.demo.crm import Crm, Impossible
from infra.embedded.demo.examples import ACCOUNT, PERSON
from infra.embedded.demo.google_side import GoogleSide, Refused
from infra.embedded.demo.records import Entry, Record
from infra.embedded.demo.times import shifted, span_of

if TYPE_CHECKING:
    from collections.abc import Callable

KINDS = ("both", "lose", "hear", "expire", "revoke", "twenty", "restart")
PATIENCE_S = 30.0
LOOK_EVERY_S = 0.1
QUIET_AFTER_S = 1.5
"""After so long Tandem has read the echo of its own last write."""
WORKING = frozenset({"active", "needs_review"})


class Trouble:
    """The buttons of one demo.

    Args:
        crm, google: The two sides.
        restart: Kills this process and starts it again; None: it cannot.
    """

    def __init__(self, crm: Crm, google: GoogleSide, *, restart: Callable[[], None] | None = None) -> None:
        self._crm = crm
        self._google = google
        self._restart = restart
        self._busy = threading.Lock()
        self.losing = False

    @property
    def offered(self) -> list[str]:
        """The kinds that can be made here."""
        return [kind for kind in KINDS if kind != "restart" or self._restart is not None]

    @property
    def busy(self) -> bool:
        """One is being made."""
        return self._busy.locked()

    def make(self, kind: str, task_id: str | None = None) -> None:
        """The trouble is made; what comes of it stands in the log.

        Args:
            kind: One of those offered.
            task_id: The task to pick on; None: the next that is in step.

        Raises:
            Impossible: Not as things stand.
            Refused, Unreachable: A side did not do it.
        """
        if kind not in self.offered:
            raise Impossible(f"there is no trouble called {kind}")
        if not self._busy.acquire(blocking=False):
            raise Impossible("some trouble is being made already; wait until it has happened")
        try:
            if kind == "twenty":
                self._needs_connection()
                threading.Thread(target=self._twenty, name="demo-trouble", daemon=True).start()
                return
            {
                "both": lambda: self._both(task_id),
                "lose": lambda: self._lose(task_id),
                "hear": self._hear,
                "expire": lambda: self._expire(task_id),
                "revoke": lambda: self._revoke(task_id),
                "restart": self._kill,
            }[kind]()
        finally:
            if kind != "twenty":
                self._busy.release()
                self._crm.records.touch()

    def _both(self, task_id: str | None) -> None:
        """Both sides give one task another title in the same moment.

        A pull that is due just then could read the one before the other is made, and there would be no conflict.
        """
        record = self._victim(task_id)
        synced_at = datetime.fromisoformat(str(record.sync_state["synced_at"]))
        time.sleep(max(0.0, QUIET_AFTER_S - (datetime.now(UTC) - synced_at).total_seconds()))
        self._log(f"Both sides rename “{record.title}” at the same moment.", record)
        bare = record.title.removesuffix(" (says the CRM)").removesuffix(f" (says {PERSON})")
        self._google.does("edit", **_event(record), summary=f"{bare} (says {PERSON})")
        self._crm.write(record.id, record.fields | {"title": f"{bare} (says the CRM)"})

    def _lose(self, task_id: str | None) -> None:
        """Google's notifications are lost from now on, and something changes that nobody is told of."""
        record = self._victim(task_id, timed=True)
        self._google.lose_notifications(lost=True)
        self.losing = True
        text = f"Google's notifications are lost from now on. {PERSON} moves “{record.title}”, and nobody tells Tandem."
        self._log(text, record)
        self._move(record)

    def _hear(self) -> None:
        self._google.lose_notifications(lost=False)
        self.losing = False
        self._log("Google's notifications arrive again; what was lost meanwhile comes with the next look.")

    def _expire(self, task_id: str | None) -> None:
        """Google forgets how far Tandem has read, as it does after long silence, and something changes."""
        record = self._victim(task_id, timed=True)
        self._google.sim("tokens/expire_sync", {"calendar_id": str(record.sync_state["calendar_id"])})
        text = (
            f"Google no longer knows how far Tandem has read (410). {PERSON} moves “{record.title}”; "
            "Tandem must read the whole calendar again, and bring nothing back that was deleted."
        )
        self._log(text, record)
        self._move(record)

    def _revoke(self, task_id: str | None) -> None:
        """Anna takes her permission back, and the CRM goes on working."""
        record = self._victim(task_id, timed=True)
        self._google.sim("tokens/revoke", {"account": ACCOUNT})
        text = f"{PERSON} takes Tandem's permission back in her Google account. The CRM moves “{record.title}”."
        self._log(text, record)
        self._crm.write(record.id, record.fields | shifted(record.fields, timedelta(minutes=30)))

    def _kill(self) -> None:
        """Something changes on each side, and before Tandem can have dealt with it, its process is killed."""
        if self._restart is None:
            return
        self._restart()
        record = self._victim(None, timed=True)
        self._log(
            f"{PERSON} moves “{record.title}”. Before Tandem has looked, it is killed, and started again.", record
        )
        self._move(record)

    def _twenty(self) -> None:
        """Twenty tasks go out, and when they stand in Google all twenty events are deleted at once.

        In Google's page that is one press. Here it is twenty calls, so nothing is told before the last one is made.
        """
        try:
            self._google.lose_notifications(lost=True)
            calls = examples.campaign(examples.week_of(datetime.now(UTC).date()))
            self._log(f"A campaign puts {len(calls)} calls into the CRM.")
            for id_, fields in calls.items():
                self._crm.write(id_, fields)
            records = self._arrived(list(calls))
            self._log(f"Somebody selects all {len(records)} events in Google and deletes them.")
            *most, last = records
            for record in most:
                self._google.does("delete", **_event(record))
            self._google.lose_notifications(lost=self.losing)
            self._google.does("delete", **_event(last))
        except (Impossible, Refused, Unreachable) as fault:
            self._log(f"The trouble could not be made: {fault}.")
            with suppress(Refused, Unreachable):
                self._google.lose_notifications(lost=self.losing)
        finally:
            self._busy.release()
            self._crm.records.touch()

    def _arrived(self, ids: list[str]) -> list[Record]:
        """The records, once each of them stands in Google."""
        ends_at = time.monotonic() + PATIENCE_S
        while time.monotonic() < ends_at:
            found = [record for record in map(self._crm.records.get, ids) if record is not None]
            if len(found) == len(ids) and all(record.state == "synced" for record in found):
                return found
            time.sleep(LOOK_EVERY_S)
        raise Impossible("the twenty tasks did not reach Google in time")

    def _move(self, record: Record) -> None:
        self._google.does("move", **_event(record), **shifted(record.fields, timedelta(hours=1)))

    def _victim(self, task_id: str | None, *, timed: bool = False) -> Record:
        """A task to pick on: in step, and still to come if there is one."""
        self._needs_connection()
        now = datetime.now(UTC)
        fit = [each for each in self._crm.records.all() if _fits(each, timed=timed)]
        for record in fit:
            if record.id == task_id:
                return record
        if not fit:
            raise Impossible("no task is in step with Google yet; wait a moment, or make one with a time")
        return min(fit, key=lambda each: (_starts(each) < now, each.fields.get("status") == "done", _starts(each)))

    def _needs_connection(self) -> None:
        if (self._crm.connection or {}).get("status") not in WORKING:
            raise Impossible("connect Anna's calendar first")

    def _log(self, text: str, record: Record | None = None) -> None:
        entry = Entry(at=datetime.now(UTC), side="trouble", text=text, task_id=record.id if record else None)
        self._crm.records.log(entry)


def _fits(record: Record, *, timed: bool) -> bool:
    has_event = record.state == "synced" and record.sync_state.get("event_id")
    open_ = record.fields.get("status") != "cancelled" and not record.id.startswith("campaign-")
    span = span_of(record.fields)
    return bool(has_event and open_ and span) and (not timed or isinstance(span and span[0], datetime))


def _starts(record: Record) -> datetime:
    span = span_of(record.fields)
    if span is None:
        return datetime.max.replace(tzinfo=UTC)
    start = span[0]
    return start if isinstance(start, datetime) else datetime(start.year, start.month, start.day, tzinfo=UTC)


def _event(record: Record) -> dict[str, Any]:
    return {"event_id": record.sync_state["event_id"], "calendar": record.sync_state["calendar_id"]}
