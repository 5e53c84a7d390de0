"""Lists of tasks: one filter, alone or with a user; pages without loss."""

import pytest

from tests.functions.api.stage import Caller, Stage


@pytest.fixture
def five(crm: Caller) -> Caller:
    for number in range(5):
        body = {"user_id": "anna" if number % 2 else "bert", "start": f"2026-12-0{number + 1}"}
        crm.json("PUT", f"/v1/tasks/{number}", body, expect=201)
    return crm


def ids(page: dict[str, list[dict[str, str]]]) -> set[str]:
    return {task["id"] for task in page["data"]}


def test_without_a_filter_all_tasks_are_listed(five: Caller) -> None:
    assert ids(five.json("GET", "/v1/tasks")) == {"0", "1", "2", "3", "4"}


def test_pages_hold_every_task_once(five: Caller) -> None:
    seen: list[str] = []
    page = five.json("GET", "/v1/tasks?limit=2")
    seen += [task["id"] for task in page["data"]]
    while page["next_cursor"]:
        page = five.json("GET", f"/v1/tasks?limit=2&cursor={page['next_cursor']}")
        seen += [task["id"] for task in page["data"]]

    assert sorted(seen) == ["0", "1", "2", "3", "4"]


def test_cursor_goes_with_its_filters(five: Caller) -> None:
    cursor = five.json("GET", "/v1/tasks?limit=2&user_id=bert")["next_cursor"]

    five.json("GET", f"/v1/tasks?limit=2&user_id=anna&cursor={cursor}", expect=422)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("user_id=anna", {"1", "3"}),
        ("state=off", {"0", "1", "2", "3", "4"}),
        ("state=synced", set()),
        ("state=off&user_id=bert", {"0", "2", "4"}),
        ("connection_id=nothing", set()),
        ("changed_since=2026-11-21T09:00:00Z", {"0", "1", "2", "3", "4"}),
        ("changed_since=2026-11-21T09:00:01Z", set()),
        ("start_from=2026-12-02T00:00:00Z&start_to=2026-12-04T00:00:00Z", {"1", "2"}),
        ("start_from=2026-12-04T00:00:00Z&user_id=anna", {"3"}),
        ("start_to=2026-12-02T01:00:00%2B01:00", {"0"}),
    ],
)
def test_filters_find_what_they_name(five: Caller, query: str, expected: set[str]) -> None:
    assert ids(five.json("GET", f"/v1/tasks?{query}")) == expected


@pytest.mark.parametrize(
    "query", ["state=off&connection_id=x", "changed_since=2026-01-01T00:00:00Z&start_to=2026-01-01T00:00:00Z"]
)
def test_two_filters_are_refused(five: Caller, query: str) -> None:
    problem = five.json("GET", f"/v1/tasks?{query}", expect=422)

    assert "cannot be combined" in problem["errors"][0]["detail"]


def test_time_without_an_offset_is_refused(five: Caller) -> None:
    problem = five.json("GET", "/v1/tasks?changed_since=2026-01-01T00:00:00", expect=422)

    assert problem["errors"][0]["pointer"] == "changed_since"


def test_deleted_task_is_not_listed(five: Caller) -> None:
    five.call("DELETE", "/v1/tasks/1")

    assert ids(five.json("GET", "/v1/tasks")) == {"0", "2", "3", "4"}


def test_list_is_served_by_one_query(stage: Stage, five: Caller) -> None:
    with stage.store.counted() as spent:
        five.json("GET", "/v1/tasks?start_from=2026-12-02T00:00:00Z&user_id=anna")

    assert spent == {"queries": 1}
    assert stage.sqlite.scanned == set()
