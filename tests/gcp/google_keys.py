"""Google's signing keys as tests have them: OIDC tokens, and the address where their certificates are."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

ISSUER = "https://accounts.google.com"
LIFETIME_S = 3600


class GoogleKey:
    """One of the keys that Google signs with.

    Args:
        id: How tokens name it.
    """

    def __init__(self, id: str = "key-1") -> None:
        self.id = id
        self._key = generate_private_key(public_exponent=65537, key_size=2048)

    @cached_property
    def certificate(self) -> str:
        """Self-signed, as Google's are, in PEM."""
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "federated-signon.system.gserviceaccount.com")])
        now = datetime.now(UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self._key.public_key())
            .serial_number(1)
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=16))
            .sign(self._key, SHA256())
        )
        return made.public_bytes(Encoding.PEM).decode()

    def token(self, claims: Mapping[str, object], *, header: Mapping[str, object] | None = None) -> str:
        """A JWT with these claims, signed with this key whatever its header says."""
        head = {"alg": "RS256", "typ": "JWT", "kid": self.id, **(header or {})}
        signed = f"{part(head)}.{part(claims)}"
        signature = self._key.sign(signed.encode(), PKCS1v15(), SHA256())
        return f"{signed}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"

    def of_job(self, *, account: str, audience: str, now: datetime) -> str:
        """What Cloud Tasks sends for a task with an OIDC token."""
        return self.token(claims_of_job(account=account, audience=audience, now=now))


def claims_of_job(*, account: str, audience: str, now: datetime) -> dict[str, object]:
    """Google's claims about a call that a service account makes."""
    at = int(now.timestamp())
    return {
        "iss": ISSUER, "aud": audience, "azp": "110169484474386276334", "sub": "110169484474386276334",
        "email": account, "email_verified": True, "iat": at, "exp": at + LIFETIME_S,
    }  # fmt: skip


def part(value: Mapping[str, object]) -> str:
    """One part of a JWT."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


class CertsServer:
    """Serves the certificates of the keys it is given, by id; a context manager.

    `asked` counts requests; `status` other than 200 answers them with a failure.
    """

    def __init__(self, *keys: GoogleKey) -> None:
        self.keys = list(keys)
        self.asked = 0
        self.status = 200
        self.max_age_s = 20_000
        served = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                served.asked += 1
                body = json.dumps({key.id: key.certificate for key in served.keys}).encode()
                self.send_response(served.status)
                self.send_header("Content-Type", "application/json; charset=UTF-8")
                self.send_header("Cache-Control", f"public, max-age={served.max_age_s}, must-revalidate")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
                """Nothing is printed."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/oauth2/v1/certs"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
