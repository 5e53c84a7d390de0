"""The API's page in a real browser: it shows every call, loads nothing from elsewhere, and runs under its policy."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from werkzeug.serving import make_server

from functions.api.app import RESOURCES
from tests.functions.api.stage import stage

SLOW_MS = 40_000
"""The viewer draws every call at once, which takes a busy machine a while."""
CALLS = [operation for resource in RESOURCES for operation in resource.operations]


@pytest.fixture(scope="module")
def docs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The API's address."""
    server = make_server("127.0.0.1", 0, stage(tmp_path_factory.mktemp("docs")).app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_every_call_is_shown_in_each_look(page_in_each_look: Page, docs: str) -> None:
    page = page_in_each_look

    page.goto(f"{docs}/docs")

    expect(page.locator("rapi-doc .expanded-endpoint-body")).to_have_count(len(CALLS), timeout=SLOW_MS)
    expect(page.locator("rapi-doc").get_by_text("Every call needs").first).to_be_attached()


def test_the_page_leads_to_the_error_codes(page: Page, docs: str) -> None:
    page.goto(f"{docs}/docs")
    page.get_by_role("link", name="all error codes").click(timeout=SLOW_MS)
    page.get_by_role("link", name="stale", exact=True).click()

    expect(page.get_by_role("heading")).to_have_text("stale")
    expect(page.get_by_text("What to do:")).to_contain_text("If-Match")
