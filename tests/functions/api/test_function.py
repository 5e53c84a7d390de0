"""The function that the platform serves."""

from pathlib import Path

import pytest
from flask import Flask

import functions.api
from infra import wiring
from tests.functions.api.stage import Stage, stage


def answered(path: str, key: str) -> tuple[int, str]:
    with Flask(__name__).test_request_context(path, headers={"Authorization": f"Bearer {key}"}) as context:
        answer = functions.api.api(context.request)
    return answer.status_code, answer.get_data(as_text=True)


def test_request_of_the_platform_reaches_the_app(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wiring, "world", lambda: stage.world)
    crm = stage.caller()

    status, body = answered("/v1/tenant", crm.key)

    assert (status, crm.tenant in body) == (200, True)


def test_answer_without_a_body_claims_no_type_on_the_platform_either(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wiring, "world", lambda: stage.world)
    headers = {"Authorization": f"Bearer {stage.caller().key}"}

    with Flask(__name__).test_request_context("/v1/tasks/nothing", method="DELETE", headers=headers) as context:
        answer = functions.api.api(context.request)

    assert answer.status_code == 204
    assert "Content-Type" not in answer.headers


@pytest.fixture
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("elsewhere")


def test_another_world_has_another_app(tmp_path: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = stage(tmp_path), stage(elsewhere)
    monkeypatch.setattr(wiring, "world", lambda: first.world)
    key = first.caller().key
    assert answered("/v1/tenant", key)[0] == 200

    monkeypatch.setattr(wiring, "world", lambda: second.world)

    assert answered("/v1/tenant", key)[0] == 401
