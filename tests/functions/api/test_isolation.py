"""One tenant sees nothing of another: every route, asked with the right names and another tenant's key."""

import json
import re
from typing import Any

import pytest

from functions.api.app import RESOURCES
from functions.api.operation import Operation
from shared.model.content import Content
from shared.model.ids import TaskId, task_path
from shared.model.stored import to_data
from shared.model.task import Task
from shared.ports import Must, Set
from tests.functions.api.stage import Caller, Stage, connected

OPERATIONS = [operation for resource in RESOURCES for operation in resource.operations]
MARK = "s3cret-of-the-other"
BODIES = {
    "put_tasks_in_batch": {"tasks": [{"id": "42", "user_id": "anna"}]},
    "claim": {"claims": [{"from": "g_1", "to": "43"}]},
}


@pytest.fixture
def names(stage: Stage) -> dict[str, str]:
    """What another tenant has, each with the mark in it, and the names to ask for it."""
    other = stage.caller(MARK)
    connection = connected(stage, other, "anna")
    series = {"start": "2026-12-01T10:00", "time_zone": "Europe/Rome", "recurrence": ["RRULE:FREQ=DAILY"]}
    other.json("PUT", "/v1/tasks/42", {"user_id": "anna", "title": MARK, **series}, expect=201)
    born = Task(id=TaskId("g_1"), created_in="google", content=Content(user_id="anna", title=MARK))
    path = task_path(other.tenant, born.id)
    stage.world.store.commit([Set(path=path, data=to_data(born), must=Must.BE_ABSENT)])
    run = other.json("POST", f"/v1/connections/{connection}/export", expect=202)["run_id"]
    key = other.json("POST", "/v1/keys", {"label": MARK}, expect=201)["id"]
    app = {"name": MARK, "client_id": "id", "client_secret": MARK}
    event_id = other.json("PUT", "/v1/tasks/77", {"user_id": "anna", "title": MARK, "start": "2026-12-01"}, expect=201)
    return {
        "connection_id": connection,
        "oauth_app_id": other.json("POST", "/v1/oauth_apps", app, expect=201)["id"],
        "task_id": "42",
        "user_id": "anna",
        "run_id": run,
        "key_id": key,
        "calendar_id": "anna@example.com",
        "original_start": "20261201T090000Z",
        "event_id": event_id["sync_state"]["event_id"],
        "of_tasks": other.json("GET", "/v1/tasks?limit=1")["next_cursor"],
        "of_changes": other.json("GET", "/v1/changes?limit=1&include=crm")["next_cursor"],
    }


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_nothing_of_another_tenant_is_answered_or_changed(
    stage: Stage, crm: Caller, names: dict[str, str], operation: Operation
) -> None:
    path = re.sub(r"{(\w+)}", lambda found: names[found[1]], operation.path)
    body = BODIES.get(operation.name, operation.example)
    before = theirs(stage, crm)

    answer = crm.call(operation.method, path, body if operation.body else None)

    assert MARK not in answer.get_data(as_text=True)
    assert answer.status_code < 500
    if set(operation.parameters) - {"task_id", "user_id", "original_start"}:
        assert answer.status_code == 404, answer.get_data(as_text=True)
    assert theirs(stage, crm) == before


UNKNOWN = {
    "connection_id": "0" * 26,
    "oauth_app_id": "0" * 26,
    "task_id": "77",
    "user_id": "nobody",
    "run_id": "0" * 26,
    "key_id": "0" * 26,
    "calendar_id": "nobody@example.com",
    "original_start": "20261201T090000Z",
}
BODIES_OF_NOTHING = {
    "put_tasks_in_batch": {"tasks": [{"id": "77", "user_id": "nobody"}]},
    "claim": {"claims": [{"from": "g_7", "to": "78"}]},
}


@pytest.mark.parametrize(
    "operation", [each for each in OPERATIONS if each.parameters or each.name in BODIES], ids=lambda each: each.name
)
def test_what_is_another_tenants_costs_what_the_unknown_costs(
    stage: Stage, crm: Caller, names: dict[str, str], operation: Operation
) -> None:
    """A count, not a timing: an answer that asks the store as often takes as long, whatever the machine does."""
    crm.json("GET", "/v1/status")  # the key is known from now on

    unknown = asked(stage, crm, operation, UNKNOWN, BODIES_OF_NOTHING)
    foreign = asked(stage, crm, operation, names, BODIES)

    assert foreign == unknown


def asked(
    stage: Stage, crm: Caller, operation: Operation, names: dict[str, str], bodies: dict[str, Any]
) -> tuple[int, dict[str, int], int]:
    """Status, what was asked of the store, and how many jobs were made."""
    path = re.sub(r"{(\w+)}", lambda found: names[found[1]], operation.path)
    body = bodies.get(operation.name, operation.example)
    jobs = len(stage.queue.jobs)
    with stage.store.counted() as spent:
        answer = crm.call(operation.method, path, body if operation.body else None)
    return answer.status_code, dict(spent), len(stage.queue.jobs) - jobs


@pytest.mark.parametrize(
    ("call", "body", "status"),
    [
        ("PUT /v1/tasks/1", {"user_id": "anna", "start": "2026-12-01", "connection_id": "{connection_id}"}, 201),
        ("POST /v1/tasks/batch", {"tasks": [{"id": "1", "user_id": "anna", "connection_id": "{connection_id}"}]}, 200),
        ("PUT /v1/tasks/1", {"user_id": "ben", "start": "2026-12-01", "event_id": "{event_id}"}, 201),
        ("GET /v1/tasks?connection_id={connection_id}", None, 200),
        ("POST /v1/connections", {"user_id": "anna", "oauth_app": "{oauth_app_id}"}, 422),
        ("POST /v1/tasks/claim", {"claims": [{"from": "42", "to": "43"}]}, 200),
        ("GET /v1/tasks?limit=1&cursor={of_tasks}", None, 422),
        ("GET /v1/changes?cursor={of_changes}", None, 422),
    ],
)
def test_what_is_another_tenants_leads_nowhere_wherever_it_is_named(
    stage: Stage, crm: Caller, names: dict[str, str], call: str, body: object, status: int
) -> None:
    connected(stage, crm, "ben")
    before, jobs = theirs(stage, crm), len(stage.queue.jobs)
    told = json.dumps([call, body])
    for name, value in names.items():
        told = told.replace(f"{{{name}}}", value)
    (method, _, path), sent = json.loads(told)[0].partition(" "), json.loads(told)[1]

    answer = crm.call(method, path, sent)

    shown = answer.get_data(as_text=True)
    assert MARK not in shown
    assert answer.status_code == status, shown
    assert names["connection_id"] not in str(answer.get_json().get("sync_state"))
    assert theirs(stage, crm) == before
    assert [job for job in stage.queue.jobs[jobs:] if names["connection_id"] in str(job)] == []


def test_every_route_of_the_api_is_asked(stage: Stage) -> None:
    served = {
        (method, rule.rule)
        for rule in stage.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/v1/")
    }

    assert served == {(operation.method, operation.rule) for operation in OPERATIONS}


def theirs(stage: Stage, crm: Caller) -> dict[str, str]:
    """Every document that is not this tenant's, with its revision; the tenant's links to the portal lie beside all."""
    with stage.sqlite._database.reading() as connection:
        rows = connection.execute("SELECT path, revision FROM documents").fetchall()
    own = (f"tenants/{crm.tenant}", "portal_sessions/")
    return {path: revision for path, revision in rows if not path.startswith(own)}
