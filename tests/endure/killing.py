"""The serving process is killed at random moments under load from both sides, and started again. Start at `endured`."""

from __future__ import annotations

import sqlite3
import time
from dataclasses import dataclass, field
from random import Random
from typing import Protocol

from infra.simulator.server import RunningSimulator
from tests.endure.two_sides import CrmSide, PeopleSide
from tests.endure.verdict import Verdict
from tests.endure.wanted import Book
from tests.gcp.split import SplitServer
from tests.scenarios.stage import Server, Stage
from tests.webhooks.receiver import receiving

SETTLED_WITHIN_S = 240.0
"""A job that was lost between its commit and its enqueue is overdue, and so found by the sweep, after two minutes."""
LOOK_S = 0.5
SAFETY = {"TANDEM_SAFETY_PULL_S": "10"}
KILLABLE = ("api", "calendar_webhook", "sync_task", "pull_calendar", "run_step", "deliver_changes", "sweep")


class Victim(Protocol):
    """What is killed."""

    def strike(self, chance: Random) -> str:
        """One process is gone at once and, a moment later, there again; which."""

    def recovered(self) -> None:
        """Everything answers again."""


class OneMachine:
    """A server that is one process; now and then it dies again while it is still starting."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def strike(self, chance: Random) -> str:
        self._server.kill()
        early = chance.random() < 0.2
        if early:
            self._server.launch()
            time.sleep(chance.uniform(0, 1.5))
            self._server.kill()
        self._server.start()
        return "twice, once while starting" if early else "once"

    def recovered(self) -> None:
        """Done: a strike waits for it."""

    def sound(self) -> list[str]:
        """What SQLite itself finds wrong in the files."""
        found = []
        for path in sorted(self._server.folder.glob("*.sqlite")):
            with sqlite3.connect(path) as connection:
                found += [f"{path.name}: {row[0]}" for row in connection.execute("PRAGMA integrity_check")]
            connection.close()
        return [each for each in found if not each.endswith(": ok")]


class Pieces:
    """A deployment of which one function loses its processes."""

    def __init__(self, server: SplitServer) -> None:
        self._server = server

    def strike(self, chance: Random) -> str:
        name = chance.choice(KILLABLE)
        self._server.kill_one(name)
        time.sleep(chance.uniform(0, 0.5))
        self._server.start_one(name)
        return name

    def recovered(self) -> None:
        self._server.all_answer()


@dataclass(slots=True, kw_only=True)
class Endured:
    """What a run came to."""

    kills: int = 0
    took_s: float = 0.0
    settled_s: float = 0.0
    wrong: list[str] = field(default_factory=list)
    book: Book = field(default_factory=Book)
    struck: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.kills} kills in {self.took_s:.0f} s; CRM: {self.book.crm_edits} calls, repeated for want of an "
            f"answer {self.book.tries_again}; people: {self.book.google_edits} edits; {len(self.book.of)} tasks; "
            f"settled after {self.settled_s:.1f} s; wrong: {self.wrong[:20] or 'nothing'}"
        )


def endured(
    server: Server, simulator: RunningSimulator, victim: Victim, *, kills: int, seed: int, pause_s: float = 0.04
) -> Endured:
    """Kill so often, let it settle, and look.

    Args:
        server: Serves, and answers at its address whenever it is not dead.
        victim: Of that server.
        seed: Decides when and what is killed and what either side chooses to do.
        pause_s: Between two acts of a side, on average.
    """
    done = Endured()
    chance = Random(f"{seed} kills")
    stage = Stage(server, simulator, f"endure-{seed}-{kills}")
    with receiving() as receiver:
        stage.crm.ok("PUT", "/v1/webhook", {"url": receiver.url})
        settings = {"conflict": "crm_wins", "import_external": "all"}
        people = [stage.connect(name, settings=settings) for name in ("anna", "ben")]
        key = str(stage.crm._http.headers["Authorization"]).removeprefix("Bearer ")
        users = [each.user for each in people]
        crm = CrmSide(server.url, key, users, done.book, Random(f"{seed} crm"), pause_s)
        hands = PeopleSide(people, done.book, Random(f"{seed} people"), pause_s * 4)
        began = time.monotonic()
        crm.start()
        hands.start()
        try:
            for _ in range(kills):
                time.sleep(chance.uniform(0.05, 2.0))
                done.struck.append(victim.strike(chance))
                done.kills += 1
        finally:
            hands.end()
            crm.end()
        victim.recovered()
        done.took_s = time.monotonic() - began
        verdict = Verdict(stage.crm, people, done.book, receiver)
        done.settled_s, done.wrong = _settled(verdict)
        for each in people:  # another round changes nothing
            each.sync()
        done.wrong += [] if done.wrong else verdict.wrong()
    return done


def _settled(verdict: Verdict) -> tuple[float, list[str]]:
    began = time.monotonic()
    while True:
        wrong = verdict.wrong() or verdict.untold()
        waited_s = time.monotonic() - began
        if not wrong or waited_s > SETTLED_WITHIN_S:
            return waited_s, wrong
        time.sleep(LOOK_S)


def bugs(lines: list[str]) -> list[str]:
    """Lines of a log that nothing should ever write."""
    return [line.strip() for line in lines if '"outcome":"bug"' in line or "Traceback" in line]
