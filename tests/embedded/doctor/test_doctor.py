"""Doctor: each fault is found and named with its remedy; a sound deployment has none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
import requests

from infra.doctor import network
from infra.embedded import doctor
from infra.embedded.folder import DataFolder
from infra.simulator.model import Fault
from infra.simulator.server import RunningSimulator
from shared.model.oauth import CALENDAR_SCOPES
from tests.embedded.doctor.examined import faults, said, the_fault


def test_a_sound_deployment_has_no_fault(data: Path) -> None:
    assert faults() == []


def test_nothing_is_written_to_a_sound_deployment(data: Path) -> None:
    doctor.examined()
    before = {path.name: path.read_bytes() for path in data.iterdir() if path.suffix in {".json", ".sqlite"}}

    doctor.examined()

    assert {path.name: path.read_bytes() for path in data.iterdir() if path.suffix in {".json", ".sqlite"}} == before


def test_redirect_uri_and_scopes_are_there_to_copy(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANDEM_BASE_URL", "https://tandem.example.com")

    assert "register https://tandem.example.com/oauth/callback with" in said("redirect URI")[0].detail
    assert said("scopes")[0].detail.endswith(" ".join(CALENDAR_SCOPES))


def test_the_redirect_uri_is_that_of_the_running_server(data: Path) -> None:
    with DataFolder(data).served("http://127.0.0.1:9999"):
        assert "register http://127.0.0.1:9999/oauth/callback" in said("redirect URI")[0].detail
        assert said("data folder")[0].detail.endswith("served on http://127.0.0.1:9999")


@pytest.mark.parametrize(
    ("url", "remedy"),
    [
        ("http://tandem.example.com", "it is not https; set TANDEM_BASE_URL to an https address"),
        ("https://192.0.2.1", "it is a bare IP address; set TANDEM_BASE_URL to an https address with a name"),
    ],
)
def test_a_redirect_uri_that_google_refuses_is_told(
    data: Path, monkeypatch: pytest.MonkeyPatch, url: str, remedy: str
) -> None:
    monkeypatch.delenv("TANDEM_GOOGLE_API_URL")
    monkeypatch.setattr(requests, "head", lambda *_, **__: SimpleNamespace(status_code=200, headers={}))
    monkeypatch.setenv("TANDEM_BASE_URL", url)

    assert the_fault("redirect URI").endswith(remedy)


def test_a_mistyped_variable_is_named(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANDEM_PORL", "1")

    assert the_fault("settings").endswith("TANDEM_PORL is no variable of Tandem's: correct its name or unset it")


def test_a_missing_oauth_client_is_told(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TANDEM_OAUTH_CLIENT_ID")
    monkeypatch.delenv("TANDEM_OAUTH_CLIENT_SECRET")

    assert "set TANDEM_OAUTH_CLIENT_ID and TANDEM_OAUTH_CLIENT_SECRET" in the_fault("OAuth client")


@pytest.mark.parametrize(
    ("variable", "what"),
    [
        ("TANDEM_GOOGLE_API_URL", "Google Calendar"),
        ("TANDEM_GOOGLE_AUTH_URL", "Google consent"),
        ("TANDEM_GOOGLE_TOKEN_URL", "Google OAuth"),
    ],
)
def test_an_address_of_googles_that_does_not_answer_is_told(
    data: Path, monkeypatch: pytest.MonkeyPatch, variable: str, what: str
) -> None:
    monkeypatch.setenv(variable, "http://127.0.0.1:9")

    assert the_fault(what).endswith("cannot be reached (ConnectionError): check network, proxy and firewall")


def test_an_outage_of_googles_is_told(data: Path, simulator: RunningSimulator) -> None:
    with simulator.desk.doing() as google:
        google.add_fault(Fault(effect="backendError503", path="token"))

    assert "answers 503: wait, and see Google's status pages" in the_fault("Google OAuth")


@pytest.mark.parametrize(("minutes", "well"), [(0, True), (-2, False), (2, False)])
def test_a_clock_that_disagrees_with_googles_is_told(minutes: int, well: bool) -> None:  # noqa: FBT001 - a row
    found = network.clock(format_datetime(datetime.now(UTC) + timedelta(minutes=minutes), usegmt=True))

    assert found.well == well
    assert well or "let it be set by NTP" in found.detail


def test_the_clock_is_googles_date_header(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    late = format_datetime(datetime.now(UTC) - timedelta(minutes=5), usegmt=True)
    monkeypatch.setattr(requests, "head", lambda *_, **__: SimpleNamespace(status_code=404, headers={"Date": late}))

    assert the_fault("clock").startswith("clock: 300 s away") or "301 s" in the_fault("clock")
