"""The demo with other people in it: a look before the first sync, a series, a guest who answers, a private event."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Look
from tests.browser.demo import SLOWLY_MS, Visitor, running_demo


def looks_first(visitor: Visitor) -> Locator:
    """The preview of a calendar that was connected only to be looked at."""
    visitor.presses("Look first")
    visitor.presses("Continue")
    expect(visitor.notices).to_contain_text("nothing is written yet", timeout=SLOWLY_MS)
    visitor.presses("Show me")
    dialog = visitor.page.locator("#preview")
    expect(dialog.locator("li").first).to_be_visible(timeout=SLOWLY_MS)
    return dialog


def test_a_look_shows_what_the_first_sync_will_do_and_it_does_that_when_started(page: Page, tmp_path: Path) -> None:
    with running_demo(tmp_path) as address:
        visitor = Visitor(page, address)
        dialog = looks_first(visitor)
        expect(dialog).to_contain_text("new in Google")
        expect(dialog.locator("li", has_text="Team round")).to_contain_text("new in Google")
        expect(dialog.locator("li", has_text="Lunch with Lea")).to_contain_text("new in the CRM")
        expect(visitor.event("Team round")).to_have_count(0)
        expect(visitor.task("Lunch with Lea")).to_have_count(0)

        visitor.presses("Start")

        expect(dialog).to_be_hidden()
        expect(visitor.event("Team round").first).to_be_visible(timeout=SLOWLY_MS)
        expect(visitor.task("Lunch with Lea")).to_be_visible(timeout=SLOWLY_MS)


def test_a_series_that_the_crm_makes_stands_in_the_calendar(anna: Visitor) -> None:
    anna.presses("New task")
    form = anna.page.locator("#form")
    form.get_by_label("Title", exact=True).fill("Water the plants")
    form.get_by_label("Repeats").select_option("Every day")
    anna.presses("Save")

    expect(anna.task("Water the plants")).to_contain_text("every day")
    expect(anna.event("Water the plants").nth(3)).to_be_visible(timeout=SLOWLY_MS)


def test_one_date_called_off_in_the_crm_leaves_the_others(anna: Visitor) -> None:
    anna.in_step("Team round")
    form = anna.opens("Team round")
    dates = form.locator("#dates li")
    expect(dates).to_have_count(6)

    dates.nth(1).get_by_role("button", name="off").click()

    expect(dates.nth(1)).to_contain_text("called off")
    expect(anna.line("The CRM called off “Team round” on")).to_be_visible(timeout=SLOWLY_MS)
    expect(dates.nth(0)).not_to_contain_text("called off")


def test_one_date_moved_in_the_calendar_is_moved_in_the_crm_alone(anna: Visitor) -> None:
    anna.makes_series("Stand-up", start="07:00", end="07:30")
    expect(anna.event("Stand-up").nth(2)).to_be_visible(timeout=SLOWLY_MS)
    anna.in_step("Stand-up")

    anna.renames("Stand-up", nth=2, to="Stand-up with Mia")

    expect(anna.line("Anna changed the title of “Stand-up” on")).to_be_visible(timeout=SLOWLY_MS)
    expect(anna.task("Stand-up").locator("b")).to_have_text("Stand-up")
    form = anna.opens("Stand-up")
    expect(form.locator("#dates li", has_text="Stand-up with Mia")).to_have_count(1)


def test_this_and_all_following_changed_in_the_calendar_is_a_task_of_its_own(anna: Visitor) -> None:
    anna.makes_series("Open the shop", start="06:00", end="06:30")
    expect(anna.event("Open the shop").nth(3)).to_be_visible(timeout=SLOWLY_MS)
    anna.in_step("Open the shop")

    anna.renames("Open the shop", nth=3, to="Open the new shop", scope="This and following events")

    expect(anna.task("Open the new shop")).to_contain_text("every day", timeout=SLOWLY_MS)
    expect(anna.line("Tandem made the later part a task of its own")).to_be_visible()


def test_the_answer_of_a_guest_stands_in_the_list(anna: Visitor) -> None:
    expect(anna.task("Plan the open house")).to_contain_text("with Ben Okafor")
    anna.presses("Ben")
    anna.event("Plan the open house").click()

    anna.calendar.get_by_role("button", name="No", exact=True).click()

    expect(anna.task("Plan the open house")).to_contain_text("Ben Okafor (does not come)", timeout=SLOWLY_MS)
    anna.presses("Anna")


def test_private_is_said_of_what_is_private_on_either_side(anna: Visitor) -> None:
    for title in ("Salary talk with Mia", "Dentist"):
        expect(anna.task(title).locator(".mark")).to_have_text("private")
    expect(anna.task("Call Mr Novak back").locator(".mark")).to_have_count(0)

    anna.event("Salary talk with Mia").click()

    expect(anna.calendar.get_by_label("Private", exact=True)).to_be_checked()


@pytest.mark.parametrize("look", list(Look), ids=lambda look: look.name.lower())
def test_a_series_fits_its_screen(look: Look, new_page: Callable[[Look], Page], demo: str) -> None:
    visitor = Visitor(new_page(look), demo)
    if look is not Look.PHONE:
        visitor.connects()
    expect(visitor.task("Team round")).to_be_visible()

    visitor.opens("Team round")

    expect(visitor.page.locator("#dates li").first).to_be_visible()
    assert visitor.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert visitor.page.evaluate(
        "[...document.querySelectorAll('#dates li')].every((each) => each.scrollWidth <= each.clientWidth)"
    )
