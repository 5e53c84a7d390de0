"""The demo CRM's reading of the feed, against answers of Tandem's that a test makes up."""

from __future__ import annotations

from typing import Any

import pytest

from infra.embedded.demo.calls import Answer, Server, Unreachable
from infra.embedded.demo.crm import Crm
from infra.embedded.demo.follow import Follower
from infra.embedded.demo.forms import Form
from infra.embedded.demo.google_side import GoogleSide
from infra.embedded.demo.records import Records

TASK = {
    "id": "crm-1", "version": 1, "title": "Visit", "start": None, "created_in": "crm",
    "sync_state": {"state": "synced", "event_id": None},
}  # fmt: skip


class Scripted(Server):
    """Answers each address with what the test put there; unplugged, it answers nothing."""

    def __init__(self, answers: dict[tuple[str, str], list[Answer]]) -> None:
        super().__init__("http://127.0.0.1:1")
        self.answers = answers
        self.calls: list[tuple[str, str, Any]] = []
        self.unplugged = False

    def call(self, method: str, path: str, body: object = None, *, query: object = None) -> Answer:
        if self.unplugged:
            raise Unreachable("nobody is there")
        self.calls.append((method, path, body if method == "PUT" else query))
        left = self.answers[method, path]
        return left.pop(0) if len(left) > 1 else left[0]


def page(*changes: dict[str, Any], cursor: str) -> Answer:
    return Answer(status=200, document={"data": list(changes), "next_cursor": cursor})


def change(number: int, kind: str = "task.created", **task: Any) -> dict[str, Any]:  # noqa: ANN401
    return {
        "id": f"c{number}", "at": "2026-11-21T10:00:00+00:00", "kind": kind, "origin": "google", "task_id": "crm-1",
        "version": 1, "changed": {}, "task": TASK | task, "run_id": None,
    }  # fmt: skip


def following(*pages: Answer, tasks: Answer | None = None) -> tuple[Follower, Crm, Scripted]:
    """A CRM that has begun, and its follower."""
    tandem = Scripted({
        ("GET", "/v1/changes"): list(pages),
        ("GET", "/v1/connections"): [Answer(status=200, document={"data": []})],
        ("GET", "/v1/tasks"): [tasks or Answer(status=200, document={"data": []})],
        ("PUT", "/v1/tasks/crm-1"): [Answer(status=200, document=TASK)],
    })  # fmt: skip
    records = Records(None)
    records.remember("begun", "yes")
    crm = Crm(records=records, tandem=tandem, url="http://127.0.0.1:1")
    return Follower(crm, GoogleSide(tandem, "anna@example.com"), log_fault=pytest.fail), crm, tandem


def test_feed_is_read_on_from_where_it_was_left() -> None:
    follower, _, tandem = following(page(change(1), cursor="one"), page(cursor="two"))

    follower.round()
    follower.round()

    cursors = [query["cursor"] for _, path, query in tandem.calls if path == "/v1/changes"]
    assert cursors == [None, "one"]


def test_change_that_is_told_twice_stands_once_in_the_log() -> None:
    follower, crm, _ = following(page(change(1), cursor="one"), page(change(1), cursor="one"))

    follower.round()
    follower.round()

    assert [entry.key for entry in crm.records.entries()] == ["c1"]


def test_deleted_task_is_gone_from_the_crm() -> None:
    follower, crm, _ = following(page(change(1), change(2, "task.deleted"), cursor="one"))

    follower.round()

    assert crm.records.all() == []


def test_crm_that_was_away_too_long_reads_every_task_once_and_the_feed_from_its_end() -> None:
    gone = Answer(status=410, document={"code": "cursor_expired"})
    everything = Answer(status=200, document={"data": [TASK], "next_cursor": None})
    follower, crm, _ = following(gone, page(cursor="end"), page(cursor="end"), tasks=everything)

    follower.round()

    assert [record.id for record in crm.records.all()] == ["crm-1"]
    assert crm.records.fact("cursor") == "end"


def test_save_while_tandem_is_away_is_sent_when_it_is_back() -> None:
    follower, crm, tandem = following(page(cursor="one"))
    tandem.unplugged = True

    saved = crm.save("crm-1", Form(title="Visit"))
    with pytest.raises(Unreachable):
        follower.round()
    tandem.unplugged = False
    follower.round()

    sent = [body["title"] for method, _, body in tandem.calls if method == "PUT"]
    assert (saved.faults, sent) == ((), ["Visit"])


def test_refused_save_leaves_the_record_as_it_was() -> None:
    _, crm, tandem = following(page(cursor="one"))
    crm.save("crm-1", Form(title="Visit"))
    faults = [{"pointer": "/end", "detail": "lies before start"}]
    tandem.answers["PUT", "/v1/tasks/crm-1"] = [Answer(status=422, document={"errors": faults})]

    saved = crm.save("crm-1", Form(title="Other"))

    record = crm.records.get("crm-1")
    assert saved.faults == tuple(faults)
    assert record is not None
    assert record.title == "Visit"
