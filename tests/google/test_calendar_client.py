"""The calendar client over HTTP against the simulated Google."""

from datetime import UTC, datetime, timedelta

import pytest

from infra.google.calendar_client import CalendarClient, GoogleClient
from infra.simulator.server import RunningSimulator
from infra.simulator.settings import SimSettings
from shared import errors
from shared.google.events import Event, Tombstone
from shared.google.requests import ChannelRequest, EventsRequest
from shared.google.responses import EventPage, living
from shared.model.ids import CalendarId
from tests.google.conftest import ANNA, Count

CALENDAR = CalendarId(ANNA)
BODY: dict[str, object] = {
    "id": "0a1b2c3d4e",
    "summary": "Call",
    "start": {"dateTime": "2026-12-01T10:00:00+01:00", "timeZone": "Europe/Berlin"},
    "end": {"dateTime": "2026-12-01T10:30:00+01:00", "timeZone": "Europe/Berlin"},
    "extendedProperties": {"private": {"tandem": "m"}},
}


def insert(anna: CalendarClient, event_id: str = "0a1b2c3d4e", **changes: object) -> Event:
    return anna.insert(CALENDAR, BODY | {"id": event_id} | changes, notify="none")


def whole_list(anna: CalendarClient, sync_token: str | None = None) -> list[EventPage]:
    pages = [anna.list(EventsRequest(calendar_id=CALENDAR, sync_token=sync_token))]
    while (following := pages[-1].page_token) is not None:
        request = EventsRequest(calendar_id=CALENDAR, sync_token=sync_token, page_token=following)
        pages.append(anna.list(request))
    return pages


def test_an_inserted_event_is_found_under_our_id(anna: CalendarClient) -> None:
    inserted = insert(anna)

    assert anna.get(CALENDAR, "0a1b2c3d4e") == inserted
    assert (inserted.summary, inserted.private, inserted.organizer_self) == ("Call", {"tandem": "m"}, True)


def test_a_second_insert_under_the_same_id_finds_it_taken(anna: CalendarClient) -> None:
    insert(anna)

    with pytest.raises(errors.IdTaken):
        insert(anna)


def test_an_insert_under_the_id_of_a_deleted_event_finds_it_taken(anna: CalendarClient) -> None:
    event = insert(anna)
    anna.delete(CALENDAR, event.id, if_match=event.etag, notify="none")

    with pytest.raises(errors.IdTaken):
        insert(anna)


def test_a_patch_changes_only_what_it_names(anna: CalendarClient) -> None:
    event = insert(anna, location="Office")

    patched = living(anna.patch(CALENDAR, event.id, {"summary": "Visit"}, if_match=event.etag, notify="none"))

    assert (patched.summary, patched.location) == ("Visit", "Office")
    assert patched.etag != event.etag


def test_null_in_a_patch_clears_a_field(anna: CalendarClient) -> None:
    event = insert(anna, location="Office")

    patched = living(anna.patch(CALENDAR, event.id, {"location": None}, if_match=event.etag, notify="none"))

    assert patched.location is None


def test_a_patch_with_an_old_etag_changes_nothing(anna: CalendarClient) -> None:
    old = insert(anna)
    anna.patch(CALENDAR, old.id, {"summary": "Visit"}, if_match=old.etag, notify="none")

    with pytest.raises(errors.PreconditionFailed):
        anna.patch(CALENDAR, old.id, {"summary": "Late"}, if_match=old.etag, notify="none")

    now = anna.get(CALENDAR, old.id)
    assert isinstance(now, Event)
    assert now.summary == "Visit"


def test_a_delete_with_an_old_etag_deletes_nothing(anna: CalendarClient) -> None:
    old = insert(anna)
    anna.patch(CALENDAR, old.id, {"summary": "Visit"}, if_match=old.etag, notify="none")

    with pytest.raises(errors.PreconditionFailed):
        anna.delete(CALENDAR, old.id, if_match=old.etag, notify="none")

    assert isinstance(anna.get(CALENDAR, old.id), Event)


def test_a_deleted_event_is_got_as_a_tombstone(anna: CalendarClient) -> None:
    event = insert(anna)
    anna.delete(CALENDAR, event.id, if_match=None, notify="none")

    assert isinstance(anna.get(CALENDAR, event.id), Tombstone)


def test_a_second_delete_says_that_the_event_is_deleted(anna: CalendarClient) -> None:
    event = insert(anna)
    anna.delete(CALENDAR, event.id, if_match=None, notify="none")

    with pytest.raises(errors.EventDeleted):
        anna.delete(CALENDAR, event.id, if_match=None, notify="none")


def test_an_event_that_never_was_is_missing(anna: CalendarClient) -> None:
    with pytest.raises(errors.EventMissing):
        anna.get(CALENDAR, "neverwas0")


def test_a_moved_event_keeps_its_id(anna: CalendarClient, simulator: RunningSimulator) -> None:
    event = insert(anna)
    target = simulator.google.add_calendar(ANNA, "Second").id

    moved = anna.move(CALENDAR, event.id, target, notify="none")

    assert moved.id == event.id
    assert isinstance(anna.get(target, event.id), Event)


def test_a_delta_over_several_pages_holds_every_change(anna: CalendarClient, simulator: RunningSimulator) -> None:
    token = whole_list(anna)[-1].sync_token
    simulator.google.settings = SimSettings(page_size_cap=2)
    made = {insert(anna, f"0a1b2c3d{number}").id for number in range(5)}

    pages = whole_list(anna, token)

    assert len(pages) == 3
    assert {item.id for page in pages for item in page.items} == made
    assert [page.sync_token is not None for page in pages] == [False, False, True]


def test_an_expired_sync_token_asks_to_start_over(anna: CalendarClient, simulator: RunningSimulator) -> None:
    token = whole_list(anna)[-1].sync_token
    simulator.google.expire_sync_tokens(ANNA)

    with pytest.raises(errors.SyncTokenExpired):
        anna.list(EventsRequest(calendar_id=CALENDAR, sync_token=token))


def test_a_sync_token_that_is_none_asks_to_start_over(anna: CalendarClient) -> None:
    with pytest.raises(errors.SyncTokenExpired):
        anna.list(EventsRequest(calendar_id=CALENDAR, sync_token="garbage"))


def test_a_list_is_limited_to_a_window(anna: CalendarClient) -> None:
    insert(anna)
    starts = datetime(2026, 12, 1, 9, tzinfo=UTC)
    before = EventsRequest(calendar_id=CALENDAR, time_max=starts)
    around = EventsRequest(calendar_id=CALENDAR, time_min=starts, time_max=starts + timedelta(hours=1))

    assert [len(anna.list(request).items) for request in (before, around)] == [0, 1]


def test_a_calendar_that_is_not_there_is_gone(anna: CalendarClient) -> None:
    with pytest.raises(errors.CalendarGone):
        anna.list(EventsRequest(calendar_id=CalendarId("nowhere@group.calendar.google.com")))


def test_a_calendar_that_may_only_be_read_refuses_writes(simulator: RunningSimulator, google: GoogleClient) -> None:
    simulator.google.share(ANNA, "ben@example.com", "reader")
    ben = google.calendar(simulator.google.access_token("ben@example.com"))

    with pytest.raises(errors.NoWriteAccess):
        ben.insert(CALENDAR, BODY, notify="none")


def test_the_calendar_list_names_the_primary_calendar_by_its_own_id(anna: CalendarClient) -> None:
    entries, following = anna.calendars()

    assert [entry.id for entry in entries if entry.primary] == [ANNA]
    assert {entry.time_zone for entry in entries} == {"Europe/Berlin"}
    assert following is None


def channel_request(channel_id: str = "channel1", calendar: CalendarId = CALENDAR) -> ChannelRequest:
    return ChannelRequest(
        calendar_id=calendar, channel_id=channel_id, address="http://127.0.0.1:9/webhooks", token="abc", ttl_s=3600
    )


def test_a_channel_is_granted_and_stopped(anna: CalendarClient, simulator: RunningSimulator) -> None:
    channel = anna.watch(channel_request())
    assert channel.id in simulator.google.ctx.world.channels

    anna.stop(channel.id, channel.resource_id)

    assert channel.id not in simulator.google.ctx.world.channels


def test_stopping_a_channel_that_google_does_not_know_is_no_failure(anna: CalendarClient, count: Count) -> None:
    anna.stop("unknown", "resource")

    assert count.sent == ["POST stop"]


def test_a_calendar_that_google_never_pushes_for_refuses_the_channel(
    anna: CalendarClient, simulator: RunningSimulator
) -> None:
    silent = simulator.google.add_calendar(ANNA, "Holidays", push_refused=True).id

    with pytest.raises(errors.PushRefused):
        anna.watch(channel_request(calendar=CalendarId(silent)))


def test_a_meet_is_asked_for_with_the_insert(anna: CalendarClient) -> None:
    conference = {
        "createRequest": {"requestId": "r1", "conferenceSolutionKey": {"type": "hangoutsMeet"}},
    }

    event = insert(anna, conferenceData=conference)

    assert (event.meet, event.meet_url is not None) == ("ready", True)


def test_an_expired_access_token_is_refused(anna: CalendarClient, simulator: RunningSimulator) -> None:
    simulator.google.expire_access_tokens(ANNA)

    with pytest.raises(errors.AccessTokenRefused):
        anna.calendars()
