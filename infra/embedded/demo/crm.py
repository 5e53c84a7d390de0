"""The demo CRM: a naive one, as CRMs are. It writes whole records, and of what it is told keeps the highest version.

It knows Tandem by its public API and its API key only. What it is told arrives in `follow.py`. Start at `Crm.save`.
"""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from msgspec.structs import replace

from infra.embedded.demo.calls import Answer, Server, Unreachable
from infra.embedded.demo.examples import ACCOUNT, USER
from infra.embedded.demo.forms import FIELDS, Form, fields_of
from infra.embedded.demo.records import Entry, Record, Records

if TYPE_CHECKING:
    from collections.abc import Mapping

SETTINGS = {"import_external": "all", "window": {"past_days": 7, "future_days": 365}}
"""Of Anna's connection: what she makes in Google becomes a task, and the days just past are part of the picture."""
CHOICES = frozenset({"conflict", "on_google_delete", "on_done", "import_external"})
"""Settings that the page lets a person try."""


class Impossible(Exception):
    """It cannot be done as things stand; the message says what would help."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What became of a save: the record, or what is wrong with which field."""

    record: Record | None = None
    faults: tuple[dict[str, Any], ...] = ()


@dataclass(slots=True, kw_only=True)
class Crm:
    """One CRM with one user.

    Args:
        records: What it remembers.
        tandem: Tandem's API, with this CRM's key.
        url: Where its page is; people come back there from Google's consent page.
        connection: Anna's connection as Tandem last showed it.
        trouble_with_tandem: Why Tandem cannot be used at the moment.
        writing: Held from a save to Tandem's answer, so that an older one is never sent after a newer.
    """

    records: Records
    tandem: Server
    url: str
    connection: dict[str, Any] | None = None
    trouble_with_tandem: str | None = None
    keeps: frozenset[str] = field(default=FIELDS)
    writing: threading.Lock = field(default_factory=threading.Lock)

    def save(self, id_: str | None, form: Form) -> Saved:
        """The record is as the form says, and Tandem has it, or will when it can be reached."""
        return self.write(id_ or f"crm-{secrets.token_hex(4)}", fields_of(form, user_id=USER))

    def write(self, id_: str, fields: Mapping[str, Any]) -> Saved:
        """The whole record is as given. A record that Tandem refuses stays as it was."""
        with self.writing:
            return self._written(id_, fields)

    def _written(self, id_: str, fields: Mapping[str, Any]) -> Saved:
        before, now = self.records.get(id_), datetime.now(UTC)
        said = {name: value for name, value in fields.items() if value is not None}
        held = before or Record(id=id_, fields={})
        record = replace(held, fields=said, saved_at=now, sent=False)
        self.records.put(record)
        try:
            answer = self.send(record, fields)
        except Unreachable:
            return Saved(record=record)
        if answer.good:
            return Saved(record=self.records.apply(answer.document, names=self.keeps))
        self._undo(id_, before)
        faults = answer.document.get("errors") or [{"pointer": "", "detail": answer.complaint}]
        return Saved(faults=tuple(faults))

    def send(self, record: Record, fields: Mapping[str, Any] | None = None) -> Answer:
        """Tandem has the whole record, every field of it, with null for what is empty.

        Raises:
            Unreachable: Tandem does not answer; the record stays unsent.
        """
        whole = dict.fromkeys(self.keeps - {"status", "user_id"}) | dict(fields or record.fields)
        whole |= {"user_id": USER, "updated_at": (record.saved_at or datetime.now(UTC)).isoformat()}
        return self.tandem.call("PUT", _task(record.id), whole)

    def remove(self, id_: str) -> None:
        """The task is deleted here, and Tandem is told to delete it.

        Raises:
            Unreachable: Tandem does not answer; the task stays.
            Impossible: Tandem refused.
        """
        _done(self.tandem.call("DELETE", _task(id_)))
        self.records.remove(id_)

    def settle(self, id_: str, choice: Mapping[str, Any]) -> None:
        """The conflict is settled as chosen: `{resolution, fields?}`.

        Raises:
            Unreachable, Impossible: It is not.
        """
        answer = _done(self.tandem.call("POST", f"{_task(id_)}/conflict", dict(choice)))
        record = self.records.apply(answer.document, names=self.keeps)
        said = {"crm": "what the CRM says counts", "google": "what Google says counts"}
        text = f"You settled “{record.title}”: {said.get(choice['resolution'], 'field by field')}."
        self.records.log(Entry(at=datetime.now(UTC), side="crm", text=text, task_id=id_))

    def connect(self, *, look_first: bool = False) -> str:
        """The address at which Anna allows access, for the first time or again.

        Args:
            look_first: Nothing is written on either side until a person has seen what would be.

        Raises:
            Unreachable, Impossible: There is none.
        """
        standing = (self.connection or {}).get("status")
        if self.connection is not None and standing not in {None, "pending", "disconnecting", "disconnected"}:
            answer = self.tandem.call("POST", self.connected("authorize"))
        else:
            body = {"user_id": USER, "login_hint": ACCOUNT, "return_url": f"{self.url}/", "settings": SETTINGS}
            body |= {"first_sync": "hold"} if look_first else {}
            answer = self.tandem.call("POST", "/v1/connections", body)
        return str(_done(answer).document["authorize_url"])

    def sync_now(self) -> None:
        """Tandem is asked to look at the calendar now.

        Raises:
            Unreachable, Impossible: It was not.
        """
        _done(self.tandem.call("POST", self.connected("sync")))
        now = datetime.now(UTC)
        self.records.log(Entry(at=now, side="crm", text="The CRM asked for a sync now; Tandem looks at the calendar."))

    def review(self, decision: str) -> None:
        """What the brake held is confirmed or discarded.

        Raises:
            Unreachable, Impossible: It is neither.
        """
        _done(self.tandem.call("POST", self.connected("review"), {"decision": decision}))
        said = {
            "confirm": "You confirmed the deletions; Tandem carries them out.",
            "discard": "You discarded the deletions; Tandem makes the events again.",
        }
        self.records.log(Entry(at=datetime.now(UTC), side="crm", text=said[decision]))

    def set(self, settings: Mapping[str, Any]) -> None:
        """The connection's settings are as given.

        Raises:
            Unreachable, Impossible: They are not.
        """
        if strange := settings.keys() - CHOICES:
            raise Impossible(f"this page does not set {', '.join(sorted(strange))}")
        answer = _done(self.tandem.call("PATCH", self.connected(), {"settings": dict(settings)}))
        self.connection = answer.document
        words = ", ".join(f"{name}: {value}" for name, value in settings.items())
        self.records.log(Entry(at=datetime.now(UTC), side="crm", text=f"The CRM changed a setting to {words}."))

    def history(self, id_: str) -> list[dict[str, Any]]:
        """What happened to a task, as Tandem tells it.

        Raises:
            Unreachable, Impossible: It tells nothing.
        """
        found = _done(self.tandem.call("GET", f"{_task(id_)}/history")).document
        return list(found.get("data", ()))

    def held(self) -> dict[str, Any] | None:
        """What the brake holds: a run with its list; None: nothing.

        Raises:
            Unreachable: Tandem does not answer.
        """
        run = self.records.fact("review")
        if run is None or (self.connection or {}).get("status") != "needs_review":
            return None
        answer = self.tandem.call("GET", f"/v1/runs/{run}")
        return answer.document if answer.good else None

    def connected(self, what: str = "") -> str:
        """The address of Anna's connection, or of something of it.

        Raises:
            Impossible: There is none.
        """
        if self.connection is None:
            raise Impossible("connect Anna's calendar first")
        return f"/v1/connections/{self.connection['id']}" + (f"/{what}" if what else "")

    def _undo(self, id_: str, before: Record | None) -> None:
        if before is None:
            self.records.remove(id_)
        else:
            self.records.put(before)


def _task(id_: str) -> str:
    return f"/v1/tasks/{quote(id_, safe='')}"


def _done(answer: Answer) -> Answer:
    if not answer.good:
        raise Impossible(answer.complaint)
    return answer
