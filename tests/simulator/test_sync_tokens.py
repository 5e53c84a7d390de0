"""Sync tokens: what a delta holds, what may stand beside a token, and how tokens die."""

from typing import Any

import msgspec
import pytest

from infra.simulator.query import NOT_WITH_SYNC_TOKEN
from infra.simulator.state import Google
from tests.simulator.client import ANNA, START, Client, Clock

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
