"""Listing and syncing: pages, tokens, what may not be combined, and that nothing is lost."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from infra.simulator.state import Google
from tests.simulator.client import ANNA, START, Client, Clock, all_day, timed


def titles(answer_body: dict[str, list[dict[str, str]]]) -> list[str]:
    """Give the titles of a page."""
    return [item.get("summary", item["status"]) for item in answer_body["items"]]


def test_only_the_last_page_has_a_sync_token(anna: Client) -> None:
    for _ in range(5):
        anna.insert()

    first = anna.list(maxResults=2).body
    second = anna.list(maxResults=2, pageToken=first["nextPageToken"]).body
    third = anna.list(maxResults=2, pageToken=second["nextPageToken"]).body

    assert [len(page["items"]) for page in (first, second, third)] == [2, 2, 1]
    assert ["nextSyncToken" in page for page in (first, second, third)] == [False, False, True]
    assert "nextPageToken" not in third


def test_a_page_holds_250_events_by_default_and_2500_at_most(anna: Client) -> None:
    for _ in range(2501):
        anna.insert()

    assert len(anna.list().body["items"]) == 250
    assert len(anna.list(maxResults=9999).body["items"]) == 2500


def test_deleted_events_are_listed_only_on_request(anna: Client) -> None:
    anna.delete(anna.insert(summary="gone")["id"])

    assert anna.list().body["items"] == []
    assert titles(anna.list(showDeleted="true").body) == ["gone"]


def test_pages_may_be_short_and_empty_and_nothing_is_lost(google: Google, anna: Client) -> None:
    google.settings = msgspec.structs.replace(google.settings, page_size_cap=2, empty_page=0.5)
    for turn in range(7):
        anna.insert(summary=str(turn))

    pages = [anna.list().body]
    while "nextPageToken" in pages[-1]:
        pages.append(anna.list(pageToken=pages[-1]["nextPageToken"]).body)

    assert [title for page in pages for title in titles(page)] == [str(turn) for turn in range(7)]
    assert any(not page["items"] for page in pages)


def test_time_min_is_about_ends_and_time_max_about_starts_both_exclusive(anna: Client) -> None:
    anna.insert(summary="8 to 9", **timed())

    def found(**query: str) -> list[str]:
        return titles(anna.list(**query).body)

    nine, eight = (START + timedelta(hours=1)).isoformat(), START.isoformat()
    assert found(timeMin=nine) == []
    assert found(timeMin=eight) == ["8 to 9"]
    assert found(timeMax=eight) == []
    assert found(timeMax=nine) == ["8 to 9"]


def test_first_sync_may_have_time_min_and_the_delta_is_not_limited_by_it(anna: Client) -> None:
    token = anna.list(timeMin=START.isoformat()).body["nextSyncToken"]

    anna.insert(summary="long ago", **timed(START - timedelta(days=400)))

    assert titles(anna.list(syncToken=token).body) == ["long ago"]


def test_empty_time_range_and_time_without_offset_are_refused(anna: Client) -> None:
    empty = anna.list(timeMin=START.isoformat(), timeMax=START.isoformat())
    naive = anna.list(timeMin="2026-11-23T08:00:00")

    assert (empty.status, empty.reason) == (400, "timeRangeEmpty")
    assert naive.status == 400


def test_order_by_start_needs_single_events(anna: Client) -> None:
    anna.insert(summary="second", **timed(START + timedelta(hours=3)))
    anna.insert(summary="first", **timed())

    refused = anna.list(orderBy="startTime")

    assert refused.error["message"] == "The requested ordering is not available for the particular query."
    assert titles(anna.list(orderBy="startTime", singleEvents="true").body) == ["first", "second"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"q": "PARK"}, ["Parkallee"]),
        ({"privateExtendedProperty": "k=1"}, ["Parkallee"]),
        ({"sharedExtendedProperty": "k=2"}, ["Day"]),
        ({"eventTypes": "focusTime"}, []),
        ({"eventTypes": ["default", "focusTime"]}, ["Parkallee", "Day"]),
        ({"iCalUID": "abcde1@google.com"}, ["Parkallee"]),
    ],
)
def test_filters_let_through_what_they_name(anna: Client, query: dict[str, Any], expected: list[str]) -> None:
    anna.insert(id="abcde1", summary="Parkallee", extendedProperties={"private": {"k": "1"}})
    anna.insert(summary="Day", extendedProperties={"shared": {"k": "2"}}, **all_day("2026-11-24", "2026-11-25"))

    assert titles(anna.list(**query).body) == expected


def test_updated_min_always_includes_deletions(anna: Client, clock: Clock) -> None:
    gone, _ = anna.insert(summary="gone"), anna.insert(summary="untouched")
    clock.advance(minutes=30)
    since = clock().isoformat()
    anna.delete(gone["id"])

    found = anna.list(updatedMin=since).body["items"]

    assert [item["id"] for item in found] == [gone["id"]]


def test_envelope_tells_role_zone_and_default_reminders(anna: Client) -> None:
    body = anna.list().body

    assert (body["kind"], body["accessRole"], body["timeZone"]) == ("calendar#events", "owner", "Europe/Berlin")
    assert body["defaultReminders"] == [{"method": "popup", "minutes": 30}]


def test_calendar_list_has_a_sync_token_that_tells_of_new_and_lost_calendars(google: Google, anna: Client) -> None:
    whole = anna.call("GET", "users/me/calendarList").body
    second = google.add_calendar(ANNA, "Second")

    delta = anna.call("GET", "users/me/calendarList", syncToken=whole["nextSyncToken"]).body
    anna.call("DELETE", f"calendars/{second.id}")
    after = anna.call("GET", "users/me/calendarList", syncToken=delta["nextSyncToken"]).body

    assert [entry.get("primary") for entry in whole["items"]] == [True, None]
    assert [entry["summary"] for entry in delta["items"]] == ["Second"]
    assert [(entry["id"], entry["deleted"]) for entry in after["items"]] == [(second.id, True)]
