"""A deployment with one tenant, one user and her Google account, and words for telling traces; see `story`."""

from __future__ import annotations

import pytest

from tests.simulation.story import Story


@pytest.fixture
def story() -> Story:
    return Story()
