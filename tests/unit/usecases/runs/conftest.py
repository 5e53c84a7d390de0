"""Each test has a deployment of its own."""

from pathlib import Path

import pytest

from tests.unit.usecases.runs.stage import Stage


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)
