"""Long work on a connection: begun as a run, or refused with what helps."""

import pytest

from tests.functions.api.stage import Caller, Stage, connected


@pytest.mark.parametrize("kind", ["preview", "sync", "export", "import"])
def test_work_on_a_connection_is_a_run(stage: Stage, crm: Caller, kind: str) -> None:
    connection = connected(stage, crm)

    run = crm.json("POST", f"/v1/connections/{connection}/{kind}", expect=202)["run_id"]

    assert crm.json("GET", f"/v1/runs/{run}")["kind"] == kind


@pytest.mark.parametrize("kind", ["preview", "sync", "export", "import", "start"])
def test_work_on_a_connection_that_nobody_opened_is_refused_with_the_remedy(crm: Caller, kind: str) -> None:
    connection = crm.json("POST", "/v1/connections", {"user_id": "anna"}, expect=201)["id"]

    problem = crm.json("POST", f"/v1/connections/{connection}/{kind}", expect=409)

    assert "pending" in problem["detail"]


def test_review_without_a_held_list_is_refused(stage: Stage, crm: Caller) -> None:
    connection = connected(stage, crm)

    crm.json("POST", f"/v1/connections/{connection}/review", {"decision": "confirm"}, expect=409)
