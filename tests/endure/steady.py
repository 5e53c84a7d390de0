"""Load that goes on: many connections, a steady number of changes a second from both sides, one server: `loaded`."""

from __future__ import annotations

import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from threading import Lock, local

import requests

from infra.simulator.server import RunningSimulator
from tests.endure.killing import bugs
from tests.endure.verdict import Verdict
from tests.endure.wanted import LENGTH, Book, Wanted, slot
from tests.scenarios.stage import Connected, Server, Stage, eventually
from tests.webhooks.receiver import receiving

SETTLED_WITHIN_S = 120.0
SAMPLE_S = 1.0
WRITERS = 16
LONGEST_LAG_S = 30.0
MOST_GROWTH = 1.2
"""Memory of the last quarter against that of the second one, by which time every thread and cache is there."""


@dataclass(slots=True, kw_only=True)
class Loaded:
    """What was seen under load."""

    connections: int
    wanted_rate: float
    changes: int = 0
    took_s: float = 0.0
    settled_s: float = 0.0
    oldest_s: list[float] = field(default_factory=list)
    memory_mb: list[float] = field(default_factory=list)
    cpu_s: float = 0.0
    answers_ms: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def growth(self) -> float:
        """How much larger memory is at the end than when everything was warm."""
        quarter = max(1, len(self.memory_mb) // 4)
        return statistics.median(self.memory_mb[-quarter:]) / statistics.median(self.memory_mb[quarter : 2 * quarter])

    def complaints(self) -> list[str]:
        """What does not hold."""
        found = list(self.wrong)
        if (lag := max(self.oldest_s)) > LONGEST_LAG_S:
            found.append(f"a task waited {lag:.0f} s")
        if self.growth > MOST_GROWTH:
            found.append(f"memory grew to {self.growth:.2f} of what it was")
        if self.changes < 0.95 * self.wanted_rate * self.took_s:
            found.append(f"only {self.changes / self.took_s:.1f} changes a second could be made")
        return found

    def __str__(self) -> str:
        answers = statistics.quantiles(self.answers_ms, n=100)
        return (
            f"{self.connections} connections, {self.changes} changes in {self.took_s:.0f} s; longest wait of a task "
            f"{max(self.oldest_s):.1f} s, median {statistics.median(self.oldest_s):.1f} s; settled "
            f"{self.settled_s:.1f} s after the last; an API call took {statistics.median(self.answers_ms):.0f} ms, "
            f"95 % within {answers[94]:.0f} ms; memory {self.memory_mb[0]:.0f} MB at first, {self.memory_mb[-1]:.0f} "
            f"at the end, {self.growth:.2f} of the warm one; {self.cpu_s / self.took_s:.2f} of a core; "
            f"{self.complaints()[:20] or 'nothing wrong'}"
        )


class Crowd:
    """Many people, each with a task in the calendar, and a CRM that calls over several connections."""

    def __init__(self, stage: Stage, size: int) -> None:
        self.stage, self.book = stage, Book()
        self.key = str(stage.crm._http.headers["Authorization"])
        self.people = [self._person(number) for number in range(size)]
        for each in self.people:
            eventually(lambda each=each: each.now()["last_sync_at"], within_s=120, what="connected")  # type: ignore[misc]
        self.tasks = [self._task(number) for number in range(size)]
        eventually(
            lambda: stage.crm.ok("GET", "/v1/status")["tasks"].get("synced") == size, within_s=120, what="synced"
        )
        self.events = [stage.crm.task(each.label)["sync_state"]["event_id"] for each in self.tasks]
        self._own, self._turns = local(), [Lock() for _ in self.tasks]

    def _person(self, number: int) -> Connected:
        user = f"u{number}"
        account = self.stage.account(user)
        made = self.stage.crm.ok("POST", "/v1/connections", {"user_id": user, "settings": {"conflict": "crm_wins"}})
        self.stage.consent(made["authorize_url"], account)
        return Connected(self.stage, made["id"], account, user)

    def _task(self, number: int) -> Wanted:
        start = slot(number)
        title = f"c{number} new"
        made = Wanted(label=f"c{number}", fate="kept", born="crm", title=title, starts={"crm": start})
        self.book.of[made.label] = made
        times = {"start": start.isoformat(), "end": (start + LENGTH).isoformat()}
        self.stage.crm.put(made.label, user_id=f"u{number}", title=title, **times)
        return made

    def by_crm(self, number: int, turn: int) -> float:
        """The CRM changes a title; milliseconds until it was answered."""
        wanted = self.tasks[number]
        if not hasattr(self._own, "http"):
            self._own.http = requests.Session()
            self._own.http.headers["Authorization"] = self.key
        url = f"{self.stage.server.url}/v1/tasks/{wanted.label}"
        with self._turns[number]:
            wanted.title = f"{wanted.label} turn {turn}"
            began = time.perf_counter()
            answer = self._own.http.patch(url, json={"title": wanted.title}, timeout=60)
        if not answer.ok:
            self.book.faults.append(f"{answer.status_code} {answer.text[:200]}")
        return (time.perf_counter() - began) * 1000

    def by_person(self, number: int, turn: int) -> None:
        """A person changes a place."""
        wanted = self.tasks[number]
        wanted.location = f"room {turn}"
        self.people[number].person.edit(self.events[number], location=wanted.location)


def loaded(folder: Path, *, connections: int, changes_per_s: float, seconds: float, seed: int) -> Loaded:
    """Connect so many, change so much for so long, half from each side, and look."""
    done = Loaded(connections=connections, wanted_rate=changes_per_s)
    chance = Random(f"{seed} load")
    with RunningSimulator(seed=seed) as simulator, receiving() as receiver:
        server = Server(folder, simulator.addresses, TANDEM_COALESCE_S="2", TANDEM_LOG_LEVEL="WARNING")
        try:
            stage = Stage(server, simulator, f"load-{seed}")
            stage.crm.ok("PUT", "/v1/webhook", {"url": receiver.url})
            crowd = Crowd(stage, connections)
            _changed(done, crowd, chance, seconds)
            began = time.monotonic()
            verdict = Verdict(stage.crm, crowd.people, crowd.book, receiver)
            while wrong := verdict.wrong():
                if time.monotonic() - began > SETTLED_WITHIN_S:
                    break
                time.sleep(SAMPLE_S)
            done.settled_s = time.monotonic() - began
            done.wrong += wrong
        finally:
            server.stop()
        done.wrong += bugs(server.lines)
    return done


def _changed(done: Loaded, crowd: Crowd, chance: Random, seconds: float) -> None:
    """Changes at the wanted rate, with a look at the server every second."""
    server, size = crowd.stage.server, len(crowd.tasks)
    cpu_s, began = server.cpu_s(), time.monotonic()
    looked = began
    with ThreadPoolExecutor(WRITERS) as writers:
        calls = []
        while (now := time.monotonic()) - began < seconds:
            number = chance.randrange(size)
            if done.changes % 2:
                crowd.by_person(number, done.changes)
            else:
                calls.append(writers.submit(crowd.by_crm, number, done.changes))
            done.changes += 1
            if now - looked >= SAMPLE_S:
                looked = now
                done.oldest_s.append(crowd.stage.crm.ok("GET", "/v1/status")["oldest_pending_s"] or 0.0)
                done.memory_mb.append(server.memory_mb())
            time.sleep(max(0.0, began + done.changes / done.wanted_rate - time.monotonic()))
        done.answers_ms = [call.result() for call in calls]
    done.took_s, done.cpu_s = time.monotonic() - began, server.cpu_s() - cpu_s
