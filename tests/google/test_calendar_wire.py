"""What the calendar client puts on the wire, and what it makes of answers that go wrong."""

import subprocess
import sys
import threading

import pytest

from infra.google.calendar_client import CalendarClient, GoogleClient
from infra.simulator.model import Fault
from infra.simulator.server import RunningSimulator
from shared import errors
from shared.model.ids import CalendarId
from tests.google.conftest import ANNA, Count
from tests.google.weather import OneShot

CALENDAR = CalendarId(ANNA)
DAY = {"dateTime": "2026-12-01T10:00:00+01:00"}


def test_an_insert_whose_answer_is_lost_is_sent_once(
    anna: CalendarClient, simulator: RunningSimulator, count: Count
) -> None:
    anna.calendars()
    simulator.google.add_fault(Fault(effect="cut_after", method="POST"))

    with pytest.raises(errors.GoogleUnavailable):
        anna.insert(CALENDAR, {"id": "0a1b2c3d4e", "start": DAY, "end": DAY}, notify="none")

    assert count.sent == ["GET calendarList", "POST events"]
    assert simulator.google.ctx.counters["events.insert"] == 1


def test_a_request_that_fails_is_not_repeated(anna: CalendarClient, simulator: RunningSimulator, count: Count) -> None:
    simulator.google.add_fault(Fault(effect="backendError503"))

    with pytest.raises(errors.GoogleUnavailable):
        anna.calendars()

    assert len(count.sent) == 1


def test_a_server_that_does_not_answer_is_given_up_after_the_time_limit(one_shot: OneShot) -> None:
    google = GoogleClient(one_shot.url, timeout_s=0.2)
    one_shot.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"

    with pytest.raises(errors.GoogleUnavailable):
        google.calendar("token").calendars()


def test_a_redirect_is_not_followed(one_shot: OneShot) -> None:
    one_shot.says(302, headers=f"Location: {one_shot.url}/elsewhere\r\n")

    with pytest.raises(errors.GoogleUnavailable):
        GoogleClient(one_shot.url).calendar("token").calendars()

    assert len(one_shot.seen) == 1


def test_an_answer_that_is_not_json_is_asked_for_again(one_shot: OneShot) -> None:
    one_shot.says(200, b"<html>hotel wifi</html>")

    with pytest.raises(errors.GoogleUnavailable):
        GoogleClient(one_shot.url).calendar("token").calendars()


def test_retry_after_reaches_the_caller(one_shot: OneShot) -> None:
    one_shot.says(429, b"{}", "Retry-After: 17\r\n")

    with pytest.raises(errors.RateLimited) as caught:
        GoogleClient(one_shot.url).calendar("token").calendars()

    assert caught.value.after_s == 17


def test_the_etag_travels_in_a_header_as_it_is(one_shot: OneShot) -> None:
    one_shot.says(412)

    with pytest.raises(errors.PreconditionFailed):
        GoogleClient(one_shot.url).calendar("token").delete(CALENDAR, "abcde", if_match='"318"', notify="none")

    assert b'\r\nif-match: "318"\r\n' in one_shot.seen[0].replace(b"If-Match", b"if-match")


def test_no_mail_is_sent_to_guests_unless_asked(one_shot: OneShot) -> None:
    one_shot.says(412)

    with pytest.raises(errors.PreconditionFailed):
        GoogleClient(one_shot.url).calendar("token").patch(CALENDAR, "abcde", {}, if_match='"1"', notify="none")

    assert b"sendUpdates=none" in one_shot.seen[0]
    assert b"conferenceDataVersion=1" in one_shot.seen[0]


def test_no_error_shows_the_access_token(one_shot: OneShot) -> None:
    google = GoogleClient(one_shot.url)

    with pytest.raises(errors.GoogleUnavailable) as caught:
        google.calendar("ya29.secret").calendars()

    assert "ya29" not in repr(caught.value)
    assert caught.value.__cause__ is None


def test_threads_share_one_client(simulator: RunningSimulator, google: GoogleClient) -> None:
    token = simulator.google.access_token(ANNA)
    found: list[int] = []

    def look() -> None:
        found.append(len(google.calendar(token).calendars()[0]))

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [2, 2, 2, 2]


def test_nothing_is_built_on_import() -> None:
    check = "import sys, infra.google.calendar_client; sys.exit('googleapiclient' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
