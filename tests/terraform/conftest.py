"""The tables, evaluated once a run."""

import pytest

from tests.terraform.tables import Tables, declared


@pytest.fixture(scope="session")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    """What is deployed."""
    return declared(tmp_path_factory.mktemp("terraform"))
