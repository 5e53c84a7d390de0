"""`python -m tests.endure kill` and `load`: the real parts under stress; ends with 1 when anything is wrong."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import click

from infra.simulator.server import RunningSimulator
from tests.bootstrap import EMULATOR_REMEDY, find_firestore_emulator
from tests.emulator import running_emulator
from tests.endure.killing import SAFETY, Endured, OneMachine, Pieces, bugs, endured
from tests.endure.steady import loaded
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


seeded = click.option("--seed", default=1, show_default=True, help="Decides what is chosen; the same again, the same.")


@click.group()
def main() -> None:
    """What holds on the real parts."""


@main.command()
@click.option("--kills", default=50, show_default=True, type=click.IntRange(min=1))
@click.option("--store", type=click.Choice(["sqlite", "firestore", "both"]), default="both", show_default=True)
@seeded
def kill(kills: int, seed: int, store: str) -> None:
    """Kill the serving process at random under load from both sides."""
    runs = {"sqlite": on_sqlite, "firestore": on_firestore}
    wrong = False
    for name in runs if store == "both" else (store,):
        done = runs[name](kills, seed)
        wrong |= bool(done.wrong)
        click.echo(f"{name}, seed {seed}: {done}")
    sys.exit(1 if wrong else 0)


@main.command()
@click.option("--connections", default=200, show_default=True, type=click.IntRange(min=1))
@click.option("--rate", default=50.0, show_default=True, help="Changes a second, half from each side.")
@click.option("--seconds", default=120.0, show_default=True)
@seeded
def load(connections: int, rate: float, seconds: float, seed: int) -> None:
    """Change steadily from both sides, and watch lag and memory."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        done = loaded(data, connections=connections, changes_per_s=rate, seconds=seconds, seed=seed)
    click.echo(f"seed {seed}: {done}")
    sys.exit(1 if done.complaints() else 0)


if __name__ == "__main__":
    main()
