"""Load from both sides: a CRM that writes by the API and repeats what was not answered, and people in Google Calendar.

What a thread chooses comes from its own seeded chance. A choice is in the `Book` before it can be seen elsewhere.
"""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from random import Random
from typing import Any

import requests

from tests.endure.wanted import LENGTH, Book, Fate, Wanted, slot
from tests.scenarios.stage import Connected

AGAIN_S = 0.05
GIVE_UP_S = 60.0


class Side(threading.Thread, ABC):
    """Acts until it is told to stop, at a steady pace.

    Args:
        chance: Of this thread alone.
        pause_s: Between two acts, on average.
    """

    def __init__(self, name: str, book: Book, chance: Random, pause_s: float) -> None:
        super().__init__(name=name, daemon=True)
        self.book, self.chance, self.pause_s = book, chance, pause_s
        self._ending = threading.Event()
        self.fault: BaseException | None = None

    def run(self) -> None:
        """Act and pause in turn; a fault ends it and is told by `end`."""
        try:
            while not self._ending.wait(self.chance.uniform(0, 2 * self.pause_s)):
                self.act()
        except BaseException as fault:  # noqa: BLE001 - raised again where the thread is joined
            self.fault = fault

    @abstractmethod
    def act(self) -> None:
        """One act."""

    def end(self) -> None:
        """No further act; what made it fail is raised here."""
        self._ending.set()
        self.join(GIVE_UP_S * 2)
        if self.fault is not None:
            raise self.fault


class CrmSide(Side):
    """Writes, changes and deletes tasks. A call that was not answered is made again, as it was, until it is."""

    def __init__(self, url: str, key: str, users: list[str], book: Book, chance: Random, pause_s: float) -> None:
        super().__init__("crm", book, chance, pause_s)
        self._url, self._users = url, users
        self._http = requests.Session()
        self._http.headers["Authorization"] = f"Bearer {key}"
        self._number = 0

    def act(self) -> None:
        acts: list[Callable[[], None]] = [self._make] * 3 + [self._retitle] * 4 + [self._move] * 2 + [self._delete]
        self.chance.choice(acts)()
        self.book.crm_edits += 1

    def _make(self) -> None:
        number = self._number = self._number + 1
        # People bin less than a quarter of what there is, however fast: the brake would stop them.
        fates: list[Fate] = ["kept", "kept", "kept", "deleted", "binned"]
        made = Wanted(
            label=f"c{number}",
            fate=fates[number % 5],
            born="crm",
            title=f"c{number} new",
            starts={"crm": slot(2 * number)},
        )
        with self.book.open() as book:
            book[made.label] = made
        body = {"user_id": self._users[number % len(self._users)], "title": made.title, **_times(made)}
        self._told("PUT", made, body)

    def _retitle(self) -> None:
        chosen = self._one("kept", "deleted")
        if chosen is not None:
            chosen.title = f"{chosen.label} by crm {self.book.crm_edits}"
            self._told("PATCH", chosen, {"title": chosen.title})

    def _move(self) -> None:
        chosen = self._one("kept", "deleted")
        if chosen is not None:
            chosen.starts["crm"] = slot(2 * (self._number + self.book.crm_edits))
            self._told("PATCH", chosen, _times(chosen))

    def _delete(self) -> None:
        chosen = self._one("deleted")
        if chosen is not None:
            chosen.gone = True
            self._told("DELETE", chosen, None)

    def _one(self, *fates: Fate) -> Wanted | None:
        living = self.book.living(*fates)
        return living[int(self.chance.random() * len(living))] if living else None

    def _told(self, method: str, wanted: Wanted, body: object) -> None:
        """The call is answered with a 2xx, whatever it takes."""
        deadline = time.monotonic() + GIVE_UP_S
        while True:
            try:
                answer = self._http.request(method, f"{self._url}/v1/tasks/{wanted.label}", json=body, timeout=30)
            except requests.RequestException:
                answer = None
            if answer is not None and answer.ok:
                return
            if answer is not None and answer.status_code not in {429, 503}:
                self.book.faults.append(f"{method} {wanted.label}: {answer.status_code} {answer.text[:300]}")
                return
            if time.monotonic() > deadline:
                raise AssertionError(f"{method} {wanted.label} was not answered within {GIVE_UP_S} s")
            self.book.tries_again += 1
            time.sleep(AGAIN_S)


class PeopleSide(Side):
    """Makes, changes and bins events in the calendars of several people."""

    def __init__(self, people: list[Connected], book: Book, chance: Random, pause_s: float) -> None:
        super().__init__("people", book, chance, pause_s)
        self._people = people
        self._number = 0

    def act(self) -> None:
        acts = [self._make, *[self._relocate] * 4, *[self._move] * 2, self._bin]
        chosen = self.chance.choice(acts)
        whose = self._people[int(self.chance.random() * len(self._people))]
        draw = self.chance.random()
        with whose.stage.google() as google:
            chosen(google.person(whose.account), draw)

    def _make(self, person: Any, _: float) -> None:  # noqa: ANN401 - a person's verbs
        number = self._number = self._number + 1
        title = f"g{number} made by hand"
        made = Wanted(
            label=f"g{number}", fate="kept", born="google", title=title, starts={"google": slot(2 * number + 1)}
        )
        with self.book.open() as book:
            book[made.label] = made
        person.create(title, made.starts["google"], made.starts["google"] + LENGTH)
        self.book.google_edits += 1

    def _relocate(self, person: Any, draw: float) -> None:  # noqa: ANN401 - a person's verbs
        found = self._event(person, draw, "kept")
        if found is not None:
            event, wanted = found
            wanted.location = f"room {self.book.google_edits}"
            person.edit(event["id"], location=wanted.location)
            self.book.google_edits += 1

    def _move(self, person: Any, draw: float) -> None:  # noqa: ANN401 - a person's verbs
        found = self._event(person, draw, "kept")
        if found is not None:
            event, wanted = found
            wanted.starts["google"] = slot(2 * (self._number + self.book.google_edits) + 1)
            person.move(event["id"], wanted.starts["google"])
            self.book.google_edits += 1

    def _bin(self, person: Any, draw: float) -> None:  # noqa: ANN401 - a person's verbs
        found = self._event(person, draw, "binned")
        if found is not None:
            event, wanted = found
            wanted.gone = True
            person.delete(event["id"])
            self.book.google_edits += 1

    def _event(self, person: Any, draw: float, fate: Fate) -> tuple[Any, Wanted] | None:  # noqa: ANN401 - the same
        """A shown event whose entry has this fate."""
        with self.book.open() as book:
            shown = [(event, book.get(event.get("summary", "").partition(" ")[0])) for event in person.events()]
        fit = [(event, wanted) for event, wanted in shown if wanted is not None and wanted.fate == fate]
        return fit[int(draw * len(fit))] if fit else None


def _times(wanted: Wanted) -> dict[str, str]:
    start = wanted.starts["crm"]
    return {"start": start.isoformat(), "end": (start + LENGTH).isoformat()}
