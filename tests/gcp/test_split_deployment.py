"""Across processes that share only Firestore and the queue: connect, out, in, renewal, sweep, delivery; one killed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from google.auth.credentials import AnonymousCredentials
from google.cloud import firestore

from shared.model.ids import CalendarId, ConnectionId, TaskId, TenantId, calendar_path, task_path
from shared.ports import Patch
from tests.gcp.split import SplitServer
from tests.scenarios.erasing import MARK, erased, grant_opens, lived
from tests.scenarios.erasing import channels as channels_of
from tests.scenarios.stage import Connected, Stage, eventually
from tests.webhooks.receiver import receiving

DAY = (datetime.now(UTC) + timedelta(days=3)).date()
CALL = {"user_id": "anna", "title": "Call Bob", "start": f"{DAY}T10:00:00Z", "end": f"{DAY}T11:00:00Z"}
TRACE = "0af7651916cd43dd8448eb211c80319c"


def channels(stage: Stage, anna: Connected) -> list[Any]:
    """The channels of hers that Google has not forgotten."""
    with stage.google() as google:
        return [each for each in google.ctx.world.channels.values() if each.account == anna.account]


def tenant_of(stage: Stage) -> TenantId:
    return TenantId(stage.crm.ok("GET", "/v1/tenant")["id"])


def time_passes(split: SplitServer, path: str, field: str) -> None:
    """Until what this document wants done at a time is due."""
    split.store.commit([Patch(path=path, fields={field: datetime.now(UTC)})])


def test_a_task_goes_out_and_comes_back_edited(stage: Stage) -> None:
    anna = stage.connect()
    stage.crm.put("t1", **CALL)
    task = stage.crm.synced("t1")

    anna.person.edit(task["sync_state"]["event_id"], summary="Visit Bob")

    assert stage.crm.synced("t1", title="Visit Bob")["start"].startswith(str(DAY))


def test_an_edit_is_delivered_to_the_webhook(stage: Stage) -> None:
    with receiving() as receiver:
        anna = stage.connect()
        stage.crm.ok("PUT", "/v1/webhook", {"url": receiver.url})
        stage.crm.put("t1", **CALL)
        task = stage.crm.synced("t1")
        anna.person.edit(task["sync_state"]["event_id"], summary="Visit Bob")

        assert eventually(
            lambda: [each for each in receiver.changes() if each["kind"] == "task.updated"], within_s=40, what="told"
        )


def test_a_channel_is_renewed_before_it_ends_and_edits_go_on_arriving(stage: Stage, split: SplitServer) -> None:
    anna = stage.connect()
    stage.crm.put("t1", **CALL)
    task = stage.crm.synced("t1")
    (first,) = channels(stage, anna)

    path = calendar_path(tenant_of(stage), ConnectionId(anna.id), CalendarId(anna.account))
    time_passes(split, path, "renew_at")
    eventually(lambda: [each.id for each in channels(stage, anna)] not in ([first.id], []), what="renewed")
    eventually(lambda: first.id not in {each.id for each in channels(stage, anna)}, what="the old one stopped")
    anna.person.edit(task["sync_state"]["event_id"], summary="Visit Bob")

    assert stage.crm.synced("t1", title="Visit Bob")


def test_a_job_that_was_never_taken_is_made_up_for_by_the_sweep(stage: Stage, split: SplitServer) -> None:
    anna = stage.connect()
    split.tasks.away = True
    try:
        stage.crm.put("t1", **CALL)
    finally:
        split.tasks.away = False
    assert stage.crm.task("t1")["sync_state"]["state"] == "pending"

    time_passes(split, task_path(tenant_of(stage), TaskId("t1")), "due_at")

    assert anna.person.event(stage.crm.synced("t1"))["summary"] == "Call Bob"


@pytest.mark.parametrize("name", ["sync_task", "run_step"])
def test_a_function_killed_on_the_way_is_made_up_for(stage: Stage, split: SplitServer, name: str) -> None:
    anna = stage.connect()
    split.kill_one(name)
    try:
        stage.crm.ok("POST", "/v1/tasks/batch", {"tasks": [{"id": "t1", **CALL}]})
        stage.crm.put("t2", **CALL)
        waiting = {stage.crm.task(task)["sync_state"]["state"] for task in ("t1", "t2")}
    finally:
        split.start_one(name)

    assert "pending" in waiting
    assert [anna.person.event(stage.crm.synced(task))["summary"] for task in ("t1", "t2")] == ["Call Bob", "Call Bob"]


def test_a_job_belongs_to_the_trace_of_the_call_that_asked_for_it(stage: Stage, split: SplitServer) -> None:
    stage.connect()

    stage.crm.ok("PUT", "/v1/tasks/t1", CALL, **{"X-Cloud-Trace-Context": f"{TRACE}/1;o=1"})
    stage.crm.synced("t1")

    lines = [line for line in split.events("sync_task") if line.get("logging.googleapis.com/trace")]
    assert f"projects/{split.project}/traces/{TRACE}" in {line["logging.googleapis.com/trace"] for line in lines}


def test_nothing_of_an_erased_person_is_left(stage: Stage, split: SplitServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", split.environment["FIRESTORE_EMULATOR_HOST"])
    with receiving() as receiver:
        gone, stays = lived(stage, receiver)
        before = everything(split)
        erased(stage, "delete")
        stays.sync()
        after = everything(split)

    assert any(MARK in text for text in before)
    assert [text for text in after if MARK in text or gone.id in text] == []
    assert (channels_of(stage, gone.account), channels_of(stage, stays.account)) == (0, 1)
    assert not grant_opens(stage, gone.account)
    assert [line for line in split.said() if MARK in line] == []


def everything(split: SplitServer) -> list[str]:
    """Every document of Firestore and every job that waits, as text."""
    client = firestore.Client(project=split.environment["GOOGLE_CLOUD_PROJECT"], credentials=AnonymousCredentials())  # type: ignore[no-untyped-call]
    try:
        return [*_documents(client.collections()), *(str(held.task) for held in list(split.tasks.held.values()))]
    finally:
        client.close()  # type: ignore[no-untyped-call]


def _documents(collections: Any) -> list[str]:  # noqa: ANN401 - the client carries no types
    """Documents at any depth, also below those that do not exist themselves."""
    found = []
    for collection in collections:
        for reference in collection.list_documents():
            found.append(f"{reference.path} {reference.get().to_dict()}")
            found += _documents(reference.collections())
    return found


@pytest.mark.parametrize(
    "name", ["sync_task", "pull_calendar", "run_step", "deliver_changes", "renew_channels", "sweep"]
)
def test_a_job_function_refuses_strangers(split: SplitServer, name: str) -> None:
    path = f"/jobs/{name.replace('_', '-')}"

    answer = requests.post(split.urls[name] + path, json={}, headers={"Authorization": "Bearer a.b.c"}, timeout=10)

    assert answer.status_code == 401
