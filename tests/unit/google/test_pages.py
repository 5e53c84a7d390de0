"""Google's lists and channels, as bytes, to values."""

import json
from datetime import UTC, datetime

import pytest

from shared.errors import GoogleUnavailable
from shared.google.responses import calendar_entries_of, channel_of, page_of


def test_the_last_page_has_the_sync_token() -> None:
    page = page_of(
        json.loads(
            b'{"kind":"calendar#events","timeZone":"Europe/Rome","accessRole":"writer",'
            b'"nextSyncToken":"CPDAlvWDx70CEPDAlvWDx70CGAU=","items":[{"id":"gone1","status":"cancelled"}]}'
        )
    )

    assert (page.page_token, page.sync_token) == (None, "CPDAlvWDx70CEPDAlvWDx70CGAU=")
    assert (page.access_role, page.time_zone, len(page.items)) == ("writer", "Europe/Rome", 1)


def test_a_page_may_be_empty_though_another_follows() -> None:
    page = page_of({"nextPageToken": "p2"})

    assert (page.items, page.page_token, page.sync_token) == ((), "p2", None)


def test_a_calendar_has_the_name_its_user_gave_it() -> None:
    entries, following = calendar_entries_of(
        json.loads(
            b'{"kind":"calendar#calendarList","nextPageToken":"n","items":['
            b'{"id":"a@example.com","summary":"a@example.com","summaryOverride":"Work","timeZone":"Europe/Rome",'
            b'"backgroundColor":"#9fe1e7","accessRole":"owner","primary":true},'
            b'{"id":"old@group.calendar.google.com","deleted":true},'
            b'{"id":"h@group.v.calendar.google.com","summary":"Holidays","accessRole":"reader","hidden":true}]}'
        )
    )

    assert [(entry.id, entry.name, entry.primary, entry.hidden) for entry in entries] == [
        ("a@example.com", "Work", True, False),
        ("h@group.v.calendar.google.com", "Holidays", False, True),
    ]
    assert following == "n"


ASKED_UNTIL = datetime(2026, 11, 27, tzinfo=UTC)


@pytest.mark.parametrize("expiration", [b'"1795778400000"', b"1795778400000"])
def test_a_channels_end_is_read_from_text_and_number(expiration: bytes) -> None:
    raw = b'{"kind":"api#channel","id":"c1","resourceId":"r1","resourceUri":"u","expiration":' + expiration + b"}"

    channel = channel_of(json.loads(raw), asked_until=ASKED_UNTIL)

    assert (channel.id, channel.resource_id) == ("c1", "r1")
    assert channel.expires_at == datetime.fromtimestamp(1_795_778_400, UTC)


def test_a_channel_without_an_end_lasts_as_long_as_was_asked() -> None:
    assert channel_of({"id": "c1", "resourceId": "r1"}, asked_until=ASKED_UNTIL).expires_at == ASKED_UNTIL


@pytest.mark.parametrize("raw", [{}, {"id": "c1"}, {"id": "c1", "resourceId": "r1", "expiration": "soon"}])
def test_a_channel_that_cannot_be_stopped_is_opened_again(raw: dict[str, object]) -> None:
    with pytest.raises(GoogleUnavailable):
        channel_of(raw, asked_until=ASKED_UNTIL)
