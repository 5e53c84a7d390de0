"""A demo as a person starts it, and a person in front of its page."""

import os
import queue
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import FrameLocator, Locator, Page, expect

MAIN = Path(__file__).parents[2] / "main.py"
STARTS_WITHIN_S = 60.0
TWO_SECONDS_MS = 2000
SLOWLY_MS = 20_000
"""For what has no promise to be quick: first syncs, second looks, restarts."""


@contextmanager
def running_demo(data: Path) -> Iterator[str]:
    """A demo of its own process and data folder; gives its address."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TANDEM_")}
    process = subprocess.Popen(
        [sys.executable, str(MAIN), "demo", "--port", "0"],
        env={**environment, "TANDEM_DATA": str(data)}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield _address(process)
    finally:
        process.kill()
        process.wait(30)


def _address(process: subprocess.Popen[str]) -> str:
    """What it says to open; its output is read on, so that it never waits for a reader."""
    found: queue.SimpleQueue[str] = queue.SimpleQueue()

    def read() -> None:
        assert process.stdout is not None
        with process.stdout as said:
            for line in said:
                if match := re.match(r"Open (http://\S+?)\. ", line):
                    found.put(match[1])
        found.put("")

    threading.Thread(target=read, daemon=True).start()
    address = found.get(timeout=STARTS_WITHIN_S)
    assert address, "the demo ended before it said what to open"
    return address


class Visitor:
    """Somebody at the demo's page, with the words that they read and press."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        page.goto(f"{address}/")
        expect(page.locator("#standing-text")).not_to_have_text("Starting…")

    @property
    def calendar(self) -> FrameLocator:
        """The calendar beside the CRM."""
        return self.page.frame_locator("#calendar")

    @property
    def log(self) -> Locator:
        """The log's lines, newest first."""
        return self.page.locator("#entries .entry")

    @property
    def standing(self) -> Locator:
        """How the connection stands."""
        return self.page.locator("#standing-text")

    @property
    def notices(self) -> Locator:
        """What waits for a decision or an act."""
        return self.page.locator("#notices")

    def connects(self) -> None:
        """The calendar is connected, if it was not before, and the first sync is over."""
        if self.standing.inner_text() == "Not connected":
            self.begins_to_connect()
            self.presses("Continue")
        expect(self.standing).to_contain_text("In step", timeout=SLOWLY_MS)
        expect(self.event("Sign the contract")).to_be_visible(timeout=SLOWLY_MS)

    def begins_to_connect(self) -> None:
        """The first of the two clicks."""
        self.page.get_by_role("button", name="Connect Anna").click()

    def presses(self, name: str) -> None:
        """The button of this name is pressed."""
        self.page.get_by_role("button", name=name, exact=True).first.click()

    def task(self, title: str) -> Locator:
        """A task in the CRM's list."""
        return self.page.locator("#tasks .task", has_text=title)

    def event(self, title: str) -> Locator:
        """An event in the calendar."""
        return self.calendar.locator(".event", has_text=title)

    def line(self, text: str) -> Locator:
        """A line of the log."""
        return self.page.locator("#entries .entry", has_text=text)

    def makes(self, title: str, *, day: str | None = None, start: str = "08:00", end: str = "09:00") -> None:
        """A new task of this title is saved in the CRM; the day is the week's first unless it is said."""
        self.presses("New task")
        form = self.page.locator("#form")
        form.get_by_label("Title", exact=True).fill(title)
        if day is not None:
            form.get_by_label("Start date").fill(day)
            form.get_by_label("End date").fill(day)
        form.get_by_label("Start time").fill(start)
        form.get_by_label("End time").fill(end)
        self.presses("Save")
        expect(form).to_be_hidden()

    def makes_series(self, title: str, *, start: str, end: str) -> None:
        """A task that repeats every day, from the week's first day on, is saved in the CRM."""
        self.presses("New task")
        form = self.page.locator("#form")
        form.get_by_label("Title", exact=True).fill(title)
        form.get_by_label("Start time").fill(start)
        form.get_by_label("End time").fill(end)
        form.get_by_label("Repeats").select_option("Every day")
        self.presses("Save")
        expect(form).to_be_hidden()

    def renames(self, title: str, *, nth: int, to: str, scope: str | None = None) -> None:
        """The nth event of this title that the calendar shows gets another; or it and those that the scope names."""
        self.event(title).nth(nth).click()
        self.calendar.get_by_label("Title", exact=True).fill(to)
        if scope is not None:
            self.calendar.get_by_label("Changes touch").select_option(scope)
        self.calendar.get_by_role("button", name="Save").click()

    def opens(self, title: str) -> Locator:
        """The task's form is open."""
        self.task(title).locator(".open").click()
        form = self.page.locator("#form")
        expect(form.locator("#form-title")).to_contain_text(title)
        return form

    def in_step(self, title: str) -> None:
        """The task is said to be in step."""
        expect(self.task(title).locator(".chip")).to_have_text("In step", timeout=SLOWLY_MS)

    def makes_trouble(self, title: str) -> None:
        """A button of the trouble list is pressed."""
        self.presses("Make trouble")
        self.page.locator("#troubles button", has_text=title).click()

    def drags(self, title: str, *, hours: float) -> None:
        """The event is dragged down by so many hours."""
        event = self.event(title)
        event.scroll_into_view_if_needed()
        before, hour = event.bounding_box(), self.calendar.locator(".hours span").nth(0).bounding_box()
        other = self.calendar.locator(".hours span").nth(1).bounding_box()
        assert before is not None
        assert hour is not None
        assert other is not None
        height = other["y"] - hour["y"]
        x, y = before["x"] + before["width"] / 2, before["y"] + 10
        mouse = self.page.mouse
        mouse.move(x, y)
        mouse.down()
        mouse.move(x, y + hours * height / 2, steps=4)
        mouse.move(x, y + hours * height, steps=4)
        mouse.up()


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """What is done inside took no longer."""
    began = time.monotonic()
    yield
    assert time.monotonic() - began <= seconds
