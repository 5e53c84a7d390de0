"""Bad weather between the parts of a deployment: nothing is lost, doubled or overwritten."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from msgspec.structs import replace

from infra.simulator.model import Client
from shared.model.ids import TaskId, TenantId, key_of, task_path
from tests.gcp.split import SplitServer
from tests.scenarios.stage import Stage, eventually

DAY = (datetime.now(UTC) + timedelta(days=3)).date()
CALL = {"user_id": "anna", "title": "Call Bob", "start": f"{DAY}T10:00:00Z", "end": f"{DAY}T11:00:00Z"}
OURS, SECRET = "77-acme.apps.googleusercontent.com", "GOCSPX-acme-own"
AT_ONCE = 8


def asked(stage: Stage, method: str) -> int:
    with stage.google() as google:
        return google.ctx.counters[method]


def tenant_of(stage: Stage) -> str:
    return str(stage.crm.ok("GET", "/v1/tenant")["id"])


@contextmanager
def silent(stage: Stage) -> Iterator[None]:
    """Inside, no notification of Google's arrives."""
    with stage.google() as google:
        before = google.settings
        google.settings = replace(before, notifications=replace(before.notifications, drop=1.0))
    try:
        yield
    finally:
        with stage.google() as google:
            google.settings = before


def at_once(call: Callable[[int], requests.Response]) -> list[int]:
    """The statuses of as many calls in the same moment."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return [answer.status_code for answer in pool.map(call, range(AT_ONCE))]


def held_back(split: SplitServer, stage: Stage, task: str, **content: object) -> Mapping[str, object]:
    """A write whose job no queue has taken; the job's payload."""
    split.tasks.away = True
    try:
        stage.crm.put(task, **content)
    finally:
        split.tasks.away = False
    path = task_path(TenantId(tenant_of(stage)), TaskId(task))
    document = split.store.get_many([path])[path]
    assert document is not None
    sync: Any = document.data["sync"]
    return {
        "schema": 1, "tenant": tenant_of(stage), "connection": sync["connection"], "calendar": sync["calendar"],
        "task": task,
    }  # fmt: skip


def test_while_firestore_is_away_a_write_is_told_to_come_back_and_afterwards_nothing_is_lost(
    stage: Stage, split: SplitServer
) -> None:
    anna = stage.connect()
    stage.crm.put("t1", **CALL)
    task = stage.crm.synced("t1")

    with split.firestore.cut():
        refused = stage.crm.call("PUT", "/v1/tasks/t1", {"title": "Visit Bob"})
        anna.person.edit(task["sync_state"]["event_id"], location="Oslo")

    assert (refused.status_code, refused.json()["code"]) == (503, "store_unavailable")
    assert int(refused.headers["Retry-After"]) >= 1
    eventually(lambda: stage.crm.call("PUT", "/v1/tasks/t1", {"title": "Visit Bob"}).ok, within_s=60, what="taken")
    both = eventually(lambda: _synced(stage, title="Visit Bob", location="Oslo"), within_s=60, what="both edits")
    assert anna.person.event(both)["summary"] == "Visit Bob"
    assert len(anna.person.events()) == 1


def _synced(stage: Stage, **content: object) -> dict[str, Any]:
    answer = stage.crm.call("GET", "/v1/tasks/t1")
    task: dict[str, Any] = answer.json() if answer.ok else {}
    holds = bool(task) and all(task[name] == value for name, value in content.items())
    return task if holds and task["sync_state"]["state"] == "synced" else {}


def test_jobs_that_meet_a_firestore_that_is_away_are_sent_again(stage: Stage, split: SplitServer) -> None:
    anna = stage.connect()
    payload = held_back(split, stage, "t1", **CALL)

    with split.firestore.cut():
        refused = split.job("sync_task", payload)
    eventually(lambda: split.job("sync_task", payload).status_code == 200, within_s=60, what="done")

    assert refused.status_code == 503
    assert len(anna.person.events()) == 1


def test_two_instances_that_sync_one_task_at_once_make_one_event_and_no_error(stage: Stage, split: SplitServer) -> None:
    anna = stage.connect()
    payload = held_back(split, stage, "t1", **CALL)

    with split.second("sync_task") as second:
        urls = [split.urls["sync_task"], second]
        statuses = at_once(lambda number: split.job("sync_task", payload, url=urls[number % 2]))

    assert statuses == [200] * AT_ONCE
    assert stage.crm.synced("t1")["sync_state"]["event_id"] in {event["id"] for event in anna.person.events()}
    assert len(anna.person.events()) == 1


def test_two_instances_that_pull_one_calendar_at_once_tell_each_change_once(stage: Stage, split: SplitServer) -> None:
    anna = stage.connect(settings={"import_external": "all"})
    payload = {"schema": 1, "tenant": tenant_of(stage), "connection": anna.id, "calendar": key_of(anna.account)}

    with silent(stage), split.second("pull_calendar") as second:
        for number in range(12):
            anna.person.create(f"Event {number}", datetime(DAY.year, DAY.month, DAY.day, 9, tzinfo=UTC))
        urls = [split.urls["pull_calendar"], second]
        statuses = at_once(lambda number: split.job("pull_calendar", payload, url=urls[number % 2]))
    anna.sync()

    assert statuses == [200] * AT_ONCE
    told = eventually(lambda: _all_of(_told(stage, "task.created"), 12), what="twelve told")
    assert len(set(told)) == len(told) == len(stage.crm.ok("GET", "/v1/tasks")["data"]) == 12


def _told(stage: Stage, kind: str) -> list[str]:
    changes = stage.crm.ok("GET", "/v1/changes?limit=500")["data"]
    return [each["task_id"] for each in changes if each["kind"] == kind]


def _all_of(found: list[str], number: int) -> list[str]:
    return found if len(found) >= number else []


def test_two_instances_that_refresh_one_token_ask_google_once(stage: Stage, split: SplitServer) -> None:
    anna = stage.connect()
    payloads = [held_back(split, stage, f"t{number}", **CALL) for number in range(AT_ONCE)]
    with stage.google() as google:
        google.expire_access_tokens(anna.account)
    refreshed = asked(stage, "oauth.token")

    with split.second("sync_task") as second:
        urls = [split.urls["sync_task"], second]
        statuses = at_once(lambda number: split.job("sync_task", payloads[number], url=urls[number % 2]))

    assert statuses == [200] * AT_ONCE
    for number in range(AT_ONCE):
        stage.crm.synced(f"t{number}")
    assert asked(stage, "oauth.token") - refreshed == 1
    assert anna.now()["status"] == "active"


@pytest.mark.parametrize(
    ("function", "payload"),
    [
        ("sync_task", {"tenant": "gone", "connection": "c", "task": "t"}),
        ("pull_calendar", {"tenant": "gone", "connection": "c", "calendar": "k"}),
        ("run_step", {"tenant": "gone", "run": "r"}),
        ("deliver_changes", {"tenant": "gone"}),
    ],
)
def test_a_job_of_a_tenant_that_is_gone_is_done_and_logged(
    split: SplitServer, function: str, payload: Mapping[str, object]
) -> None:
    answer = split.job(function, {"schema": 1, **payload})

    assert (answer.status_code, answer.json()["outcome"]) in {(200, "gone"), (200, "nothing"), (200, "no_webhook")}
    eventually(lambda: [line for line in split.events(function) if line.get("tenant") == "gone"], what="logged")


def test_jobs_of_a_connection_that_was_removed_are_done_and_touch_nothing(stage: Stage, split: SplitServer) -> None:
    anna = stage.connect()
    stage.crm.put("t1", **CALL)
    stage.crm.synced("t1")
    tenant = tenant_of(stage)
    stage.crm.finished(stage.crm.ok("DELETE", f"/v1/connections/{anna.id}?events=keep")["run_id"])

    task = {"schema": 1, "tenant": tenant, "connection": anna.id, "calendar": anna.account, "task": "t1"}
    calendar = {"schema": 1, "tenant": tenant, "connection": anna.id, "calendar": key_of(anna.account)}

    answers = [split.job("sync_task", task), split.job("pull_calendar", calendar)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert {answer.json()["outcome"] for answer in answers} <= {"no_connection", "gone", "waits", "not_watched"}
    assert len(anna.person.events()) == 1


@pytest.fixture
def own(stage: Stage) -> str:
    """The tenant's own OAuth app, whose client Google knows."""
    body = {"name": "Acme", "client_id": OURS, "client_secret": SECRET}
    app = stage.crm.ok("POST", "/v1/oauth_apps", body)
    with stage.google() as google:
        google.add_client(
            Client(client_id=OURS, client_secret=SECRET, name="Acme", redirect_uris=list(app["redirect_uris"]))
        )
    return str(app["id"])


@pytest.mark.parametrize("harm", ["disabled", "destroyed"])
def test_a_secret_that_cannot_be_read_is_told_to_its_tenant_and_no_other(
    stage: Stage, split: SplitServer, own: str, harm: str
) -> None:
    anna = stage.connect(oauth_app=own)
    other = Stage(split, stage.simulator, f"{stage.name}-other")
    ben = other.connect("ben")
    (secret,) = [name for name, versions in split.secrets.secrets.items() if versions == [SECRET.encode()]]
    split.secrets.disabled.add(f"{secret}/versions/1") if harm == "disabled" else split.secrets.secrets[secret].clear()
    with stage.google() as google:
        google.expire_access_tokens()

    stage.crm.put("t1", **CALL)
    other.crm.put("t1", **{**CALL, "user_id": "ben"})

    error = eventually(lambda: stage.crm.task("t1")["sync_state"]["error"], what="told")
    assert error["code"] == "client_refused"
    assert "client secret" in error["detail"]
    assert ben.person.event(other.crm.synced("t1"))["summary"] == "Call Bob"
    assert anna.now()["status"] == "active"
    split.secrets.secrets.pop(secret)


def test_a_secret_is_rotated_while_tasks_are_written(stage: Stage, split: SplitServer, own: str) -> None:
    anna = stage.connect(oauth_app=own)
    with stage.google() as google:
        google.ctx.world.clients[OURS].client_secret = "GOCSPX-newer"

    stage.crm.ok("PATCH", f"/v1/oauth_apps/{own}", {"client_secret": "GOCSPX-newer"})
    with stage.google() as google:
        google.expire_access_tokens(anna.account)
    stage.crm.put("t1", **CALL)

    assert anna.person.event(stage.crm.synced("t1"))["summary"] == "Call Bob"
    assert [versions for versions in split.secrets.secrets.values() if SECRET.encode() in versions] == []
