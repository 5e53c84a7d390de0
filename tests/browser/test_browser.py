"""The browser that page tests use: it runs, it looks three ways, and it notices what a page does wrong."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Look

SHOWS_ITS_LOOK = """
    <meta name=viewport content="width=device-width">
    <style>p::after { content: "light" } @media (prefers-color-scheme: dark) { p::after { content: "dark" } }</style>
    <p></p>
"""
ADDRESS = "http://localhost:1/"
LOOK = "[getComputedStyle(document.querySelector('p'), '::after').content, innerWidth, navigator.maxTouchPoints > 0]"


def test_a_page_runs_its_script(page: Page) -> None:
    page.set_content("<button onclick=\"this.textContent = 'done'\">go</button>")

    page.get_by_role("button").click()

    expect(page.get_by_role("button")).to_have_text("done")


@pytest.mark.parametrize(
    ("look", "seen"),
    [
        (Look.LIGHT, ['"light"', 1280, False]),
        (Look.DARK, ['"dark"', 1280, False]),
        (Look.PHONE, ['"light"', 390, True]),
    ],
)
def test_a_look_is_what_the_page_sees(look: Look, seen: list[object], new_page: Callable[[Look], Page]) -> None:
    page = new_page(look)
    page.set_content(SHOWS_ITS_LOOK)

    assert page.evaluate(LOOK) == seen


def test_two_pages_share_no_storage(new_page: Callable[[Look], Page]) -> None:
    first, second = new_page(Look.LIGHT), new_page(Look.LIGHT)
    for page in (first, second):
        page.route(ADDRESS, lambda route: route.fulfill(content_type="text/html", body="<p>here</p>"))
        page.goto(ADDRESS)

    first.evaluate("localStorage.setItem('who', 'first')")

    assert first.evaluate("localStorage.getItem('who')") == "first"
    assert second.evaluate("localStorage.getItem('who')") is None


def test_a_page_for_each_look_is_of_that_look(page_in_each_look: Page, request: pytest.FixtureRequest) -> None:
    wanted = Look[request.node.callspec.id.upper()].value

    page_in_each_look.set_content(SHOWS_ITS_LOOK)

    assert page_in_each_look.evaluate(LOOK)[1] == wanted.width


@pytest.mark.parametrize(
    ("markup", "fault"),
    [
        ("<script>throw new Error('broken')</script>", "threw: broken"),
        ("<script>console.error('bad')</script>", "logged an error: bad"),
        ("<script src=https://cdn.example/a.js></script>", "asked another machine: https://cdn.example/a.js"),
        ("<img src=http://example.com/i.png>", "asked another machine: http://example.com/i.png"),
    ],
)
def test_a_fault_of_a_page_is_noticed(markup: str, fault: str, page: Page, page_faults: list[str]) -> None:
    page.set_content(markup, wait_until="load")

    assert page_faults == [fault]
    page_faults.clear()
