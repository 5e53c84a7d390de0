"""Runs and sweeps as their queue and scheduler call them."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask, Request

import functions.run_step
import functions.sweep
from infra import wiring
from shared.errors import UnknownKey
from shared.model.ids import RunId, TenantId
from shared.usecases.runs.runs import get_run, start_run
from tests.functions.api.stage import Stage, stage


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    made = stage(tmp_path)
    monkeypatch.setattr(wiring, "world", lambda: made.world)
    monkeypatch.setattr(wiring, "verify_job", lambda headers: None)
    return made


def sent(function: Callable[[Request], object], path: str, body: object) -> tuple[int, dict[str, str]]:
    data = json.dumps(body).encode()
    with Flask(__name__).test_request_context(path, method="POST", data=data) as context:
        answer = function(context.request)
    return answer.status_code, json.loads(answer.get_data(as_text=True))  # type: ignore[attr-defined]


def test_a_step_works_at_its_run(world: Stage) -> None:
    tenant = TenantId("t")
    run = start_run(world.world, tenant, kind="erase", user="nobody", options={"events": "keep"})

    answered = sent(functions.run_step.run_step, "/jobs/run-step", {"schema": 1, "tenant": tenant, "run": run})

    assert answered == (200, {"outcome": "done"})
    assert get_run(world.world, tenant, run).state == "done"


def test_a_step_of_an_unknown_run_is_done(world: Stage) -> None:
    payload = {"schema": 1, "tenant": "t", "run": RunId("none")}

    assert sent(functions.run_step.run_step, "/jobs/run-step", payload) == (200, {"outcome": "gone"})


@pytest.mark.parametrize("kind", ["tasks", "calendars", "runs", "orphans"])
def test_the_scheduler_names_the_kind_in_the_address(world: Stage, kind: str) -> None:
    answered = sent(functions.sweep.sweep, f"/jobs/sweep?kind={kind}", {})

    assert answered == (200, {"outcome": "nothing"})


def test_a_continuation_names_its_kind_and_place_in_the_payload(world: Stage) -> None:
    payload = {"schema": 1, "kind": "tasks", "after": ["2026-07-01T08:00:00Z", "tenants/t/tasks/1"]}

    assert sent(functions.sweep.sweep, "/jobs/sweep", payload) == (200, {"outcome": "nothing"})


def test_an_unknown_kind_is_answered_and_not_retried(world: Stage) -> None:
    assert sent(functions.sweep.sweep, "/jobs/sweep?kind=everything", {}) == (200, {"outcome": "unknown_kind"})


@pytest.mark.parametrize("function", [functions.run_step.run_step, functions.sweep.sweep])
def test_a_stranger_is_refused(
    world: Stage, monkeypatch: pytest.MonkeyPatch, function: Callable[[Request], object]
) -> None:
    def refuse(headers: object) -> None:
        raise UnknownKey

    monkeypatch.setattr(wiring, "verify_job", refuse)

    assert sent(function, "/jobs/x", {})[0] == 401
