"""A37: structured lines for each area, with tenant, connection, task and trace; never what people wrote."""

from __future__ import annotations

import json
from typing import Any

from infra.simulator.model import Fault
from tests.scenarios.privacy import shown
from tests.scenarios.rows.scene import CALL, ended, event_id
from tests.scenarios.stage import Stage, eventually


def lines(stage: Stage, begun: int) -> list[dict[str, Any]]:
    """What the server said since then."""
    return [json.loads(line) for line in stage.server.said()[begun:] if line.startswith("{")]


def test_a37_each_area_says_what_it_did_with_whose_task(stage: Stage) -> None:
    begun = len(stage.server.said())
    anna = stage.connect()
    stage.crm.put("t1", **CALL)
    anna.person.edit(event_id(stage.crm.synced("t1")), summary="Visit")
    stage.crm.synced("t1", title="Visit")

    def told() -> bool:
        return {"api", "sync_task", "pull_calendar", "oauth"} <= {each["flow"] for each in lines(stage, begun)}

    eventually(told, what="lines of each area")
    said = lines(stage, begun)
    assert all({"severity", "time", "flow", "outcome"} <= each.keys() for each in said)
    assert [each for each in said if each["flow"] == "sync_task" and {"tenant", "connection", "task"} <= each.keys()]
    assert [each for each in said if each["flow"] == "pull_calendar" and {"tenant", "connection"} <= each.keys()]


def test_a37_a_tasks_way_to_google_can_be_followed(stage: Stage) -> None:
    begun = len(stage.server.said())
    anna = stage.connect()
    answer = stage.crm.call("PUT", "/v1/tasks/followed-1", {**CALL, "title": "Salary of Bob"})
    stage.crm.synced("followed-1")

    told = lines(stage, begun)
    request = answer.headers["X-Request-Id"]
    assert [line for line in told if line.get("request_id") == request]
    jobs = [line for line in told if line.get("task") == "followed-1"]
    assert jobs
    assert {line["connection"] for line in jobs if line["flow"] == "sync_task"} == {anna.id}
    assert all(line.get("tenant") for line in jobs)
    assert "Salary" not in str(told)
    assert anna.account not in str(told)


def test_a37_one_trace_leads_from_the_call_to_its_line(stage: Stage) -> None:
    begun, trace = len(stage.server.said()), "4bf92f3577b34da6a3ce929d0e0e4736"

    stage.crm.call("GET", "/v1/tasks", traceparent=f"00-{trace}-00f067aa0ba902b7-01")

    def line() -> list[dict[str, Any]]:
        return [each for each in lines(stage, begun) if trace in str(each.get("logging.googleapis.com/trace"))]

    assert [each["flow"] for each in eventually(line)] == ["api"]


def test_a37_not_even_trouble_makes_a_line_show_what_people_wrote(stage: Stage) -> None:
    anna = stage.connect()
    ended(anna, "first_sync")
    private = {
        "title": "Visit Frau Wunderlich",
        "description": "About her divorce",
        "notes": "Pays cash",
        "location": "Nebelgasse 7",
        "attendees": [{"email": "wunderlich@elsewhere.example"}],
    }
    with stage.google() as google:
        google.add_fault(Fault(effect="forbidden", account=anna.account, path="/events", method="POST", count=1))
        google.add_fault(Fault(effect="backendError503", account=anna.account, method="PATCH", count=1))

    stage.crm.put("t1", **CALL | private)
    stage.crm.synced("t1", "error")
    stage.crm.put("t1", title="Visit Frau Wunderlich again")
    stage.crm.synced("t1")
    stage.crm.put("t1", location="Nebelgasse 8")
    stage.crm.synced("t1", location="Nebelgasse 8")
    stage.crm.call("PUT", "/v1/tasks/t2", {**CALL, **private, "end": "2020-01-01T00:00:00Z"})

    assert shown([stage]) == []
