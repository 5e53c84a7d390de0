"""How a tenant stands, over HTTP."""

from datetime import timedelta

from msgspec.structs import replace

from shared.model.connection import Problem, Watched
from shared.model.ids import CalendarId, ConnectionId, TaskId, calendar_path, connection_path, task_path
from shared.model.stored import read_as, to_data
from shared.model.task import Sync, SyncError, Task
from shared.ports import Patch, Set
from tests.functions.api.stage import Caller, Stage, connected

TASK = {"user_id": "anna", "title": "Call", "start": "2026-12-01T10:00:00Z"}


def test_empty_tenant_stands_well(crm: Caller) -> None:
    status = crm.json("GET", "/v1/status")

    assert set(status["connections"].values()) == {0}
    assert set(status["tasks"]) == {"off", "pending", "synced", "conflict", "error"}
    assert (status["lag_s"], status["oldest_pending_s"], status["problems"]) == (0, None, [])
    assert status["channels"] == {"live": 0, "expiring": 0, "polled": 0}


def test_connections_and_tasks_are_counted_by_state(stage: Stage, crm: Caller) -> None:
    connected(stage, crm)
    crm.json("POST", "/v1/connections", {"user_id": "bert"}, expect=201)
    crm.json("PUT", "/v1/tasks/1", TASK, expect=201)
    crm.json("PUT", "/v1/tasks/2", {"user_id": "carl"}, expect=201)

    status = crm.json("GET", "/v1/status")

    assert (status["connections"]["active"], status["connections"]["pending"]) == (1, 1)
    assert (status["tasks"]["pending"], status["tasks"]["off"]) == (1, 1)


def test_waiting_and_lateness_are_told_in_seconds(stage: Stage, crm: Caller) -> None:
    connected(stage, crm)
    crm.json("PUT", "/v1/tasks/1", TASK, expect=201)

    stage.clock.turn(seconds=stage.world.options.pending_after_s + 30)

    status = crm.json("GET", "/v1/status")
    assert status["oldest_pending_s"] == stage.world.options.pending_after_s + 30
    assert status["lag_s"] == 30


def test_calendars_are_counted_by_how_they_are_heard(stage: Stage, crm: Caller) -> None:
    connection = connected(stage, crm)
    now = stage.clock.now()

    def watch(name: str, **fields: object) -> None:
        shelf = Watched(tenant=crm.tenant, connection=connection, calendar_id=CalendarId(name))
        path = calendar_path(crm.tenant, connection, shelf.calendar_id)
        stage.world.store.commit([Set(path=path, data=to_data(replace(shelf, **fields)))])

    watch("polled")
    watch("live", state="push", renew_at=now + timedelta(days=1))
    watch("expiring", state="push", renew_at=now - timedelta(seconds=1))
    watch("not yet pushed", state="poll", renew_at=now - timedelta(seconds=1))
    watch("left", watched=False)

    assert crm.json("GET", "/v1/status")["channels"] == {"live": 1, "expiring": 1, "polled": 2}


def test_problems_are_counted_by_kind_with_what_helps(stage: Stage, crm: Caller) -> None:
    for user in ("anna", "bert"):
        stuck(stage, crm, connected(stage, crm, user, "needs_reconnect"))
    crm.json("PUT", "/v1/tasks/1", TASK, expect=201)
    failed(stage, crm, "1")

    problems = {each["code"]: each for each in crm.json("GET", "/v1/status")["problems"]}

    assert {code: each["n"] for code, each in problems.items()} == {"grant_revoked": 2, "event_forbidden": 1}
    assert "connect again" in problems["grant_revoked"]["remedy"]


def test_status_is_served_by_indexes(stage: Stage, crm: Caller) -> None:
    crm.json("GET", "/v1/status")

    assert stage.sqlite.scanned == set()


def stuck(stage: Stage, crm: Caller, connection: ConnectionId) -> None:
    problem = {"code": Problem(code="grant_revoked", detail="").code, "detail": "connect again"}
    stage.world.store.commit([Patch(path=connection_path(crm.tenant, connection), fields={"problem": problem})])


def failed(stage: Stage, crm: Caller, task_id: str) -> None:
    path = task_path(crm.tenant, TaskId(task_id))
    document = stage.world.store.get_many([path])[path]
    assert document is not None
    sync = Sync(state="error", error=SyncError(code="event_forbidden", detail="locked"))
    task = replace(read_as(Task, document), sync=sync)
    stage.world.store.commit([Set(path=path, data=to_data(task))])
