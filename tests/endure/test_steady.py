"""Ten seconds of steady load; `make load` has two minutes of five times as much over 200 connections."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.endure.steady import Loaded, loaded


def test_steady_load_gives_no_error_and_little_lag(tmp_path: Path) -> None:
    done = loaded(tmp_path / "data", connections=10, changes_per_s=10, seconds=10, seed=7)

    assert done.complaints() == []
    assert done.changes > 90


def seen() -> Loaded:
    """As it should be."""
    return Loaded(connections=1, wanted_rate=10, changes=1000, took_s=100, oldest_s=[0.1] * 100, memory_mb=[80.0] * 100)


def test_load_that_went_well_gives_no_complaint() -> None:
    assert seen().complaints() == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("oldest_s", [0.1] * 99 + [31.0]),
        ("memory_mb", [80.0 + second for second in range(100)]),
        ("changes", 900),
        ("wrong", ["c1 has 1 tasks and 0 events"]),
    ],
)
def test_whatever_does_not_hold_is_told(name: str, value: object) -> None:
    done = seen()

    setattr(done, name, value)

    assert done.complaints() != []
