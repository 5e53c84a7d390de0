"""Both ways across ten processes that share nothing but Firestore and the queue; one of them is killed on the way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from google.auth.credentials import AnonymousCredentials
from google.cloud import firestore

from infra.simulator.server import RunningSimulator
from tests.emulator import RunningEmulator
from tests.endure.killing import SAFETY, Pieces, endured
from tests.gcp.split import SplitServer
from tests.scenarios.erasing import MARK, channels, erased, grant_opens, lived
from tests.scenarios.stage import Stage, eventually
from tests.webhooks.receiver import receiving

DAY = (datetime.now(UTC) + timedelta(days=3)).date()
CALL = {"user_id": "anna", "title": "Call Bob", "start": f"{DAY}T10:00:00Z", "end": f"{DAY}T11:00:00Z"}


@pytest.fixture(scope="module")
def simulator() -> Iterator[RunningSimulator]:
    with RunningSimulator() as running:
        yield running


@pytest.fixture(scope="module")
def split(
    simulator: RunningSimulator, firestore_emulator: RunningEmulator, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SplitServer]:
    folder = Path(tmp_path_factory.mktemp("split"))
    running = SplitServer(folder, simulator.addresses, firestore=firestore_emulator.host, **SAFETY)
    yield running
    running.stop()


@pytest.fixture
def stage(split: SplitServer, simulator: RunningSimulator, request: pytest.FixtureRequest) -> Stage:
    return Stage(split, simulator, re.sub(r"\W+", "-", request.node.name)[:40].strip("-"))


def test_a_task_goes_out_and_comes_back_edited(stage: Stage) -> None:
    anna = stage.connect()
    stage.crm.put("t1", **CALL)
    task = stage.crm.synced("t1")

    anna.person.edit(task["sync_state"]["event_id"], summary="Visit Bob")

    assert stage.crm.synced("t1", title="Visit Bob")["start"].startswith(str(DAY))


def test_an_edit_is_told_by_the_feed_once_it_is_older_than_the_horizon(stage: Stage) -> None:
    anna = stage.connect()
    stage.crm.put("t1", **CALL)
    task = stage.crm.synced("t1")
    anna.person.edit(task["sync_state"]["event_id"], summary="Visit Bob")

    def told() -> bool:
        new = stage.crm.changes()
        return any(each["kind"] == "task.updated" and each["origin"] == "google" for each in new)

    assert eventually(told, within_s=40, what="told")


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


def test_a_function_killed_on_the_way_is_made_up_for(stage: Stage, split: SplitServer) -> None:
    anna = stage.connect()
    split.kill_one("sync_task")
    stage.crm.put("t1", **CALL)
    stage.crm.put("t2", **CALL)
    waiting = stage.crm.task("t1")["sync_state"]["state"]

    split.start_one("sync_task")

    assert waiting == "pending"
    assert [anna.person.event(stage.crm.synced(name))["summary"] for name in ("t1", "t2")] == ["Call Bob", "Call Bob"]


def test_functions_killed_at_random_lose_and_double_nothing(split: SplitServer, simulator: RunningSimulator) -> None:
    done = endured(split, simulator, Pieces(split), kills=5, seed=7, pause_s=0.2)

    assert done.wrong == []
    assert (done.kills, done.book.crm_edits > 0, done.book.google_edits > 0) == (5, True, True)


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
    assert (channels(stage, gone.account), channels(stage, stays.account)) == (0, 1)
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


@pytest.mark.parametrize("name", ["sync_task", "pull_calendar", "run_step", "deliver_changes"])
def test_a_job_function_refuses_strangers(split: SplitServer, name: str) -> None:
    path = f"/jobs/{name.replace('_', '-')}"

    answer = requests.post(split.urls[name] + path, json={}, headers={"Authorization": "Bearer a.b.c"}, timeout=10)

    assert answer.status_code == 401
