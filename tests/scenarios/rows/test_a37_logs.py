"""A37: a line of the log is one JSON document; it names tenant, connection and task, and nothing personal."""

from __future__ import annotations

import json
from typing import Any

from tests.scenarios.rows.scene import CALL
from tests.scenarios.stage import Stage


def lines(stage: Stage) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stage.server.lines if line.startswith("{")]


def test_a37_a_tasks_way_to_google_can_be_followed(stage: Stage) -> None:
    anna = stage.connect()
    answer = stage.crm.call("PUT", "/v1/tasks/followed-1", {**CALL, "title": "Salary of Bob"})
    stage.crm.synced("followed-1")

    told = lines(stage)
    request = answer.headers["X-Request-Id"]
    assert [line for line in told if line.get("request_id") == request]
    jobs = [line for line in told if line.get("task") == "followed-1"]
    assert jobs
    assert {line["connection"] for line in jobs if line["flow"] == "sync_task"} == {anna.id}
    assert all(line.get("tenant") for line in jobs)
    assert "Salary" not in str(told)
    assert anna.account not in str(told)
