"""`python -m tests.endure`: the serving process killed again and again, on each store; 1 when anything is wrong."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import click

from infra.simulator.server import RunningSimulator
from tests.bootstrap import EMULATOR_REMEDY, find_firestore_emulator
from tests.emulator import running_emulator
from tests.endure.killing import SAFETY, Endured, OneMachine, Pieces, bugs, endured
from tests.gcp.split import SplitServer
from tests.scenarios.stage import Server


def on_sqlite(kills: int, seed: int) -> Endured:
    """One process and its data folder."""
    with tempfile.TemporaryDirectory() as folder, RunningSimulator(seed=seed) as simulator:
        server = Server(Path(folder) / "data", simulator.addresses, **SAFETY)
        machine = OneMachine(server)
        try:
            done = endured(server, simulator, machine, kills=kills, seed=seed)
        finally:
            server.stop()
        done.wrong += [*machine.sound(), *bugs(server.lines)]
        return done


def on_firestore(kills: int, seed: int) -> Endured:
    """A process for each function, over the Firestore emulator."""
    emulator = find_firestore_emulator()
    if emulator is None:
        raise click.ClickException(EMULATOR_REMEDY)
    with (
        tempfile.TemporaryDirectory() as folder,
        RunningSimulator(seed=seed) as simulator,
        running_emulator(emulator) as firestore,
    ):
        server = SplitServer(Path(folder), simulator.addresses, firestore=firestore.host, **SAFETY)
        try:
            done = endured(server, simulator, Pieces(server), kills=kills, seed=seed, pause_s=0.2)
        finally:
            server.stop()
        for name in server.urls:
            done.wrong += bugs(server.log(name).splitlines())
        return done


@click.command()
@click.option("--kills", default=50, show_default=True, type=click.IntRange(min=1))
@click.option("--seed", default=1, show_default=True, help="Decides what is chosen; say it again to choose the same.")
@click.option("--store", type=click.Choice(["sqlite", "firestore", "both"]), default="both", show_default=True)
def main(kills: int, seed: int, store: str) -> None:
    """Kill and look."""
    runs = {"sqlite": on_sqlite, "firestore": on_firestore}
    wrong = False
    for name in runs if store == "both" else (store,):
        done = runs[name](kills, seed)
        wrong |= bool(done.wrong)
        click.echo(f"{name}, seed {seed}: {done}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
