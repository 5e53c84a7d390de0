"""The Cloud Tasks queue beyond the contract: what is sent, when again, and how it tells what Cloud Tasks refuses."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from flask import Flask
from google.api_core import exceptions as api
from google.auth import jwt

from infra.gcp.cloud_tasks import CloudTasksQueue
from infra.logs import trace_headers
from infra.queues import QUEUES
from shared.errors import Bug, StoreUnavailable, TandemError
from shared.ports import Job
from tests.embedded.conftest import until
from tests.gcp.cloud_tasks_server import CloudTasksServer, Limits
from tests.gcp.google_keys import GoogleKey

ACCOUNT, AUDIENCE = "jobs@p.iam.gserviceaccount.com", "https://jobs.example.com/acme"
QUEUE = "projects/p/locations/europe-west1/queues/prod-{}"
NOON = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
JOB = Job(queue="sync", function="sync_task", name="abc-1", payload={"schema": 1, "task": "t"})


class Function:
    """A job function that keeps what it was sent; answers `status`."""

    def __init__(self) -> None:
        self.status = 200
        self.slow_s = 0.0
        self.seen: list[tuple[str, Message, bytes]] = []
        function = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                threading.Event().wait(function.slow_s)
                function.seen.append((self.path, self.headers, body))
                self.send_response(function.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
                """Nothing is printed."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


class Bench:
    """The queue, the stand-in for Cloud Tasks and the function that it calls; time stands at noon."""

    def __init__(self, function: Function) -> None:
        self.time = NOON
        self.key = GoogleKey()
        self.function = function
        limits = {
            QUEUE.format(name): Limits(
                max_dispatches_per_second=each.dispatches_per_s,
                max_concurrent_dispatches=each.concurrent,
                max_attempts=each.attempts,
                min_backoff_s=each.min_backoff_s,
                max_backoff_s=each.max_backoff_s,
            )
            for name, each in QUEUES.items()
        }
        self.server = CloudTasksServer(limits, now=lambda: self.time, key=self.key)
        self.queue = self.of(self.server.host)

    def of(self, host: str, *, env: str = "prod") -> CloudTasksQueue:
        return CloudTasksQueue(
            project="p",
            region="europe-west1",
            env=env,
            urls=dict.fromkeys(("sync_task", "pull_calendar", "run_step", "deliver_changes"), self.function.url),
            account=ACCOUNT,
            audience=AUDIENCE,
            host=host,
            trace=trace_headers,
        )


@pytest.fixture
def function() -> Iterator[Function]:
    made = Function()
    threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def bench(function: Function) -> Iterator[Bench]:
    made = Bench(function)
    with made.server:
        yield made
        made.queue.close()


def test_a_job_reaches_its_function_as_json_under_its_path(bench: Bench) -> None:
    bench.queue.enqueue(JOB)
    bench.server.send_due()

    ((path, headers, body),) = bench.function.seen
    assert (path, headers["Content-Type"], body) == (
        "/jobs/sync-task",
        "application/json",
        b'{"schema":1,"task":"t"}',
    )


def test_a_job_is_sent_with_the_trace_of_the_request_that_enqueued_it(bench: Bench) -> None:
    trace = {"X-Cloud-Trace-Context": "0af7651916cd43dd8448eb211c80319c/1;o=1"}
    with Flask("x").test_request_context(headers=trace):
        bench.queue.enqueue(JOB)
    bench.server.send_due()

    ((_, headers, _),) = bench.function.seen
    assert headers["X-Cloud-Trace-Context"] == trace["X-Cloud-Trace-Context"]


def test_many_jobs_are_under_way_at_once_and_never_more_than_their_queue_allows(bench: Bench) -> None:
    bench.server.queues[QUEUE.format("sync")].max_concurrent_dispatches = 3
    bench.function.slow_s = 0.2
    for number in range(9):
        bench.queue.enqueue(Job(queue="sync", function="sync_task", payload={"n": number}))

    def none_left() -> bool:
        bench.time += timedelta(milliseconds=10)
        return not bench.server.held

    with bench.server.sending():
        until(none_left)

    assert len(bench.function.seen) == 9
    assert bench.server.queues[QUEUE.format("sync")].most_under_way == 3


def test_a_job_carries_a_token_of_the_jobs_account_for_the_one_audience(bench: Bench) -> None:
    bench.queue.enqueue(JOB)
    bench.server.send_due()

    ((_, headers, _),) = bench.function.seen
    token = headers["Authorization"].removeprefix("Bearer ")
    claims = jwt.decode(token, certs={bench.key.id: bench.key.certificate})  # type: ignore[no-untyped-call]
    assert (claims["email"], claims["aud"]) == (ACCOUNT, AUDIENCE)


@pytest.mark.parametrize("queue", sorted(QUEUES))
def test_a_job_must_answer_within_its_queues_deadline(bench: Bench, queue: str) -> None:
    bench.queue.enqueue(Job(queue=queue, function="sync_task", payload={}))

    (held,) = bench.server.due()
    assert held.task.dispatch_deadline.ToTimedelta().total_seconds() == QUEUES[queue].deadline_s


def test_a_time_is_kept_to_the_microsecond(bench: Bench) -> None:
    later = NOON + timedelta(microseconds=1_234_567)
    bench.queue.enqueue(Job(queue="sync", function="sync_task", payload={}, not_before=later))

    (held,) = bench.server.held.values()
    assert held.eta == later


def test_deployments_of_one_project_have_queues_of_their_own(bench: Bench) -> None:
    bench.server.queues[QUEUE.format("sync").replace("prod-", "test-")] = Limits()
    other = bench.of(bench.server.host, env="test")

    taken = bench.queue.enqueue(JOB), other.enqueue(JOB)
    other.close()

    assert taken == (True, True)
    assert len(bench.server.due()) == 2


def test_without_an_environment_queues_have_their_bare_names(bench: Bench) -> None:
    bench.server.queues[QUEUE.format("sync").replace("prod-", "")] = Limits()
    bare = bench.of(bench.server.host, env="")

    taken = bare.enqueue(JOB)
    bare.close()

    assert taken


def test_a_failing_job_is_sent_again_after_longer_and_longer_waits(bench: Bench) -> None:
    bench.function.status = 503
    bench.queue.enqueue(JOB)
    waits = []

    for _ in range(4):
        bench.server.send_due()
        (held,) = bench.server.held.values()
        waits.append((held.run_at - bench.time).total_seconds())
        bench.time = held.run_at

    assert waits == [0.1, 0.2, 0.4, 0.8]
    assert [headers["X-CloudTasks-TaskRetryCount"] for _, headers, _ in bench.function.seen] == ["0", "1", "2", "3"]


def test_a_job_that_succeeds_at_last_leaves_its_name_taken(bench: Bench) -> None:
    bench.function.status = 503
    bench.queue.enqueue(JOB)
    bench.server.send_due()
    bench.function.status = 204
    bench.time += timedelta(seconds=1)
    bench.server.send_due()

    assert bench.server.held == {}
    assert not bench.queue.enqueue(JOB)


def test_a_queue_starts_no_more_jobs_than_its_rate(bench: Bench) -> None:
    for number in range(30):
        bench.queue.enqueue(Job(queue="runs", function="run_step", payload={"n": number}))

    first = bench.server.send_due()
    at_once = bench.server.send_due()
    bench.time += timedelta(seconds=0.5)
    later = bench.server.send_due()

    assert (first, at_once, later) == (8, 0, 5)


def test_a_queue_is_made_without_a_connection_or_credentials() -> None:
    queue = CloudTasksQueue(project="p", region="r", env="", urls={}, account=ACCOUNT, audience=AUDIENCE)

    assert queue._connected is None


def test_a_function_without_an_address_is_told_by_name(bench: Bench) -> None:
    with pytest.raises(Bug, match="TANDEM_URLS"):
        bench.queue.enqueue(Job(queue="sync", function="unknown", payload={}))


def test_a_queue_that_is_not_deployed_is_told_with_its_remedy(bench: Bench) -> None:
    bench.server.queues.clear()

    with pytest.raises(StoreUnavailable, match="TANDEM_ENV"):
        bench.queue.enqueue(JOB)


def test_a_time_that_cloud_tasks_refuses_is_a_bug(bench: Bench) -> None:
    with pytest.raises(Bug, match="too far"):
        bench.queue.enqueue(Job(queue="sync", function="sync_task", payload={}, not_before=NOON + timedelta(days=31)))


def test_nobody_listening_is_told_as_unavailable(bench: Bench) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        queue = bench.of(f"127.0.0.1:{taken.getsockname()[1]}")

        with pytest.raises(StoreUnavailable):
            queue.enqueue(JOB)
    queue.close()


@pytest.mark.parametrize(
    ("fault", "expected", "told"),
    [
        (api.PermissionDenied, StoreUnavailable, "roles/cloudtasks.enqueuer"),
        (api.DeadlineExceeded, StoreUnavailable, "try again later"),
        (api.ResourceExhausted, StoreUnavailable, "try again later"),
        (api.InternalServerError, StoreUnavailable, "try again later"),
    ],
)
def test_what_cloud_tasks_says(
    bench: Bench,
    monkeypatch: pytest.MonkeyPatch,
    fault: Callable[[str], Exception],
    expected: type[TandemError],
    told: str,
) -> None:
    def fail(*_: object, **__: object) -> object:
        raise fault("said")

    monkeypatch.setattr(bench.queue._client(), "create_task", fail)

    with pytest.raises(expected, match=told):
        bench.queue.enqueue(JOB)


def test_an_enqueue_is_tried_once_and_not_without_end(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    client, seen = bench.queue._client(), []

    def create(request: object, **options: object) -> object:
        seen.append(options)
        return request

    monkeypatch.setattr(client, "create_task", create)
    bench.queue.enqueue(JOB)

    assert seen == [{"retry": None, "timeout": 5.0}]
