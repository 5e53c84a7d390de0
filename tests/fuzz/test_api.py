"""Sequences of calls that the API's own document leads to: no fault of ours, nothing undocumented, nothing let in."""

from __future__ import annotations

from pathlib import Path

from tests.fuzz.api import run, workflow

EXAMPLES = 25


def test_sequences_of_calls_have_documented_answers(tmp_path: Path) -> None:
    machine, answered = workflow(tmp_path)

    run(machine, examples=EXAMPLES)

    assert {status for _, status in answered} >= {200, 201, 202, 401, 404}
    assert len({label for label, _ in answered}) > 15
