"""The API fed by schemathesis from its own document: no fault of ours, no answer that is not documented."""

from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from functions.api.app import RESOURCES
from functions.api.operation import Operation
from shared.errors import Moved
from tests.counting import CountingStore
from tests.functions.api.stage import Caller, Stage, connected, stage

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
OPERATIONS = [operation for resource in RESOURCES for operation in resource.operations]
EXAMPLES = 12


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Stage, Caller]:
    folder: Path = tmp_path_factory.mktemp("fuzz")
    made = stage(folder)
    return made, made.caller()


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_any_request_has_a_documented_answer(
    fuzzed: tuple[Stage, Caller], operation: Operation, mode: GenerationMode
) -> None:
    here, crm = fuzzed
    connected(here, crm)
    described = schemathesis.openapi.from_wsgi("/openapi.json", here.app)[operation.path][operation.method]

    @given(case=described.as_strategy(generation_mode=mode))
    @settings(max_examples=EXAMPLES, database=None, suppress_health_check=list(HealthCheck))
    def answered(case: Case[Any]) -> None:
        case.call_and_validate(headers={"Authorization": f"Bearer {crm.key}"}, checks=CHECKS)

    answered()


def test_undocumented_answer_is_noticed(stage: Stage, crm: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    def elsewhere(*_: object) -> None:
        raise Moved(to="elsewhere")

    monkeypatch.setattr(CountingStore, "count", elsewhere)
    described = schemathesis.openapi.from_wsgi("/openapi.json", stage.app)["/v1/status"]["GET"]
    case = described.Case()

    with pytest.raises(FailureGroup, match="Undocumented status code"):
        case.call_and_validate(headers={"Authorization": f"Bearer {crm.key}"}, checks=CHECKS)
