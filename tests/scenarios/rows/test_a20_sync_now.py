"""A20: "sync now" reads every watched calendar at once, whatever was or was not pushed."""

from __future__ import annotations

from collections.abc import Callable

from infra.simulator.settings import Notifications
from tests.scenarios.rows.scene import at
from tests.scenarios.stage import Stage


def test_a20_sync_now_brings_in_what_no_push_told(stage: Stage, google_does: Callable[..., None]) -> None:
    google_does(notifications=Notifications(drop=1.0))
    anna = stage.connect(settings={"import_external": "all"})
    anna.sync()
    anna.person.create("Lunch", at(12))

    run = stage.crm.finished(stage.crm.ok("POST", f"/v1/connections/{anna.id}/sync")["run_id"])

    assert (run["state"], run["totals"]["crm"]["create"]) == ("done", 1)
    assert [task["title"] for task in stage.crm.ok("GET", "/v1/tasks")["data"]] == ["Lunch"]


def test_a20_a_connection_that_does_not_work_says_what_helps(stage: Stage) -> None:
    anna = stage.connect()
    stage.crm.ok("PATCH", f"/v1/connections/{anna.id}", {"paused": True})

    answer = stage.crm.call("POST", f"/v1/connections/{anna.id}/sync")

    assert answer.status_code == 409
    assert "resume" in answer.json()["detail"]
