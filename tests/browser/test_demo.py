"""The demo as a first impression: one address, connected in two clicks, live both ways, in a real browser."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Look
from tests.browser.demo import SLOWLY_MS, TWO_SECONDS_MS, Visitor, running_demo

FITS = "document.documentElement.scrollWidth <= innerWidth && document.body.scrollHeight <= innerHeight"


def test_calendar_is_connected_in_two_clicks(page: Page, tmp_path: Path) -> None:
    with running_demo(tmp_path) as address:
        visitor = Visitor(page, address)
        expect(visitor.task("Call Mr Novak back")).to_be_visible()

        visitor.begins_to_connect()
        visitor.presses("Continue")

        expect(page).to_have_url(f"{address}/")
        expect(visitor.event("Call Mr Novak")).to_be_visible(timeout=SLOWLY_MS)
        expect(visitor.task("Lunch with Lea")).to_be_visible(timeout=SLOWLY_MS)
        expect(visitor.line("Google Calendar is connected")).to_be_visible()


def test_task_made_in_the_crm_stands_in_the_calendar_within_two_seconds(anna: Visitor) -> None:
    anna.makes("Buy candles")

    expect(anna.event("Buy candles")).to_be_visible(timeout=TWO_SECONDS_MS)


def test_task_moved_in_the_crm_moves_its_event_within_two_seconds(anna: Visitor) -> None:
    anna.makes("Water the plants", start="07:00", end="07:45")
    anna.in_step("Water the plants")
    form = anna.opens("Water the plants")

    form.get_by_label("Start time").fill("09:15")
    form.get_by_label("End time").fill("10:15")
    anna.presses("Save")

    expect(anna.event("Water the plants")).to_contain_text("09:15", timeout=TWO_SECONDS_MS)


def test_event_dragged_in_the_calendar_moves_its_task_within_two_seconds(anna: Visitor) -> None:
    anna.makes("Measure the kitchen", start="11:00", end="12:00")
    anna.in_step("Measure the kitchen")

    anna.drags("Measure the kitchen", hours=1)

    expect(anna.task("Measure the kitchen")).to_contain_text(re.compile("12:00 . 13:00"), timeout=TWO_SECONDS_MS)


def test_event_deleted_in_the_calendar_cancels_its_task(anna: Visitor) -> None:
    anna.makes("Return the keys", start="17:00", end="18:00")
    anna.in_step("Return the keys")

    anna.event("Return the keys").click()
    anna.calendar.get_by_role("button", name="Delete").click()

    expect(anna.task("Return the keys").locator(".chip")).to_have_text("Cancelled", timeout=SLOWLY_MS)
    expect(anna.line("Anna deleted “Return the keys” in Google; Tandem cancelled the task")).to_be_visible()


def test_event_made_in_the_calendar_becomes_a_task_within_two_seconds(anna: Visitor) -> None:
    slot = anna.calendar.locator(".allday .slot").nth(4)
    slot.click(force=True)
    anna.calendar.get_by_label("Title", exact=True).fill("Trade fair")

    anna.calendar.get_by_role("button", name="Save").click()

    expect(anna.task("Trade fair")).to_contain_text("All day", timeout=TWO_SECONDS_MS)


def test_done_in_the_crm_is_told_in_the_log(anna: Visitor) -> None:
    anna.makes("Post the letters", start="13:00", end="13:30")
    anna.in_step("Post the letters")

    anna.page.get_by_label("Post the letters: done").check()

    expect(anna.line("The CRM finished “Post the letters”; Tandem wrote it to Google.")).to_be_visible()


def test_log_says_who_did_what_and_how_long_the_crm_waited(anna: Visitor) -> None:
    anna.makes("Show the loft", start="14:00", end="15:00")
    anna.in_step("Show the loft")

    anna.drags("Show the loft", hours=1)

    line = anna.line("Anna moved “Show the loft” to")
    expect(line).to_contain_text("in Google; Tandem updated the task.", timeout=TWO_SECONDS_MS)
    expect(line).to_contain_text("15:00 to 16:00")
    expect(line.locator(".took")).to_contain_text("after")


def test_page_shows_the_same_after_a_reload(anna: Visitor) -> None:
    anna.makes("Hang up the sign")
    line = anna.line("The CRM has a new task, “Hang up the sign”; Tandem wrote it to Google.")
    expect(line).to_be_visible()

    anna.page.reload()

    expect(anna.task("Hang up the sign").locator(".chip")).to_have_text("In step")
    expect(anna.event("Hang up the sign")).to_be_visible()
    expect(line).to_have_count(1)


def test_answer_of_a_guest_reaches_the_task(anna: Visitor) -> None:
    anna.presses("Ben")
    invitation = anna.event("Plan the open house")
    invitation.click()

    anna.calendar.get_by_role("button", name="Yes", exact=True).click()

    expect(anna.line("Ben accepted “Plan the open house”")).to_be_visible(timeout=SLOWLY_MS)
    form = anna.opens("Plan the open house")
    expect(form.locator("#answers")).to_contain_text("ben@example.com")
    expect(form.locator("#answers")).to_contain_text("comes")


def test_untouched_form_follows_the_calendar(anna: Visitor) -> None:
    anna.makes("Clean the windows", start="10:00", end="11:00")
    anna.in_step("Clean the windows")
    form = anna.opens("Clean the windows")

    anna.drags("Clean the windows", hours=2)

    expect(form.get_by_label("Start time")).to_have_value("12:00", timeout=TWO_SECONDS_MS)


def test_form_saved_late_undoes_nothing_that_was_done_in_google(anna: Visitor) -> None:
    anna.makes("Paint the fence", start="08:00", end="09:00")
    anna.in_step("Paint the fence")
    form = anna.opens("Paint the fence")
    form.get_by_label("Place").fill("Garden")

    anna.drags("Paint the fence", hours=3)
    expect(anna.page.locator("#meanwhile")).to_be_visible(timeout=SLOWLY_MS)
    anna.presses("Save")

    expect(anna.line("The CRM changed the place of “Paint the fence”; Tandem wrote it to Google.")).to_be_visible()
    expect(anna.event("Paint the fence")).to_contain_text("11:00")


@pytest.mark.parametrize("look", list(Look), ids=lambda look: look.name.lower())
def test_page_fits_its_screen(look: Look, new_page: Callable[[Look], Page], demo: str) -> None:
    visitor = Visitor(new_page(look), demo)

    visitor.presses("New task")

    assert visitor.page.evaluate(FITS)


def test_phone_shows_one_part_at_a_time(new_page: Callable[[Look], Page], demo: str) -> None:
    visitor = Visitor(new_page(Look.PHONE), demo)
    expect(visitor.page.locator("#pane-crm")).to_be_visible()

    visitor.presses("Calendar")

    expect(visitor.page.locator("#pane-crm")).to_be_hidden()
    expect(visitor.calendar.locator(".grid")).to_be_visible()


def test_every_field_is_as_it_was_saved(anna: Visitor) -> None:
    texts = {
        "location": "Attic", "zoom_url": "https://zoom.us/j/1", "guests": "lea@example.com", "deal": "Roof",
        "contact_name": "Carla", "contact_email": "carla@example.com", "description": "Look at the beams",
        "notes": "Careful", "url": "https://crm.example/9",
    }  # fmt: skip
    choices = {"type": "meeting", "priority": "high", "sync": "always", "reminding": "own"}
    anna.makes("Inspect the roof", start="18:00", end="19:00")
    form = anna.opens("Inspect the roof")
    for name, text in texts.items():
        form.locator(f"[name={name}]").fill(text)
    for name, value in choices.items():
        form.locator(f"[name={name}]").select_option(value)
    for label in ("Private", "Google Meet", "Grape"):
        form.get_by_label(label, exact=True).check()
    form.get_by_role("button", name="Add a reminder").click()
    form.get_by_label("Minutes before the start").fill("45")

    anna.presses("Save")
    anna.in_step("Inspect the roof")
    anna.page.reload()
    anna.opens("Inspect the roof")

    for name, value in (texts | choices).items():
        expect(form.locator(f"[name={name}]")).to_have_value(value)
    for label in ("Private", "Google Meet", "Grape"):
        expect(form.get_by_label(label, exact=True)).to_be_checked()
    expect(form.get_by_label("Minutes before the start")).to_have_value("45")


def test_fault_is_named_beside_its_field_and_nothing_is_saved(anna: Visitor) -> None:
    anna.makes("Check the heating", start="09:00", end="10:00")
    form = anna.opens("Check the heating")

    form.get_by_label("End time").fill("08:00")
    anna.presses("Save")

    expect(form.locator("[aria-invalid]")).to_have_count(1)
    expect(form.locator(".problem")).to_have_count(1)
    anna.presses("Cancel")
    expect(anna.task("Check the heating")).to_contain_text(re.compile("09:00 . 10:00"))


def test_task_deleted_in_the_crm_takes_its_event_along(anna: Visitor) -> None:
    anna.makes("Wrong number")
    anna.in_step("Wrong number")
    anna.opens("Wrong number")

    anna.presses("Delete")

    expect(anna.task("Wrong number")).to_have_count(0)
    expect(anna.event("Wrong number")).to_have_count(0, timeout=TWO_SECONDS_MS)


def test_keyboard_alone_opens_and_closes_a_task(anna: Visitor) -> None:
    opener = anna.task("Sign the contract").locator(".open")
    opener.focus()
    anna.page.keyboard.press("Enter")
    expect(anna.page.locator("#form-title")).to_have_text("Sign the contract at the notary's")

    anna.page.keyboard.press("Escape")

    expect(anna.page.locator("#form")).to_be_hidden()
    expect(opener).to_be_focused()


def test_every_control_has_a_name(anna: Visitor) -> None:
    anna.opens("Plan the open house")

    nameless = anna.page.evaluate(
        """[...document.querySelectorAll("button, input, select, textarea, iframe")]
           .filter((each) => !(each.ariaLabel || each.labels?.length || each.textContent.trim() || each.title))
           .map((each) => each.outerHTML)"""
    )

    assert nameless == []
