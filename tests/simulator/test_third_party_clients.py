"""Programs written for Google work against the simulator over HTTP, with nothing but another address."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
from typing import Any, TypeAlias
from urllib.parse import parse_qs, urlencode, urlsplit

import aiohttp
import google.auth.transport.requests
import pytest
import requests
from gcal_sync.api import GoogleCalendarService, SyncEventsRequest
from gcal_sync.auth import AbstractAuth
from gcal_sync.model import DateOrDatetime
from gcal_sync.model import Event as SyncedEvent
from gcsa.attendee import Attendee
from gcsa.event import Event
from gcsa.google_calendar import GoogleCalendar
from gcsa.recurrence import WEEKLY, Recurrence
from google.oauth2 import id_token
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

from infra.simulator.server import RunningSimulator
from tests.simulator.client import ANNA, BEN

Service: TypeAlias = Any  # made from a document at run time
OAuth: Any = Credentials  # has no types
START = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture
def simulator() -> Iterator[RunningSimulator]:
    with RunningSimulator() as running:
        yield running


def access_token(simulator: RunningSimulator) -> str:
    """Make a token for Anna."""
    with simulator.desk.doing() as state:
        return str(state.access_token(ANNA))


@pytest.fixture
def service(simulator: RunningSimulator) -> Iterator[Service]:
    """Build Google's own client."""
    built = build(
        "calendar",
        "v3",
        credentials=OAuth(access_token(simulator)),
        static_discovery=True,
        client_options={"api_endpoint": f"{simulator.url}/calendar/v3/"},
    )
    yield built
    built.close()


def timed(start: datetime = START) -> dict[str, Any]:
    """Give start and end of an hour."""
    return {"start": {"dateTime": start.isoformat()}, "end": {"dateTime": (start + timedelta(hours=1)).isoformat()}}


def test_googles_client_inserts_patches_lists_and_deletes(service: Service) -> None:
    events = service.events()
    made = events.insert(calendarId="primary", body=timed() | {"summary": "Call"}).execute()
    patched = events.patch(calendarId="primary", eventId=made["id"], body={"summary": None}).execute()
    listed = events.list(calendarId="primary").execute()

    assert "summary" not in patched
    assert [item["id"] for item in listed["items"]] == [made["id"]]
    assert events.delete(calendarId="primary", eventId=made["id"]).execute() == ""


def test_googles_client_pages_and_syncs(service: Service) -> None:
    events = service.events()
    for turn in range(5):
        events.insert(calendarId="primary", body=timed() | {"summary": str(turn)}).execute()

    request, found, token = events.list(calendarId="primary", maxResults=2), [], None
    while request is not None:
        page = request.execute()
        found += page["items"]
        token = page.get("nextSyncToken")
        request = events.list_next(request, page)
    events.delete(calendarId="primary", eventId=found[0]["id"]).execute()
    delta = events.list(calendarId="primary", maxResults=2, syncToken=token).execute()

    assert [item["summary"] for item in found] == ["0", "1", "2", "3", "4"]
    assert [item["status"] for item in delta["items"]] == ["cancelled"]


def test_googles_client_reads_the_simulators_errors(service: Service) -> None:
    made = service.events().insert(calendarId="primary", body=timed()).execute()
    request = service.events().patch(calendarId="primary", eventId=made["id"], body={"summary": "x"})
    request.headers["If-Match"] = '"1"'

    with pytest.raises(HttpError) as failed:
        request.execute()

    assert failed.value.status_code == HTTPStatus.PRECONDITION_FAILED
    assert failed.value.reason == "Precondition Failed"
    assert failed.value.error_details[0]["reason"] == "conditionNotMet"


def test_googles_client_watches_and_stops(service: Service) -> None:
    body = {"id": "c-1", "type": "web_hook", "address": "https://hooks.example.invalid/x"}

    channel = service.events().watch(calendarId="primary", body=body).execute()

    stopped = service.channels().stop(body={"id": channel["id"], "resourceId": channel["resourceId"]}).execute()
    assert stopped == ""


def test_googles_client_reaches_everything_else(service: Service) -> None:
    assert len(service.calendarList().list().execute()["items"]) == 2
    assert service.colors().get().execute()["event"]["1"]["background"] == "#a4bdfc"
    assert service.settings().list().execute()["items"]
    made = service.calendars().insert(body={"summary": "New"}).execute()
    event = service.events().quickAdd(calendarId="primary", text="Lunch").execute()
    moved = service.events().move(calendarId="primary", eventId=event["id"], destination=made["id"]).execute()
    assert moved["organizer"]["email"] == made["id"]


def test_google_auth_refreshes_and_verifies_the_id_token(simulator: RunningSimulator) -> None:
    addresses = simulator.addresses
    query = {
        "client_id": addresses["TANDEM_OAUTH_CLIENT_ID"],
        "redirect_uri": "http://127.0.0.1:1/cb",
        "response_type": "code",
        "scope": "openid email https://www.googleapis.com/auth/calendar.events",
        "access_type": "offline",
    }
    with simulator.desk.doing() as state:
        code = parse_qs(urlsplit(state.consent(query, ANNA)).query)["code"][0]
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": query["redirect_uri"],
        "client_id": query["client_id"],
        "client_secret": addresses["TANDEM_OAUTH_CLIENT_SECRET"],
    }
    answer = requests.post(addresses["TANDEM_GOOGLE_TOKEN_URL"], data=form, timeout=10).json()
    transport: Any = google.auth.transport.requests.Request()

    credentials = OAuth(
        None,
        refresh_token=answer["refresh_token"],
        token_uri=addresses["TANDEM_GOOGLE_TOKEN_URL"],
        client_id=form["client_id"],
        client_secret=form["client_secret"],
    )
    credentials.refresh(transport)
    claims = id_token.verify_token(
        answer["id_token"], transport, audience=query["client_id"], certs_url=f"{simulator.url}/oauth2/v1/certs"
    )

    assert credentials.valid
    assert claims["email"] == ANNA


@pytest.fixture
def simple(simulator: RunningSimulator, service: Service) -> GoogleCalendar:
    """Build gcsa's client; it has no option for the address, so it is given the service."""
    calendar = GoogleCalendar(credentials=OAuth(access_token(simulator)))
    calendar.service.close()
    calendar.service = service
    return calendar


def test_gcsa_adds_reads_changes_and_deletes_an_event(simple: GoogleCalendar) -> None:
    added = simple.add_event(
        Event(
            "Viewing",
            start=START,
            end=START + timedelta(hours=1),
            location="Parkallee 3",
            color_id="11",
            minutes_before_popup_reminder=15,
            attendees=[Attendee(BEN)],
        )
    )
    added.summary = "Second viewing"
    simple.update_event(added)

    (read,) = simple.get_events(START - timedelta(days=1), START + timedelta(days=1))
    simple.delete_event(read)

    assert (read.summary, read.location, read.color_id) == ("Second viewing", "Parkallee 3", "11")
    assert read.start == START
    assert list(simple.get_events(START - timedelta(days=1), START + timedelta(days=1))) == []


def test_gcsa_adds_a_series_and_reads_its_instances(simple: GoogleCalendar) -> None:
    series = simple.add_event(
        Event(
            "Team",
            start=START,
            end=START + timedelta(hours=1),
            timezone="Europe/Berlin",
            recurrence=[Recurrence.rule(freq=WEEKLY, count=3)],
        )
    )

    assert len(list(simple.get_instances(series))) == 3


def test_gcsa_makes_lists_and_deletes_calendars(simple: GoogleCalendar) -> None:
    from gcsa.calendar import Calendar

    made = simple.add_calendar(Calendar("Visits", description="d"))
    names = {entry.summary for entry in simple.get_calendar_list()}
    simple.delete_calendar(made)

    assert "Visits" in names
    assert "Visits" not in {entry.summary for entry in simple.get_calendar_list()}


def test_gcsa_reads_colours_settings_and_free_busy(simple: GoogleCalendar) -> None:
    simple.add_event(Event("Busy", start=START, end=START + timedelta(hours=1)))

    assert simple.list_event_colors()["1"]["background"] == "#a4bdfc"
    assert simple.get_settings().timezone == "Europe/Berlin"
    assert (
        len(simple.get_free_busy(time_min=START - timedelta(days=1), time_max=START + timedelta(days=1)).calendars) == 1
    )


class TokenAuth(AbstractAuth):
    """Carries a token for gcal_sync."""

    def __init__(self, session: aiohttp.ClientSession, host: str, token: str) -> None:
        super().__init__(session, host)
        self._token = token

    async def async_get_access_token(self) -> str:
        return self._token


def test_gcal_sync_lists_creates_reads_and_syncs(simulator: RunningSimulator) -> None:
    async def run() -> None:
        async with aiohttp.ClientSession() as session:
            auth = TokenAuth(session, f"{simulator.url}/calendar/v3", access_token(simulator))
            service = GoogleCalendarService(auth)

            calendars = await service.async_list_calendars()
            assert {calendar.id for calendar in calendars.items} >= {ANNA}

            await service.async_create_event(
                ANNA,
                SyncedEvent(
                    summary="From gcal_sync",
                    start=DateOrDatetime(date=date(2026, 11, 23)),
                    end=DateOrDatetime(date=date(2026, 11, 24)),
                ),
            )
            first = await service.async_list_events(SyncEventsRequest(calendarId=ANNA))
            assert [event.summary for event in first.items] == ["From gcal_sync"]
            assert first.sync_token

            await service.async_delete_event(ANNA, first.items[0].id or "")
            delta = await service.async_list_events(SyncEventsRequest(calendarId=ANNA, syncToken=first.sync_token))
            assert [event.status for event in delta.items] == ["cancelled"]

    asyncio.run(run())


def test_plain_http_reaches_every_address_tandem_is_told(simulator: RunningSimulator) -> None:
    addresses = simulator.addresses
    query = urlencode(
        {
            "client_id": addresses["TANDEM_OAUTH_CLIENT_ID"],
            "redirect_uri": "http://127.0.0.1:1/cb",
            "response_type": "code",
            "scope": "openid",
        }
    )

    assert requests.get(f"{addresses['TANDEM_GOOGLE_AUTH_URL']}?{query}", timeout=10).status_code == HTTPStatus.OK
    assert requests.post(addresses["TANDEM_GOOGLE_TOKEN_URL"], timeout=10).status_code == HTTPStatus.UNAUTHORIZED
    assert requests.post(addresses["TANDEM_GOOGLE_REVOKE_URL"], timeout=10).status_code == HTTPStatus.BAD_REQUEST
    assert requests.get(addresses["TANDEM_GOOGLE_USERINFO_URL"], timeout=10).status_code == HTTPStatus.UNAUTHORIZED
    assert requests.get(addresses["TANDEM_GOOGLE_CERTS_URL"], timeout=10).json()["keys"]
    listing = f"{addresses['TANDEM_GOOGLE_API_URL']}/calendar/v3/calendars/primary/events"
    assert requests.get(listing, timeout=10).status_code == HTTPStatus.UNAUTHORIZED
