"""Batches and claims over HTTP: each item on its own, in order."""

from typing import Any

import pytest

from shared.model.content import Content
from shared.model.ids import TaskId, task_path
from shared.model.stored import read_as, to_data
from shared.model.task import Task
from shared.ports import Must, Set
from tests.functions.api.stage import Caller, Stage, connected

TIMED = {"start": "2026-12-01T10:00:00Z"}


def born_in_google(stage: Stage, crm: Caller, task_id: str = "g_1") -> None:
    task = Task(id=TaskId(task_id), created_in="google", content=Content(user_id="anna", title="Lunch"), version=3)
    path = task_path(crm.tenant, task.id)
    stage.world.store.commit([Set(path=path, data=to_data(task), must=Must.BE_ABSENT)])


def claim(crm: Caller, old: str, new: str) -> dict[str, Any]:
    (result,) = crm.json("POST", "/v1/tasks/claim", {"claims": [{"from": old, "to": new}]})["results"]
    return dict(result)


def test_results_come_in_order_and_each_on_its_own(crm: Caller) -> None:
    crm.json("PUT", "/v1/tasks/b", {"user_id": "anna"}, expect=201)
    tasks: list[object] = [
        {"id": "a", "user_id": "anna"},
        {"id": "b", "user_id": "anna", "title": "new"},
        {"id": "c", "user_id": "anna", "nonsense": 1},
        {"id": "d"},
        "not a task",
        {"id": "e f", "user_id": "anna"},
        {"id": "g", "user_id": "anna"},
    ]

    results = crm.json("POST", "/v1/tasks/batch", {"tasks": tasks})["results"]

    assert results[0] == {"id": "a", "status": 201, "version": 1}
    assert results[1] == {"id": "b", "status": 200, "version": 2}
    assert (results[2]["id"], results[2]["problem"]["errors"][0]["pointer"]) == ("c", "/nonsense")
    assert (results[3]["id"], results[3]["problem"]["errors"][0]["pointer"]) == ("d", "/user_id")
    assert (results[4]["id"], results[4]["problem"]["status"]) == (None, 422)
    assert results[5]["id"] is None
    assert results[6]["status"] == 201


def test_task_named_twice_is_stored_once(crm: Caller) -> None:
    tasks = [{"id": "a", "user_id": "anna", "title": "1"}, {"id": "a", "user_id": "anna", "title": "2"}]

    results = crm.json("POST", "/v1/tasks/batch", {"tasks": tasks})["results"]

    assert [result.get("status") or result["problem"]["status"] for result in results] == [201, 409]
    assert crm.json("GET", "/v1/tasks/a")["title"] == "1"


def test_batch_of_one_connection_is_one_run(stage: Stage, crm: Caller) -> None:
    connected(stage, crm, "anna")
    connected(stage, crm, "bert")
    tasks = [{"id": str(n), "user_id": "anna" if n % 2 else "bert", **TIMED} for n in range(20)]

    crm.json("POST", "/v1/tasks/batch", {"tasks": tasks})

    assert [job.function for job in stage.queue.jobs] == ["run_step", "run_step"]


def test_batch_without_a_connection_starts_nothing(stage: Stage, crm: Caller) -> None:
    crm.json("POST", "/v1/tasks/batch", {"tasks": [{"id": "1", "user_id": "anna", **TIMED}]})

    assert stage.queue.jobs == []


def test_batch_of_500_costs_5_reads_and_5_commits(stage: Stage, crm: Caller) -> None:
    crm.json("GET", "/v1/keys")
    tasks = [{"id": str(n), "user_id": "anna", **TIMED} for n in range(500)]

    with stage.store.counted() as spent:
        results = crm.json("POST", "/v1/tasks/batch", {"tasks": tasks})["results"]

    assert {result["status"] for result in results} == {201}
    assert spent == {"reads": 5, "commits": 5}


def test_batch_over_500_is_too_large_and_stores_nothing(crm: Caller) -> None:
    tasks = [{"id": str(n), "user_id": "anna"} for n in range(501)]

    crm.json("POST", "/v1/tasks/batch", {"tasks": tasks}, expect=413)

    assert crm.json("GET", "/v1/tasks")["data"] == []


@pytest.mark.parametrize(("more", "status"), [(0, 200), (1, 413)])
def test_batch_takes_8_mib_and_no_byte_more(crm: Caller, more: int, status: int) -> None:
    body = b'{"tasks":[]}'

    answer = crm.call("POST", "/v1/tasks/batch", body + b" " * (8 * 1024 * 1024 - len(body) + more))

    assert answer.status_code == status


def test_task_of_a_batch_over_64_kib_is_too_large_alone(crm: Caller) -> None:
    tasks = [{"id": "a", "user_id": "anna", "notes": "x" * 70_000}, {"id": "b", "user_id": "anna"}]

    results = crm.json("POST", "/v1/tasks/batch", {"tasks": tasks})["results"]

    assert results[0]["problem"]["status"] == 413
    assert results[1]["status"] == 201


@pytest.mark.parametrize("body", [{}, {"tasks": 1}, {"tasks": [], "more": 1}])
def test_batch_that_is_none_is_refused(crm: Caller, body: object) -> None:
    crm.json("POST", "/v1/tasks/batch", body, expect=422)


def test_claimed_task_stands_under_its_new_id(stage: Stage, crm: Caller) -> None:
    born_in_google(stage, crm)

    assert claim(crm, "g_1", "44") == {"from": "g_1", "to": "44", "status": 200}

    task = crm.json("GET", "/v1/tasks/44")
    assert (task["id"], task["title"], task["created_in"], task["version"]) == ("44", "Lunch", "google", 3)


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_old_id_leads_to_the_new_one(stage: Stage, crm: Caller, method: str) -> None:
    born_in_google(stage, crm)
    claim(crm, "g_1", "44")

    answer = crm.call(method, "/v1/tasks/g_1", {"title": "x"})

    assert answer.status_code == 308
    assert answer.headers["Location"] == "/v1/tasks/44"


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_the_id_of_a_task_that_is_a_date_of_a_series_by_now_leads_to_that_date_alone(
    stage: Stage, crm: Caller, method: str
) -> None:
    taken_over(stage, crm)

    answer = crm.call(method, "/v1/tasks/g_1", {"title": "x"})

    assert answer.status_code == 308
    assert answer.headers["Location"] == "/v1/tasks/g_2/occurrences/20261130T090000Z"


@pytest.mark.parametrize("body", [{}, {"occurrence": "20261130T090000Z"}])
def test_a_conflict_of_a_task_that_is_a_date_of_a_series_by_now_is_settled_at_the_series(
    stage: Stage, crm: Caller, body: dict[str, str]
) -> None:
    taken_over(stage, crm)

    answer = crm.call("POST", "/v1/tasks/g_1/conflict", {"resolution": "crm", **body})

    assert answer.status_code == 409
    assert "the occurrence 20261130T090000Z of g_2" in answer.get_json()["detail"]


@pytest.mark.parametrize("part", ["history", "occurrences"])
def test_what_is_asked_of_a_date_that_only_its_series_has_is_asked_of_that(
    stage: Stage, crm: Caller, part: str
) -> None:
    taken_over(stage, crm)

    answer = crm.call("GET", f"/v1/tasks/g_1/{part}")

    assert answer.status_code == 308
    assert answer.headers["Location"] == f"/v1/tasks/g_2/{part}"


def taken_over(stage: Stage, crm: Caller) -> None:
    """The task `g_1` is one date of the series `g_2` by now."""
    stub = Task(id=TaskId("g_1"), moved_to=TaskId("g_2"), moved_date="20261130T090000Z")
    path = task_path(crm.tenant, stub.id)
    stage.world.store.commit([Set(path=path, data=to_data(stub), must=Must.BE_ABSENT)])


def test_old_id_leads_nowhere_after_30_days(stage: Stage, crm: Caller) -> None:
    born_in_google(stage, crm)
    claim(crm, "g_1", "44")

    stage.clock.turn(days=30, seconds=1)

    assert crm.call("GET", "/v1/tasks/g_1").status_code == 404


def test_old_id_can_be_used_again_after_30_days(stage: Stage, crm: Caller) -> None:
    born_in_google(stage, crm)
    claim(crm, "g_1", "44")
    stage.clock.turn(days=30, seconds=1)

    assert crm.call("DELETE", "/v1/tasks/g_1").status_code == 204
    assert crm.call("PATCH", "/v1/tasks/g_1", {"title": "x"}).status_code == 404
    assert claim(crm, "g_1", "45")["problem"]["status"] == 404
    task = crm.json("PUT", "/v1/tasks/g_1", {"user_id": "anna", "title": "New"}, expect=201)

    assert (task["title"], task["version"]) == ("New", 1)


def test_history_goes_on_under_the_new_id(stage: Stage, crm: Caller) -> None:
    born_in_google(stage, crm)
    crm.json("PATCH", "/v1/tasks/g_1", {"title": "Dinner"})
    claim(crm, "g_1", "44")
    crm.json("PATCH", "/v1/tasks/44", {"title": "Supper"})

    moved = crm.call("GET", "/v1/tasks/g_1/history")

    assert (moved.status_code, moved.headers["Location"]) == (308, "/v1/tasks/44/history")
    told = crm.json("GET", "/v1/tasks/44/history")["data"]
    assert [entry["fields"] for entry in told if "title" in entry["fields"]] == [["title"], ["title"]]
    assert stage.sqlite.scanned == set()


def test_old_id_is_not_listed(stage: Stage, crm: Caller) -> None:
    born_in_google(stage, crm)
    claim(crm, "g_1", "44")

    assert [task["id"] for task in crm.json("GET", "/v1/tasks")["data"]] == ["44"]


def test_claim_of_a_taken_id_is_refused_and_changes_nothing(stage: Stage, crm: Caller) -> None:
    born_in_google(stage, crm)
    crm.json("PUT", "/v1/tasks/44", {"user_id": "anna"}, expect=201)

    result = claim(crm, "g_1", "44")

    assert result["problem"]["status"] == 409
    assert crm.json("GET", "/v1/tasks/g_1")["id"] == "g_1"


def test_claim_of_a_deleted_tasks_id_is_refused(stage: Stage, crm: Caller) -> None:
    born_in_google(stage, crm)
    crm.json("PUT", "/v1/tasks/44", {"user_id": "anna"}, expect=201)
    crm.call("DELETE", "/v1/tasks/44")

    assert claim(crm, "g_1", "44")["problem"]["status"] == 409


def test_claim_carried_out_twice_succeeds_twice(stage: Stage, crm: Caller) -> None:
    born_in_google(stage, crm)
    claim(crm, "g_1", "44")

    assert claim(crm, "g_1", "44")["status"] == 200


def test_second_claim_under_another_id_is_refused(stage: Stage, crm: Caller) -> None:
    born_in_google(stage, crm)
    claim(crm, "g_1", "44")

    assert claim(crm, "g_1", "45")["problem"]["status"] == 308


def test_claim_of_an_unknown_task_is_not_found(crm: Caller) -> None:
    assert claim(crm, "g_1", "44")["problem"]["status"] == 404


def test_claim_of_the_crms_own_task_is_refused(crm: Caller) -> None:
    crm.json("PUT", "/v1/tasks/1", {"user_id": "anna"}, expect=201)

    assert claim(crm, "1", "2")["problem"]["status"] == 409


def test_claim_keeps_the_mapping_and_is_one_commit(stage: Stage, crm: Caller) -> None:
    born_in_google(stage, crm)
    crm.json("GET", "/v1/keys")

    with stage.store.counted() as spent:
        claim(crm, "g_1", "44")

    assert spent == {"reads": 1, "commits": 1}
    path = task_path(crm.tenant, TaskId("44"))
    document = stage.world.store.get_many([path])[path]
    assert document is not None
    assert read_as(Task, document).moved_to is None


def test_claim_is_told_with_include_crm(stage: Stage, crm: Caller) -> None:
    born_in_google(stage, crm)
    claim(crm, "g_1", "44")

    (change,) = crm.json("GET", "/v1/changes?include=crm")["data"]

    assert (change["task_id"], change["origin"], change["changed"]["id"]) == ("44", "crm", ["g_1", "44"])
