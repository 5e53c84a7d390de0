"""Connections over HTTP: made, shown, changed, ended; without Google."""

from typing import Any, get_args
from urllib.parse import urlsplit

import pytest

from shared.errors import NotFound, NoWriteAccess
from shared.model.connection import Status, Watched
from shared.model.ids import CalendarId, connection_path
from shared.ports import Patch
from shared.usecases.connecting import change_connection
from tests.functions.api.stage import Caller, Stage, connected

TASK = {"user_id": "anna", "title": "Call", "start": "2026-12-01T10:00:00", "time_zone": "Europe/Rome"}


def test_new_connection_is_pending_with_a_link_of_tandems(crm: Caller) -> None:
    made = crm.json("POST", "/v1/connections", {"user_id": "anna"}, expect=201)

    assert made["status"] == "pending"
    assert urlsplit(made["authorize_url"]).path == "/oauth/start"
    assert made["google"] is None
    assert made["settings"]["direction"] == "both"
    assert made["counts"] == {"pending": 0, "error": 0, "conflict": 0}


def test_second_request_for_a_user_gives_the_pending_connection(crm: Caller) -> None:
    first = crm.json("POST", "/v1/connections", {"user_id": "anna"}, expect=201)

    second = crm.json("POST", "/v1/connections", {"user_id": "anna"}, expect=200)

    assert second["id"] == first["id"]


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, {"/user_id"}),
        ({"user_id": "a b", "first_sync": "later", "x": 1}, {"/user_id", "/first_sync", "/x"}),
        ({"user_id": "a", "return_url": "https://elsewhere.example/x"}, {"/return_url"}),
        ({"user_id": "a", "oauth_app": "0" * 26}, {"/oauth_app"}),
        (
            {"user_id": "a", "settings": {"conflict": "x", "window": {"past_days": -1}}},
            {"/settings/conflict", "/settings/window/past_days"},
        ),
    ],
)
def test_faults_of_a_connection_are_named(crm: Caller, body: dict[str, Any], pointers: set[str]) -> None:
    problem = crm.json("POST", "/v1/connections", body, expect=422)

    assert {fault["pointer"] for fault in problem["errors"]} == pointers


def test_settings_of_a_connection_lie_over_those_of_the_tenant(crm: Caller) -> None:
    crm.json("PATCH", "/v1/tenant", {"settings": {"conflict": "crm_wins", "mark": "#t"}})

    made = crm.json("POST", "/v1/connections", {"user_id": "anna", "settings": {"mark": "#c"}}, expect=201)

    assert (made["settings"]["conflict"], made["settings"]["mark"]) == ("crm_wins", "#c")


def test_connections_are_listed_by_user_and_status(stage: Stage, crm: Caller) -> None:
    active = connected(stage, crm, "anna")
    waiting = crm.json("POST", "/v1/connections", {"user_id": "anna"}, expect=201)["id"]
    other = connected(stage, crm, "bert")

    def ids(query: str) -> set[str]:
        return {each["id"] for each in crm.json("GET", f"/v1/connections{query}")["data"]}

    assert ids("") == {active, waiting, other}
    assert ids("?user_id=anna") == {active, waiting}
    assert ids("?status=pending") == {waiting}
    assert ids("?user_id=bert&status=pending") == set()


def test_connections_are_listed_page_by_page(stage: Stage, crm: Caller) -> None:
    made = {connected(stage, crm, f"user{number}") for number in range(5)}

    seen: list[str] = []
    page = crm.json("GET", "/v1/connections?limit=2")
    seen += [each["id"] for each in page["data"]]
    while page["next_cursor"]:
        page = crm.json("GET", f"/v1/connections?limit=2&cursor={page['next_cursor']}")
        seen += [each["id"] for each in page["data"]]

    assert sorted(seen) == sorted(made)


def test_waiting_tasks_are_counted(stage: Stage, crm: Caller) -> None:
    connection = connected(stage, crm)
    other = connected(stage, crm, "bert")
    crm.json("PUT", "/v1/tasks/42", TASK, expect=201)

    assert crm.json("GET", f"/v1/connections/{connection}")["counts"]["pending"] == 1
    assert crm.json("GET", f"/v1/connections/{other}")["counts"]["pending"] == 0


def test_answers_hold_no_token(stage: Stage, crm: Caller) -> None:
    connection = connected(stage, crm)

    shown = crm.json("GET", f"/v1/connections/{connection}")

    assert not {name for name in shown if "token" in name or "nonce" in name or "lease" in name}


def test_changed_settings_are_followed_by_a_run(stage: Stage, crm: Caller) -> None:
    connection = connected(stage, crm)

    shown = crm.json("PATCH", f"/v1/connections/{connection}", {"settings": {"conflict": "crm_wins"}})

    assert shown["settings"]["conflict"] == "crm_wins"
    assert [job.function for job in stage.queue.jobs] == ["run_step"]


def test_settings_sent_again_start_nothing(stage: Stage, crm: Caller) -> None:
    connection = connected(stage, crm)
    crm.json("PATCH", f"/v1/connections/{connection}", {"settings": {"conflict": "crm_wins"}})
    stage.queue.jobs.clear()

    crm.json("PATCH", f"/v1/connections/{connection}", {"settings": {"conflict": "crm_wins"}})

    assert stage.queue.jobs == []


def test_faulty_setting_changes_none(stage: Stage, crm: Caller) -> None:
    connection = connected(stage, crm)
    before = crm.json("GET", f"/v1/connections/{connection}")
    body = {"settings": {"conflict": "crm_wins", "description_template": "{what}", "mark": ""}}

    problem = crm.json("PATCH", f"/v1/connections/{connection}", body, expect=422)

    assert "/settings/mark" in {fault["pointer"] for fault in problem["errors"]}
    assert crm.json("GET", f"/v1/connections/{connection}") == before


def test_paused_connection_goes_on_with_what_waited(stage: Stage, crm: Caller) -> None:
    connection = connected(stage, crm)
    assert crm.json("PATCH", f"/v1/connections/{connection}", {"paused": True})["status"] == "paused"
    assert stage.queue.jobs == []

    assert crm.json("PATCH", f"/v1/connections/{connection}", {"paused": False})["status"] == "active"

    assert [job.function for job in stage.queue.jobs] == ["run_step"]


@pytest.mark.parametrize("status", sorted(set(get_args(Status)) - {"active", "paused"}))
def test_only_a_working_connection_can_be_paused(stage: Stage, crm: Caller, status: Status) -> None:
    connection = connected(stage, crm, status=status)

    problem = crm.json("PATCH", f"/v1/connections/{connection}", {"paused": True}, expect=409)

    assert status in problem["detail"]


def test_new_calendar_for_tasks_is_watched_and_taken(
    stage: Stage, crm: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = connected(stage, crm)
    team = Watched(tenant=crm.tenant, connection=connection, calendar_id=CalendarId("team"), time_zone="Europe/Paris")
    monkeypatch.setattr(change_connection, "watch_calendar", lambda *_, **__: team)

    crm.json("PATCH", f"/v1/connections/{connection}", {"settings": {"calendar_id": "team"}})

    task = crm.json("PUT", "/v1/tasks/42", TASK, expect=201)
    assert task["sync_state"]["calendar_id"] == "team"


def test_the_first_pull_of_a_new_calendar_does_not_take_its_change_away(
    stage: Stage, crm: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = connected(stage, crm)
    team = Watched(tenant=crm.tenant, connection=connection, calendar_id=CalendarId("team"))

    def watched(*_: object, **__: object) -> Watched:
        pulled = {"last_sync_at": stage.world.clock.now()}
        stage.world.store.commit([Patch(path=connection_path(crm.tenant, connection), fields=pulled)])
        return team

    monkeypatch.setattr(change_connection, "watch_calendar", watched)

    changed = crm.json("PATCH", f"/v1/connections/{connection}", {"settings": {"calendar_id": "team"}})

    assert changed["settings"]["calendar_id"] == "team"


def test_read_only_calendar_is_refused_for_tasks(stage: Stage, crm: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = connected(stage, crm)

    def readable(*_: object, to_write: bool) -> None:
        assert to_write
        raise NoWriteAccess

    monkeypatch.setattr(change_connection, "watch_calendar", readable)

    problem = crm.json("PATCH", f"/v1/connections/{connection}", {"settings": {"calendar_id": "x"}}, expect=409)

    assert problem["code"] == "no_write_access"
    assert crm.json("GET", f"/v1/connections/{connection}")["settings"]["calendar_id"] == "primary"


def test_unknown_calendar_for_tasks_is_a_fault(stage: Stage, crm: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = connected(stage, crm)

    def missing(*_: object, to_write: bool) -> None:
        raise NotFound

    monkeypatch.setattr(change_connection, "watch_calendar", missing)

    problem = crm.json("PATCH", f"/v1/connections/{connection}", {"settings": {"calendar_id": "x"}}, expect=422)

    assert [fault["pointer"] for fault in problem["errors"]] == ["/settings/calendar_id"]


def test_end_of_a_connection_is_a_run_and_asked_twice_the_same(stage: Stage, crm: Caller) -> None:
    connection = connected(stage, crm)

    first = crm.json("DELETE", f"/v1/connections/{connection}?events=delete", expect=202)
    second = crm.json("DELETE", f"/v1/connections/{connection}?events=delete", expect=202)

    assert first == second
    assert crm.json("GET", f"/v1/connections/{connection}")["status"] == "disconnecting"
    run = crm.json("GET", f"/v1/runs/{first['run_id']}")
    assert (run["kind"], run["state"], run["connection_id"]) == ("disconnect", "running", connection)


def test_end_with_an_unknown_wish_for_events_ends_nothing(stage: Stage, crm: Caller) -> None:
    connection = connected(stage, crm)

    crm.json("DELETE", f"/v1/connections/{connection}?events=maybe", expect=422)

    assert crm.json("GET", f"/v1/connections/{connection}")["status"] == "active"


def test_fresh_link_replaces_the_old_one(stage: Stage, crm: Caller) -> None:
    connection = connected(stage, crm, status="needs_reconnect")

    first = crm.json("POST", f"/v1/connections/{connection}/authorize")["authorize_url"]
    second = crm.json("POST", f"/v1/connections/{connection}/authorize")["authorize_url"]

    assert first != second


def test_connections_are_served_by_indexes_and_few_calls(stage: Stage, crm: Caller) -> None:
    for number in range(20):
        connected(stage, crm, f"user{number}")
    crm.json("GET", "/v1/keys")

    with stage.store.counted() as spent:
        crm.json("GET", "/v1/connections")

    assert spent == {"reads": 1, "queries": 2, "counts": 3}
    assert stage.sqlite.scanned == set()


def test_a_setting_that_needs_a_scope_says_that_it_was_not_granted(stage: Stage, crm: Caller) -> None:
    connection = connected(stage, crm)

    crm.json("PATCH", f"/v1/connections/{connection}", {"settings": {"google_tasks": "@default"}})

    assert crm.json("GET", f"/v1/connections/{connection}")["problem"]["code"] == "scope_missing"


def test_a_setting_that_needs_no_scope_any_more_says_nothing(stage: Stage, crm: Caller) -> None:
    connection = connected(stage, crm)
    crm.json("PATCH", f"/v1/connections/{connection}", {"settings": {"google_tasks": "@default"}})

    crm.json("PATCH", f"/v1/connections/{connection}", {"settings": {"google_tasks": None}})

    assert crm.json("GET", f"/v1/connections/{connection}")["problem"] is None


def test_a_tenants_default_that_needs_a_scope_is_said_too(stage: Stage, crm: Caller) -> None:
    connection = connected(stage, crm)

    crm.json("PATCH", "/v1/tenant", {"settings": {"google_tasks": "@default"}})

    assert crm.json("GET", f"/v1/connections/{connection}")["problem"]["code"] == "scope_missing"
