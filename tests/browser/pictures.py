"""The demo in pictures, light, dark and on a phone, as the README shows it: `make pictures` writes them anew.

One demo is played through once; then each screen is looked at, when nothing on it moves any more.
"""

from __future__ import annotations

import base64
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.bootstrap import CHROMIUM_REMEDY, find_chromium
from tests.browser.conftest import Look, launched
from tests.browser.demo import SLOWLY_MS, Visitor, running_demo
from tests.browser.palette import reduced

IMAGES = Path(__file__).parents[2] / "docs" / "images"
DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
TABS = ("CRM", "Calendar", "Log")
FRAMED = """
<style>body { margin: 20px; display: flex; gap: 20px; background: #fff }
img { width: 390px; border-radius: 24px; border: 1px solid #cbd2da }</style>"""


def main() -> None:
    """Play the demo and write its pictures."""
    chromium = find_chromium()
    if chromium is None:
        raise SystemExit(CHROMIUM_REMEDY)
    with tempfile.TemporaryDirectory() as data, running_demo(Path(data)) as address, launched(chromium) as browser:
        play(Visitor(opened(browser, DESK), address))
        for look in (Look.LIGHT, Look.DARK):
            page = opened(browser, DESK, dark=look is Look.DARK)
            seen(page, address)
            page.screenshot(path=IMAGES / f"demo-{look.name.lower()}.png")
        phone = opened(browser, PHONE, touch=True)
        seen(phone, address)
        shots = []
        for tab in TABS:
            phone.locator("nav.tabs").get_by_text(tab, exact=True).click()
            shots.append(phone.screenshot(animations="disabled"))
        side_by_side(browser, shots).screenshot(path=IMAGES / "demo-phone.png", full_page=True)
    for picture in IMAGES.glob("demo-*.png"):
        picture.write_bytes(reduced(picture.read_bytes()))


def opened(browser: Browser, size: dict[str, int], *, dark: bool = False, touch: bool = False) -> Page:
    """A page of a person of their own, two dots to the pixel."""
    context = browser.new_context(
        viewport={"width": size["width"], "height": size["height"]},
        color_scheme="dark" if dark else "light",
        device_scale_factor=2,
        is_mobile=touch,
        has_touch=touch,
        reduced_motion="reduce",
        locale="en-GB",
        timezone_id="Europe/Berlin",
    )
    return context.new_page()


def play(anna: Visitor) -> None:
    """A first sync, a conflict, an answer, and an edit on either side."""
    anna.connects()
    anna.in_step("Team round")
    anna.in_step("Sign the contract")
    anna.opens("Ask the Meiers")
    anna.makes_trouble("Edit both sides at once")
    expect(anna.page.locator("#conflict")).to_be_visible(timeout=SLOWLY_MS)
    anna.page.locator("#form-back").click()
    anna.presses("Ben")
    anna.event("Plan the open house").click()
    anna.calendar.get_by_role("button", name="Yes", exact=True).click()
    expect(anna.line("Ben accepted")).to_be_visible(timeout=SLOWLY_MS)
    anna.presses("Anna")
    form = anna.opens("Call Mr Novak back")
    form.get_by_label("Title", exact=True).fill("Call Mr Novak about the viewing")
    anna.presses("Save")
    expect(anna.event("Call Mr Novak about")).to_be_visible(timeout=SLOWLY_MS)
    anna.drags("Visit the villa", hours=-1)
    expect(anna.line("Anna moved “Visit the villa")).to_be_visible(timeout=SLOWLY_MS)


def seen(page: Page, address: str) -> None:
    """Everything that was played is drawn."""
    visitor = Visitor(page, address)
    expect(visitor.line("Anna moved “Visit the villa")).to_be_attached(timeout=SLOWLY_MS)
    expect(visitor.event("Visit the villa")).to_be_attached(timeout=SLOWLY_MS)
    expect(visitor.task("Visit the villa").locator(".chip")).to_have_text("In step", timeout=SLOWLY_MS)


def side_by_side(browser: Browser, shots: list[bytes]) -> Page:
    """A page that shows what a phone shows, screen beside screen."""
    page = opened(browser, {"width": 1250, "height": 884})
    images = (f'<img alt="" src="data:image/png;base64,{base64.b64encode(shot).decode()}">' for shot in shots)
    page.set_content(FRAMED + "".join(images))
    return page


if __name__ == "__main__":
    main()
