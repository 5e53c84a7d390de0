"""List requests are made from a cursor, the same on every page; a token made otherwise is not used."""

from datetime import UTC, datetime

import pytest

from shared.errors import Bug
from shared.google.cursor import cursor_of, cursor_token
from shared.google.requests import PARAMETERS, ChannelRequest, EventsRequest, channel_body, events_query
from shared.google.responses import EventPage
from shared.model.connection import Watched
from shared.model.ids import CalendarId, ConnectionId, TenantId

CALENDAR = CalendarId("anna@example.com")
FORBIDDEN_WITH_TOKEN = {
    "iCalUID", "orderBy", "privateExtendedProperty", "q", "sharedExtendedProperty", "timeMin", "timeMax",
    "updatedMin", "showDeleted",
}  # fmt: skip


def watched(sync_token: str | None, parameters: str | None) -> Watched:
    return Watched(
        tenant=TenantId("t"),
        connection=ConnectionId("c"),
        calendar_id=CALENDAR,
        sync_token=sync_token,
        token_parameters=parameters,
    )


def test_every_page_of_a_delta_repeats_the_sync_token_and_the_whole_query() -> None:
    first = events_query(EventsRequest(calendar_id=CALENDAR, sync_token="tok="))
    second = events_query(EventsRequest(calendar_id=CALENDAR, sync_token="tok=", page_token="p2"))

    assert first["syncToken"] == "tok="
    assert second == first | {"pageToken": "p2"}


def test_a_delta_is_asked_with_the_same_parameters_as_the_full_list() -> None:
    full = events_query(EventsRequest(calendar_id=CALENDAR))
    delta = events_query(EventsRequest(calendar_id=CALENDAR, sync_token="t"))

    assert delta == full | {"syncToken": "t"}


def test_the_parameters_kept_with_a_token_are_those_of_the_query() -> None:
    query = events_query(EventsRequest(calendar_id=CALENDAR, sync_token="t"))

    kept = dict(pair.split("=") for pair in PARAMETERS.split(";") if "=" in pair)

    assert query == kept | {"syncToken": "t"}


def test_nothing_that_google_forbids_goes_with_a_sync_token() -> None:
    query = events_query(EventsRequest(calendar_id=CALENDAR, sync_token="t", page_token="p"))

    assert FORBIDDEN_WITH_TOKEN.isdisjoint(query)


MOMENT = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    "request_with_both",
    [
        EventsRequest(calendar_id=CALENDAR, sync_token="t", time_min=MOMENT),
        EventsRequest(calendar_id=CALENDAR, sync_token="t", time_max=MOMENT),
    ],
)
def test_a_delta_limited_to_a_time_is_a_bug(request_with_both: EventsRequest) -> None:
    with pytest.raises(Bug):
        events_query(request_with_both)


def test_only_default_events_are_asked_for_and_series_stay_whole() -> None:
    query = events_query(EventsRequest(calendar_id=CALENDAR))

    assert (query["eventTypes"], query["singleEvents"], query["maxResults"]) == ("default", "false", "250")


def test_a_window_is_asked_in_utc_seconds() -> None:
    moment = datetime.fromisoformat("2026-11-20T10:00:00.123+01:00")

    query = events_query(EventsRequest(calendar_id=CALENDAR, time_min=moment, time_max=moment))

    assert (query["timeMin"], query["timeMax"]) == ("2026-11-20T09:00:00Z", "2026-11-20T09:00:00Z")


def test_a_token_made_with_other_parameters_is_not_used() -> None:
    assert cursor_token(watched("tok", "singleEvents=true;v0")) is None


def test_a_saved_token_is_usable_afterwards() -> None:
    token, parameters = cursor_of(EventPage(items=(), sync_token="tok"))

    assert cursor_token(watched(token, parameters)) == "tok"


def test_a_page_that_is_not_the_last_saves_nothing() -> None:
    assert cursor_of(EventPage(items=(), page_token="p2")) == (None, None)


def test_a_channel_asks_for_its_life_in_seconds_as_text() -> None:
    body = channel_body(ChannelRequest(calendar_id=CALENDAR, channel_id="c", address="https://x.example/w", token="t"))

    assert body == {
        "id": "c",
        "type": "web_hook",
        "address": "https://x.example/w",
        "token": "t",
        "params": {"ttl": "604800"},
    }
