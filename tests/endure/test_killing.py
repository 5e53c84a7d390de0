"""A few kills of one process; `make endure` has fifty. The same in pieces: tests/gcp/test_split_deployment.py."""

from __future__ import annotations

from pathlib import Path

from infra.simulator.server import RunningSimulator
from tests.endure.killing import SAFETY, OneMachine, bugs, endured
from tests.scenarios.stage import Server

KILLS = 5


def test_a_server_killed_again_and_again_loses_and_doubles_nothing(tmp_path: Path) -> None:
    with RunningSimulator() as simulator:
        server = Server(tmp_path / "data", simulator.addresses, **SAFETY)
        machine = OneMachine(server)
        try:
            done = endured(server, simulator, machine, kills=KILLS, seed=7)
        finally:
            server.stop()

    assert [*done.wrong, *machine.sound(), *bugs(server.lines)] == []
    assert (done.kills, done.book.crm_edits > 0, done.book.google_edits > 0) == (KILLS, True, True)
