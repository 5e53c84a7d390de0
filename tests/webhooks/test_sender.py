"""The sender on real sockets: what it sends, how it is verified by two receivers, and where it refuses to go."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from standardwebhooks import Webhook

from infra.webhook_sender import HttpWebhookSender
from shared.ports import WebhookMessage
from tests.webhooks.receiver import Receiver
from tests.webhooks.spec import signers

SECRET, OLD = "whsec_" + "QUJD" * 12, "whsec_" + "WFla" * 12
BODY = '{"type":"changes.batch","timestamp":"2026-11-21T09:00:00Z","data":{"changes":[{"title":"Grüße"}]}}'


def message(url: str, *secrets: str, body: str = BODY) -> WebhookMessage:
    return WebhookMessage(url=url, id="0123", at=datetime.now(UTC), body=body, secrets=secrets or (SECRET,))


def leading_to(*answers: Sequence[str]) -> tuple[list[str], Any]:
    """A resolver that gives these answers one after the other, and whom it was asked for."""
    asked: list[str] = []
    left = list(answers)

    def resolve(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return left.pop(0)

    return asked, resolve


@pytest.fixture
def here() -> HttpWebhookSender:
    return HttpWebhookSender(loopback_allowed=True)


def test_a_message_arrives_with_its_bytes_and_headers(here: HttpWebhookSender, receiver: Receiver) -> None:
    reply = here.send(message(receiver.url + "?key=1"))

    (got,) = receiver.received
    assert (reply.status, reply.error) == (200, None)
    assert reply.duration_ms > 0
    assert (got.method, got.path, got.body) == ("POST", "/hook?key=1", BODY.encode())
    assert got.headers["host"] == urlsplit(receiver.url).netloc
    assert (got.headers["user-agent"], got.headers["content-type"]) == ("Tandem", "application/json")
    assert got.id == "0123"


def test_a_message_is_verified_by_the_standardwebhooks_package(here: HttpWebhookSender, receiver: Receiver) -> None:
    here.send(message(receiver.url))

    (got,) = receiver.received
    assert Webhook(SECRET).verify(got.body, dict(got.headers)) == json.loads(BODY)


def test_a_message_is_verified_by_the_specification_alone(here: HttpWebhookSender, receiver: Receiver) -> None:
    here.send(message(receiver.url))

    (got,) = receiver.received
    now = datetime.now(UTC)
    assert signers(got.headers, got.body, {"ours": SECRET, "another": OLD}, now) == {"ours"}
    assert signers(got.headers, got.body + b" ", {"ours": SECRET}, now) == set()
    assert signers(got.headers, got.body, {"ours": SECRET}, now + timedelta(minutes=6)) == set()


def test_two_secrets_give_two_signatures(here: HttpWebhookSender, receiver: Receiver) -> None:
    here.send(message(receiver.url, SECRET, OLD))

    (got,) = receiver.received
    assert signers(got.headers, got.body, {"new": SECRET, "old": OLD}, datetime.now(UTC)) == {"new", "old"}
    assert Webhook(OLD).verify(got.body, dict(got.headers)) == json.loads(BODY)


@pytest.mark.parametrize("status", [200, 204, 400, 401, 404, 410, 429, 500, 503])
def test_the_receivers_status_is_told(here: HttpWebhookSender, receiver: Receiver, status: int) -> None:
    receiver.answers = [status]

    assert here.send(message(receiver.url)).status == status


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(here: HttpWebhookSender, receiver: Receiver, status: int) -> None:
    receiver.otherwise = status
    receiver.extra = {"Location": receiver.url + "/inside"}

    reply = here.send(message(receiver.url))

    assert reply.status == status
    assert [got.path for got in receiver.received] == ["/hook"]


@pytest.mark.parametrize(
    "ip", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "192.168.0.1", "::1", "fd00::1", "fe80::1", "::ffff:127.0.0.1"]
)
def test_a_name_that_leads_inside_is_not_spoken_to(ip: str, monkeypatch: pytest.MonkeyPatch) -> None:
    connected = no_connection(monkeypatch)
    _, resolve = leading_to([ip])

    reply = HttpWebhookSender(loopback_allowed=False, resolve=resolve).send(message("https://crm.example.com/"))

    assert (reply.status, reply.error) == (None, "the host leads to an address that is not public")
    assert connected == []


def test_a_name_with_one_private_address_among_public_ones_is_not_spoken_to(monkeypatch: pytest.MonkeyPatch) -> None:
    connected = no_connection(monkeypatch)
    _, resolve = leading_to(["8.8.8.8", "10.0.0.1"])

    HttpWebhookSender(loopback_allowed=False, resolve=resolve).send(message("https://crm.example.com/"))

    assert connected == []


def test_a_name_that_changes_its_mind_is_asked_once_and_its_first_answer_holds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    connected = no_connection(monkeypatch)
    asked, resolve = leading_to(["8.8.8.8"], ["127.0.0.1"])
    sender = HttpWebhookSender(loopback_allowed=False, resolve=resolve)

    sender.send(message("https://crm.example.com/"))
    sender.send(message("https://crm.example.com/"))

    assert asked == ["crm.example.com", "crm.example.com"]
    assert connected == [("8.8.8.8", 443)]


def test_an_address_that_was_stored_when_more_was_allowed_is_not_spoken_to(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    connected = no_connection(monkeypatch)

    reply = HttpWebhookSender(loopback_allowed=False).send(message(receiver.url))

    assert reply.status is None
    assert "public" in str(reply.error)
    assert connected == []


def test_the_next_address_is_tried_when_one_takes_no_connection(receiver: Receiver) -> None:
    port = urlsplit(receiver.url).port
    _, resolve = leading_to(["127.0.0.2", "127.0.0.1"])

    reply = HttpWebhookSender(loopback_allowed=True, resolve=resolve).send(message(f"http://localhost:{port}/"))

    assert reply.status == 200


def test_a_name_that_leads_nowhere_says_so() -> None:
    def resolve(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror

    reply = HttpWebhookSender(loopback_allowed=False, resolve=resolve).send(message("https://crm.example.com/"))

    assert "leads nowhere" in str(reply.error)


def test_a_resolver_that_does_not_answer_is_not_waited_for() -> None:
    released = threading.Event()

    def resolve(host: str, port: int) -> Sequence[str]:
        released.wait(30)
        return ["8.8.8.8"]

    sender = HttpWebhookSender(loopback_allowed=False, resolve=resolve, timeout_s=0.2)
    reply = sender.send(message("https://crm.example.com/"))
    released.set()

    assert reply.error == "no answer within 0.2 s"


def test_a_receiver_that_says_nothing_is_left_at_the_deadline(receiver: Receiver) -> None:
    done = threading.Event()
    receiver.write = lambda wfile: done.wait(30)
    began = time.monotonic()

    reply = HttpWebhookSender(loopback_allowed=True, timeout_s=0.3).send(message(receiver.url))
    took = time.monotonic() - began
    done.set()

    assert reply.error == "no answer within 0.3 s"
    assert took < 3


def test_a_receiver_that_talks_without_end_is_left_at_the_deadline(receiver: Receiver) -> None:
    done = threading.Event()

    def drip(wfile: Any) -> None:  # noqa: ANN401 - a stream
        wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not done.wait(0.02):
            wfile.write(b"a")

    receiver.write = drip
    reply = HttpWebhookSender(loopback_allowed=True, timeout_s=0.4).send(message(receiver.url))
    done.set()

    assert (reply.status, reply.error) == (None, "no answer within 0.4 s")


def test_an_endless_body_is_not_read(here: HttpWebhookSender, receiver: Receiver) -> None:
    written = []

    def pour(wfile: Any) -> None:  # noqa: ANN401 - a stream
        wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(2000):
            wfile.write(b"x" * 65536)
            written.append(65536)

    receiver.write = pour

    assert here.send(message(receiver.url)).status == 200
    assert sum(written) < 100 * 65536


@pytest.mark.parametrize(
    "raw", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"a" * 99999]
)
def test_what_is_not_http_is_no_answer(here: HttpWebhookSender, receiver: Receiver, raw: bytes) -> None:
    receiver.write = lambda wfile: wfile.write(raw)

    reply = here.send(message(receiver.url))

    assert reply.status is None
    assert str(reply.error).startswith("no answer")


def test_nobody_listening_is_no_answer(here: HttpWebhookSender) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]

    assert here.send(message(f"http://127.0.0.1:{port}/")).error == "no answer (ConnectionRefusedError)"


def test_no_proxy_of_the_environment_is_used(
    here: HttpWebhookSender, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    assert here.send(message(receiver.url)).status == 200


def no_connection(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Whom the sender wanted to connect to; nobody is."""
    wanted: list[tuple[str, int]] = []

    def refuse(address: tuple[str, int], timeout: float) -> socket.socket:
        wanted.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", refuse)
    return wanted
