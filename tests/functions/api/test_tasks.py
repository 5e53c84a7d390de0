"""Tasks over HTTP, without a connection: what is stored, answered, refused, and what it costs."""

from datetime import timedelta
from typing import Any

import pytest

from shared.model.ids import TaskId, task_path
from tests.functions.api.stage import Caller, Stage

TASK = {"user_id": "anna", "title": "Call", "start": "2026-12-01T10:00:00", "time_zone": "Europe/Rome"}


def test_put_makes_a_task_and_answers_it_whole(crm: Caller) -> None:
    answer = crm.call("PUT", "/v1/tasks/42", TASK)

    assert answer.status_code == 201
    task = answer.get_json()
    assert task["id"] == "42"
    assert task["title"] == "Call"
    assert task["status"] == "open"
    assert task["description"] is None
    assert task["created_in"] == "crm"
    assert task["sync_state"]["state"] == "off"
    assert task["sync_state"]["reason"] == "no_connection"


def test_etag_is_the_version(crm: Caller) -> None:
    answer = crm.call("PUT", "/v1/tasks/42", TASK)

    assert answer.headers["ETag"] == f'"{answer.get_json()["version"]}"'


def test_version_grows_with_an_edit_and_only_with_one(crm: Caller) -> None:
    first = crm.json("PUT", "/v1/tasks/42", TASK, expect=201)["version"]
    same = crm.json("PUT", "/v1/tasks/42", TASK)["version"]

    edited = crm.json("PUT", "/v1/tasks/42", TASK | {"title": "Call back"})["version"]

    assert (same, edited) == (first, first + 1)


def test_field_left_out_stays_and_null_clears(crm: Caller) -> None:
    crm.json("PUT", "/v1/tasks/42", TASK | {"location": "Milan", "notes": "x"}, expect=201)

    task = crm.json("PUT", "/v1/tasks/42", {"notes": None})

    assert (task["location"], task["notes"], task["title"]) == ("Milan", None, "Call")


def test_patch_of_an_unknown_task_is_not_found(crm: Caller) -> None:
    crm.json("PATCH", "/v1/tasks/42", {"title": "x"}, expect=404)

    crm.json("GET", "/v1/tasks/42", expect=404)


def test_patch_changes_what_is_sent(crm: Caller) -> None:
    crm.json("PUT", "/v1/tasks/42", TASK, expect=201)

    task = crm.json("PATCH", "/v1/tasks/42", {"title": "New"})

    assert (task["title"], task["start"]) == ("New", TASK["start"])


def test_deleted_task_is_not_found_until_it_is_put_again(crm: Caller) -> None:
    crm.json("PUT", "/v1/tasks/42", TASK, expect=201)
    assert crm.call("DELETE", "/v1/tasks/42").status_code == 204
    crm.json("GET", "/v1/tasks/42", expect=404)

    revived = crm.json("PUT", "/v1/tasks/42", TASK, expect=201)

    assert revived["version"] > 1


def test_deleted_task_is_remembered_for_30_days(stage: Stage, crm: Caller) -> None:
    crm.json("PUT", "/v1/tasks/42", TASK, expect=201)
    crm.call("DELETE", "/v1/tasks/42")

    path = task_path(crm.tenant, TaskId("42"))
    document = stage.world.store.get_many([path])[path]

    assert document is not None
    assert document.data["expires_at"] == stage.clock.now() + timedelta(days=30)


def test_delete_of_an_unknown_task_succeeds(crm: Caller) -> None:
    answer = crm.call("DELETE", "/v1/tasks/nothing")

    assert answer.status_code == 204
    assert answer.get_data() == b""


def test_answer_without_a_body_claims_no_type(crm: Caller) -> None:
    answer = crm.call("DELETE", "/v1/tasks/nothing")

    assert "Content-Type" not in answer.headers


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_stale_if_match_is_refused_with_the_current_task(crm: Caller, method: str) -> None:
    version = crm.json("PUT", "/v1/tasks/42", TASK, expect=201)["version"]

    answer = crm.call(method, "/v1/tasks/42", {"title": "x"}, headers={"If-Match": f'"{version + 1}"'})

    assert answer.status_code == 412
    assert answer.get_json()["current"] == crm.json("GET", "/v1/tasks/42")


@pytest.mark.parametrize("given", ['"1"', "*"])
def test_fitting_if_match_lets_the_write_through(crm: Caller, given: str) -> None:
    crm.json("PUT", "/v1/tasks/42", TASK, expect=201)

    answer = crm.call("PUT", "/v1/tasks/42", {"title": "x"}, headers={"If-Match": given})

    assert answer.status_code == 200


@pytest.mark.parametrize("given", ['W/"1"', '"other"', '"-1"', '"99999999999999999999999"'])
def test_tag_that_no_version_has_never_matches(crm: Caller, given: str) -> None:
    crm.json("PUT", "/v1/tasks/42", TASK, expect=201)

    answer = crm.call("PUT", "/v1/tasks/42", {"title": "x"}, headers={"If-Match": given})

    assert answer.status_code == 412
    assert "at version 1, and If-Match asks for another" in answer.get_json()["detail"]


@pytest.mark.parametrize("given", ["1", '"1", "2"', "", '"'])
def test_unreadable_if_match_is_refused(crm: Caller, given: str) -> None:
    crm.json("PUT", "/v1/tasks/42", TASK, expect=201)

    answer = crm.call("PUT", "/v1/tasks/42", {"title": "x"}, headers={"If-Match": given})

    assert answer.status_code == 400


def test_if_match_for_a_task_that_is_not_there_fails(crm: Caller) -> None:
    for given in ("*", '"1"'):
        answer = crm.call("PUT", "/v1/tasks/42", TASK, headers={"If-Match": given})

        assert answer.status_code == 412


@pytest.mark.parametrize("task_id", ["a b", "a%0A", "x" * 129, "é", "a;b"])
def test_malformed_id_is_a_fault(crm: Caller, task_id: str) -> None:
    problem = crm.json("PUT", f"/v1/tasks/{task_id}", TASK, expect=422)

    assert problem["errors"][0]["pointer"] == "task_id"


@pytest.mark.parametrize("task_id", ["batch", "claim", "A.b_c:d@e+f-1", "x" * 128, "."])
def test_every_well_formed_id_is_taken(crm: Caller, task_id: str) -> None:
    assert crm.json("PUT", f"/v1/tasks/{task_id}", TASK, expect=201)["id"] == task_id


def test_times_cleared_by_an_empty_text_are_no_fault_beside_another(crm: Caller) -> None:
    body = {"titel": "x", "start": "", "end": "", "time_zone": ""}

    problem = crm.json("PUT", "/v1/tasks/42", {"user_id": "anna"} | body, expect=422)

    assert [fault["pointer"] for fault in problem["errors"]] == ["/titel"]


def test_id_in_the_body_must_be_that_of_the_address(crm: Caller) -> None:
    crm.json("PUT", "/v1/tasks/42", TASK | {"id": "42"}, expect=201)

    problem = crm.json("PUT", "/v1/tasks/42", {"id": "43"}, expect=422)

    assert [fault["pointer"] for fault in problem["errors"]] == ["/id"]


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({"version": 3, "sync_state": {}}, {"/version", "/sync_state"}),
        ({"title": "x" * 1025, "notes": "x" * 8001}, {"/title", "/notes"}),
        ({"priority": "urgent", "status": "late"}, {"/priority", "/status"}),
        ({"contact": {"mail": "x"}, "attendees": [{"email": "nobody"}]}, {"/contact/mail", "/attendees/0/email"}),
        ({"updated_at": "yesterday", "color": "red"}, {"/updated_at", "/color"}),
        ({"updated_at": "2026-12-01T10:00:00", "color": "red"}, {"/updated_at", "/color"}),
        ({"user_id": "anna\n"}, {"/user_id"}),
        (
            {"titel": "x", "start": "yesterday", "end": "0001-01-01", "time_zone": "Mars"},
            {"/titel", "/start", "/end", "/time_zone"},
        ),
    ],
)
def test_faults_of_a_task_are_named_and_nothing_is_stored(
    crm: Caller, body: dict[str, Any], pointers: set[str]
) -> None:
    problem = crm.json("PUT", "/v1/tasks/42", {"user_id": "anna"} | body, expect=422)

    assert {fault["pointer"] for fault in problem["errors"]} == pointers
    crm.json("GET", "/v1/tasks/42", expect=404)


def test_what_fields_say_together_is_checked_too(crm: Caller) -> None:
    body = TASK | {"start": "2026-12-01T10:00:00", "end": "2026-12-01T09:00:00", "time_zone": "Europe/Atlantis"}

    problem = crm.json("PUT", "/v1/tasks/42", body, expect=422)

    assert {fault["pointer"] for fault in problem["errors"]} >= {"/time_zone"}


def test_patch_is_checked_against_what_is_stored(crm: Caller) -> None:
    crm.json("PUT", "/v1/tasks/42", TASK, expect=201)

    problem = crm.json("PATCH", "/v1/tasks/42", {"end": "2026-12-01T09:00:00"}, expect=422)

    assert [fault["pointer"] for fault in problem["errors"]] == ["/end"]


def test_new_task_needs_its_user(crm: Caller) -> None:
    problem = crm.json("PUT", "/v1/tasks/42", {"title": "x"}, expect=422)

    assert [fault["pointer"] for fault in problem["errors"]] == ["/user_id"]


def test_task_over_64_kib_is_too_large(crm: Caller) -> None:
    answer = crm.call("PUT", "/v1/tasks/42", b'{"user_id":"a"}' + b" " * 65_536)

    assert answer.status_code == 413


def test_put_costs_one_read_and_one_commit(stage: Stage, crm: Caller) -> None:
    crm.json("GET", "/v1/keys")

    with stage.store.counted() as spent:
        crm.json("PUT", "/v1/tasks/42", TASK, expect=201)

    assert spent == {"reads": 1, "commits": 1}


def test_put_that_changes_nothing_costs_one_read(stage: Stage, crm: Caller) -> None:
    crm.json("PUT", "/v1/tasks/42", TASK, expect=201)

    with stage.store.counted() as spent:
        crm.json("PUT", "/v1/tasks/42", TASK)

    assert spent == {"reads": 1}
    assert stage.queue.jobs == []


def test_no_query_scans(stage: Stage, crm: Caller) -> None:
    crm.json("PUT", "/v1/tasks/42", TASK, expect=201)

    for query in (
        "",
        "user_id=a",
        "state=off",
        "user_id=a&state=off",
        "connection_id=x",
        "changed_since=2026-01-01T00:00:00Z",
    ):
        crm.json("GET", f"/v1/tasks?{query}")

    assert stage.sqlite.scanned == set()
