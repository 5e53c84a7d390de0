"""The demo's address: for this machine only, for its own page only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from werkzeug.test import Client

from infra.embedded.demo.app import DemoApp, NotLoopback
from infra.embedded.demo.records import Record, Records

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

URL = "http://127.0.0.1:8080"


def elsewhere(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    start_response("200 OK", [])
    return [b"the simulator"]


@pytest.fixture
def client() -> Iterator[Client]:
    with DemoApp(url=URL, folder=None, otherwise=elsewhere) as app:
        yield Client(app)


@pytest.mark.parametrize("url", ["http://192.168.1.5:8080", "https://demo.example.com", "http://0.0.0.0:8080"])
def test_demo_is_refused_on_an_address_of_other_machines(url: str) -> None:
    with pytest.raises(NotLoopback, match="allow_remote"):
        DemoApp(url=url, folder=None, otherwise=elsewhere)


def test_demo_is_served_to_others_when_that_is_said() -> None:
    with DemoApp(url="https://demo.example.com", folder=None, otherwise=elsewhere, allow_remote=True) as app:
        assert Client(app).get("/", base_url="https://demo.example.com").status_code == 200


def test_name_of_another_site_that_leads_here_is_refused(client: Client) -> None:
    assert client.get("/demo/state", base_url="http://evil.example:8080").status_code == 421


def test_page_of_another_site_may_do_nothing(client: Client) -> None:
    answer = client.post("/demo/do/sync", base_url=URL, json={}, headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.status_code == 403


def test_what_a_form_of_another_site_could_send_is_refused(client: Client) -> None:
    assert client.post("/demo/do/sync", base_url=URL, data={"a": "b"}).status_code == 415


@pytest.mark.parametrize("body", [b"[]", b'{"id": 5}', b'{"strange": 1}', b"{"])
def test_what_is_not_understood_is_said_to_be_so(body: bytes, client: Client) -> None:
    answer = client.post("/demo/do/settle", base_url=URL, data=body, content_type="application/json")

    assert answer.status_code == 400


def test_deed_that_is_not_possible_now_says_what_would_help(client: Client) -> None:
    answer = client.post("/demo/do/sync", base_url=URL, json={})

    assert (answer.status_code, answer.json) == (409, {"detail": "connect Anna's calendar first"})


def test_page_takes_nothing_from_elsewhere_and_runs_nothing_inline(client: Client) -> None:
    policy = client.get("/", base_url=URL).headers["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


def test_every_other_path_is_left_to_the_simulator(client: Client) -> None:
    assert client.get("/calendar/u/anna@example.com", base_url=URL).data == b"the simulator"


@pytest.mark.parametrize(("held", "arrives", "kept"), [(3, 2, 3), (3, 3, 3), (3, 4, 4)])
def test_crm_keeps_the_highest_version(held: int, arrives: int, kept: int) -> None:
    records = Records(None)
    records.put(Record(id="1", fields={}, version=held))

    task = {"id": "1", "version": arrives, "title": "news", "sync_state": {}, "created_in": "crm"}
    record = records.apply(task, names=frozenset({"title"}))

    assert record.version == kept
