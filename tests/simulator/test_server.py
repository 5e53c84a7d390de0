"""The simulator over real HTTP: delivery of push messages, broken connections, the control API, loopback only."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import SystemRandom
from typing import Any

import pytest
import requests

from infra.simulator.server import RunningSimulator
from infra.simulator.sim_clock import SimClock
from infra.simulator.state import Google
from tests.simulator.client import ANNA, timed


class Hook:
    """A webhook that remembers what it got."""

    def __init__(self) -> None:
        """Listen on a free loopback port."""
        self.got: list[dict[str, str]] = []
        self.answers: list[int] = []
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                hook.got.append({key.lower(): value for key, value in self.headers.items()})
                self.send_response(hook.answers.pop(0) if hook.answers else 204)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
                del format, args

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}/hook"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def hook() -> Iterator[Hook]:
    hook = Hook()
    yield hook
    hook.close()


@pytest.fixture
def simulator() -> Iterator[RunningSimulator]:
    with RunningSimulator() as running:
        yield running


def until(true: Callable[[], bool], *, seconds: float = 5.0) -> None:
    """Poll until something is so; real threads and sockets are involved."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        threading.Event().wait(0.01)


def call(simulator: RunningSimulator, method: str, path: str, body: object = None) -> requests.Response:
    """Call Calendar as Anna."""
    with simulator.desk.doing() as google:
        token = google.access_token(ANNA)
    headers = {"Authorization": f"Bearer {token}"}
    return requests.request(method, f"{simulator.url}/calendar/v3/{path}", json=body, headers=headers, timeout=10)


def control(simulator: RunningSimulator, name: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
    """Call the control API; without a body it is read."""
    url = f"{simulator.url}/_sim/{name}"
    answer = requests.get(url, timeout=10) if body is None else requests.post(url, json=body, timeout=10)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_person_splits_a_series_over_the_control_api(simulator: RunningSimulator) -> None:
    start = {"dateTime": "2026-11-23T10:00:00", "timeZone": "Europe/Berlin"}
    fields = {"summary": "x", "start": start, "recurrence": ["RRULE:FREQ=DAILY"]}
    root = control(simulator, "person", {"account": ANNA, "action": "create", "arguments": fields})["id"]

    arguments = {"event_id": f"{root}_20261126T090000Z", "summary": "y"}
    later = control(simulator, "person", {"account": ANNA, "action": "edit_following", "arguments": arguments})

    assert (later["id"], later["summary"]) == (f"{root}_R20261126T090000", "y")


def watch(simulator: RunningSimulator, hook: Hook) -> dict[str, Any]:
    """Watch Anna's primary calendar."""
    body = {"id": "channel-1", "type": "web_hook", "address": hook.address, "token": "t"}
    answer = call(simulator, "POST", "calendars/primary/events/watch", body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_courier_delivers_sync_and_exists_with_googles_headers(simulator: RunningSimulator, hook: Hook) -> None:
    channel = watch(simulator, hook)
    until(lambda: len(hook.got) == 1)

    control(simulator, "person", {"account": ANNA, "action": "create", "arguments": {"summary": "x"}})
    until(lambda: len(hook.got) == 2)

    sync, exists = hook.got
    assert (sync["x-goog-resource-state"], sync["x-goog-message-number"]) == ("sync", "1")
    assert exists["x-goog-resource-state"] == "exists"
    assert exists["x-goog-resource-id"] == channel["resourceId"]
    assert exists["x-goog-channel-token"] == "t"
    assert exists["content-length"] == "0"
    assert exists["user-agent"].startswith("APIs-Google")


def test_sync_message_may_come_before_the_answer_to_watch(simulator: RunningSimulator, hook: Hook) -> None:
    control(simulator, "notifications", {"sync_first": True})

    watch(simulator, hook)

    assert len(hook.got) == 1


def test_a_message_answered_503_comes_again_and_404_does_not(simulator: RunningSimulator, hook: Hook) -> None:
    control(simulator, "notifications", {"retry_first_s": 0.01})
    hook.answers = [503, 404]

    watch(simulator, hook)

    until(lambda: control(simulator, "counters").get("notifications answered 404") == 1)
    assert [got["x-goog-message-number"] for got in hook.got] == ["1", "1"]


def test_connection_cut_after_the_commit_leaves_the_event(simulator: RunningSimulator) -> None:
    control(simulator, "faults", {"effect": "cut_after", "method": "POST", "path": "/events$", "count": 1})

    with pytest.raises(requests.ConnectionError):
        call(simulator, "POST", "calendars/primary/events", timed() | {"id": "abcde12345"})

    assert call(simulator, "GET", "calendars/primary/events/abcde12345").status_code == 200
    assert call(simulator, "POST", "calendars/primary/events", timed() | {"id": "abcde12345"}).status_code == 409


def test_connection_cut_before_leaves_nothing(simulator: RunningSimulator) -> None:
    control(simulator, "faults", {"effect": "cut_before", "method": "POST", "path": "/events$", "count": 1})

    with pytest.raises(requests.ConnectionError):
        call(simulator, "POST", "calendars/primary/events", timed() | {"id": "abcde12345"})

    assert call(simulator, "GET", "calendars/primary/events/abcde12345").status_code == 404


def test_slow_answers_take_their_time(simulator: RunningSimulator) -> None:
    control(simulator, "faults", {"effect": "slow", "seconds": 0.2, "count": 1})

    began = time.monotonic()
    call(simulator, "GET", "calendars/primary/events")

    assert time.monotonic() - began >= 0.2


def test_clock_is_moved_from_outside(simulator: RunningSimulator) -> None:
    control(simulator, "clock", {"stop_at": "2030-01-01T00:00:00+00:00"})

    control(simulator, "clock", {"advance_s": 60})

    assert control(simulator, "clock")["now"] == "2030-01-01T00:01:00+00:00"


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("faults", {"effect": "earthquake"}),
        ("faults", {"effect": "slow", "path": "("}),
        ("settings", {"tombstone": "full"}),
        ("clock", {"advance": 5}),
        ("person", {"account": ANNA, "action": "__class__"}),
        ("person", {"account": "nobody@example.com", "action": "create"}),
    ],
)
def test_control_refuses_what_it_does_not_know(simulator: RunningSimulator, name: str, body: dict[str, Any]) -> None:
    answer = requests.post(f"{simulator.url}/_sim/{name}", json=body, timeout=10)

    assert answer.status_code == 400
    assert answer.json()["error"]


def test_settings_quota_and_faults_are_set_and_cleared(simulator: RunningSimulator) -> None:
    assert control(simulator, "settings", {"tombstones": "full"})["tombstones"] == "full"
    assert control(simulator, "quota", {"per_user_minute": 1, "answer": "429"})["quota"]["per_user_minute"] == 1
    call(simulator, "GET", "calendars/primary/events")
    assert call(simulator, "GET", "calendars/primary/events").status_code == 429

    control(simulator, "quota", {"off": True})
    control(simulator, "faults", {"effect": "backendError503"})
    assert call(simulator, "GET", "calendars/primary/events").status_code == 503
    control(simulator, "faults/clear", {})

    assert call(simulator, "GET", "calendars/primary/events").status_code == 200


def test_counters_count_by_method_and_are_reset(simulator: RunningSimulator) -> None:
    event = call(simulator, "POST", "calendars/primary/events", timed()).json()
    call(simulator, "PATCH", f"calendars/primary/events/{event['id']}", {"summary": "x"})

    counted = control(simulator, "counters")
    control(simulator, "counters/reset", {})

    assert (counted["events.insert"], counted["events.patch"], counted["units"]) == (1, 1, 4)
    assert control(simulator, "counters") == {}


def test_reset_brings_the_default_world_back(simulator: RunningSimulator) -> None:
    call(simulator, "POST", "calendars/primary/events", timed())

    control(simulator, "reset", {})

    assert call(simulator, "GET", "calendars/primary/events").json()["items"] == []


def test_stream_tells_of_each_change(simulator: RunningSimulator) -> None:
    with requests.get(f"{simulator.url}/_sim/stream", stream=True, timeout=10) as stream:
        lines = stream.iter_lines(decode_unicode=True)
        first = next(line for line in lines if line.startswith("data:"))

        call(simulator, "POST", "calendars/primary/events", timed())
        second = next(line for line in lines if line.startswith("data:"))

    assert int(second.removeprefix("data:")) > int(first.removeprefix("data:"))


def test_world_survives_a_restart_in_its_file(tmp_path: Path) -> None:
    state = tmp_path / "google.json"
    with RunningSimulator(state=state) as before:
        event = call(before, "POST", "calendars/primary/events", timed() | {"summary": "kept"}).json()

    with RunningSimulator(state=state) as after:
        kept = call(after, "GET", f"calendars/primary/events/{event['id']}").json()
        fresh = call(after, "POST", "calendars/primary/events", timed()).json()

    assert (kept["summary"], kept["etag"]) == ("kept", event["etag"])
    assert fresh["id"] != event["id"]
    assert json.loads(state.read_text())["world"]["accounts"].keys() >= {ANNA}


def test_world_is_in_its_file_before_the_simulator_ends(tmp_path: Path) -> None:
    state = tmp_path / "google.json"
    with RunningSimulator(state=state) as running:
        event = call(running, "POST", "calendars/primary/events", timed()).json()

        until(lambda: state.exists() and event["id"] in state.read_text())


def test_paging_goes_on_after_a_restart(tmp_path: Path) -> None:
    state = tmp_path / "google.json"
    with RunningSimulator(state=state) as before:
        for _ in range(3):
            call(before, "POST", "calendars/primary/events", timed())
        first = call(before, "GET", "calendars/primary/events?maxResults=2").json()

    with RunningSimulator(state=state) as after:
        path = f"calendars/primary/events?maxResults=2&pageToken={first['nextPageToken']}"
        second = call(after, "GET", path).json()

    assert (len(first["items"]), len(second["items"])) == (2, 1)
    assert "nextSyncToken" in second


def test_world_with_dice_of_the_operating_system_can_be_kept() -> None:
    clock = SimClock()
    google = Google(now=clock, rng=SystemRandom())

    again = Google.load(google.dump(), now=clock)

    assert again.ctx.world == google.ctx.world


def test_only_loopback_is_bound_unless_told() -> None:
    with pytest.raises(ValueError, match="allow_remote"):
        RunningSimulator(host="0.0.0.0")  # noqa: S104 - the refusal is the claim


def test_answer_that_breaks_googles_schema_is_a_500_and_fails_the_test_that_saw_it() -> None:
    running = RunningSimulator()
    with running.desk.doing() as google:
        google.ctx.world.calendars[ANNA].summary = 5

    answer = call(running, "GET", "calendars/primary/events")

    assert answer.status_code == 500
    assert "Events.summary must be string" in answer.json()["error"]["message"]
    with pytest.raises(AssertionError, match=r"Events\.summary"):
        running.close()
