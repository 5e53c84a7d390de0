"""A notification is believed only if its token proves itself."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from shared.errors import BadChannelToken, Bug
from shared.google.channel_token import make, prove
from shared.model.ids import ConnectionId, TenantId, key_of

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
KEY, OLD, STRANGE = b"k" * 32, b"o" * 32, b"s" * 32
CHANNEL = "channel0000000000000000000"


def token(*, key: bytes = KEY, tenant: str = "tenant", expires_at: datetime = NOW + timedelta(days=7)) -> str:
    return make(
        (key,),
        tenant=TenantId(tenant),
        connection=ConnectionId("connection"),
        calendar_key=key_of("anna@example.com"),
        channel_id=CHANNEL,
        expires_at=expires_at,
    )


def message(**changes: str) -> dict[str, str]:
    headers = {
        "x-goog-channel-id": CHANNEL,
        "x-goog-channel-token": token(),
        "x-goog-resource-id": "r1",
        "x-goog-resource-state": "exists",
        "x-goog-message-number": "7",
    }
    return headers | {f"x-goog-{name.replace('_', '-')}": value for name, value in changes.items()}


def test_a_genuine_message_names_its_calendar() -> None:
    notification = prove(message(), keys=(KEY,), now=NOW)

    assert (notification.tenant, notification.connection) == ("tenant", "connection")
    assert (notification.calendar_key, notification.channel_id) == (key_of("anna@example.com"), CHANNEL)
    assert (notification.state, notification.resource_id) == ("exists", "r1")


def test_a_token_of_an_earlier_key_is_still_proved() -> None:
    assert prove(message(channel_token=token(key=OLD)), keys=(KEY, OLD), now=NOW).tenant == "tenant"


def test_a_token_is_in_the_alphabet_and_length_that_google_allows() -> None:
    longest = token(tenant="t" * 64)

    assert re.fullmatch(r"[A-Za-z0-9\-_+/=]{1,256}", longest)


def test_a_token_that_google_would_cut_is_a_bug() -> None:
    with pytest.raises(Bug):
        token(tenant="t" * 200)


GENUINE = token()


@pytest.mark.parametrize(
    "changes",
    [
        {"channel_token": ""},
        {"channel_id": ""},
        {"channel_id": "another"},
        {"channel_token": token(key=STRANGE)},
        {"channel_token": token(expires_at=NOW)},
        {"channel_token": token(expires_at=NOW - timedelta(days=1))},
        {"channel_token": GENUINE[:-1] + ("A" if GENUINE[-1] != "A" else "Q")},
        {"channel_token": "A" + GENUINE[1:]},
        {"channel_token": GENUINE[:40]},
        {"channel_token": GENUINE + "AAAA"},
        {"channel_token": GENUINE + "!"},
        {"channel_token": "é" * 40},
        {"channel_token": "A" * 257},
        {"channel_token": "A"},
    ],
)
def test_a_message_that_proves_nothing_is_refused(changes: dict[str, str]) -> None:
    with pytest.raises(BadChannelToken):
        prove(message(**changes), keys=(KEY, OLD), now=NOW)


def test_a_message_without_a_token_is_refused() -> None:
    headers = message()
    del headers["x-goog-channel-token"]

    with pytest.raises(BadChannelToken):
        prove(headers, keys=(KEY,), now=NOW)


@pytest.mark.parametrize("position", range(0, len(GENUINE), 7))
def test_a_token_with_one_character_changed_is_refused(position: int) -> None:
    other = "B" if GENUINE[position] != "B" else "C"

    with pytest.raises(BadChannelToken):
        prove(message(channel_token=GENUINE[:position] + other + GENUINE[position + 1 :]), keys=(KEY,), now=NOW)
