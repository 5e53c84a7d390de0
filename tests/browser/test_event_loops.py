"""Browser tests and tests that run event loops of their own can share one process, file after file."""

import asyncio
from pathlib import Path

from tests.browser.conftest import launched


def test_a_closed_browser_leaves_no_event_loop_behind(chromium: Path) -> None:
    with launched(chromium) as browser:
        assert browser.is_connected()

    asyncio.run(asyncio.sleep(0))
