"""What a queue is answered: done, again, or not for you."""

import json
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path

import pytest
from flask import Flask, Request, Response

import functions.pull_calendar
import functions.sync_task
import main
from functions.jobs import Ended
from infra import wiring
from infra.embedded.server import PREFIXES, prefixes_of
from infra.jobs_auth import LocalJobTokens
from infra.keys import PurposeKeys
from shared.errors import (
    GoogleUnavailable,
    GrantRevoked,
    LostRace,
    NotFound,
    RateLimited,
    StartOver,
    StoreUnavailable,
    UnknownKey,
)
from shared.usecases.inbound import pull
from shared.usecases.outbound import sync_task as usecase
from tests.functions.api.stage import Stage, stage

TASK = {"schema": 1, "tenant": "t", "connection": "c", "calendar": None, "task": "42"}


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    made = stage(tmp_path)
    monkeypatch.setattr(wiring, "world", lambda: made.world)
    monkeypatch.setattr(wiring, "verify_job", lambda headers: None)
    return made


def sent(
    function: Callable[[Request], Response],
    body: object,
    *,
    path: str = "/jobs/sync-task",
    headers: Mapping[str, str] | None = None,
) -> tuple[int, Response, str]:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    with Flask(__name__).test_request_context(path, method="POST", data=data, headers=dict(headers or {})) as context:
        answer = function(context.request)
    return answer.status_code, answer, answer.get_data(as_text=True)


def ends(monkeypatch: pytest.MonkeyPatch, outcome: str | Exception) -> list[object]:
    seen: list[object] = []

    def work(world: object, payload: usecase.SyncTaskPayload) -> str:
        seen.append(payload)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    monkeypatch.setattr(usecase, "sync_task", work)
    return seen


def test_done_job_is_answered_with_its_outcome(world: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = ends(monkeypatch, "synced")

    status, _, body = sent(functions.sync_task.sync_task, TASK)

    assert (status, json.loads(body)) == (200, {"outcome": "synced"})
    assert isinstance(seen[0], usecase.SyncTaskPayload)
    assert seen[0].task == "42"


def test_stranger_is_refused_and_nothing_is_done(world: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = ends(monkeypatch, "synced")

    def refuse(headers: object) -> None:
        raise UnknownKey

    monkeypatch.setattr(wiring, "verify_job", refuse)

    status, _, _ = sent(functions.sync_task.sync_task, TASK)

    assert (status, seen) == (401, [])


@pytest.mark.parametrize("name", [name for name in main.FUNCTIONS if name not in PREFIXES])
def test_every_job_refuses_a_stranger_before_it_asks_for_anything(
    world: Stage, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    tokens = LocalJobTokens(PurposeKeys((b"k" * 32,)), clock=world.clock, audience="ours")
    strangers = LocalJobTokens(PurposeKeys((b"x" * 32,)), clock=world.clock, audience="ours")
    monkeypatch.setattr(wiring, "verify_job", tokens.verify)
    function = getattr(import_module(main.FUNCTIONS[name]), name)
    (path,) = prefixes_of(name)

    with world.store.counted() as spent:
        alone, _, _ = sent(function, {}, path=path)
        forged, _, _ = sent(function, {}, path=path, headers={"Authorization": strangers.mint()})

    assert (alone, forged, dict(spent), world.queue.jobs) == (401, 401, {}, [])


def test_a_job_that_cannot_be_proved_now_is_sent_again(world: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = ends(monkeypatch, "synced")

    def fail(headers: object) -> None:
        raise GoogleUnavailable

    monkeypatch.setattr(wiring, "verify_job", fail)

    status, _, _ = sent(functions.sync_task.sync_task, TASK)

    assert (status, seen) == (503, [])


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[]", b'{"tenant":"t"}', b'{"tenant":1,"task":"x"}'])
def test_unreadable_payload_is_not_retried(world: Stage, monkeypatch: pytest.MonkeyPatch, body: bytes) -> None:
    seen = ends(monkeypatch, "synced")

    status, _, text = sent(functions.sync_task.sync_task, body)

    assert (status, json.loads(text)["outcome"], seen) == (200, "unreadable", [])
    assert world.log.lines[-1]["outcome"] == "unreadable"


@pytest.mark.parametrize(
    ("error", "wait"), [(RateLimited(after_s=17), "17"), (LostRace(), "2"), (StartOver(), "1")], ids=str
)
def test_what_only_the_queue_can_retry_comes_back(
    world: Stage, monkeypatch: pytest.MonkeyPatch, error: Exception, wait: str
) -> None:
    ends(monkeypatch, error)

    status, answer, _ = sent(functions.sync_task.sync_task, TASK)

    assert status in {429, 503}
    assert answer.headers["Retry-After"] == wait


@pytest.mark.parametrize("error", [GrantRevoked(), NotFound()], ids=str)
def test_what_no_retry_mends_ends_the_job(world: Stage, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    ends(monkeypatch, error)

    status, _, _ = sent(functions.sync_task.sync_task, TASK)

    assert status == 200


def test_a_missing_right_is_told_to_the_operator(world: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    remedy = "Firestore does not let us in: give this function's service account the role roles/datastore.user"
    ends(monkeypatch, StoreUnavailable(remedy))

    status, _, _ = sent(functions.sync_task.sync_task, TASK)

    assert status == 503
    assert world.log.lines[-1]["detail"] == remedy


@pytest.mark.parametrize(("retries", "delivers"), [("0", []), ("1", ["deliver_changes"])])
def test_a_job_that_was_tried_before_asks_for_what_the_try_before_may_not_have_told(
    world: Stage, monkeypatch: pytest.MonkeyPatch, retries: str, delivers: list[str]
) -> None:
    ends(monkeypatch, "synced")

    sent(functions.sync_task.sync_task, TASK, headers={"X-CloudTasks-TaskRetryCount": retries})

    assert [job.function for job in world.queue.jobs] == delivers


def test_fault_of_ours_keeps_the_job_and_leaves_a_trace(world: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    ends(monkeypatch, ValueError("s3cret"))

    status, _, body = sent(functions.sync_task.sync_task, TASK)

    assert status == 500
    assert "s3cret" not in body + str(world.log.lines)
    assert world.log.lines[-1]["error"] == "ValueError"


def test_line_of_a_job_names_what_it_was_about(world: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    ends(monkeypatch, "synced")

    sent(functions.sync_task.sync_task, TASK)

    line = world.log.lines[-1]
    assert (line["flow"], line["outcome"], line["tenant"], line["task"]) == ("sync_task", "synced", "t", "42")


def test_pull_is_answered_with_its_outcome(world: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pull, "pull_calendar", lambda world, payload: pull.Pulled(outcome="pulled"))
    payload = {"schema": 1, "tenant": "t", "connection": "c", "calendar": "k"}

    status, _, body = sent(functions.pull_calendar.pull_calendar, payload)

    assert (status, json.loads(body)) == (200, {"outcome": Ended(outcome="pulled").outcome})
