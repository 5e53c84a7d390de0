"""One meeting in several calendars: copies, answers, rights, and which mails were sent."""

from typing import Any

import pytest

from infra.simulator.state import Google
from tests.simulator.client import ANNA, BEN, Client

GUESTS = [{"email": BEN}, {"email": "out@side.example"}]


@pytest.fixture
def meeting(anna: Client) -> Any:  # noqa: ANN401 - JSON
    """Anna invites Ben and a stranger."""
    return anna.insert(summary="Meeting", attendees=GUESTS, colorId="3")


def mailed(google: Google) -> list[tuple[str, str]]:
    """Give kind and addressee of each mail."""
    return [(mail.kind, mail.to) for mail in google.mails]


def test_guest_has_a_copy_with_the_same_uid_and_organizer_and_an_etag_of_its_own(
    ben: Client, meeting: dict[str, Any]
) -> None:
    (copy,) = ben.list().body["items"]

    assert copy["iCalUID"] == meeting["iCalUID"]
    assert copy["organizer"] == {"email": ANNA}
    assert copy["etag"] != meeting["etag"]
    assert [guest.get("self") for guest in copy["attendees"]] == [True, None]


def test_private_parts_do_not_travel(ben: Client, meeting: dict[str, Any]) -> None:
    ben.patch(meeting["id"], {"colorId": "5", "reminders": {"useDefault": False, "overrides": []}})

    assert "colorId" not in ben.patch(meeting["id"], {"colorId": None}).body
    assert ben.google.person(ANNA).get(meeting["id"])["colorId"] == "3"


def test_guest_may_not_change_what_is_shared(ben: Client, meeting: dict[str, Any]) -> None:
    answer = ben.patch(meeting["id"], {"summary": "Mine"})

    assert (answer.status, answer.error) == (
        403,
        {
            "domain": "calendar",
            "reason": "forbiddenForNonOrganizer",
            "message": "Shared properties can only be changed by the organizer of the event.",
        },
    )


def test_guest_may_change_it_where_guests_can_modify(anna: Client, ben: Client, meeting: dict[str, Any]) -> None:
    anna.patch(meeting["id"], {"guestsCanModify": True})

    assert ben.patch(meeting["id"], {"summary": "Ours"}).status == 200
    assert anna.get(meeting["id"]).body["summary"] == "Ours"


def test_answer_travels_to_the_organizer_and_changes_etag_and_updated(
    google: Google, anna: Client, meeting: dict[str, Any]
) -> None:
    token = anna.sync_token()

    google.person(BEN).answer(meeting["id"], "accepted")

    (changed,) = anna.list(syncToken=token).body["items"]
    assert changed["attendees"][0] == {"email": BEN, "responseStatus": "accepted"}
    assert changed["etag"] != meeting["etag"]


def test_organizers_change_reaches_the_copy(anna: Client, ben: Client, meeting: dict[str, Any]) -> None:
    token = ben.sync_token()

    anna.patch(meeting["id"], {"location": "Room 2"})

    assert ben.list(syncToken=token).body["items"][0]["location"] == "Room 2"


def test_organizers_private_change_leaves_the_copy_alone(anna: Client, ben: Client, meeting: dict[str, Any]) -> None:
    token = ben.sync_token()

    anna.patch(meeting["id"], {"colorId": "7"})

    assert ben.list(syncToken=token).body["items"] == []


def test_guest_that_is_taken_off_loses_the_copy(anna: Client, ben: Client, meeting: dict[str, Any]) -> None:
    anna.patch(meeting["id"], {"attendees": [{"email": "out@side.example"}]})

    assert ben.list().body["items"] == []


def test_deleted_meeting_is_cancelled_for_the_guest(anna: Client, ben: Client, meeting: dict[str, Any]) -> None:
    anna.delete(meeting["id"])

    assert ben.get(meeting["id"]).body["status"] == "cancelled"


def test_guest_that_deletes_the_copy_has_declined(anna: Client, ben: Client, meeting: dict[str, Any]) -> None:
    ben.delete(meeting["id"])

    guests = anna.get(meeting["id"]).body["attendees"]
    assert guests[0]["responseStatus"] == "declined"


def test_copy_a_guest_deleted_does_not_come_back_by_an_edit(anna: Client, ben: Client, meeting: dict[str, Any]) -> None:
    ben.delete(meeting["id"])
    guests = anna.get(meeting["id"]).body["attendees"]

    anna.patch(meeting["id"], {"summary": "Moved", "attendees": guests})

    assert ben.list().body["items"] == []


def test_array_replaced_without_answers_resets_them(google: Google, anna: Client, meeting: dict[str, Any]) -> None:
    google.person(BEN).answer(meeting["id"], "accepted")

    patched = anna.patch(meeting["id"], {"attendees": GUESTS}).body

    assert patched["attendees"][0]["responseStatus"] == "needsAction"


def test_max_attendees_omits_the_others(anna: Client, meeting: dict[str, Any]) -> None:
    body = anna.call("GET", f"calendars/primary/events/{meeting['id']}", maxAttendees=1).body

    assert body["attendeesOmitted"] is True


def test_no_mail_is_sent_by_default(google: Google, anna: Client, meeting: dict[str, Any]) -> None:
    anna.patch(meeting["id"], {"summary": "Other"})
    anna.delete(meeting["id"])

    assert mailed(google) == []


def test_mails_name_whom_and_why(google: Google, anna: Client, meeting: dict[str, Any]) -> None:
    anna.patch(meeting["id"], {"summary": "Other"}, sendUpdates="all")

    assert mailed(google) == [("update", BEN), ("update", "out@side.example")]
    assert google.mails[0].because == "events.patch sendUpdates=all"


def test_external_only_mails_only_strangers(google: Google, anna: Client, meeting: dict[str, Any]) -> None:
    anna.call("DELETE", f"calendars/primary/events/{meeting['id']}", sendUpdates="externalOnly")

    assert mailed(google) == [("cancellation", "out@side.example")]


def test_secondary_calendar_is_its_own_organizer(google: Google, anna: Client) -> None:
    second = google.add_calendar(ANNA, "Viewings 2")

    event = anna.insert(second.id)

    assert event["organizer"] == {"email": second.id, "displayName": "Viewings 2", "self": True}
    assert event["creator"] == {"email": ANNA}


@pytest.fixture
def series(anna: Client) -> Any:  # noqa: ANN401 - JSON
    """Anna invites Ben every week."""
    zoned = {"timeZone": "Europe/Berlin"}
    return anna.insert(
        start={"dateTime": "2026-11-23T10:00:00"} | zoned,
        end={"dateTime": "2026-11-23T11:00:00"} | zoned,
        recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"],
        attendees=[{"email": BEN}],
    )


def test_occurrence_the_organizer_deletes_is_gone_for_the_guest(
    anna: Client, ben: Client, series: dict[str, Any]
) -> None:
    anna.delete(f"{series['id']}_20261130T090000Z")

    assert len(ben.list(singleEvents="true").body["items"]) == 2


def test_occurrence_the_organizer_moves_is_moved_for_the_guest(
    anna: Client, ben: Client, series: dict[str, Any]
) -> None:
    anna.patch(f"{series['id']}_20261130T090000Z", {"summary": "Other"})

    titles = [item.get("summary") for item in ben.list(singleEvents="true").body["items"]]
    assert sorted(titles, key=str) == [None, None, "Other"]


def test_series_the_organizer_deletes_leaves_the_guest_no_exception(
    anna: Client, ben: Client, series: dict[str, Any]
) -> None:
    anna.patch(f"{series['id']}_20261130T090000Z", {"summary": "Other"})

    anna.delete(series["id"])

    assert ben.list().body["items"] == []


def test_guest_of_one_occurrence_sees_no_master(anna: Client, ben: Client) -> None:
    zoned = {"timeZone": "Europe/Berlin"}
    master = anna.insert(
        start={"dateTime": "2026-11-23T10:00:00"} | zoned,
        end={"dateTime": "2026-11-23T11:00:00"} | zoned,
        recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"],
    )

    anna.patch(f"{master['id']}_20261130T090000Z", {"attendees": [{"email": BEN}]})

    (seen,) = ben.list().body["items"]
    assert seen["recurringEventId"] == master["id"]
    assert ben.get(master["id"]).status == 404


def test_guest_of_one_occurrence_keeps_it_when_its_series_goes_to_another_calendar(
    google: Google, anna: Client, ben: Client
) -> None:
    second = google.add_calendar(ANNA, "Second")
    zoned = {"timeZone": "Europe/Berlin"}
    master = anna.insert(
        start={"dateTime": "2026-11-23T10:00:00"} | zoned,
        end={"dateTime": "2026-11-23T11:00:00"} | zoned,
        recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"],
    )
    anna.patch(f"{master['id']}_20261130T090000Z", {"attendees": [{"email": BEN}]})

    anna.call("POST", f"calendars/primary/events/{master['id']}/move", destination=second.id)

    (seen,) = ben.list().body["items"]
    assert seen["organizer"]["email"] == second.id
