"""Who may call a job: real tokens, signed with keys of the tests, against certificates served over HTTP."""

from __future__ import annotations

import hashlib
import hmac
import socket
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

import pytest

from infra.gcp.oidc import Certificates, GoogleJobTokens
from shared.errors import GoogleUnavailable, UnknownKey
from tests.gcp.google_keys import CertsServer, GoogleKey, claims_of_job, part

ACCOUNT, AUDIENCE = "jobs@p.iam.gserviceaccount.com", "https://jobs.example.com/acme"


class Bench:
    """Google's certificates, and one function's check of them; time is moved by hand."""

    def __init__(self) -> None:
        self.time = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
        self.key = GoogleKey()
        self.google = CertsServer(self.key)
        self.tokens = self.checks(self.google.url)

    def now(self) -> datetime:
        return self.time

    def checks(self, url: str) -> GoogleJobTokens:
        return GoogleJobTokens(Certificates(url, clock=self), clock=self, audience=AUDIENCE, account=ACCOUNT)

    def claims(self, **changed: object) -> dict[str, object]:
        claims = {**claims_of_job(account=ACCOUNT, audience=AUDIENCE, now=self.time), **changed}
        return {name: value for name, value in claims.items() if value is not None}

    def verify(self, token: str) -> None:
        self.tokens.verify({"Authorization": f"Bearer {token}"})


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    with made.google:
        yield made


def refused(bench: Bench, token: str) -> str:
    """What the refusal says."""
    with pytest.raises(UnknownKey) as caught:
        bench.verify(token)
    return caught.value.detail


def test_a_job_of_our_own_is_let_through(bench: Bench) -> None:
    bench.verify(bench.key.of_job(account=ACCOUNT, audience=AUDIENCE, now=bench.time))

    assert bench.google.asked == 1


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"iss": "https://accounts.example.com"}, "not issued by Google"),
        ({"aud": "https://jobs.example.com/other"}, "TANDEM_JOBS_AUDIENCE"),
        ({"aud": AUDIENCE + "/"}, "TANDEM_JOBS_AUDIENCE"),
        ({"aud": [AUDIENCE]}, "no token of Google's"),
        ({"email": "somebody@p.iam.gserviceaccount.com"}, "TANDEM_JOBS_ACCOUNT"),
        ({"email_verified": False}, "TANDEM_JOBS_ACCOUNT"),
        ({"email_verified": None}, "no token of Google's"),
        ({"email": None}, "no token of Google's"),
        ({"exp": None}, "no token of Google's"),
        ({"exp": int(datetime(2026, 7, 1, 11, 59, 29, tzinfo=UTC).timestamp())}, "is over"),
        ({"iat": int(datetime(2026, 7, 1, 12, 0, 31, tzinfo=UTC).timestamp())}, "clock is wrong"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else None,
)
def test_a_token_with_other_claims_is_refused(bench: Bench, changed: Mapping[str, object], told: str) -> None:
    said = refused(bench, bench.key.token(bench.claims(**changed)))

    assert told in said


def test_a_refusal_names_neither_account_nor_token(bench: Bench) -> None:
    token = bench.key.token(bench.claims(email="somebody@example.com"))

    said = refused(bench, token)

    assert "somebody" not in said
    assert token.rpartition(".")[2] not in said


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer ", "Bearer a.b", "Basic YTpi", "Bearer a.b.c.d"])
def test_a_call_without_a_token_is_refused_without_asking_google(bench: Bench, authorization: str) -> None:
    with pytest.raises(UnknownKey, match="missing"):
        bench.tokens.verify({"Authorization": authorization})

    assert bench.google.asked == 0


@pytest.mark.parametrize("token", ["a.b.c", "!.!.!", "e30.e30.", "bnVsbA.bnVsbA.bnVsbA", "ä.ö.ü"])
def test_what_is_no_token_is_refused(bench: Bench, token: str) -> None:
    assert "no token of Google's" in refused(bench, token)


def test_a_token_without_a_signature_is_refused(bench: Bench) -> None:
    unsigned = f"{part({'alg': 'none', 'typ': 'JWT', 'kid': bench.key.id})}.{part(bench.claims())}."

    assert "forged" in refused(bench, unsigned)


def test_a_token_signed_with_the_certificate_as_a_password_is_refused(bench: Bench) -> None:
    signed = f"{part({'alg': 'HS256', 'typ': 'JWT', 'kid': bench.key.id})}.{part(bench.claims())}"
    digest = hmac.new(bench.key.certificate.encode(), signed.encode(), hashlib.sha256).digest()

    assert "forged" in refused(bench, f"{signed}.{urlsafe_b64encode(digest).decode().rstrip('=')}")


@pytest.mark.parametrize("algorithm", ["ES256", "RS512", "rs256", ""])
def test_a_token_that_names_another_algorithm_is_refused(bench: Bench, algorithm: str) -> None:
    assert "forged" in refused(bench, bench.key.token(bench.claims(), header={"alg": algorithm}))


def test_a_token_of_a_swapped_key_is_refused(bench: Bench) -> None:
    assert "forged" in refused(bench, GoogleKey(bench.key.id).token(bench.claims()))


def test_a_token_of_an_unknown_key_is_refused(bench: Bench) -> None:
    assert "forged" in refused(bench, GoogleKey("key-9").token(bench.claims()))


def test_changed_claims_are_refused(bench: Bench) -> None:
    header, _, signature = bench.key.token(bench.claims(aud="https://elsewhere.example.com")).split(".")

    assert "forged" in refused(bench, f"{header}.{part(bench.claims())}.{signature}")


def test_certificates_are_fetched_once_for_many_calls(bench: Bench) -> None:
    for _ in range(5):
        bench.verify(bench.key.token(bench.claims()))

    assert bench.google.asked == 1


def test_certificates_are_fetched_again_when_google_says_they_are_old(bench: Bench) -> None:
    bench.verify(bench.key.token(bench.claims()))
    bench.time += timedelta(seconds=bench.google.max_age_s + 1)

    bench.verify(bench.key.token(bench.claims()))

    assert bench.google.asked == 2


def test_a_new_key_of_googles_is_known_within_a_minute(bench: Bench) -> None:
    bench.verify(bench.key.token(bench.claims()))
    new = GoogleKey("key-2")
    bench.google.keys.append(new)
    bench.time += timedelta(seconds=60)

    bench.verify(new.token(bench.claims()))

    assert bench.google.asked == 2


def test_made_up_key_ids_do_not_make_every_call_ask_google(bench: Bench) -> None:
    for number in range(5):
        refused(bench, bench.key.token(bench.claims(), header={"kid": f"made-up-{number}"}))

    assert bench.google.asked == 1


def test_certificates_that_cannot_be_fetched_again_serve_for_a_day(bench: Bench) -> None:
    bench.verify(bench.key.token(bench.claims()))
    bench.google.status = 500
    bench.time += timedelta(hours=23)

    bench.verify(bench.key.token(bench.claims()))

    assert bench.google.asked == 2


def test_certificates_of_yesterday_prove_nothing(bench: Bench) -> None:
    bench.verify(bench.key.token(bench.claims()))
    bench.google.status = 500
    bench.time += timedelta(hours=25)

    for _ in range(2):
        with pytest.raises(GoogleUnavailable):
            bench.verify(bench.key.token(bench.claims()))


def test_without_certificates_a_job_is_neither_let_through_nor_called_a_stranger(bench: Bench) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        tokens = bench.checks(f"http://127.0.0.1:{taken.getsockname()[1]}/certs")

        with pytest.raises(GoogleUnavailable):
            tokens.verify({"Authorization": f"Bearer {bench.key.token(bench.claims())}"})


def test_certificates_that_come_at_last_are_taken_at_once(bench: Bench) -> None:
    bench.google.status = 500
    with pytest.raises(GoogleUnavailable):
        bench.verify(bench.key.token(bench.claims()))
    bench.google.status = 200

    bench.verify(bench.key.token(bench.claims()))

    assert bench.google.asked == 2
