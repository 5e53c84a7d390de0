"""Who may call a job over HTTP: real tokens, sent to a running function that proves them by itself.

That a key which Google adds later is taken within a minute is shown in `test_oidc`, whose clock is turned.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

import pytest
import requests

from tests.gcp.deployment import ACCOUNT, AUDIENCE
from tests.gcp.google_keys import ISSUER, LIFETIME_S, CertsServer, GoogleKey, part
from tests.gcp.split import SplitServer

TASK = {"schema": 1, "tenant": "gone", "connection": "c", "task": "t"}


def claims(**changed: object) -> Mapping[str, object]:
    now = int(time.time())
    ours: dict[str, object] = {
        "iss": ISSUER, "aud": AUDIENCE, "sub": "1", "email": ACCOUNT, "email_verified": True, "iat": now,
        "exp": now + LIFETIME_S,
    }  # fmt: skip
    return ours | changed


def called(split: SplitServer, token: str, *, url: str | None = None) -> requests.Response:
    address = f"{url or split.urls['sync_task']}/jobs/sync-task"
    return requests.post(address, json=TASK, headers={"Authorization": f"Bearer {token}"}, timeout=30)


def test_a_token_of_our_own_is_let_through(split: SplitServer) -> None:
    assert called(split, split.key.token(claims())).json() == {"outcome": "gone"}


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://accounts.example.com"},
        {"aud": "https://jobs.example.com/another"},
        {"email": "stranger@p.iam.gserviceaccount.com"},
        {"email_verified": False},
        {"iat": 1_700_000_000, "exp": 1_700_003_600},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_a_token_of_googles_for_somebody_else_is_refused(split: SplitServer, changed: Mapping[str, object]) -> None:
    answer = called(split, split.key.token(claims(**changed)))

    assert (answer.status_code, answer.json()["code"]) == (401, "unknown_key")
    assert str(next(iter(changed.values()))) not in answer.text


def test_a_token_without_a_signature_is_refused(split: SplitServer) -> None:
    unsigned = f"{part({'alg': 'none', 'typ': 'JWT', 'kid': split.key.id})}.{part(claims())}."

    assert called(split, unsigned).status_code == 401


def test_a_token_of_a_swapped_key_is_refused(split: SplitServer) -> None:
    assert called(split, GoogleKey(split.key.id).token(claims())).status_code == 401


def test_an_instance_fetches_certificates_once_and_takes_every_key_that_google_has(split: SplitServer) -> None:
    keys = [GoogleKey("key-1"), GoogleKey("key-2")]
    with CertsServer(*keys) as google, split.second("sync_task", TANDEM_OIDC_CERTS_URL=google.url) as url:
        statuses = [called(split, key.token(claims()), url=url).status_code for key in [*keys, *keys]]
        strangers = [called(split, GoogleKey(name).token(claims()), url=url).status_code for name in ("no-1", "no-2")]

    assert (statuses, strangers) == ([200] * 4, [401] * 2)
    assert google.asked == 1
