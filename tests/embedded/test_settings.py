"""Settings come from the environment alone, with sane defaults, and every fault is told at once without its secret."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path

import pytest

from infra.settings import Settings, settings_from, unknown_names
from infra.settings_reading import SettingsFault
from infra.wiring import addresses_of, is_public_https

ROOT = Path(__file__).parents[2]
KEY = base64.urlsafe_b64encode(b"k" * 32).decode()


def test_an_empty_environment_gives_the_defaults() -> None:
    assert settings_from({}) == Settings()


def test_an_empty_variable_counts_as_not_set() -> None:
    assert settings_from({"TANDEM_BASE_URL": "", "TANDEM_POLL_S": " "}) == Settings()


def test_addresses_lose_the_slash_at_their_end() -> None:
    assert settings_from({"TANDEM_BASE_URL": "https://tandem.example.com/"}).base_url == "https://tandem.example.com"


def test_keys_are_read_newest_first_with_or_without_padding() -> None:
    old = base64.urlsafe_b64encode(b"\xff" * 32).decode().rstrip("=")

    assert settings_from({"TANDEM_KEYS": json.dumps([KEY, old])}).keys == (b"k" * 32, b"\xff" * 32)


def test_neither_keys_nor_secrets_show() -> None:
    settings = settings_from(
        {"TANDEM_KEYS": json.dumps([KEY]), "TANDEM_OAUTH_CLIENT_ID": "id", "TANDEM_OAUTH_CLIENT_SECRET": "hidden"}
    )

    assert "kkk" not in repr(settings)
    assert "hidden" not in repr(settings)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TANDEM_BACKEND", "aws"),
        ("TANDEM_DEPLOYMENT", "Has Spaces"),
        ("TANDEM_BASE_URL", "tandem.example.com"),
        ("TANDEM_BASE_URL", "https://user:word@example.com"),
        ("TANDEM_BASE_URL", "https://example.com:port"),
        ("TANDEM_URLS", "[]"),
        ("TANDEM_URLS", '{"api": "nowhere"}'),
        ("TANDEM_GOOGLE_API_URL", "ftp://example.com"),
        ("TANDEM_KEYS", "secret"),
        ("TANDEM_KEYS", "[]"),
        ("TANDEM_KEYS", '["c2hvcnQ="]'),
        ("TANDEM_KEYS", '["not base64!"]'),
        ("TANDEM_OAUTH_CLIENT_SECRET", "alone"),
        ("TANDEM_RELAY_RETURN_TO", "https://a.example, https://b.example/path"),
        ("TANDEM_COALESCE_S", "0"),
        ("TANDEM_POLL_S", "soon"),
        ("TANDEM_TICK_S", "nan"),
        ("TANDEM_LOG_LEVEL", "LOUD"),
    ],
)
def test_a_fault_is_told_with_its_remedy(name: str, value: str) -> None:
    with pytest.raises(SettingsFault) as caught:
        settings_from({name: value})

    (fault,) = caught.value.faults
    assert re.match(r"TANDEM_[A-Z_]+ .+: .+", fault)


@pytest.mark.parametrize("name", ["TANDEM_KEYS", "TANDEM_OAUTH_CLIENT_SECRET"])
def test_a_fault_does_not_repeat_a_secret(name: str) -> None:
    with pytest.raises(SettingsFault) as caught:
        settings_from({name: "hidden-value"})

    assert "hidden-value" not in str(caught.value)


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(SettingsFault) as caught:
        settings_from({"TANDEM_POLL_S": "x", "TANDEM_TICK_S": "x", "TANDEM_BASE_URL": "x"})

    assert len(caught.value.faults) == 3


def test_a_mistyped_variable_is_found() -> None:
    assert unknown_names({"TANDEM_BASEURL": "x", "TANDEM_BASE_URL": "x", "TANDEM_TEST_CHROMIUM": "x"}) == [
        "TANDEM_BASEURL"
    ]


def test_only_the_settings_read_the_environment() -> None:
    sources = [ROOT / "main.py", *(ROOT / "infra").rglob("*.py"), *(ROOT / "functions").rglob("*.py")]
    reading = [path for path in sources if re.search(r"environ\b.*TANDEM_|getenv|environ\[", path.read_text())]

    assert [path.name for path in reading if path.name != "settings.py"] == ["server.py"]


@pytest.mark.parametrize(
    ("environment", "oauth", "webhook"),
    [
        ({}, "http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ({"TANDEM_BASE_URL": "https://t.example.com"}, "https://t.example.com", "https://t.example.com"),
        (
            {"TANDEM_BASE_URL": "https://t.example.com", "TANDEM_URLS": '{"oauth": "https://o.example.com"}'},
            "https://o.example.com",
            "https://t.example.com",
        ),
    ],
)
def test_each_function_has_its_address(environment: dict[str, str], oauth: str, webhook: str) -> None:
    addresses = addresses_of(settings_from(environment))

    assert (addresses.oauth, addresses.calendar_webhook) == (oauth, webhook)


@pytest.mark.parametrize(
    ("url", "public"),
    [
        ("https://tandem.example.com", True),
        ("https://8.8.8.8", True),
        ("http://tandem.example.com", False),
        ("https://localhost", False),
        ("https://127.0.0.1", False),
        ("https://10.0.0.1", False),
        ("https://[::1]", False),
        ("https://crm.internal", False),
    ],
)
def test_google_pushes_to_public_https_only(url: str, public: bool) -> None:  # noqa: FBT001 - a row of the table
    assert is_public_https(url) is public


def test_a_stand_in_for_google_may_push_anywhere() -> None:
    assert addresses_of(settings_from({"TANDEM_GOOGLE_API_URL": "http://127.0.0.1:9000"})).push_possible
    assert not addresses_of(settings_from({})).push_possible
