"""A38: an error names its cause and its remedy, where it is met: the answer, the task, the connection, the status."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from infra.simulator.model import Fault
from tests.scenarios.rows.scene import CALL, ended
from tests.scenarios.stage import Stage, eventually

CALLS: list[tuple[str, str, object, dict[str, str], int, str]] = [
    ("GET", "/v1/tasks/none", None, {}, 404, "not_found"),
    ("GET", "/v1/nothing", None, {}, 404, "not_found"),
    ("PUT", "/v1/tasks/t1", {"title": 7}, {}, 422, "invalid"),
    ("PUT", "/v1/tasks/t1", {"title": "x"}, {"If-Match": '"99"'}, 412, "stale"),
    ("POST", "/v1/tasks/t1", {}, {}, 405, "method_not_allowed"),
    ("GET", "/v1/tasks", None, {"Authorization": "Bearer tdm_x_y_z"}, 401, "unknown_key"),
    ("GET", "/v1/changes?cursor=garbage", None, {}, 422, "invalid"),
    ("POST", "/v1/tasks/t1/conflict", {"resolution": "crm"}, {}, 409, "conflict"),
]


@pytest.mark.parametrize(("method", "path", "body", "headers", "status", "code"), CALLS)
def test_a38_a_refusal_says_what_is_wrong_and_where_to_read_what_helps(
    stage: Stage, method: str, path: str, body: object, headers: dict[str, str], status: int, code: str
) -> None:
    stage.crm.put("t1", user_id="anna", title="Call Bob")

    answer = stage.crm.call(method, path, body, **headers)

    problem = answer.json()
    assert (answer.status_code, problem["status"], problem["code"]) == (status, status, code)
    assert problem["title"]
    assert problem["detail"]
    assert problem["request_id"] == answer.headers["X-Request-Id"]
    page = requests.get(f"{stage.server.url}/docs/errors/{code}", timeout=10)
    assert problem["type"].endswith(f"/docs/errors/{code}")
    assert page.status_code == 200
    assert "What to do" in page.text


def refused(stage: Stage) -> tuple[Any, Any]:
    """A task that Google refuses for good, and the change that tells it."""
    anna = stage.connect()
    ended(anna, "first_sync")
    with stage.google() as google:
        google.add_fault(Fault(effect="forbidden", account=anna.account, path="/events", method="POST", count=1))
    stage.crm.put("t1", **CALL)
    return stage.crm.synced("t1", "error"), stage.crm.told("task.error", task_id="t1")


def test_a38_a_task_that_google_refuses_says_why_and_is_tried_again_at_its_next_edit(stage: Stage) -> None:
    task, told = refused(stage)

    error = task["sync_state"]["error"]
    assert error["code"]
    assert error["detail"]
    assert told["task"]["sync_state"]["error"] == error
    stage.crm.put("t1", title="Visit")
    assert stage.crm.synced("t1", title="Visit")["sync_state"]["error"] is None


def test_a38_the_status_lists_each_kind_of_problem_with_its_remedy(stage: Stage) -> None:
    task, _ = refused(stage)

    problems = stage.crm.ok("GET", "/v1/status")["problems"]

    code = task["sync_state"]["error"]["code"]
    assert [(each["code"], each["n"]) for each in problems] == [(code, 1)]
    assert len(problems[0]["remedy"]) > 20


def test_a38_a_connection_without_its_grant_says_what_its_user_must_do(stage: Stage) -> None:
    anna = stage.connect()
    with stage.google() as google:
        google.revoke_grant(anna.account)

    stage.crm.put("t1", **CALL)

    eventually(lambda: anna.now()["status"] == "needs_reconnect")
    problem = anna.now()["problem"]
    assert problem["code"] == "needs_reconnect"
    assert "connect" in problem["detail"]
    remedies = {each["code"]: each["remedy"] for each in stage.crm.ok("GET", "/v1/status")["problems"]}
    assert "/authorize" in " ".join(remedies.values())
