"""Google's notifications: proved without the store, one job for a burst; what proves nothing costs nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest
from flask import Flask, request
from werkzeug.test import TestResponse

from functions.calendar_webhook import answer
from infra.keys import PurposeKeys
from infra.system import SystemIds
from shared.errors import StoreUnavailable
from shared.google.channel_token import PURPOSE, make
from shared.model.ids import ConnectionId, TenantId, key_of
from shared.ports import Cipher, Google, Job, OAuth, Secrets, Store
from shared.usecases.world import Addresses, Clients, World
from tests.receivers import KeptMessages

NOW = datetime(2026, 11, 20, 10, 0, 0, 500_000, tzinfo=UTC)
KEYS = PurposeKeys((b"k" * 32,))
CHANNEL = "0123456789abcdefghijklmnop"


@dataclass(slots=True)
class Touched:
    """Stands for every port that a notification must not touch."""

    asked: list[str] = field(default_factory=list)

    def __getattr__(self, name: str) -> object:
        self.asked.append(name)
        raise AssertionError(name)


@dataclass(slots=True)
class TurnedClock:
    at: datetime = NOW

    def now(self) -> datetime:
        return self.at


@dataclass(slots=True)
class CountedQueue:
    """Keeps jobs and counts calls; a name counts once."""

    calls: int = 0
    jobs: dict[str | None, Job] = field(default_factory=dict)
    away: bool = False

    def enqueue(self, job: Job) -> bool:
        self.calls += 1
        if self.away:
            raise StoreUnavailable
        fresh = job.name not in self.jobs
        self.jobs.setdefault(job.name, job)
        return fresh


@dataclass(slots=True)
class Line:
    """A log that nobody reads."""

    outcomes: list[str] = field(default_factory=list)

    def event(self, flow: str, outcome: str, **fields: str | float | None) -> None:
        self.outcomes.append(outcome)


@dataclass(slots=True)
class Hook:
    """The webhook with its world."""

    nothing: Touched = field(default_factory=Touched)
    clock: TurnedClock = field(default_factory=TurnedClock)
    queue: CountedQueue = field(default_factory=CountedQueue)
    log: Line = field(default_factory=Line)

    def post(self, headers: dict[str, str], method: str = "POST") -> TestResponse:
        app = Flask(__name__)
        world = World(
            deployment="test",
            store=cast("Store", self.nothing),
            queue=self.queue,
            clock=self.clock,
            ids=SystemIds(),
            cipher=cast("Cipher", self.nothing),
            keys=KEYS,
            google=cast("Google", self.nothing),
            oauth=cast("OAuth", self.nothing),
            clients=cast("Clients", self.nothing),
            secrets=cast("Secrets", self.nothing),
            sender=KeptMessages(),
            log=self.log,
            addresses=Addresses(oauth="", calendar_webhook="", api="", portal="", push_possible=True),
        )
        app.add_url_rule("/<path:path>", "hook", lambda path: answer(request, world), methods=["GET", "POST"])
        return app.test_client().open("/webhooks/google-calendar", method=method, headers=headers)


@pytest.fixture
def hook() -> Hook:
    return Hook()


def token(*, keys: PurposeKeys = KEYS, expires_at: datetime = NOW + timedelta(days=7), key: str = "anna") -> str:
    return make(
        keys.for_purpose(PURPOSE),
        tenant=TenantId("tenant"),
        connection=ConnectionId("connection"),
        calendar_key=key_of(key),
        channel_id=CHANNEL,
        expires_at=expires_at,
    )


def message(**changes: str) -> dict[str, str]:
    """One notification as Google sends it."""
    headers = {
        "Content-Type": "application/json; utf-8",
        "Content-Length": "0",
        "User-Agent": "APIs-Google (+https://developers.google.com/webmasters/APIs-Google.html)",
        "X-Goog-Channel-ID": CHANNEL,
        "X-Goog-Channel-Token": token(),
        "X-Goog-Channel-Expiration": "Fri, 27 Nov 2026 10:00:00 GMT",
        "X-Goog-Resource-ID": "ret08u3rv24htgh289g",
        "X-Goog-Resource-URI": "https://www.googleapis.com/calendar/v3/calendars/anna%40example.com/events?alt=json",
        "X-Goog-Resource-State": "exists",
        "X-Goog-Message-Number": "10",
    }
    return {name: value for name, value in (headers | changes).items() if value}


def test_a_genuine_message_queues_one_pull_of_its_calendar_and_reads_nothing(hook: Hook) -> None:
    answered = hook.post(message())

    (job,) = hook.queue.jobs.values()
    assert answered.status_code == 204
    assert (job.function, job.queue) == ("pull_calendar", "pull")
    assert (job.payload["tenant"], job.payload["connection"]) == ("tenant", "connection")
    assert job.payload["calendar"] == key_of("anna")
    assert hook.nothing.asked == []


def test_a_burst_within_a_bucket_is_one_job(hook: Hook) -> None:
    for number in range(50):
        assert hook.post(message(**{"X-Goog-Message-Number": str(number)})).status_code == 204

    assert len(hook.queue.jobs) == 1


def test_the_pull_starts_after_every_message_it_stands_for(hook: Hook) -> None:
    hook.post(message())
    hook.clock.at = datetime(2026, 11, 20, 10, 0, 1, 999_999, tzinfo=UTC)
    hook.post(message())

    (job,) = hook.queue.jobs.values()
    assert job.not_before is not None
    assert job.not_before > hook.clock.at


def test_a_message_in_the_next_bucket_is_another_job(hook: Hook) -> None:
    hook.post(message())
    hook.clock.at = NOW + timedelta(seconds=2)
    hook.post(message())

    assert len(hook.queue.jobs) == 2


def test_calendars_do_not_share_a_job(hook: Hook) -> None:
    hook.post(message())
    hook.post(message(**{"X-Goog-Channel-Token": token(key="ben")}))

    assert len(hook.queue.jobs) == 2


def test_the_sync_message_of_a_new_channel_queues_nothing(hook: Hook) -> None:
    answered = hook.post(message(**{"X-Goog-Resource-State": "sync", "X-Goog-Message-Number": "1"}))

    assert (answered.status_code, hook.queue.calls) == (204, 0)


FORGED = {
    "no token": {"X-Goog-Channel-Token": ""},
    "no channel": {"X-Goog-Channel-ID": ""},
    "another key": {"X-Goog-Channel-Token": token(keys=PurposeKeys((b"x" * 32,)))},
    "another channel": {"X-Goog-Channel-ID": "another"},
    "expired": {"X-Goog-Channel-Token": token(expires_at=NOW)},
    "garbage": {"X-Goog-Channel-Token": "garbage"},
    "very long": {"X-Goog-Channel-Token": "A" * 5000},
    "a sync message too": {"X-Goog-Channel-Token": "garbage", "X-Goog-Resource-State": "sync"},
}


@pytest.mark.parametrize("changes", FORGED.values(), ids=FORGED)
def test_what_proves_nothing_is_not_found_and_touches_neither_store_nor_queue(
    hook: Hook, changes: dict[str, str]
) -> None:
    answered = hook.post(message(**changes))

    assert answered.status_code == 404
    assert (hook.queue.calls, hook.nothing.asked) == (0, [])


def test_a_queue_that_is_away_makes_google_send_again(hook: Hook) -> None:
    hook.queue.away = True

    assert hook.post(message()).status_code == 503


@pytest.mark.parametrize("headers", [message(), message(**{"X-Goog-Channel-Token": "forged"})])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_every_answer_has_a_request_id(hook: Hook, method: str, headers: dict[str, str]) -> None:
    assert hook.post(headers, method=method).headers["X-Request-Id"]


def test_only_post_is_answered(hook: Hook) -> None:
    refused = hook.post({}, method="GET")

    assert (refused.status_code, refused.headers["Allow"]) == (405, "POST")


def test_a_refused_message_imports_no_client_library_in_a_whole_process(tmp_path: Path) -> None:
    check = """
import sys
from flask import Flask, request
from functions.calendar_webhook import calendar_webhook
app = Flask("functions")
with app.test_request_context("/webhooks/google-calendar", method="POST"):
    assert calendar_webhook(request).status_code == 404
heavy = {"googleapiclient", "google.auth", "google.api_core", "grpc", "requests", "httplib2", "oauthlib"}
sys.exit(", ".join(sorted(heavy & set(sys.modules))) or 0)
"""

    ended = subprocess.run(
        [sys.executable, "-c", check],
        check=False,
        capture_output=True,
        text=True,
        env=os.environ | {"TANDEM_BACKEND": "embedded", "TANDEM_DATA": str(tmp_path)},
    )

    assert (ended.returncode, ended.stderr) == (0, "")
