"""B3: a change costs one call to Google and two commits, one for the write and one for the job; the log says so."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.scenarios.rows.scene import CALL, event_id
from tests.scenarios.stage import Stage, eventually

COSTS = ("store_reads", "store_queries", "store_commits", "google_calls", "enqueued")


def ends(stage: Stage, begun: int, flow: str, **fields: str) -> list[dict[str, int]]:
    """What requests of that flow have cost since then, those that cost anything but reading."""
    told = [json.loads(line) for line in stage.server.said()[begun:] if line.startswith("{")]
    found = [each for each in told if each["flow"] == flow and "request_id" in each]
    found = [each for each in found if all(each.get(name) == value for name, value in fields.items())]
    return [{name: each[name] for name in COSTS if each.get(name)} for each in found if each.get("store_commits")]


@pytest.mark.parametrize("fields", [{"title": "Visit Bob"}, {"status": "cancelled"}])
def test_b03_a_change_of_the_crm_costs_one_call_and_two_commits(stage: Stage, fields: dict[str, Any]) -> None:
    anna = stage.connect()
    stage.crm.put("t1", **CALL)
    stage.crm.synced("t1")
    eventually(lambda: ends(stage, 0, "sync_task", connection=anna.id), what="the first job's line")
    begun = len(stage.server.said())

    stage.crm.put("t1", **fields)
    eventually(lambda: ends(stage, begun, "sync_task", connection=anna.id), what="the job's line")

    (write,) = ends(stage, begun, "api", operation="tasks.put_task")
    assert (write["store_commits"], write["enqueued"], "google_calls" in write) == (1, 1, False)
    (job,) = ends(stage, begun, "sync_task", connection=anna.id)
    assert job == {"store_reads": 1, "store_commits": 1, "google_calls": 1}


def test_b03_a_change_in_google_costs_one_call_and_no_list_of_everything(stage: Stage) -> None:
    anna = stage.connect()
    for name in ("t1", "t2", "t3"):
        stage.crm.put(name, **CALL | {"title": name})
        stage.crm.synced(name)
    anna.sync()
    begun = len(stage.server.said())

    anna.person.edit(event_id(stage.crm.task("t1")), summary="Visit")
    stage.crm.synced("t1", title="Visit")

    def pulled() -> list[dict[str, int]]:
        """Those pulls that found something."""
        pulls = ends(stage, begun, "pull_calendar", connection=anna.id)
        return [each for each in pulls if each.get("store_queries")]

    found = eventually(pulled, what="the pull's line")
    assert found[-1] == {"store_reads": 1, "store_queries": 1, "store_commits": 2, "google_calls": 1}
