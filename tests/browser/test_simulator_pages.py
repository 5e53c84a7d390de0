"""The simulator's pages in a real browser: a person creates, drags, edits, deletes and restores."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from infra.simulator.server import RunningSimulator
from tests.browser.conftest import Look

ANNA, BEN = "anna@example.com", "ben@example.com"


def create(simulator: RunningSimulator, title: str, day: int, hour: int, **fields: Any) -> str:  # noqa: ANN401 - Google's fields
    """Let Anna create an event of an hour."""
    with simulator.desk.doing() as google:
        start, end = (
            {"dateTime": f"2026-11-{day:02}T{each:02}:00:00", "timeZone": "Europe/Berlin"} for each in (hour, hour + 1)
        )
        return str(google.person(ANNA).create(title, start, end, **fields)["id"])


def events(simulator: RunningSimulator, account: str = ANNA) -> list[dict[str, Any]]:
    """Give the events of an account's primary calendar."""
    with simulator.desk.doing() as google:
        found: list[dict[str, Any]] = google.person(account).events()
        return found


def opened(page: Page, simulator: RunningSimulator, account: str = ANNA, query: str = "") -> Page:
    """Open an account's calendar and wait until it is drawn."""
    page.goto(f"{simulator.url}/calendar/u/{account}{query}")
    expect(page.locator(".day").first).to_be_visible()
    return page


def middle(page: Page, day: str, hour: float) -> tuple[float, float]:
    """Give the point of an hour in a day's column."""
    box = page.locator(f'.day[data-day="{day}"]').bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + hour * 48


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Drag with the mouse."""
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2, steps=4)
    page.mouse.move(*end, steps=4)
    page.mouse.up()


def test_calendar_page_looks_right_in_each_look(page_in_each_look: Page, simulator: RunningSimulator) -> None:
    create(simulator, "Call Mrs Schneider", 25, 14)

    page = opened(page_in_each_look, simulator)

    expect(page.locator(".event", has_text="Call Mrs Schneider")).to_be_visible()
    expect(page.locator(".now")).to_be_attached()
    expect(page.get_by_role("heading", name="November 2026")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_click_on_an_empty_hour_creates_an_event_there(page: Page, simulator: RunningSimulator) -> None:
    opened(page, simulator)

    page.mouse.click(*middle(page, "2026-11-26", 10.1))
    page.get_by_label("Title").fill("Viewing")
    page.get_by_role("button", name="Save").click()

    expect(page.locator(".event", has_text="Viewing")).to_be_visible()
    (event,) = events(simulator)
    assert (event["summary"], event["start"]["dateTime"]) == ("Viewing", "2026-11-26T10:00:00+01:00")
    assert event["end"]["dateTime"] == "2026-11-26T11:00:00+01:00"


def test_drag_over_empty_hours_creates_an_event_of_that_length(page: Page, simulator: RunningSimulator) -> None:
    opened(page, simulator)

    drag(page, middle(page, "2026-11-26", 10.1), middle(page, "2026-11-26", 12.5))
    page.get_by_role("button", name="Save").click()

    expect(page.locator(".event")).to_have_count(1)
    assert events(simulator)[0]["end"]["dateTime"] == "2026-11-26T12:30:00+01:00"


def test_dragged_event_moves_and_keeps_its_length(page: Page, simulator: RunningSimulator) -> None:
    create(simulator, "Call", 25, 14)
    opened(page, simulator)

    with page.expect_response("**/move"):
        drag(page, middle(page, "2026-11-25", 14.3), middle(page, "2026-11-27", 16.3))

    start, end = (events(simulator)[0][key]["dateTime"] for key in ("start", "end"))
    assert (start, end) == ("2026-11-27T16:00:00+01:00", "2026-11-27T17:00:00+01:00")


def test_dragged_lower_edge_changes_the_length(page: Page, simulator: RunningSimulator) -> None:
    create(simulator, "Call", 25, 14)
    opened(page, simulator)

    across, down = middle(page, "2026-11-25", 15)
    with page.expect_response("**/move"):
        drag(page, (across, down - 4), (across, down + 44))

    start, end = (events(simulator)[0][key]["dateTime"] for key in ("start", "end"))
    assert (start, end) == ("2026-11-25T14:00:00+01:00", "2026-11-25T16:00:00+01:00")


def test_event_is_edited_in_its_dialog(page: Page, simulator: RunningSimulator) -> None:
    create(simulator, "Call", 25, 14)
    opened(page, simulator)

    page.locator(".event", has_text="Call").click()
    page.get_by_label("Title").fill("Meeting")
    page.get_by_label("Location").fill("Room 2")
    page.get_by_role("textbox", name="Guests").fill(BEN)
    page.get_by_label("Private").check()
    page.get_by_label("Tomato").check()
    page.get_by_label("All day", exact=True).check()
    page.get_by_role("button", name="Save").click()

    expect(page.locator(".allday .event", has_text="Meeting")).to_be_visible()
    (event,) = events(simulator)
    assert (event["location"], event["colorId"], event["visibility"]) == ("Room 2", "11", "private")
    assert (event["start"], event["end"]) == ({"date": "2026-11-25"}, {"date": "2026-11-26"})
    assert [guest["email"] for guest in event["attendees"]] == [BEN]


def test_repeated_event_is_made_and_changed_from_one_occurrence_on(page: Page, simulator: RunningSimulator) -> None:
    opened(page, simulator)

    page.mouse.click(*middle(page, "2026-11-25", 10.1))
    page.get_by_label("Title").fill("Stand-up")
    page.get_by_label("Repeats").select_option("Every day")
    page.get_by_role("button", name="Save").click()
    page.locator('.day[data-day="2026-11-27"] .event', has_text="Stand-up").click()
    page.get_by_label("Title").fill("Retro")
    page.get_by_label("Changes touch").select_option("This and following events")
    page.get_by_role("button", name="Save").click()

    expect(page.locator(".event", has_text="Stand-up")).to_have_count(2)
    expect(page.locator(".event", has_text="Retro")).to_have_count(3)
    assert sorted({event["recurringEventId"].partition("_")[2] for event in events(simulator)}) == [
        "",
        "R20261127T090000",
    ]


def test_all_of_a_series_or_what_follows_is_deleted_in_its_dialog(page: Page, simulator: RunningSimulator) -> None:
    create(simulator, "Stand-up", 24, 10, recurrence=["RRULE:FREQ=DAILY"])
    opened(page, simulator)

    page.locator('.day[data-day="2026-11-27"] .event').click()
    page.get_by_label("Changes touch").select_option("This and following events")
    page.get_by_role("button", name="Delete").click()
    expect(page.locator(".event")).to_have_count(3)
    page.locator('.day[data-day="2026-11-25"] .event').click()
    page.get_by_label("Changes touch").select_option("All events")
    page.get_by_role("button", name="Delete").click()

    expect(page.locator(".event")).to_have_count(0)


def test_saving_without_a_change_changes_nothing_that_is_seen(page: Page, simulator: RunningSimulator) -> None:
    create(simulator, "Call", 25, 14, description="<b>bold</b>", attendees=[{"email": BEN, "optional": True}])
    before = {key: value for key, value in events(simulator)[0].items() if key not in {"etag", "updated"}}
    opened(page, simulator)

    page.locator(".event", has_text="Call").click()
    with page.expect_response("**/edit"):
        page.get_by_role("button", name="Save").click()

    assert {key: value for key, value in events(simulator)[0].items() if key not in {"etag", "updated"}} == before


def test_deleted_event_comes_back_from_the_trash(page: Page, simulator: RunningSimulator) -> None:
    create(simulator, "Call", 25, 14)
    opened(page, simulator)

    page.locator(".event", has_text="Call").click()
    page.get_by_role("button", name="Delete").click()
    expect(page.locator(".event")).to_have_count(0)
    assert events(simulator) == []
    page.get_by_role("button", name="Trash").click()
    page.get_by_role("button", name="Restore").click()

    expect(page.locator(".event", has_text="Call")).to_have_count(1)
    assert len(events(simulator)) == 1


def test_change_made_elsewhere_appears_by_itself(page: Page, simulator: RunningSimulator) -> None:
    opened(page, simulator)
    expect(page.locator("#live")).to_have_text("Live")

    event_id = create(simulator, "From the CRM", 26, 9)
    expect(page.locator(".event", has_text="From the CRM")).to_be_visible()
    with simulator.desk.doing() as google:
        google.person(ANNA).edit(event_id, summary="Changed there")

    expect(page.locator(".event", has_text="Changed there")).to_be_visible()


def test_guest_answers_an_invitation(page: Page, simulator: RunningSimulator) -> None:
    create(simulator, "Signing", 26, 11, attendees=[{"email": BEN}])
    opened(page, simulator, BEN)

    page.locator(".event", has_text="Signing").click()
    expect(page.get_by_label("Title")).not_to_be_editable()
    with page.expect_response("**/answer"):
        page.get_by_role("button", name="Yes").click()

    assert events(simulator)[0]["attendees"][0]["responseStatus"] == "accepted"


def test_event_titled_with_markup_is_shown_as_text(page: Page, simulator: RunningSimulator) -> None:
    create(simulator, "<img src=x onerror=alert(1)>", 25, 14)

    opened(page, simulator)

    expect(page.locator(".event b")).to_have_text("<img src=x onerror=alert(1)>")
    expect(page.locator(".event img")).to_have_count(0)


def test_event_is_moved_by_keyboard(page: Page, simulator: RunningSimulator) -> None:
    create(simulator, "Call", 25, 14)
    opened(page, simulator)

    page.locator(".event").focus()
    with page.expect_response("**/move"):
        page.keyboard.press("Alt+ArrowDown")

    assert events(simulator)[0]["start"]["dateTime"] == "2026-11-25T14:15:00+01:00"


def test_embedded_calendar_has_no_account_menu(page: Page, simulator: RunningSimulator) -> None:
    opened(page, simulator, query="?embed=1")

    expect(page.locator(".who")).to_have_count(0)
    expect(page.get_by_role("button", name="Today")).to_be_visible()


def test_link_to_an_event_opens_it(page: Page, simulator: RunningSimulator) -> None:
    create(simulator, "Call", 25, 14)

    page.goto(events(simulator)[0]["htmlLink"])

    expect(page.get_by_label("Title")).to_have_value("Call")


def test_pages_allow_no_inline_and_no_foreign_script(page: Page, simulator: RunningSimulator) -> None:
    answer = page.goto(f"{simulator.url}/calendar/u/{ANNA}")

    assert answer is not None
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'self' http://127.0.0.1:* http://localhost:*" in policy


def test_phone_creates_by_tap(new_page: Callable[[Look], Page], simulator: RunningSimulator) -> None:
    page = opened(new_page(Look.PHONE), simulator)

    page.touchscreen.tap(*middle(page, "2026-11-26", 10.2))
    page.get_by_label("Title").fill("Tapped")
    page.get_by_role("button", name="Save").click()

    expect(page.locator(".event", has_text="Tapped")).to_be_visible()
    assert events(simulator)[0]["start"]["dateTime"] == "2026-11-26T10:00:00+01:00"
