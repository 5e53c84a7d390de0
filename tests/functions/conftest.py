"""A place to connect accounts in, and a browser in front of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.google.worlds import Place, place


@pytest.fixture(name="here")
def a_place(tmp_path: Path) -> Iterator[Place]:
    with place(tmp_path) as made:
        yield made


@pytest.fixture
def browser(here: Place) -> FlaskClient:
    return here.browser()
