"""Every test of the API has a stage of its own."""

from pathlib import Path

import pytest

from tests.functions.api.stage import Caller, Stage, stage


@pytest.fixture(name="stage")
def a_stage(tmp_path: Path) -> Stage:
    return stage(tmp_path)


@pytest.fixture
def crm(stage: Stage) -> Caller:
    return stage.caller()
