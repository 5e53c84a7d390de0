"""B13: an export that Google slows down waits and goes on, and says how far it is and how long it will take."""

from __future__ import annotations

from typing import Any

import pytest

from infra.simulator.model import Fault
from tests.scenarios.rows.scene import CALL, summaries
from tests.scenarios.stage import Stage, eventually

TITLES = [f"Call {number:02}" for number in range(25)]


@pytest.mark.parametrize("effect", ["rateLimitExceeded429", "userRateLimitExceeded"])
def test_b13_an_export_that_google_slows_down_says_how_long_it_takes_and_loses_nothing(
    stage: Stage, effect: str
) -> None:
    stage.crm.ok("POST", "/v1/tasks/batch", {"tasks": [{"id": title[-2:], **CALL, "title": title} for title in TITLES]})
    anna = stage.connect(first_sync="hold")
    with stage.google() as google:
        google.add_fault(Fault(effect=effect, account=anna.account, method="POST", path="/events$", after=5, count=1))
    run = stage.crm.ok("POST", f"/v1/connections/{anna.id}/start")["run_id"]

    def waiting() -> Any:  # noqa: ANN401 - JSON
        told = stage.crm.ok("GET", f"/v1/runs/{run}")
        return told if told["total"] and 0 < told["done"] < told["total"] else None

    told = eventually(waiting, what="Google has refused")
    end = stage.crm.finished(run)

    assert (told["state"], told["eta_s"] > 0) == ("running", True)
    assert (end["state"], end["done"], end["eta_s"]) == ("done", end["total"], 0)
    counted = end["totals"]["google"]
    assert counted["create"] + counted["skip"] == len(TITLES)
    assert summaries(anna) == TITLES
    assert {task["sync_state"]["state"] for task in stage.crm.ok("GET", "/v1/tasks")["data"]} == {"synced"}
