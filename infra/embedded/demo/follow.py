"""The CRM's other half: reads Tandem's change feed by its cursor, applies it, and writes the log. One thread, for ever.

Start at `Follower.round`. Whatever fails is tried again at the next round; the cursor moves only past what was applied.
"""

from __future__ import annotations

import threading
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from infra.embedded.demo import examples
from infra.embedded.demo.calls import Unreachable
from infra.embedded.demo.crm import Impossible
from infra.embedded.demo.examples import PERSON, USER
from infra.embedded.demo.google_side import GoogleSide, Refused
from infra.embedded.demo.records import Entry, Record
from infra.embedded.demo.times import span_of
from infra.embedded.demo.words import counted, told

if TYPE_CHECKING:
    from collections.abc import Callable

    from infra.embedded.demo.crm import Crm

EVERY_S = 0.3
AFTER_FAULT_S = 1.0
PAGE = 100
MANY = 4
"""So many changes of one kind in one page of the feed are told in one line."""
LOOKS = 25
"""How many pending tasks are looked at in one round."""
PENDING_EVERY = 10
"""In so many rounds they are looked at once while nothing can move, for want of access or of a decision."""
CONNECTION_EVERY = 3
"""In so many rounds the connection is looked at once, and at once after a change of it."""


class Follower:
    """Follows one CRM's feed.

    Args:
        crm: Whose.
        google: Asked when something changed there, to measure how long it took.
        log_fault: Told of what should not happen.
    """

    def __init__(self, crm: Crm, google: GoogleSide, *, log_fault: Callable[[str], None]) -> None:
        self._crm = crm
        self._records = crm.records
        self._google = google
        self._log_fault = log_fault
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._rounds, name="demo-crm", daemon=True)
        self._rounds_done = 0
        self._said_to_stand: set[str] = set()
        """Tasks whose line says already that Google has them, before the feed said that they were linked."""

    def start(self) -> None:
        """The feed is followed from now on."""
        self._thread.start()

    def stop(self) -> None:
        """It is not any more."""
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join()

    def round(self) -> None:
        """Everything that waits to be sent is sent, and everything that was told is applied.

        Raises:
            Unreachable: Tandem or the simulated Google does not answer.
            Impossible, Refused: One of them said no.
        """
        self._begin()
        for record in self._records.all():
            if not record.sent:
                self._send(record.id)
        changed = self._read_feed()
        active = (self._crm.connection or {}).get("status") == "active"
        if active or self._rounds_done % PENDING_EVERY == 0:
            self._look_at_pending()
        if changed or self._rounds_done % CONNECTION_EVERY == 0:
            self._look_at_connection()
        self._rounds_done += 1

    def _rounds(self) -> None:
        wait_s = EVERY_S
        while not self._ending.wait(wait_s):
            wait_s = EVERY_S
            fault: str | None = None
            try:
                self.round()
            except (Unreachable, Impossible, Refused) as problem:
                fault, wait_s = str(problem), AFTER_FAULT_S
            except Exception as bug:  # noqa: BLE001 - one bad entry must not end the demo; it is told and tried again
                fault, wait_s = f"the demo CRM stumbled: {type(bug).__name__}: {bug}", AFTER_FAULT_S
                self._log_fault(fault)
            if fault != self._crm.trouble_with_tandem:
                self._crm.trouble_with_tandem = fault
                self._records.touch()

    def _begin(self) -> None:
        """At the first start there are examples on both sides."""
        if self._records.fact("begun"):
            return
        monday = examples.week_of(datetime.now(UTC).date())
        for event in examples.events(monday):
            self._google.does("create", **event)
        for id_, fields in examples.tasks(monday).items():
            self._records.put(Record(id=id_, fields={"user_id": USER, "status": "open", **fields}))
        self._records.remember("begun", monday.isoformat())

    def _send(self, id_: str) -> None:
        """What Tandem could not be given when it was saved."""
        with self._crm.writing:
            record = self._records.get(id_)
            if record is None or record.sent:
                return
            answer = self._crm.send(record)
            if answer.good:
                self._records.apply(answer.document, names=self._crm.keeps)
            elif answer.status == 422:
                self._records.put(replace(record, sent=True))
                text = f"Tandem refused “{record.title}”: {answer.complaint}."
                self._records.log(Entry(at=datetime.now(UTC), side="tandem", tone="bad", text=text))
            else:
                raise Impossible(answer.complaint)

    def _read_feed(self) -> bool:
        """Pages are read and applied up to the end; whether one told of the connection."""
        of_connection = False
        while True:
            cursor = self._records.fact("cursor")
            query = {"cursor": cursor, "limit": PAGE, "include": "crm"}
            answer = self._crm.tandem.call("GET", "/v1/changes", query=query)
            if answer.status == 410:
                self._start_over()
                continue
            if not answer.good:
                raise Impossible(answer.complaint)
            changes = answer.document["data"]
            for change in changes:
                self._apply(change)
                of_connection = of_connection or not change["kind"].startswith("task.")
            self._tell(changes)
            if answer.document["next_cursor"] != cursor:
                self._records.remember("cursor", answer.document["next_cursor"])
            if len(changes) < PAGE:
                return of_connection

    def _start_over(self) -> None:
        """The cursor is too old: everything is read once, and the feed from its end on."""
        fresh = self._crm.tandem.call("GET", "/v1/changes", query={"cursor": "now"})
        page: str | None = None
        while True:
            found = self._crm.tandem.call("GET", "/v1/tasks", query={"user_id": USER, "limit": 500, "cursor": page})
            for task in found.document.get("data", ()):
                self._records.apply(task, names=self._crm.keeps)
            page = found.document.get("next_cursor")
            if page is None:
                break
        self._records.remember("cursor", fresh.document["next_cursor"])

    def _apply(self, change: dict[str, Any]) -> None:
        """The CRM is as the change says, unless it has something newer."""
        task = change.get("task")
        if change["kind"] == "connection.connected":
            self._records.remember("connected_at", change["at"])
        if change["kind"] == "connection.needs_review" and change.get("run_id"):
            self._records.remember("review", change["run_id"])
        if task is not None:
            if change["kind"] == "task.deleted":
                self._records.remove(task["id"])
            else:
                self._records.apply(task, names=self._crm.keeps)

    def _tell(self, changes: list[dict[str, Any]]) -> None:
        """The changes stand in the log; many of a kind in one line."""
        by_kind = Counter((change["kind"], change["origin"]) for change in changes)
        for change in changes:
            kind = (change["kind"], change["origin"])
            many = by_kind[kind] >= MANY
            if by_kind[kind] < 0 or (change["kind"] == "task.linked" and self._is_told(change["task_id"])):
                continue
            if change["kind"] == "run.finished" and change.get("run_id"):
                self._count(change["run_id"])
            said = told(change, person=PERSON)
            if said is not None:
                took_s = self._took(change) if said.timed else None
                self._records.log(said.entry(change, took_s=took_s, more=by_kind[kind] - 1 if many else 0))
                by_kind[kind] = -1 if many else by_kind[kind]

    def _count(self, run_id: str) -> None:
        answer = self._crm.tandem.call("GET", f"/v1/runs/{run_id}")
        entry = counted(answer.document) if answer.good else None
        if entry is not None:
            self._records.log(entry)

    def _took(self, change: dict[str, Any]) -> float | None:
        """Seconds from the person's act in Google to this moment, in which the CRM has it; None: not to be known."""
        acted_at = self._touched_at(change["task"], change["task"]["sync_state"])
        if acted_at is None or not self._connected_at() < acted_at <= datetime.fromisoformat(change["at"]):
            return None
        return (datetime.now(UTC) - acted_at).total_seconds()

    def _touched_at(self, fields: dict[str, Any], sync_state: dict[str, Any]) -> datetime | None:
        """When a task's event last changed, by Google's own clock."""
        span, event_id = span_of(fields), sync_state.get("event_id")
        if event_id is None or span is None:
            return None
        return self._google.touched_at(event_id, span[0].date() if isinstance(span[0], datetime) else span[0])

    def _connected_at(self) -> datetime:
        """What was done in Google before could not be told any sooner."""
        known = self._records.fact("connected_at")
        return datetime.fromisoformat(known) if known else datetime.max.replace(tzinfo=UTC)

    def _look_at_pending(self) -> None:
        """Tasks on their way are looked at until they have arrived; the feed does not tell that."""
        waiting = [record for record in self._records.all() if record.sent and record.state == "pending"]
        for record in waiting[:LOOKS]:
            answer = self._crm.tandem.call("GET", f"/v1/tasks/{record.id}")
            if answer.good:
                self._records.apply(answer.document, names=self._crm.keeps)
            elif answer.status == 404:
                self._records.remove(record.id)
        for entry in self._records.entries():
            if entry.until is not None and entry.task_id is not None:
                self._arrived(entry, self._records.get(entry.task_id))

    def _arrived(self, entry: Entry, record: Record | None) -> None:
        """The line of a CRM's write says what came of it, once that is known."""
        if record is not None and record.state == "pending":
            return
        if record is None or record.version < (entry.until or 0) or record.state != "synced":
            self._records.rewrite(replace(entry, until=None))
            return
        written_at = self._touched_at(record.fields, record.sync_state)
        took_s = (written_at - entry.at).total_seconds() if written_at and written_at >= entry.at else None
        text = f"{entry.text.rstrip('.')}; Tandem wrote it to Google."
        self._records.rewrite(replace(entry, until=None, took_s=took_s, text=text))
        self._said_to_stand.add(record.id)

    def _is_told(self, task_id: str) -> bool:
        """The line of the CRM's own write says that the event was made, or is about to."""
        if task_id in self._said_to_stand:
            self._said_to_stand.discard(task_id)
            return True
        return any(entry.until is not None and entry.task_id == task_id for entry in self._records.entries())

    def _look_at_connection(self) -> None:
        answer = self._crm.tandem.call("GET", "/v1/connections", query={"user_id": USER})
        if not answer.good:
            raise Impossible(answer.complaint)
        ended = {"disconnecting", "disconnected"}
        living = [each for each in answer.document["data"] if each["status"] not in ended]
        newest = max(living, key=lambda each: each["created_at"], default=None)
        if newest != self._crm.connection:
            self._crm.connection = newest
            self._records.touch()
