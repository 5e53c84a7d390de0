"""Everything behind one port: functions by their paths, jobs sent at once and proved, many at a time, a clean end."""

from __future__ import annotations

import http.client
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from infra import wiring
from infra.embedded.server import Gateway, OnePort, PortTaken, nothing_else
from infra.embedded.site import Site
from infra.jobs_auth import LocalJobTokens
from infra.keys import PurposeKeys
from infra.settings import Settings
from infra.system import SystemClock
from shared.ports import Document
from tests.embedded import some_functions
from tests.embedded.conftest import until

WAIT_S = 30.0
SOURCE = Path(some_functions.__file__)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    settings = Settings(data=tmp_path_factory.mktemp("data"), tick_s=3600)
    with Site(settings, functions=some_functions.NAMES, source=SOURCE, server=OnePort(0)) as running:
        yield running


def ask(site: Site, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, bytes, dict[str, str]]:
    connection = http.client.HTTPConnection(urlsplit(site.url).netloc, timeout=WAIT_S)
    connection.request(method, path, body=body, headers=headers)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, content, dict(answer.getheaders())


def done(name: str) -> Document | None:
    return wiring.world().store.get_many([f"done/{name}"])[f"done/{name}"]


@pytest.mark.parametrize(("path", "status"), [("/healthz", 200), ("/nowhere", 404)])
def test_every_answer_tells_the_request_id_that_was_given(site: Site, path: str, status: int) -> None:
    answer = requests.get(f"{site.url}{path}", headers={"X-Request-Id": "mine-1"}, timeout=10)

    assert (answer.status_code, answer.headers["X-Request-Id"]) == (status, "mine-1")


@pytest.mark.parametrize("path", ["/healthz", "/nowhere"])
def test_what_is_no_request_id_is_answered_with_one(site: Site, path: str) -> None:
    answer = requests.get(f"{site.url}{path}", headers={"X-Request-Id": "anna@example.com"}, timeout=10)

    assert len(answer.headers["X-Request-Id"]) == 26


def test_healthz_answers_when_every_function_is_ready(site: Site) -> None:
    assert ask(site, "GET", "/healthz")[:2] == (200, b'{"status":"ok"}\n')


@pytest.mark.parametrize("path", ["/v1", "/v1/tasks/a%2Fb", "/docs", "/docs/errors/x", "/openapi.json"])
def test_a_function_sees_the_whole_path(site: Site, path: str) -> None:
    assert ask(site, "GET", path)[:2] == (200, path.replace("%2F", "/").encode())


@pytest.mark.parametrize("path", ["/v1x", "/jobs/unknown", "/jobs", "/webhooks/other", "/nothing"])
def test_there_is_nothing_elsewhere(site: Site, path: str) -> None:
    status, _, headers = ask(site, "GET", path)

    assert (status, headers["Content-Type"]) == (404, "application/problem+json")


def test_the_root_leads_to_the_apis_pages(site: Site) -> None:
    status, _, headers = ask(site, "GET", "/")

    assert (status, headers["Location"]) == (302, "/docs")


def test_a_function_that_raises_answers_as_on_the_platform(site: Site) -> None:
    status, content, headers = ask(site, "POST", "/webhooks/google-calendar")

    assert (status, headers["X-Google-Status"]) == (500, "crash")
    assert b"RuntimeError" not in content


def test_an_enqueued_job_reaches_its_function_with_cloud_tasks_headers(site: Site) -> None:
    ask(site, "POST", "/v1/enqueue/first")
    until(lambda: done("first"))

    document = done("first")
    assert document is not None
    headers = document.data["headers"]
    assert isinstance(headers, dict)
    assert headers.pop("X-Cloudtasks-Tasketa").replace(".", "").isdecimal()
    assert headers == {
        "X-Cloudtasks-Queuename": "sync",
        "X-Cloudtasks-Taskname": "first",
        "X-Cloudtasks-Taskretrycount": "0",
        "X-Cloudtasks-Taskexecutioncount": "0",
    }


@pytest.mark.parametrize("kind", ["none", "other deployment", "other keys", "not a token", "not ascii", "over"])
def test_strangers_are_refused_at_jobs(site: Site, kind: str) -> None:
    identity = wiring.embedded().folder.keys.identity()
    own, audience = PurposeKeys(identity.keys), f"tandem-jobs/{identity.deployment}"

    class Past(SystemClock):
        def now(self):  # type: ignore[no-untyped-def]  # noqa: ANN202
            return super().now().replace(year=2020)

    headers = {
        "none": {},
        "other deployment": {"Authorization": LocalJobTokens(own, clock=SystemClock(), audience="other").mint()},
        "other keys": {
            "Authorization": LocalJobTokens(PurposeKeys((b"x" * 32,)), clock=SystemClock(), audience=audience).mint()
        },
        "not a token": {"Authorization": "Bearer nonsense"},
        "not ascii": {"Authorization": "Bearer a.b.\xe9"},
        "over": {"Authorization": LocalJobTokens(own, clock=Past(), audience=audience).mint()},
    }[kind]

    status, _, _ = ask(site, "POST", "/jobs/sync-task", b'{"task": "stranger"}', **headers)

    assert status == 401
    assert done("stranger") is None


def test_fifty_requests_are_answered_at_the_same_time(site: Site) -> None:
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: ask(site, "GET", "/v1/together")[0], range(50)))

    assert answers == [200] * 50


def test_a_stream_is_delivered_while_it_goes_on(site: Site) -> None:
    connection = http.client.HTTPConnection(urlsplit(site.url).netloc, timeout=WAIT_S)
    connection.request("GET", "/v1/stream")
    answer = connection.getresponse()

    assert answer.read1(100) == b"data: first\n\n"
    connection.close()


def test_a_port_that_is_taken_is_told_with_a_remedy(site: Site) -> None:
    with pytest.raises(PortTaken, match=r"is taken: stop the program that has it, or choose another with --port"):
        OnePort(site.server.port)


def test_a_second_server_on_the_same_data_is_refused(site: Site) -> None:
    second = subprocess.run(
        [sys.executable, "-m", "tests.embedded.site_process", str(site.settings.data)],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip

    assert second.returncode == 1
    assert f"on {site.url}: stop that server" in second.stderr


def test_stopping_waits_for_a_request_under_way() -> None:
    arrived, go = threading.Event(), threading.Event()

    def slow(environ, start_response):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        arrived.set()
        go.wait(WAIT_S)
        return nothing_else(environ, start_response)

    server = OnePort(0)
    server.start(Gateway({}, otherwise=slow))
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=WAIT_S)
    connection.request("GET", "/")
    arrived.wait(WAIT_S)
    stopping = threading.Thread(target=server.stop, kwargs={"within_s": WAIT_S})
    stopping.start()
    go.set()

    assert connection.getresponse().status == 302
    stopping.join(WAIT_S)
    server.close()
    connection.close()


def test_an_open_stream_does_not_hold_up_the_end() -> None:
    def stream(environ, start_response):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        start_response("200 OK", [("Content-Type", "text/event-stream")])
        yield b"data: first\n\n"
        threading.Event().wait()

    server = OnePort(0)
    server.start(stream)
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=WAIT_S)
    connection.request("GET", "/")
    first = connection.getresponse().read1(100)
    stopping = threading.Thread(target=server.stop, kwargs={"within_s": WAIT_S}, daemon=True)
    stopping.start()
    stopping.join(WAIT_S / 2)

    assert (first, stopping.is_alive()) == (b"data: first\n\n", False)
    connection.close()
    server.close()


def test_the_port_is_free_after_the_end() -> None:
    server = OnePort(0)
    server.start(nothing_else)
    server.stop(within_s=WAIT_S)
    server.close()

    with socket.create_server(("127.0.0.1", server.port)) as again:
        assert again.getsockname()[1] == server.port
