"""What Tandem adds to what it cannot avoid, as ratios of medians measured side by side in this run.

Seconds say little about another machine; a ratio of two things done in turn on one machine says which of them grew.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from infra.simulator.server import RunningSimulator
from shared.google.requests import EventsRequest
from shared.model.ids import CalendarId
from tests.usecases.bench import ANNA, MONDAY, Bench

ROUNDS = 15
CALL = {"user_id": "anna", "title": "Call", "start": f"{MONDAY}T10:00:00", "status": "open"}
ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def bench() -> Iterator[Bench]:
    """A bench with one connection."""
    with tempfile.TemporaryDirectory() as folder, RunningSimulator() as simulator:
        made = Bench(Path(folder), simulator)
        made.connect("anna")
        yield made


def taken(act: Callable[[], object]) -> float:
    """Milliseconds."""
    start = time.perf_counter()
    act()
    return (time.perf_counter() - start) * 1000


def tell(what: str, ours: list[float], bare: list[float], against: str) -> None:
    """One line: the ratio of the medians, and both."""
    own, other = statistics.median(ours), statistics.median(bare)
    click.echo(f"{own / other:6.2f} x  {what} ({own:.1f} ms) against {against} ({other:.1f} ms)")


def outbound() -> None:
    """A changed task taken to Google, against the bare patch."""
    with bench() as made:
        made.put("a", **CALL)
        made.run()
        google = made.world.google.calendar(made.simulator.google.access_token(ANNA))
        bare_id = "bench0bare0event"
        google.insert(
            CalendarId(ANNA),
            {"id": bare_id, "start": {"date": MONDAY}, "end": {"date": MONDAY}, "summary": "x"},
            notify="none",
        )
        ours: list[float] = []
        bare: list[float] = []
        for number in range(ROUNDS):
            made.put("a", title=f"Call {number}")
            ours.append(taken(made.run))
            etag = made.person().get(bare_id)["etag"]
            body = {"summary": f"Call {number}"}
            bare.append(
                taken(lambda etag=etag, body=body: google.patch(ANNA, bare_id, body, if_match=etag, notify="none"))  # type: ignore[misc]
            )
        tell("one changed task taken to Google", ours, bare, "the bare patch")


def inbound(changed: int) -> None:
    """A pull with changed events, against the bare list."""
    with bench() as made:
        for number in range(changed):
            made.put(f"t{number}", **CALL)
        made.run()
        link = made.task("t0").sync.connection
        if link is None:
            raise LookupError("the task has no connection")
        made.pull(link)
        google = made.world.google.calendar(made.simulator.google.access_token(ANNA))
        ours: list[float] = []
        bare: list[float] = []
        for turn in range(5):
            for number in range(changed):
                made.person().edit(str(made.task(f"t{number}").sync.event_id), summary=f"Visit {turn}")
            bare.append(taken(lambda: google.list(EventsRequest(calendar_id=CalendarId(ANNA)))))
            ours.append(taken(lambda: made.pull(link)))
        tell(f"a pull of {changed} changed events, decided and stored", ours, bare, "the bare full list")


def cold_start() -> None:
    """A function's imports in a fresh process, against Python's own start."""

    def started(code: str) -> float:
        return taken(lambda: subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True))

    bare = [started("pass") for _ in range(7)]
    for module in ("functions.calendar_webhook", "functions.sync_task", "functions.pull_calendar", "functions.api"):
        tell(f"{module} imported", [started(f"import {module}") for _ in range(7)], bare, "an empty process")


def main() -> None:
    """Run every comparison."""
    outbound()
    inbound(100)
    cold_start()


if __name__ == "__main__":
    main()
