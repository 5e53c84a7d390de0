"""Google's events, as bytes, to values."""

import json
from datetime import UTC, date, datetime

import pytest

from shared.errors import GoogleUnavailable
from shared.google.events import Event, Guest, Tombstone
from shared.google.responses import event_of, living
from shared.model.times import AllDay, Timed

TIMED = b"""{
 "kind": "calendar#event",
 "etag": "\\"3181161784712000\\"",
 "id": "0a1b2c3d4e5f6g7h8i9j",
 "status": "confirmed",
 "htmlLink": "https://www.google.com/calendar/event?eid=MGExYg",
 "created": "2026-11-20T08:00:00.000Z",
 "updated": "2026-11-20T08:00:01.356Z",
 "summary": "Call Anna",
 "description": "<b>about</b> the flat",
 "location": "Via Roma 1",
 "colorId": "9",
 "creator": {"email": "anna@example.com", "self": true},
 "organizer": {"email": "anna@example.com", "self": true},
 "start": {"dateTime": "2026-11-24T10:00:00+01:00", "timeZone": "Europe/Rome"},
 "end": {"dateTime": "2026-11-24T10:30:00+01:00", "timeZone": "Europe/Rome"},
 "iCalUID": "0a1b2c3d4e5f6g7h8i9j@google.com",
 "sequence": 0,
 "attendees": [
  {"email": "anna@example.com", "organizer": true, "self": true, "responseStatus": "accepted"},
  {"email": "bob@example.com", "displayName": "Bob", "optional": true, "responseStatus": "tentative"}
 ],
 "hangoutLink": "https://meet.google.com/abc-defg-hij",
 "conferenceData": {
  "createRequest": {"requestId": "r1", "conferenceSolutionKey": {"type": "hangoutsMeet"},
   "status": {"statusCode": "success"}},
  "entryPoints": [{"entryPointType": "video", "uri": "https://meet.google.com/abc-defg-hij"}],
  "conferenceSolution": {"key": {"type": "hangoutsMeet"}, "name": "Google Meet"},
  "conferenceId": "abc-defg-hij"
 },
 "extendedProperties": {"private": {"tandem": "1"}, "shared": {"other": "2"}},
 "reminders": {"useDefault": false, "overrides": [{"method": "popup", "minutes": 10}]},
 "source": {"url": "https://crm.example.com/7", "title": "CRM"},
 "eventType": "default"
}"""


def read(raw: bytes) -> Event | Tombstone:
    return event_of(json.loads(raw))


def event(**changes: object) -> Event:
    """The sample with some keys replaced; None leaves a key out."""
    raw = json.loads(TIMED) | changes
    read_event = event_of({name: value for name, value in raw.items() if value is not None})
    assert isinstance(read_event, Event)
    return read_event


def test_a_timed_event_is_read_as_instants_with_its_zone() -> None:
    assert event().when == Timed(
        start=datetime(2026, 11, 24, 9, tzinfo=UTC), end=datetime(2026, 11, 24, 9, 30, tzinfo=UTC), zone="Europe/Rome"
    )


def test_an_etag_keeps_its_quotes() -> None:
    assert event().etag == '"3181161784712000"'


def test_the_offset_google_uses_is_kept_beside_the_instant() -> None:
    assert (event().raw_start, event().raw_end) == ("2026-11-24T10:00:00+01:00", "2026-11-24T10:30:00+01:00")


def test_updated_keeps_its_milliseconds() -> None:
    assert event().updated == datetime(2026, 11, 20, 8, 0, 1, 356_000, tzinfo=UTC)


def test_only_this_copys_private_properties_are_read() -> None:
    assert event().private == {"tandem": "1"}


def test_guests_are_read_with_their_answers() -> None:
    assert event().guests == (
        Guest(email="anna@example.com", response="accepted", organizer=True, is_self=True),
        Guest(email="bob@example.com", name="Bob", response="tentative", optional=True),
    )


@pytest.mark.parametrize(
    "changes", [{"attendeesOmitted": True}, {"attendees": [{"id": "7", "responseStatus": "accepted"}]}]
)
def test_a_guest_list_with_somebody_left_out_is_not_complete(changes: dict[str, object]) -> None:
    assert not event(**changes).guests_complete


def test_an_all_day_event_keeps_its_exclusive_end() -> None:
    assert event(start={"date": "2026-11-24"}, end={"date": "2026-11-26"}).when == AllDay(
        start=date(2026, 11, 24), end=date(2026, 11, 26)
    )


def test_an_event_without_an_end_lasts_no_time() -> None:
    when = event(end=None, endTimeUnspecified=True).when

    assert isinstance(when, Timed)
    assert when.start == when.end


def test_a_time_without_an_offset_is_read_in_its_own_zone() -> None:
    when = event(start={"dateTime": "2026-07-24T10:00:00", "timeZone": "Europe/Rome"}).when

    assert isinstance(when, Timed)
    assert when.start == datetime(2026, 7, 24, 8, tzinfo=UTC)


def test_defaults_that_google_leaves_out_are_filled_in() -> None:
    bare = event(attendees=None, organizer=None, reminders=None, eventType=None, colorId=None, creator=None)

    assert (bare.visibility, bare.transparency, bare.event_type, bare.color_id) == (
        "default",
        "opaque",
        "default",
        None,
    )
    assert (bare.organizer_self, bare.guests_complete, bare.reminders.use_default) == (True, True, True)


def test_an_organizer_that_is_not_this_account_may_not_be_overruled() -> None:
    assert not event(organizer={"email": "boss@example.com"}).organizer_self


def test_words_that_google_invents_are_kept_as_they_are() -> None:
    odd = event(visibility="secret", eventType="birthday", newField={"a": [1]})

    assert (odd.visibility, odd.event_type) == ("secret", "birthday")


def test_reminders_are_pairs_of_method_and_minutes() -> None:
    reminders = event().reminders

    assert (reminders.use_default, reminders.overrides) == (False, (("popup", 10),))


def test_an_occurrence_is_named_by_its_series_and_original_start() -> None:
    occurrence = event(
        recurringEventId="serie",
        originalStartTime={"dateTime": "2026-11-24T10:00:00+01:00", "timeZone": "Europe/Rome"},
    )

    assert (occurrence.recurring_event_id, occurrence.original_start) == ("serie", "20261124T090000Z")


def test_an_all_day_occurrence_is_named_by_its_date() -> None:
    assert event(recurringEventId="serie", originalStartTime={"date": "2026-11-24"}).original_start == "2026-11-24"


@pytest.mark.parametrize(
    ("conference", "expected"),
    [
        (None, ("none", None)),
        ({"createRequest": {"requestId": "r", "status": {"statusCode": "pending"}}}, ("pending", None)),
        ({"createRequest": {"requestId": "r", "status": {"statusCode": "success"}}}, ("pending", None)),
        ({"createRequest": {"requestId": "r", "status": {"statusCode": "failure"}}}, ("refused", None)),
        ({"conferenceSolution": {"key": {"type": "addOn"}}, "entryPoints": []}, ("other", None)),
        (
            {
                "conferenceSolution": {"key": {"type": "hangoutsMeet"}},
                "entryPoints": [
                    {"entryPointType": "phone", "uri": "tel:+39"},
                    {"entryPointType": "video", "uri": "https://meet.google.com/x"},
                ],
            },
            ("ready", "https://meet.google.com/x"),
        ),
    ],
)
def test_a_meet_has_the_state_google_says(conference: object, expected: tuple[str, str | None]) -> None:
    read_event = event(hangoutLink=None, conferenceData=conference)

    assert (read_event.meet, read_event.meet_url) == expected


def test_a_tombstone_may_hold_nothing_but_its_id() -> None:
    assert read(b'{"id": "gone1", "status": "cancelled"}') == Tombstone(id="gone1")  # type: ignore[arg-type]


def test_a_cancelled_occurrence_keeps_its_place_in_the_series() -> None:
    tombstone = read(
        b'{"kind":"calendar#event","etag":"\\"7\\"","id":"serie_20261124","status":"cancelled",'
        b'"recurringEventId":"serie","originalStartTime":{"date":"2026-11-24"}}'
    )

    assert isinstance(tombstone, Tombstone)
    assert (tombstone.recurring_event_id, tombstone.original_start) == ("serie", "2026-11-24")
    assert (tombstone.private, tombstone.remains) == (None, None)


def test_a_cancelled_event_that_is_still_shown_whole_keeps_what_remains() -> None:
    tombstone = event_of(json.loads(TIMED) | {"status": "cancelled"})

    assert isinstance(tombstone, Tombstone)
    assert tombstone.private == {"tandem": "1"}
    assert tombstone.remains is not None
    assert tombstone.remains.summary == "Call Anna"


def test_a_tombstone_shown_whole_without_properties_shows_that_it_has_none() -> None:
    raw = json.loads(TIMED) | {"status": "cancelled"}
    del raw["extendedProperties"]

    tombstone = event_of(raw)

    assert isinstance(tombstone, Tombstone)
    assert tombstone.private == {}


@pytest.mark.parametrize(
    "raw",
    [
        b"[]",
        b"null",
        b"{}",
        b'{"id": 7}',
        b'{"id": "abc", "status": "confirmed"}',
        b'{"id": "abc", "etag": "\\"1\\"", "start": {"dateTime": "soon"}}',
        b'{"id": "abc", "start": {"date": "2026-11-24"}, "end": {"date": "2026-11-25"}}',
        b'{"id": "abc", "etag": "\\"1\\"", "start": "2026-11-24"}',
    ],
)
def test_an_event_that_cannot_be_read_is_asked_for_again(raw: bytes) -> None:
    with pytest.raises(GoogleUnavailable):
        read(raw)


def test_a_failure_to_read_quotes_nothing_of_the_event() -> None:
    with pytest.raises(GoogleUnavailable) as caught:
        read(b'{"id": "abc", "summary": "Secret merger"}')

    assert "Secret" not in caught.value.detail


def test_a_write_that_answers_with_a_tombstone_is_read_again() -> None:
    with pytest.raises(GoogleUnavailable):
        living(read(b'{"id": "gone1", "status": "cancelled"}'))
