"""Who may call a job on one machine: tokens made of the deployment's own keys, and no other, however well they look."""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from infra.jobs_auth import ISSUER, LIFETIME_S, PURPOSE, LocalJobTokens
from infra.keys import PurposeKeys
from shared.errors import UnknownKey

KEYS = PurposeKeys((b"n" * 32, b"o" * 32))
AUDIENCE = "tandem-jobs/acme"
HEADER = {"alg": "HS256", "typ": "JWT"}


class Clock:
    """Stands still."""

    time = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time


def part(value: object) -> str:
    return urlsafe_b64encode(msgspec.json.encode(value)).decode().rstrip("=")


def token(header: object = HEADER, *, key: bytes | None = None, changed: dict[str, object] | None = None) -> str:
    """A token as ours are, but for what is changed."""
    now = int(Clock.time.timestamp())
    claims = {"iss": ISSUER, "aud": AUDIENCE, "iat": now, "exp": now + LIFETIME_S, **(changed or {})}
    signed = f"{part(header)}.{part(claims)}"
    digest = hmac.new(key or KEYS.for_purpose(PURPOSE)[0], signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{urlsafe_b64encode(digest).decode().rstrip('=')}"


def verify(text: str) -> None:
    LocalJobTokens(KEYS, clock=Clock(), audience=AUDIENCE).verify({"Authorization": f"Bearer {text}"})


def test_a_token_of_our_own_is_let_through_also_with_the_key_before() -> None:
    verify(token())
    verify(token(key=KEYS.for_purpose(PURPOSE)[1]))


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://accounts.google.com"},
        {"aud": "tandem-jobs/other"},
        {"aud": ""},
        {"exp": int(Clock.time.timestamp())},
        {"exp": int((Clock.time - timedelta(days=1)).timestamp())},
    ],
    ids=lambda changed: "-".join(map(str, *changed.items())),
)
def test_a_token_with_other_claims_is_refused(changed: dict[str, object]) -> None:
    with pytest.raises(UnknownKey):
        verify(token(changed=changed))


@pytest.mark.parametrize("algorithm", ["none", "None", "HS512", "RS256", ""])
def test_a_token_that_names_another_algorithm_is_refused(algorithm: str) -> None:
    with pytest.raises(UnknownKey):
        verify(token({"alg": algorithm, "typ": "JWT"}))


@pytest.mark.parametrize("algorithm", ["HS256", "none"])
def test_a_token_without_a_signature_is_refused(algorithm: str) -> None:
    with pytest.raises(UnknownKey):
        verify(f"{token({'alg': algorithm, 'typ': 'JWT'}).rpartition('.')[0]}.")


@pytest.mark.parametrize("purpose", ["oauth-link", "cursor", "google-channel"])
def test_a_key_for_another_purpose_signs_no_job(purpose: str) -> None:
    with pytest.raises(UnknownKey):
        verify(token(key=KEYS.for_purpose(purpose)[0]))


@pytest.mark.parametrize("text", ["", ".", "..", "a.b", "a.b.c.d", "ä.ö.ü", "\x00.\x00.\x00"])
def test_what_is_no_token_is_refused(text: str) -> None:
    with pytest.raises(UnknownKey):
        verify(text)
