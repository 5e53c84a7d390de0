"""What nobody can mean, or what would be no help later, is refused with words for a person, and nothing is stored."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from functions.schema_faults import words_for
from shared.model.ids import TaskId, task_path
from shared.ports import Patch
from tests.functions.api.stage import Caller, Stage, connected

SERIES: dict[str, Any] = {
    "user_id": "anna",
    "title": "Training",
    "start": "2026-12-01T10:00:00",
    "end": "2026-12-01T11:00:00",
    "time_zone": "Europe/Rome",
}
CONTRADICTION = {"direction": "to_google", "import_external": "all"}


@pytest.mark.parametrize(
    "lines",
    [
        ["RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"],
        ["RRULE:FREQ=DAILY;UNTIL=20201231T000000Z"],
        ["RRULE:FREQ=DAILY;COUNT=2", "EXDATE:20261201T090000Z,20261202T090000Z"],
    ],
)
def test_a_series_that_never_takes_place_is_refused(crm: Caller, lines: list[str]) -> None:
    problem = crm.json("PUT", "/v1/tasks/42", SERIES | {"recurrence": lines}, expect=422)

    assert [fault["pointer"] for fault in problem["errors"]] == ["/recurrence"]
    assert "delete the task" in problem["errors"][0]["detail"]
    crm.json("GET", "/v1/tasks/42", expect=404)


def test_a_whole_record_with_a_rule_that_came_from_google_is_taken(stage: Stage, crm: Caller) -> None:
    rule = ["RRULE:FREQ=DAILY;BYHOUR=10"]
    crm.json("PUT", "/v1/tasks/42", SERIES | {"recurrence": ["RRULE:FREQ=DAILY"]}, expect=201)
    path = task_path(crm.tenant, TaskId("42"))
    document = stage.world.store.get_many([path])[path]
    assert document is not None
    content: Any = document.data["content"]
    stage.world.store.commit([Patch(path=path, fields={"content": content | {"recurrence": rule}})])

    task = crm.json("PUT", "/v1/tasks/42", SERIES | {"recurrence": rule, "title": "Yoga"})

    assert (task["title"], task["recurrence"]) == ("Yoga", rule)
    crm.json("PUT", "/v1/tasks/42", {"recurrence": ["RRULE:FREQ=DAILY;BYHOUR=11"]}, expect=422)


def test_a_preview_of_settings_that_contradict_each_other_is_refused(stage: Stage, crm: Caller) -> None:
    connection = connected(stage, crm)

    problem = crm.json("POST", f"/v1/connections/{connection}/preview", {"settings": CONTRADICTION}, expect=422)

    assert [fault["pointer"] for fault in problem["errors"]] == ["/settings/import_external"]
    assert stage.queue.jobs == []


def test_a_preview_of_a_setting_that_contradicts_what_holds_is_refused(stage: Stage, crm: Caller) -> None:
    connection = connected(stage, crm)
    crm.json("PATCH", f"/v1/connections/{connection}", {"settings": {"import_external": "all"}})

    ahead = {"settings": {"direction": "to_google"}}
    problem = crm.json("POST", f"/v1/connections/{connection}/preview", ahead, expect=422)

    assert [fault["pointer"] for fault in problem["errors"]] == ["/settings/import_external"]


@pytest.mark.parametrize("name", ["return_origins", "frame_origins"])
def test_an_origin_with_a_port_that_does_not_exist_is_refused(crm: Caller, name: str) -> None:
    problem = crm.json("PATCH", "/v1/tenant", {name: ["https://a.example", "https://b.example:99999"]}, expect=422)

    assert [fault["pointer"] for fault in problem["errors"]] == [f"/{name}/1"]
    assert crm.json("GET", "/v1/tenant")[name] == []


@pytest.mark.parametrize("colors", [{"": "#ffffff"}, {"x" * 65: "#ffffff"}, {str(n): "#ffffff" for n in range(101)}])
def test_colors_for_types_that_no_task_can_have_are_refused(crm: Caller, colors: dict[str, str]) -> None:
    crm.json("PATCH", "/v1/tenant", {"settings": {"colors": colors}}, expect=422)

    assert "call" in crm.json("GET", "/v1/tenant")["settings"]["colors"]


def test_tasks_between_two_instants_need_them_in_order(crm: Caller) -> None:
    query = "start_from=2026-12-02T00:00:00Z&start_to=2026-12-01T00:00:00Z"

    problem = crm.json("GET", f"/v1/tasks?{query}", expect=422)

    assert problem["errors"] == [{"pointer": "start_to", "detail": "lies before start_from; exchange them"}]


def test_a_start_that_is_an_empty_text_waits_for_nothing(stage: Stage, crm: Caller) -> None:
    connected(stage, crm)

    task = crm.json("PUT", "/v1/tasks/42", {"user_id": "anna", "title": "x", "start": ""}, expect=201)

    assert (task["sync_state"]["state"], task["sync_state"]["reason"]) == ("off", "no_start")


def test_every_pattern_of_a_body_is_told_in_words(crm: Caller) -> None:
    patterns = set(_patterns(crm.json("GET", "/openapi.json")["components"]["schemas"]))

    assert len(patterns) > 8
    assert [pattern for pattern in patterns if words_for(pattern) is None] == []


def _patterns(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(found := value.get("pattern"), str):
            yield found
        for inner in value.values():
            yield from _patterns(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _patterns(inner)
