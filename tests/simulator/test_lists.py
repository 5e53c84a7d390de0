"""Listing and syncing: pages, tokens, what may not be combined, and that nothing is lost."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from infra.simulator.query import NOT_WITH_SYNC_TOKEN
from infra.simulator.state import Google
from tests.simulator.client import ANNA, START, Client, Clock, all_day, timed

VALUES = {
    "iCalUID": "x@google.com",
    "orderBy": "updated",
    "privateExtendedProperty": "a=b",
    "q": "word",
    "sharedExtendedProperty": "a=b",
    "timeMin": START.isoformat(),
    "timeMax": START.isoformat(),
    "updatedMin": START.isoformat(),
}


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


def test_delta_holds_what_changed_and_nothing_else(anna: Client) -> None:
    anna.insert(summary="old")
    changing = anna.insert(summary="changing")
    token = anna.sync_token()

    anna.patch(changing["id"], {"summary": "changed"})
    anna.insert(summary="new")

    assert titles(anna.list(syncToken=token).body) == ["changed", "new"]


def test_delta_without_changes_is_empty_and_gives_a_token(anna: Client) -> None:
    delta = anna.list(syncToken=anna.sync_token()).body

    assert delta["items"] == []
    assert delta["nextSyncToken"]


def test_a_token_used_again_gives_the_same_delta(anna: Client) -> None:
    token = anna.sync_token()
    anna.insert(summary="new")

    first, second = anna.list(syncToken=token).body, anna.list(syncToken=token).body

    assert first["items"] == second["items"]


def test_deletion_in_a_delta_is_nothing_but_kind_etag_id_and_status(anna: Client) -> None:
    event = anna.insert(summary="x")
    token = anna.sync_token()

    anna.delete(event["id"])

    (tombstone,) = anna.list(syncToken=token).body["items"]
    assert set(tombstone) == {"kind", "etag", "id", "status"}
    assert (tombstone["id"], tombstone["status"]) == (event["id"], "cancelled")


def test_tombstones_are_whole_when_switched(google: Google, anna: Client) -> None:
    google.settings = msgspec.structs.replace(google.settings, tombstones="full")
    event = anna.insert(summary="x")
    token = anna.sync_token()

    anna.delete(event["id"])

    assert anna.list(syncToken=token).body["items"][0]["summary"] == "x"


def test_deleted_events_are_listed_only_on_request(anna: Client) -> None:
    anna.delete(anna.insert(summary="gone")["id"])

    assert anna.list().body["items"] == []
    assert titles(anna.list(showDeleted="true").body) == ["gone"]


@pytest.mark.parametrize("name", NOT_WITH_SYNC_TOKEN)
def test_parameter_that_a_sync_token_forbids_is_refused(anna: Client, name: str) -> None:
    token = anna.sync_token()

    answer = anna.list(syncToken=token, **{name: VALUES[name]})

    assert (answer.status, answer.reason, answer.error["location"]) == (400, "invalid", name)


def test_show_deleted_false_is_refused_beside_a_sync_token(anna: Client) -> None:
    answer = anna.list(syncToken=anna.sync_token(), showDeleted="false")

    assert (answer.status, answer.error["location"]) == (400, "showDeleted")


@pytest.mark.parametrize("query", [{"singleEvents": "true"}, {"eventTypes": "default"}, {"maxResults": 5}])
def test_other_parameters_than_the_first_listings_are_refused(anna: Client, query: dict[str, Any]) -> None:
    answer = anna.list(syncToken=anna.sync_token(), **query)

    assert (answer.status, answer.error["location"]) == (400, "syncToken")


@pytest.mark.parametrize("token", ["garbage", "CPDAlvWDx70CEPDAlvWDx70CGAU=", ""])
def test_garbage_token_is_invalid(anna: Client, token: str) -> None:
    answer = anna.list(syncToken=token)

    assert (answer.status, answer.reason, answer.error["message"]) == (400, "invalid", "Invalid sync token value.")


def test_token_of_another_calendar_is_invalid(google: Google, anna: Client) -> None:
    second = google.add_calendar(ANNA, "Second")

    answer = anna.list(second.id, syncToken=anna.sync_token())

    assert (answer.status, answer.reason) == (400, "invalid")


def test_expired_token_asks_for_a_full_sync(google: Google, anna: Client) -> None:
    token = anna.sync_token()

    google.expire_sync_tokens(ANNA)

    answer = anna.list(syncToken=token)
    assert (answer.status, answer.error) == (
        410,
        {
            "domain": "calendar",
            "reason": "fullSyncRequired",
            "message": "Sync token is no longer valid, a full sync is required.",
            "locationType": "parameter",
            "location": "syncToken",
        },
    )


def test_changed_access_kills_the_token(google: Google, ben: Client) -> None:
    google.share(ANNA, "ben@example.com", "reader")
    token = ben.list(ANNA).body["nextSyncToken"]

    google.share(ANNA, "ben@example.com", "writer")

    assert ben.list(ANNA, syncToken=token).reason == "fullSyncRequired"


def test_token_dies_of_age_when_switched(google: Google, anna: Client, clock: Clock) -> None:
    google.settings = msgspec.structs.replace(google.settings, sync_token_s=1200)
    token = anna.sync_token()

    clock.advance(minutes=30)

    assert anna.list(syncToken=token).status == 410


def test_token_may_die_between_two_pages_of_a_delta(google: Google, anna: Client) -> None:
    token = anna.sync_token(maxResults=1)
    anna.insert()
    anna.insert()
    first = anna.list(syncToken=token, maxResults=1).body

    google.expire_sync_tokens(ANNA)

    answer = anna.list(syncToken=token, maxResults=1, pageToken=first["nextPageToken"])
    assert (answer.status, answer.reason) == (410, "fullSyncRequired")


def test_second_page_without_the_sync_token_is_refused(anna: Client) -> None:
    token = anna.sync_token(maxResults=1)
    anna.insert()
    anna.insert()
    first = anna.list(syncToken=token, maxResults=1).body

    answer = anna.list(maxResults=1, pageToken=first["nextPageToken"])

    assert (answer.status, answer.error["location"]) == (400, "pageToken")


def test_what_changes_while_paging_is_in_the_next_delta(anna: Client) -> None:
    events = [anna.insert(summary=str(turn)) for turn in range(4)]
    first = anna.list(maxResults=2).body

    anna.patch(events[0]["id"], {"summary": "seen, then changed"})
    anna.patch(events[3]["id"], {"summary": "changed, then seen"})
    anna.insert(summary="new")
    anna.delete(events[2]["id"])
    last = anna.list(maxResults=2, pageToken=first["nextPageToken"]).body
    delta = anna.list(maxResults=2, syncToken=last["nextSyncToken"]).body
    more = anna.list(maxResults=2, syncToken=last["nextSyncToken"], pageToken=delta["nextPageToken"]).body

    assert len(last["items"]) == 2
    assert titles(delta) + titles(more) == ["seen, then changed", "changed, then seen", "new", "cancelled"]


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
