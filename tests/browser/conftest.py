"""A real Chromium for page tests. A page that logs an error, throws or asks another machine for things fails its test.

The browser lives as long as one test file: playwright keeps an event loop running in this thread while it is open, and
files that run loops of their own come before or after. Start at `page`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

from infra.simulator.server import RunningSimulator
from tests.browser.demo import Visitor, running_demo

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
ARGUMENTS = (
    "--no-sandbox",  # containers run as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)
PATIENCE_MS = 10_000
WEDNESDAY = datetime(2026, 11, 25, 10, 20, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """What a person looks at: its size in CSS pixels, and whether the system prefers dark."""

    width: int
    height: int
    dark: bool = False
    touch: bool = False


class Look(Enum):
    """The three ways in which every page is looked at."""

    LIGHT = Screen(width=1280, height=800)
    DARK = Screen(width=1280, height=800, dark=True)
    PHONE = Screen(width=390, height=844, touch=True)


@contextmanager
def launched(chromium: Path) -> Iterator[Browser]:
    """A running browser, closed with its event loop at the end of the block."""
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS)) as browser,
    ):
        yield browser


@pytest.fixture(scope="module")
def browser(chromium: Path) -> Iterator[Browser]:
    """One browser for the file; each page has cookies and storage of its own."""
    with launched(chromium) as browser:
        yield browser


@pytest.fixture
def page_faults() -> list[str]:
    """What pages did wrong so far. A test that provokes a fault on purpose asserts it and clears the list."""
    return []


@pytest.fixture
def new_page(browser: Browser, page_faults: list[str]) -> Iterator[Callable[[Look], Page]]:
    """Opens an empty page of a person of their own, in English, in Berlin; at the end no page may have a fault."""
    contexts = []

    def opened(look: Look) -> Page:
        screen = look.value
        context = browser.new_context(
            viewport={"width": screen.width, "height": screen.height},
            color_scheme="dark" if screen.dark else "light",
            is_mobile=screen.touch,
            has_touch=screen.touch,
            reduced_motion="reduce",
            locale="en-GB",
            timezone_id="Europe/Berlin",
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        _watch(page, page_faults)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert page_faults == []


@pytest.fixture
def page(new_page: Callable[[Look], Page]) -> Page:
    """A light page on a desk."""
    return new_page(Look.LIGHT)


@pytest.fixture(params=list(Look), ids=lambda look: look.name.lower())
def page_in_each_look(request: pytest.FixtureRequest, new_page: Callable[[Look], Page]) -> Page:
    """The test runs three times: light, dark and on a phone."""
    look: Look = request.param
    return new_page(look)


@pytest.fixture
def simulator() -> Iterator[RunningSimulator]:
    """Give a simulator on a Wednesday in November."""
    with RunningSimulator() as running:
        running.clock.stop_at(WEDNESDAY)
        yield running


def _watch(page: Page, faults: list[str]) -> None:
    def logged(message: ConsoleMessage) -> None:
        # An answer that is not 2xx is logged too; which answers are right is the test's own claim.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            faults.append(f"logged an error: {message.text}")

    def asked(request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in {"http", "https", "ws", "wss"} and address.hostname not in LOOPBACK:
            faults.append(f"asked another machine: {request.url}")

    page.on("pageerror", lambda error: faults.append(f"threw: {error.message}"))
    page.on("console", logged)
    page.on("request", asked)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running demo's address, one for each file."""
    with running_demo(tmp_path_factory.mktemp("demo")) as address:
        yield address


@pytest.fixture
def anna(page: Page, demo: str) -> Visitor:
    """Somebody who has just connected Anna's calendar."""
    visitor = Visitor(page, demo)
    visitor.connects()
    return visitor
