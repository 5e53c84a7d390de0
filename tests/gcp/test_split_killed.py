"""Functions of a deployment are killed at random under load from both sides, and nothing is lost or doubled."""

from __future__ import annotations

from pathlib import Path

from infra.simulator.server import RunningSimulator
from tests.emulator import RunningEmulator
from tests.endure.killing import SAFETY, Pieces, endured
from tests.gcp.split import SplitServer


def test_functions_killed_at_random_lose_and_double_nothing(
    firestore_emulator: RunningEmulator, production_python: Path, tmp_path: Path
) -> None:
    with RunningSimulator() as simulator:
        split = SplitServer(
            tmp_path, simulator.addresses, firestore=firestore_emulator.host, python=production_python, **SAFETY
        )
        try:
            done = endured(split, simulator, Pieces(split), kills=5, seed=7, pause_s=0.2)
        finally:
            split.stop()

    assert done.wrong == []
    assert (done.kills, done.book.crm_edits > 0, done.book.google_edits > 0) == (5, True, True)
