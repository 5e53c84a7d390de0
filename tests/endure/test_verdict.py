"""The verdict over a killed run complains of whatever was lost, doubled or not told."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any, cast

import pytest

from tests.endure.verdict import Verdict
from tests.endure.wanted import LENGTH, Book, Wanted, slot
from tests.scenarios.stage import Connected, Crm
from tests.webhooks.receiver import Received, Receiver

START, END = slot(0).isoformat(), (slot(0) + LENGTH).isoformat()
TASK = {
    "id": "c1", "title": "c1 new", "location": "room 1", "start": START, "end": END, "status": "open", "version": 3,
    "sync_state": {"state": "synced", "event_id": "e1"},
}  # fmt: skip
EVENT = {
    "id": "e1",
    "summary": "c1 new",
    "location": "room 1",
    "start": {"dateTime": START},
    "end": {"dateTime": END},
}
CHANGE = {"id": "x1", "kind": "task.updated", "origin": "google", "task_id": "c1", "version": 3, "task": TASK}


class Seen:
    """All that can be seen from outside, as a CRM and as a person."""

    def __init__(self) -> None:
        self.tasks, self.events, self.feed = copy.deepcopy(([TASK], [EVENT], [CHANGE]))
        self.states = {"synced": 1, "pending": 0}
        self.book = Book()
        self.book.of["c1"] = Wanted(
            label="c1", fate="kept", born="crm", title="c1 new", starts={"crm": slot(0)}, location="room 1"
        )
        self.receiver = Receiver()
        self.deliver("d1", self.feed)

    def deliver(self, name: str, changes: list[Any]) -> None:
        body = json.dumps({"data": {"changes": changes}}).encode()
        self.receiver.received.append(Received(method="POST", path="/", headers={"webhook-id": name}, body=body))

    def ok(self, _: str, path: str) -> object:
        if path.startswith("/v1/status"):
            return {"tasks": self.states}
        if path.startswith("/v1/changes"):
            return {"data": [] if "cursor" in path else self.feed, "next_cursor": "x"}
        return {"data": self.tasks, "next_cursor": None}

    @property
    def person(self) -> Any:  # noqa: ANN401 - stands for a person
        class Person:
            def events(_) -> list[Any]:  # noqa: N805 - the outer self is wanted
                return self.events

        return Person()

    def complaints(self) -> list[str]:
        verdict = Verdict(cast("Crm", self), [cast("Connected", self)], self.book, self.receiver)
        return [*verdict.wrong(), *verdict.untold()]


def later(seen: Seen) -> None:
    seen.tasks[0]["start"] = (slot(0) + timedelta(minutes=1)).isoformat()


HARMS: dict[str, Callable[[Seen], object]] = {
    "a task is missing": lambda seen: seen.tasks.clear(),
    "a task is there twice": lambda seen: seen.tasks.append({**TASK, "id": "c1b"}),
    "an event is missing": lambda seen: seen.events.clear(),
    "an event is there twice": lambda seen: seen.events.append({**EVENT, "id": "e2"}),
    "an event nobody made": lambda seen: seen.events.append({**EVENT, "id": "e2", "summary": "x"}),
    "the CRM's last title is lost": lambda seen: seen.events[0].update(summary="c1 old"),
    "a person's last location is lost": lambda seen: seen.tasks[0].update(location="room 0"),
    "a time stands on one side only": later,
    "a time nobody gave": lambda seen: seen.book.of["c1"].starts.update(crm=slot(5)),
    "a deleted task lives": lambda seen: setattr(seen.book.of["c1"], "gone", True),
    "a task waits": lambda seen: seen.states.update(pending=1),
    "a fault was answered": lambda seen: seen.book.faults.append("500"),
    "the feed tells twice": lambda seen: seen.feed.append(CHANGE),
    "the feed tells nothing": lambda seen: seen.feed.clear(),
    "the feed ends with an old version": lambda seen: seen.feed[0].update(task={**TASK, "version": 2}),
    "the webhook was not told": lambda seen: seen.receiver.received.clear(),
    "a delivery changed": lambda seen: seen.deliver("d1", []),
}


def test_two_sides_that_agree_with_what_was_done_are_well() -> None:
    assert Seen().complaints() == []


@pytest.mark.parametrize("harm", HARMS)
def test_each_harm_is_noticed(harm: str) -> None:
    seen = Seen()

    HARMS[harm](seen)

    assert seen.complaints() != []
