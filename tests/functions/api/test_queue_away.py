"""A queue that takes nothing is no failure of the CRM's: what it asked is stored and due, and the sweep finds it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from functions.api.app import create_app
from shared.errors import StoreUnavailable
from shared.ports import Job
from shared.usecases.sweep import SweepKind, SweepPayload, Swept, sweep
from tests.functions.api.stage import Caller, Stage, connected, stage

CALL = {"user_id": "anna", "title": "Call", "start": "2026-12-01"}


class QueueAway:
    """Takes nothing, as Cloud Tasks when it does not answer."""

    def enqueue(self, job: Job) -> bool:
        raise StoreUnavailable("Cloud Tasks did not answer (ServiceUnavailable): try again later")


class Away:
    """A stage whose app cannot enqueue; `stage.world` can."""

    def __init__(self, folder: Path) -> None:
        self.stage: Stage = stage(folder)
        self.crm: Caller = self.stage.caller()
        self.connection = connected(self.stage, self.crm)
        self.crm.json("PUT", "/v1/tasks/old", CALL, expect=201)
        self.stage.queue.jobs.clear()
        self.crm.client = create_app(replace(self.stage.world, queue=QueueAway())).test_client()

    def swept(self, kind: SweepKind) -> list[str]:
        """The functions of the jobs that the sweep enqueues once the queue is back and what was due is overdue."""
        self.stage.clock.turn(minutes=10)
        done = sweep(self.stage.world, SweepPayload(kind=kind))
        assert isinstance(done, Swept)
        return [job.function for job in self.stage.queue.jobs]


@pytest.fixture
def away(tmp_path: Path) -> Away:
    return Away(tmp_path)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("PUT", "/v1/tasks/new", CALL, 201),
        ("PUT", "/v1/tasks/old", {**CALL, "title": "Visit"}, 200),
        ("PATCH", "/v1/tasks/old", {"title": "Visit"}, 200),
        ("POST", "/v1/tasks/batch", {"tasks": [{"id": "new", **CALL}]}, 200),
    ],
)
def test_a_write_is_answered_as_stored_and_swept_later(
    away: Away, method: str, path: str, body: object, status: int
) -> None:
    away.crm.json(method, path, body, expect=status)

    assert "sync_task" in away.swept("tasks")


@pytest.mark.parametrize("path", ["sync", "export", "import"])
def test_a_run_is_answered_as_begun_and_swept_later(away: Away, path: str) -> None:
    away.crm.json("POST", f"/v1/connections/{away.connection}/{path}", expect=202)

    assert away.swept("runs") == ["run_step"]


def test_a_webhook_is_answered_as_set_and_swept_later(away: Away) -> None:
    away.crm.json("PUT", "/v1/webhook", {"url": "http://127.0.0.1:9/hook"})

    assert away.swept("webhooks") == ["deliver_changes"]


def test_a_deletion_is_answered_as_done_and_swept_later(away: Away) -> None:
    assert away.crm.call("DELETE", "/v1/tasks/old").status_code == 204

    assert away.swept("tasks") == ["sync_task"]


def test_what_was_left_is_logged_with_its_cause(away: Away) -> None:
    away.crm.json("PUT", "/v1/tasks/new", CALL, expect=201)

    (line,) = [line for line in away.stage.log.lines if line["outcome"] == "left_to_sweep"]
    assert (line["flow"], line["function"], line["task"]) == ("enqueue", "sync_task", "new")
    assert "did not answer" in str(line["detail"])
