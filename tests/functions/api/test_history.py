"""A task's history, and the erasing of a person, over HTTP."""

from shared.model.ids import TaskId
from shared.usecases.changes import News, change_write
from tests.functions.api.stage import Caller, Stage


def test_history_tells_what_happened_in_order(crm: Caller) -> None:
    crm.json("PUT", "/v1/tasks/42", {"user_id": "anna", "title": "a"}, expect=201)
    crm.json("PATCH", "/v1/tasks/42", {"title": "b", "location": "Milan"})

    first, second = crm.json("GET", "/v1/tasks/42/history")["data"]

    assert (first["side"], first["action"]) == ("crm", "created the task")
    assert (second["action"], second["fields"]) == ("changed the task", ["location", "title"])


def test_history_has_what_the_feed_leaves_out(stage: Stage, crm: Caller) -> None:
    crm.json("PUT", "/v1/tasks/42", {"user_id": "anna"}, expect=201)
    news = News(
        audience="history", origin="tandem", task_id=TaskId("42"), action="waited", policy="quota", detail="429"
    )
    stage.world.store.commit([change_write(stage.world, crm.tenant, news)])

    last = crm.json("GET", "/v1/tasks/42/history")["data"][-1]

    assert (last["side"], last["action"], last["policy"], last["detail"]) == ("tandem", "waited", "quota", "429")
    assert len(crm.json("GET", "/v1/changes?include=crm")["data"]) == 1


def test_history_of_a_deleted_task_stays(crm: Caller) -> None:
    crm.json("PUT", "/v1/tasks/42", {"user_id": "anna"}, expect=201)
    crm.call("DELETE", "/v1/tasks/42")

    actions = [entry["action"] for entry in crm.json("GET", "/v1/tasks/42/history")["data"]]

    assert actions == ["created the task", "deleted the task"]


def test_history_of_an_unknown_task_is_not_found(crm: Caller) -> None:
    crm.json("GET", "/v1/tasks/42/history", expect=404)


def test_history_is_read_page_by_page(stage: Stage, crm: Caller) -> None:
    for title in "abcde":
        crm.call("PUT", "/v1/tasks/42", {"user_id": "anna", "title": title})

    page = crm.json("GET", "/v1/tasks/42/history?limit=2")
    seen = list(page["data"])
    while page["next_cursor"]:
        page = crm.json("GET", f"/v1/tasks/42/history?limit=2&cursor={page['next_cursor']}")
        seen += page["data"]

    assert len(seen) == len({entry["at"] for entry in seen}) == 5
    assert stage.sqlite.scanned == set()


def test_erasing_a_person_is_a_run(crm: Caller) -> None:
    run = crm.json("DELETE", "/v1/users/anna?events=delete", expect=202)["run_id"]

    assert crm.json("GET", f"/v1/runs/{run}")["kind"] == "erase"
