"""B5: before the first sync one sees what it would do, on each side, and nothing is written by looking."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.scenarios.stage import Connected, Stage

DAY = (datetime.now(UTC) + timedelta(days=3)).date()
TEN = datetime(DAY.year, DAY.month, DAY.day, 10, tzinfo=UTC)
CALL = {"user_id": "anna", "title": "Call Bob", "start": TEN.isoformat()}
VISIT = {"user_id": "anna", "title": "Visit Eva", "start": (TEN + timedelta(hours=2)).isoformat()}


@pytest.fixture
def anna(stage: Stage) -> Connected:
    """Two tasks wait; her calendar has a meeting that one of them looks like, and a lunch."""
    account = stage.account()
    stage.person(account).create("Call Bob", TEN)
    stage.person(account).create("Lunch", TEN + timedelta(hours=4))
    stage.crm.put("t1", **CALL)
    stage.crm.put("t2", **VISIT)
    return stage.connect("anna", account, first_sync="hold", settings={"import_external": "all"})


def preview(anna: Connected) -> Any:  # noqa: ANN401 - JSON
    crm = anna.stage.crm
    return crm.finished(crm.ok("POST", f"/v1/connections/{anna.id}/preview")["run_id"])


def summaries(anna: Connected) -> list[str]:
    return sorted(event["summary"] for event in anna.person.events())


def test_b05_a_preview_tells_what_would_be_made_on_each_side(anna: Connected) -> None:
    run = preview(anna)

    assert run["state"] == "done"
    assert run["totals"]["google"]["create"] == 2
    assert run["totals"]["crm"]["create"] == 2
    made = {(item["side"], item["title"]) for item in run["items"] if item["action"] == "create"}
    assert made == {("google", "Call Bob"), ("google", "Visit Eva"), ("crm", "Call Bob"), ("crm", "Lunch")}


def test_b05_a_preview_names_likely_duplicates(anna: Connected) -> None:
    duplicates = [item for item in preview(anna)["items"] if item["action"] == "duplicate"]

    assert [(item["title"], item["task_id"]) for item in duplicates] == [("Call Bob", "t1")]
    assert duplicates[0]["event_id"]


def test_b05_looking_changes_nothing(stage: Stage, anna: Connected) -> None:
    before = [stage.crm.task("t1"), stage.crm.task("t2")]

    preview(anna)

    assert summaries(anna) == ["Call Bob", "Lunch"]
    assert [stage.crm.task("t1"), stage.crm.task("t2")] == before
    assert len(stage.crm.ok("GET", "/v1/tasks")["data"]) == 2
    assert anna.now()["status"] == "ready"


def test_b05_the_first_sync_does_what_the_preview_told(stage: Stage, anna: Connected) -> None:
    told = preview(anna)["totals"]

    run = stage.crm.finished(stage.crm.ok("POST", f"/v1/connections/{anna.id}/start")["run_id"])

    stage.crm.synced("t1")
    stage.crm.synced("t2")
    assert run["state"] == "done"
    assert len(summaries(anna)) == 2 + told["google"]["create"]
    assert len(stage.crm.ok("GET", "/v1/tasks")["data"]) == 2 + told["crm"]["create"]
