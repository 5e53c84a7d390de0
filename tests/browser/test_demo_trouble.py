"""Trouble made on purpose in the demo, and how each kind is mended, in a real browser."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.demo import SLOWLY_MS, Visitor


def has_open(anna: Visitor, title: str, start: str = "08:00", end: str = "09:00") -> None:
    """A task of this title is in step, and open, so that trouble picks on it."""
    anna.makes(title, start=start, end=end)
    anna.in_step(title)
    anna.opens(title)


@pytest.mark.parametrize(("button", "winner"), [("Keep the CRM", "the CRM"), ("Take Google", "Anna")])
def test_conflict_is_shown_and_settled_as_a_person_chooses(button: str, winner: str, anna: Visitor) -> None:
    has_open(anna, f"Order {winner} flowers")

    anna.makes_trouble("Edit both sides at once")
    conflict = anna.page.locator("#conflict")
    expect(conflict).to_contain_text(f"Order {winner} flowers (says the CRM)", timeout=SLOWLY_MS)
    expect(conflict).to_contain_text(f"Order {winner} flowers (says Anna)")
    conflict.get_by_role("button", name=button).click()

    expect(conflict).to_be_hidden(timeout=SLOWLY_MS)
    expect(anna.event(f"Order {winner} flowers (says {winner})")).to_be_visible(timeout=SLOWLY_MS)
    expect(anna.page.get_by_label("Title", exact=True)).to_have_value(f"Order {winner} flowers (says {winner})")


def test_lost_notifications_are_made_up_for_by_sync_now(anna: Visitor) -> None:
    has_open(anna, "Fetch the keys", start="11:00", end="12:00")

    anna.makes_trouble("Lose notifications")
    expect(anna.notices).to_contain_text("notifications are being lost")
    expect(anna.event("Fetch the keys")).to_contain_text("12:00")
    expect(anna.page.get_by_label("Start time")).to_have_value("11:00")
    anna.notices.get_by_role("button", name="Sync now").click()

    expect(anna.page.get_by_label("Start time")).to_have_value("12:00", timeout=SLOWLY_MS)
    anna.notices.get_by_role("button", name="Let them through").click()
    expect(anna.notices).not_to_contain_text("notifications are being lost")


def test_expired_sync_token_brings_nothing_back_and_loses_nothing(anna: Visitor) -> None:
    anna.makes("Old errand", start="17:00", end="18:00")
    anna.in_step("Old errand")
    anna.event("Old errand").click()
    anna.calendar.get_by_role("button", name="Delete").click()
    expect(anna.task("Old errand").locator(".chip")).to_have_text("Cancelled", timeout=SLOWLY_MS)
    has_open(anna, "Count the chairs", start="13:00", end="14:00")

    anna.makes_trouble("Expire the sync token")

    expect(anna.page.get_by_label("Start time")).to_have_value("14:00", timeout=SLOWLY_MS)
    expect(anna.task("Old errand").locator(".chip")).to_have_text("Cancelled")
    expect(anna.event("Old errand")).to_have_count(0)


def test_edit_made_while_access_was_revoked_goes_out_after_connecting_again(anna: Visitor) -> None:
    has_open(anna, "Water the lawn", start="15:00", end="16:00")

    anna.makes_trouble("Revoke access")
    expect(anna.notices).to_contain_text("Google no longer lets Tandem in", timeout=SLOWLY_MS)
    expect(anna.event("Water the lawn")).to_contain_text("15:00")
    anna.presses("Connect again")
    anna.presses("Continue")

    expect(anna.event("Water the lawn")).to_contain_text("15:30", timeout=SLOWLY_MS)
    expect(anna.standing).to_contain_text("In step", timeout=SLOWLY_MS)


def test_twenty_deleted_events_wait_for_a_person_and_come_back_when_discarded(anna: Visitor) -> None:
    anna.makes_trouble("Delete twenty events")
    anna.page.get_by_role("button", name="Look at the list").click(timeout=SLOWLY_MS)
    expect(anna.page.locator("#held li")).to_have_count(20)

    anna.presses("Put the events back")

    expect(anna.event("Campaign call")).to_have_count(20, timeout=SLOWLY_MS)
    expect(anna.standing).to_contain_text("In step", timeout=SLOWLY_MS)


def test_twenty_deleted_events_cancel_their_tasks_when_confirmed(anna: Visitor) -> None:
    anna.makes_trouble("Delete twenty events")
    anna.page.get_by_role("button", name="Look at the list").click(timeout=SLOWLY_MS)
    expect(anna.page.locator("#held li")).to_have_count(20)

    anna.presses("Cancel the tasks too")

    cancelled = anna.page.locator("#tasks .task", has_text=re.compile(r"Campaign call \d+.*Cancelled"))
    expect(cancelled).to_have_count(20, timeout=SLOWLY_MS)
    expect(anna.event("Campaign call")).to_have_count(0)


def test_killed_process_goes_on_where_it_was(anna: Visitor) -> None:
    anna.makes_trouble("Kill the process")
    line = anna.line("Before Tandem has looked, it is killed, and started again.")
    expect(line).to_be_visible(timeout=SLOWLY_MS)
    moved = re.findall("“(.+)”", line.first.inner_text())[0]

    expect(anna.line(f"Anna moved “{moved}”")).to_be_visible(timeout=SLOWLY_MS)
    expect(anna.standing).to_contain_text("In step", timeout=SLOWLY_MS)


def test_setting_decides_what_was_a_conflict(anna: Visitor) -> None:
    has_open(anna, "Choose the tiles")
    anna.presses("Settings")
    anna.page.get_by_label("When both sides change the same field").select_option("google_wins")
    expect(anna.line("The CRM changed a setting to conflict: google_wins.")).to_be_visible()
    anna.page.keyboard.press("Escape")

    anna.makes_trouble("Edit both sides at once")

    expect(anna.page.get_by_label("Title", exact=True)).to_have_value("Choose the tiles (says Anna)", timeout=SLOWLY_MS)
    expect(anna.page.locator("#conflict")).to_be_hidden()
