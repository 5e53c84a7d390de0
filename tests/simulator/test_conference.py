"""Google Meet on request: at once, later, or not at all."""

import re
from typing import Any

import msgspec
import pytest

from infra.simulator.state import Google
from tests.simulator.client import Client, timed

ASK: dict[str, Any] = {
    "conferenceData": {"createRequest": {"requestId": "r1", "conferenceSolutionKey": {"type": "hangoutsMeet"}}}
}


def status_of(event: dict[str, Any]) -> str:
    """Give the state of the request."""
    return str(event["conferenceData"]["createRequest"]["status"]["statusCode"])


def insert(client: Client) -> dict[str, Any]:
    """Insert an event with a request for Meet."""
    body: dict[str, Any] = client.call("POST", "calendars/primary/events", timed() | ASK, conferenceDataVersion=1).body
    return body


def test_conference_data_is_ignored_without_its_version(anna: Client) -> None:
    assert "conferenceData" not in anna.insert(**ASK)


def test_conference_is_there_at_once_by_default(anna: Client) -> None:
    event = insert(anna)

    assert status_of(event) == "success"
    assert re.fullmatch(r"https://meet\.google\.com/[a-z]{3}-[a-z]{4}-[a-z]{3}", str(event["hangoutLink"]))


def test_pending_conference_succeeds_after_some_reads_with_a_new_etag(google: Google, anna: Client) -> None:
    google.settings = msgspec.structs.replace(google.settings, conference="pending", conference_reads=2)
    event = insert(anna)
    event_id = str(event["id"])

    first, second = anna.get(event_id).body, anna.get(event_id).body

    assert [status_of(each) for each in (event, first, second)] == ["pending", "pending", "success"]
    assert "hangoutLink" in second
    assert first["etag"] == event["etag"] != second["etag"]


def test_refused_conference_leaves_the_event(google: Google, anna: Client) -> None:
    google.settings = msgspec.structs.replace(google.settings, conference="failure")

    event = insert(anna)

    assert status_of(event) == "failure"
    assert "hangoutLink" not in event


@pytest.mark.parametrize(("request_id", "same"), [("r1", True), ("r2", False)])
def test_request_id_seen_before_does_nothing(anna: Client, request_id: str, same: bool) -> None:  # noqa: FBT001
    event = insert(anna)

    again = anna.patch(
        str(event["id"]), {"conferenceData": {"createRequest": {"requestId": request_id}}}, conferenceDataVersion=1
    ).body

    assert (again["hangoutLink"] == event["hangoutLink"]) is same


def test_edit_keeps_the_conference_and_null_removes_it(anna: Client) -> None:
    event = insert(anna)
    event_id = str(event["id"])

    edited = anna.patch(event_id, {"summary": "x"}).body
    removed = anna.patch(event_id, {"conferenceData": None}, conferenceDataVersion=1).body

    assert edited["hangoutLink"] == event["hangoutLink"]
    assert not {"conferenceData", "hangoutLink"} & removed.keys()


def test_an_event_has_one_conference_so_that_the_next_takes_its_place(google: Google, anna: Client) -> None:
    event_id = str(insert(anna)["id"])

    zoomed = google.person("anna@example.com").add_zoom(event_id)
    seen = anna.get(event_id).body
    met = anna.patch(event_id, ASK | {"summary": "x"}, conferenceDataVersion=1).body

    assert (zoomed["conferenceData"], "hangoutLink" in seen) == (seen["conferenceData"], False)
    assert seen["conferenceData"]["conferenceSolution"]["key"]["type"] == "addOn"
    assert "zoom" not in str(met["conferenceData"])


def test_a_program_makes_no_conference_of_another_maker(anna: Client) -> None:
    data = {"conferenceSolution": {"key": {"type": "addOn"}}, "conferenceId": "1"}

    made = anna.call("POST", "calendars/primary/events", timed() | {"conferenceData": data}, conferenceDataVersion=1)

    assert "conferenceData" not in made.body
