"""The sender over TLS: the connection goes where the name led, and the name is what the certificate must be for."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from infra.webhook_sender import HttpWebhookSender
from tests.webhooks.receiver import Receiver, receiving
from tests.webhooks.test_sender import leading_to, message


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's and a client's context: a certificate for crm.example.com, and whoever believes it."""
    folder = Path(tmp_path_factory.mktemp("tls"))
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "crm.example.com")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("crm.example.com")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    return server, ssl.create_default_context(cafile=str(pem))


@pytest.fixture
def secure(certificate: tuple[ssl.SSLContext, ssl.SSLContext]) -> Iterator[Receiver]:
    with receiving(certificate[0]) as running:
        yield running


def test_the_connection_goes_to_the_resolved_address_and_keeps_the_name_for_tls_and_host(
    secure: Receiver, certificate: tuple[ssl.SSLContext, ssl.SSLContext]
) -> None:
    _, resolve = leading_to(["127.0.0.1"])
    port = urlsplit(secure.url).port
    sender = HttpWebhookSender(loopback_allowed=True, resolve=resolve, context=certificate[1])

    reply = sender.send(message(f"https://crm.example.com:{port}/hook"))

    assert (reply.status, reply.error) == (200, None)
    assert secure.received[0].headers["host"] == f"crm.example.com:{port}"


def test_a_certificate_for_another_name_is_not_accepted(
    secure: Receiver, certificate: tuple[ssl.SSLContext, ssl.SSLContext]
) -> None:
    _, resolve = leading_to(["127.0.0.1"])
    port = urlsplit(secure.url).port
    sender = HttpWebhookSender(loopback_allowed=True, resolve=resolve, context=certificate[1])

    reply = sender.send(message(f"https://other.example.com:{port}/hook"))

    assert str(reply.error).startswith("the certificate is not accepted")
    assert secure.received == []


def test_a_certificate_of_nobody_known_is_not_accepted(secure: Receiver) -> None:
    _, resolve = leading_to(["127.0.0.1"])
    port = urlsplit(secure.url).port
    sender = HttpWebhookSender(loopback_allowed=True, resolve=resolve)

    reply = sender.send(message(f"https://crm.example.com:{port}/hook"))

    assert str(reply.error).startswith("the certificate is not accepted")
    assert secure.received == []


def test_a_handshake_without_end_is_left_at_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        sender = HttpWebhookSender(loopback_allowed=True, timeout_s=0.3)

        reply = sender.send(message(f"https://127.0.0.1:{port}/"))

    assert reply.error == "no answer within 0.3 s"
