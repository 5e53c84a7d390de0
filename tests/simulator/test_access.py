"""Who may do what: roles, scopes, credentials, calendars out of reach."""

import pytest

from infra.simulator.state import Google
from tests.simulator.client import ANNA, BEN, Client, Clock, timed

BASE = "https://www.googleapis.com/auth"


def test_request_without_credentials_must_log_in(google: Google, anna: Client) -> None:
    answer = anna.call("GET", "calendars/primary/events", headers={"Authorization": ""})

    assert (answer.status, answer.reason, answer.error["message"]) == (401, "required", "Login Required.")


def test_expired_access_token_is_an_auth_error(anna: Client, clock: Clock) -> None:
    clock.advance(seconds=3599)

    answer = anna.list()

    assert (answer.status, answer.error) == (
        401,
        {
            "domain": "global",
            "reason": "authError",
            "message": "Invalid Credentials",
            "locationType": "header",
            "location": "Authorization",
        },
    )


def test_missing_scope_is_told_with_error_info(google: Google) -> None:
    client = Client(google, ANNA, f"{BASE}/calendar.events")

    answer = client.call("GET", "users/me/calendarList")

    assert (answer.status, answer.reason) == (403, "insufficientPermissions")
    assert answer.body["error"]["status"] == "PERMISSION_DENIED"
    assert answer.body["error"]["details"][0]["reason"] == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"


@pytest.mark.parametrize(
    ("scope", "method", "path", "status"),
    [
        ("calendar.events", "GET", "calendars/primary/events", 200),
        ("calendar.events", "GET", "colors", 403),
        ("calendar.events", "GET", "calendars/primary", 403),
        ("calendar.calendarlist.readonly", "GET", "users/me/calendarList", 200),
        ("calendar.calendarlist.readonly", "GET", "calendars/primary/events", 403),
        ("calendar.events.readonly", "POST", "calendars/primary/events", 403),
        ("calendar.events.owned", "GET", "calendars/primary/events", 200),
    ],
)
def test_scopes_open_what_googles_document_says(
    google: Google, scope: str, method: str, path: str, status: int
) -> None:
    client = Client(google, ANNA, f"{BASE}/{scope}")

    assert client.call(method, path, timed() if method == "POST" else None).status == status


def test_owned_scope_does_not_reach_a_shared_calendar(google: Google) -> None:
    google.share(ANNA, BEN, "writer")
    ben = Client(google, BEN, f"{BASE}/calendar.events.owned")

    assert ben.list(ANNA).status == 403


def test_calendar_that_is_not_shared_is_not_found(google: Google, ben: Client) -> None:
    assert ben.list(ANNA).status == 404
    assert ben.list("nowhere@group.calendar.google.com").status == 404


def test_reader_may_not_write(google: Google, ben: Client) -> None:
    google.share(ANNA, BEN, "reader")

    answer = ben.call("POST", f"calendars/{ANNA}/events", timed())

    assert (answer.status, answer.reason) == (403, "requiredAccessLevel")
    assert answer.error["message"] == "You need to have writer access to this calendar."


def test_reader_sees_private_events_without_details(google: Google, anna: Client, ben: Client) -> None:
    google.share(ANNA, BEN, "reader")
    anna.insert(summary="Doctor", visibility="private")

    (seen,) = ben.list(ANNA).body["items"]

    assert "summary" not in seen
    assert seen["visibility"] == "private"


def test_free_busy_reader_sees_times_of_single_events(google: Google, anna: Client, ben: Client) -> None:
    google.share(ANNA, BEN, "freeBusyReader")
    anna.insert(
        summary="Team",
        start={"dateTime": "2026-11-23T10:00:00", "timeZone": "Europe/Berlin"},
        end={"dateTime": "2026-11-23T11:00:00", "timeZone": "Europe/Berlin"},
        recurrence=["RRULE:FREQ=DAILY;COUNT=2"],
    )

    seen = ben.list(ANNA).body["items"]

    assert len(seen) == 2
    assert not any("summary" in item or "recurrence" in item for item in seen)


def test_calendars_can_be_made_changed_and_deleted(anna: Client) -> None:
    made = anna.call("POST", "calendars", {"summary": "Visits", "timeZone": "Europe/Paris"}).body

    patched = anna.call("PATCH", f"calendars/{made['id']}", {"description": "all of them"}).body
    deleted = anna.call("DELETE", f"calendars/{made['id']}")

    assert (made["timeZone"], patched["description"]) == ("Europe/Paris", "all of them")
    assert deleted.status == 204
    assert anna.call("GET", f"calendars/{made['id']}").status == 404


def test_primary_calendar_cannot_be_deleted_and_can_be_cleared(anna: Client) -> None:
    anna.insert()

    assert anna.call("DELETE", "calendars/primary").status == 400
    assert anna.call("POST", "calendars/primary/clear").status == 204
    assert anna.list().body["items"] == []


def test_colours_are_googles(anna: Client) -> None:
    body = anna.call("GET", "colors").body

    assert body["updated"] == "2012-02-14T00:00:00.000Z"
    assert body["event"]["11"] == {"background": "#dc2127", "foreground": "#1d1d1d"}
    assert (len(body["calendar"]), len(body["event"])) == (24, 11)


def test_settings_tell_the_time_zone(anna: Client) -> None:
    body = anna.call("GET", "users/me/settings/timezone").body

    assert body["value"] == "Europe/Berlin"
    assert anna.call("GET", "users/me/settings/nothing").status == 404


def test_free_busy_merges_what_overlaps(anna: Client) -> None:
    anna.insert()
    anna.insert()
    query = {"timeMin": "2026-11-23T00:00:00Z", "timeMax": "2026-11-24T00:00:00Z", "items": [{"id": "primary"}]}

    body = anna.call("POST", "freeBusy", query).body

    assert body["calendars"]["primary"]["busy"] == [
        {"start": "2026-11-23T08:00:00+00:00", "end": "2026-11-23T09:00:00+00:00"}
    ]


def test_method_the_simulator_does_not_play_says_so(anna: Client) -> None:
    answer = anna.call("GET", "calendars/primary/acl")

    assert answer.status == 501
    assert "calendar.acl.list" in answer.error["message"]
