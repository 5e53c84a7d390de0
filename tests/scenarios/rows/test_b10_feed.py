"""B10: a CRM hears every change, signed by webhook or by reading the feed, and can replay it from anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from tests.scenarios.stage import Connected, Stage, eventually
from tests.webhooks.receiver import Receiver, receiving

DAY = (datetime.now(UTC) + timedelta(days=3)).date()
CALL = {"user_id": "anna", "title": "Call Bob", "start": f"{DAY}T10:00:00Z", "location": "Rome"}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


def edited_thrice(stage: Stage, anna: Connected) -> None:
    stage.crm.put("t1", **CALL)
    event = stage.crm.synced("t1")["sync_state"]["event_id"]
    for title in ("One", "Two", "Three"):
        anna.person.edit(event, summary=title)
        stage.crm.synced("t1", title=title)


def read(stage: Stage, cursor: str | None = None, limit: int = 100) -> tuple[list[Any], str]:
    """Everything from this cursor on, and the cursor at the end."""
    found: list[Any] = []
    while True:
        at = f"&cursor={cursor}" if cursor else ""
        page = stage.crm.ok("GET", f"/v1/changes?limit={limit}{at}")
        cursor = page["next_cursor"]
        found += page["data"]
        if len(page["data"]) < limit:
            return found, str(cursor)


def test_b10_the_feed_replayed_from_a_cursor_tells_the_same_again(stage: Stage) -> None:
    anna = stage.connect()
    _, start = read(stage)
    edited_thrice(stage, anna)

    first = eventually(lambda: told(stage, start), what="all three told")
    again, _ = read(stage, start, limit=2)

    assert again == first
    titles = [change["task"]["title"] for change in first if "title" in change["changed"]]
    assert titles[-3:] == ["One", "Two", "Three"]


def told(stage: Stage, start: str) -> list[Any]:
    """Everything from this cursor on, once the last edit is told."""
    found, _ = read(stage, start)
    return found if "Three" in {each["task"]["title"] for each in found if each.get("task")} else []


def test_b10_a_crm_rebuilt_from_the_feed_holds_what_tandem_holds(stage: Stage) -> None:
    anna = stage.connect(settings={"import_external": "all"})
    edited_thrice(stage, anna)
    anna.person.create("Lunch", datetime(DAY.year, DAY.month, DAY.day, 13, tzinfo=UTC))
    stage.crm.told("task.created", origin="google")

    rebuilt: dict[str, Any] = {}
    for change in read(stage)[0]:
        task = change.get("task")
        if task and task["version"] >= rebuilt.get(task["id"], task)["version"]:
            rebuilt[task["id"]] = task

    held = {task["id"]: task["title"] for task in stage.crm.ok("GET", "/v1/tasks")["data"]}
    assert {name: task["title"] for name, task in rebuilt.items()} == held


def test_b10_the_webhook_tells_what_the_feed_tells(stage: Stage, receiver: Receiver) -> None:
    anna = stage.connect()
    _, start = read(stage)
    secret = stage.crm.ok("PUT", "/v1/webhook", {"url": receiver.url})["secret"]
    edited_thrice(stage, anna)
    fed = {change["id"] for change in eventually(lambda: told(stage, start)) if change["task_id"] == "t1"}

    eventually(lambda: {each["id"] for each in receiver.changes()} >= fed, what="every change by webhook")
    order = [each["version"] for each in receiver.changes() if each["kind"] == "task.updated"]
    assert order == sorted(order)
    for request in receiver.received:
        assert Webhook(secret).verify(request.body, dict(request.headers))


def test_b10_a_message_that_was_touched_does_not_verify(stage: Stage, receiver: Receiver) -> None:
    secret = stage.crm.ok("PUT", "/v1/webhook", {"url": receiver.url})["secret"]
    stage.crm.ok("POST", "/v1/webhook/test")
    (request,) = receiver.received

    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(request.body + b" ", dict(request.headers))
