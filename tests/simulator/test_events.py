"""Insert, patch, update, delete and move, as Google answers them."""

import base64

import pytest

from infra.simulator.state import Google
from tests.simulator.client import ANNA, Client, Clock, all_day, timed


def test_etag_is_a_quoted_number_twice_the_microseconds_of_updated(anna: Client, clock: Clock) -> None:
    event = anna.insert()

    number = int(event["etag"].strip('"'))

    assert event["etag"].startswith('"')
    assert event["etag"].endswith('"')
    assert number // 2 // 1_000_000 == int(clock().timestamp())


def test_etags_rise_strictly_though_the_clock_stands(anna: Client) -> None:
    event = anna.insert()

    tags = [anna.patch(event["id"], {"summary": str(turn)}).body["etag"] for turn in range(5)]

    assert tags == sorted(set(tags), key=lambda tag: int(tag.strip('"')))
    assert len(set(tags)) == 5


def test_insert_makes_a_server_id_and_the_uid_of_it(anna: Client) -> None:
    event = anna.insert()

    assert len(event["id"]) == 26
    assert event["iCalUID"] == f"{event['id']}@google.com"


@pytest.mark.parametrize("event_id", ["abcd", "hasw1", "UPPER1", "under_score", "x" * 1025])
def test_id_outside_base32hex_or_length_is_refused(anna: Client, event_id: str) -> None:
    answer = anna.call("POST", "calendars/primary/events", timed() | {"id": event_id})

    assert (answer.status, answer.reason, answer.error["message"]) == (400, "invalid", "Invalid resource id value.")


def test_second_insert_under_an_id_is_a_duplicate(anna: Client) -> None:
    anna.insert(id="abcde12345")

    answer = anna.call("POST", "calendars/primary/events", timed() | {"id": "abcde12345"})

    assert (answer.status, answer.reason) == (409, "duplicate")
    assert answer.error["message"] == "The requested identifier already exists."


def test_an_id_is_free_in_another_calendar(google: Google, anna: Client) -> None:
    second = google.add_calendar(ANNA, "Second")
    anna.insert(id="abcde12345")

    assert anna.insert(calendar=second.id, id="abcde12345")["id"] == "abcde12345"


def test_insert_over_a_tombstone_is_a_duplicate(anna: Client) -> None:
    anna.insert(id="abcde12345")
    anna.delete("abcde12345")

    answer = anna.call("POST", "calendars/primary/events", timed() | {"id": "abcde12345"})

    assert (answer.status, answer.reason) == (409, "duplicate")


def test_patch_to_confirmed_revives_a_tombstone(anna: Client) -> None:
    event = anna.insert(summary="Viewing")
    anna.delete(event["id"])

    revived = anna.patch(event["id"], {"status": "confirmed"})

    assert (revived.status, revived.body["status"], revived.body["summary"]) == (200, "confirmed", "Viewing")


def test_patch_to_cancelled_deletes(anna: Client) -> None:
    event = anna.insert()

    anna.patch(event["id"], {"status": "cancelled"})

    assert anna.delete(event["id"]).status == 410


def test_purged_event_is_forbidden_to_write_taken_to_insert_and_not_found_to_read(google: Google, anna: Client) -> None:
    event = anna.insert(id="abcde12345")
    anna.delete(event["id"])
    google.empty_trash(ANNA)

    patched = anna.patch(event["id"], {"status": "confirmed"})
    inserted = anna.call("POST", "calendars/primary/events", timed() | {"id": event["id"]})

    assert (patched.status, patched.reason) == (403, "forbidden")
    assert inserted.status == 409
    assert anna.get(event["id"]).status == 404
    assert anna.list(showDeleted="true").body["items"] == []


def test_delete_has_no_body_and_its_repetition_is_gone(anna: Client) -> None:
    event = anna.insert()

    first, second = anna.delete(event["id"]), anna.delete(event["id"])

    assert (first.status, first.body) == (204, None)
    assert (second.status, second.reason, second.error["message"]) == (410, "deleted", "Resource has been deleted")


def test_unknown_event_is_not_found(anna: Client) -> None:
    answers = [anna.get("never0"), anna.delete("never0"), anna.patch("never0", {})]

    assert [(answer.status, answer.reason) for answer in answers] == [(404, "notFound")] * 3


def test_deleted_event_is_still_given_whole_by_get(anna: Client) -> None:
    event = anna.insert(summary="Viewing")
    anna.delete(event["id"])

    answer = anna.get(event["id"])

    assert (answer.status, answer.body["status"], answer.body["summary"]) == (200, "cancelled", "Viewing")


@pytest.mark.parametrize("method", ["PATCH", "PUT", "DELETE"])
def test_write_with_an_old_etag_fails_its_precondition(anna: Client, method: str) -> None:
    event = anna.insert()
    anna.patch(event["id"], {"summary": "newer"})

    answer = anna.call(method, f"calendars/primary/events/{event['id']}", timed(), {"If-Match": event["etag"]})

    assert (answer.status, answer.reason) == (412, "conditionNotMet")
    assert (answer.error["locationType"], answer.error["location"]) == ("header", "If-Match")


@pytest.mark.parametrize("star", [False, True])
def test_write_with_the_present_etag_or_a_star_passes(anna: Client, star: bool) -> None:  # noqa: FBT001 - a parameter
    event = anna.insert()

    answer = anna.patch(event["id"], {"summary": "x"}, {"If-Match": "*" if star else event["etag"]})

    assert answer.status == 200


def test_get_with_the_present_etag_is_not_modified(anna: Client) -> None:
    event = anna.insert()

    path = f"calendars/primary/events/{event['id']}"
    unchanged = anna.call("GET", path, headers={"If-None-Match": event["etag"]})
    changed = anna.call("GET", path, headers={"If-None-Match": '"1"'})

    assert (unchanged.status, unchanged.body, changed.status) == (304, None, 200)


def test_patch_merges_objects_replaces_arrays_and_null_removes(anna: Client) -> None:
    event = anna.insert(
        summary="x",
        location="here",
        extendedProperties={"private": {"a": "1", "b": "2"}},
        attendees=[{"email": "one@example.org"}, {"email": "two@example.org"}],
    )

    body = {
        "location": None,
        "extendedProperties": {"private": {"a": None, "c": "3"}},
        "attendees": [{"email": "three@example.org"}],
    }
    patched = anna.patch(event["id"], body).body

    assert "location" not in patched
    assert patched["extendedProperties"] == {"private": {"b": "2", "c": "3"}}
    assert [guest["email"] for guest in patched["attendees"]] == ["three@example.org"]


def test_update_clears_what_it_leaves_out(anna: Client) -> None:
    event = anna.insert(summary="x", location="here")

    updated = anna.call("PUT", f"calendars/primary/events/{event['id']}", timed() | {"summary": "y"}).body

    assert "location" not in updated


def test_patch_to_all_day_that_keeps_the_old_key_is_an_invalid_start_time(anna: Client) -> None:
    event = anna.insert()

    answer = anna.patch(event["id"], all_day("2026-11-24", "2026-11-25"))

    assert (answer.status, answer.reason, answer.error["message"]) == (400, "invalid", "Invalid start time.")


def test_patch_to_all_day_with_nulls_for_the_other_key_passes(anna: Client) -> None:
    event = anna.insert()
    null = {"dateTime": None, "timeZone": None}

    answer = anna.patch(event["id"], {"start": {"date": "2026-11-24"} | null, "end": {"date": "2026-11-25"} | null})

    assert answer.body["start"] == {"date": "2026-11-24"}


def test_html_link_carries_event_and_calendar(anna: Client) -> None:
    event = anna.insert()

    eid = event["htmlLink"].partition("eid=")[2]

    assert "=" not in eid
    assert base64.b64decode(eid + "==").decode() == f"{event['id']} {ANNA}"


def test_move_leaves_a_stub_with_nothing_but_the_id(google: Google, anna: Client) -> None:
    second = google.add_calendar(ANNA, "Second")
    event = anna.insert(summary="x", extendedProperties={"private": {"k": "v"}})
    token = anna.sync_token()

    moved = anna.call("POST", f"calendars/primary/events/{event['id']}/move", destination=second.id).body

    assert (moved["id"], moved["organizer"]["email"], moved["summary"]) == (event["id"], second.id, "x")
    assert anna.get(event["id"], second.id).status == 200
    stub = anna.list(syncToken=token).body["items"]
    assert [set(item) for item in stub] == [{"kind", "etag", "id", "status"}]


def test_import_needs_a_uid_and_replaces_by_it(anna: Client) -> None:
    body = timed() | {"iCalUID": "meeting@other.example", "organizer": {"email": "boss@other.example"}}

    first = anna.call("POST", "calendars/primary/events/import", body).body
    second = anna.call("POST", "calendars/primary/events/import", body | {"summary": "again"}).body

    assert first["id"] == second["id"]
    assert second["organizer"] == {"email": "boss@other.example"}
    assert anna.call("POST", "calendars/primary/events/import", timed()).reason == "required"
