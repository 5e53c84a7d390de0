"""Doctor: each fault is found and named with its remedy; a sound deployment has none."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests

from infra import wiring
from infra.doctor import network
from infra.doctor.findings import Finding
from infra.embedded import doctor, doctor_folder
from infra.embedded.folder import DataFolder
from infra.settings import Settings
from infra.simulator.model import Fault
from infra.simulator.server import RunningSimulator
from shared.model.connection import Connection
from shared.model.ids import ConnectionId, TenantId, UserId, connection_path, webhook_path
from shared.model.oauth import CALENDAR_SCOPES
from shared.model.stored import to_data
from shared.model.webhook import Secret, Webhook
from shared.ports import Set
from shared.usecases.rekey import rekey
from tests.webhooks.receiver import receiving

T = TenantId("t" * 26)


@pytest.fixture(scope="module")
def simulator() -> Iterator[RunningSimulator]:
    with RunningSimulator() as running:
        yield running


@pytest.fixture
def data(tmp_path: Path, simulator: RunningSimulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A sound deployment: the environment is the simulator's, the data folder new."""
    for name in [name for name in os.environ if name.startswith("TANDEM_")]:
        monkeypatch.delenv(name)
    for name, value in {**simulator.addresses, "TANDEM_DATA": str(tmp_path / "data")}.items():
        monkeypatch.setenv(name, value)
    wiring.configure(Settings(data=tmp_path / "data"))
    wiring.embedded()
    yield tmp_path / "data"
    with simulator.desk.doing() as google:
        google.clear_faults()


def faults() -> list[str]:
    return [f"{finding.what}: {finding.detail}" for finding in doctor.examined() if not finding.well]


def said(what: str) -> list[Finding]:
    return [finding for finding in doctor.examined() if finding.what == what]


def the_fault(what: str) -> str:
    """The only fault there is."""
    (found,) = faults()
    assert found.startswith(f"{what}: ")
    return found


def connection(status: str, data: Path, *, sealed: str | None = None) -> None:
    """A connection of this status stands in the store; its grant is sound unless another ciphertext is given."""
    wiring.configure(Settings(data=data))
    world = wiring.world()
    id_ = ConnectionId(world.ids.new())
    path = connection_path(T, id_)
    made = Connection(
        id=id_, tenant=T, user=UserId("anna"), created_at=world.clock.now(), status=status,  # type: ignore[arg-type]
        refresh_token=sealed or world.cipher.seal(path, "refresh"),
    )  # fmt: skip
    world.store.commit([Set(path=path, data=to_data(made))])
    wiring.close()


def webhook(url: str, data: Path, state: Any = "active") -> None:  # noqa: ANN401 - a literal
    wiring.configure(Settings(data=data))
    world = wiring.world()
    path = webhook_path(T)
    secret = Secret(sealed=world.cipher.seal(path, "whsec_x"))
    made = Webhook(tenant=T, url=url, secrets=(secret,), state=state, since=world.clock.now())
    world.store.commit([Set(path=path, data=to_data(made))])
    wiring.close()


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


@pytest.mark.parametrize(("name", "mode"), [("", "700"), ("identity.json", "600")])
def test_what_others_can_open_is_told_with_the_command_that_ends_it(data: Path, name: str, mode: str) -> None:
    path = data / name if name else data
    path.chmod(0o755)

    assert the_fault("rights").endswith(f"others on this machine can open {path}: run `chmod {mode} {path}`")


def test_a_folder_of_another_user_is_told(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 4711)

    assert [line.rpartition(": ")[2] for line in faults()] == [
        "run Tandem as that user, or `chown` it to this one",
        "run Tandem as that user, or `chown` it to this one",
    ]


def test_a_disk_that_is_nearly_full_is_told(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=doctor_folder.LEAST_FREE - 1))

    assert "199 MB free" in the_fault("disk")
    assert the_fault("disk").endswith("make room, or set TANDEM_DATA to a folder on another disk")


def test_a_folder_that_takes_no_files_is_told(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_path: Path, _content: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)

    assert the_fault("data folder").endswith("cannot be written to (No space left on device): make room or mount it")


def test_a_folder_that_cannot_be_made_is_told(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (data / "file").write_text("")
    monkeypatch.setenv("TANDEM_DATA", str(data / "file" / "data"))

    assert the_fault("data folder").endswith("set TANDEM_DATA to another folder")


def test_a_damaged_store_is_told(data: Path) -> None:
    wiring.close()
    for file in data.glob("store.sqlite*"):
        file.unlink()
    (data / "store.sqlite").write_bytes(b"no database" * 100)

    assert the_fault("data folder").endswith("restore it from a backup or move it away")


def test_damaged_keys_are_told(data: Path) -> None:
    (data / "identity.json").write_text("{}")

    assert the_fault("data folder").endswith("restore it from a backup, or no grant opens")


def test_keys_are_told_to_be_under_way_until_everything_is_sealed_again(data: Path) -> None:
    wiring.configure(Settings(data=data))
    rekey(wiring.world(), wiring.key_ring())
    before = said("keys")[0].detail
    DataFolder(data).keys.rotate(datetime.now(UTC))
    during = said("keys")[0].detail
    wiring.configure(Settings(data=data))
    rekey(wiring.world(), wiring.key_ring())

    assert before.endswith("none retired; all is under it")
    assert during.endswith("1 retired; what is stored is still to be encrypted under the first: `serve` does it")
    assert said("keys")[0].detail.endswith("1 retired; all is under it")


def test_grants_that_no_key_opens_are_counted_and_the_way_back_is_told(data: Path) -> None:
    connection("active", data)
    connection("active", data, sealed="gAAAAAlost")

    assert "1 cannot be opened with these keys: restore" in the_fault("grants")


@pytest.mark.parametrize(
    ("status", "remedy"),
    [
        ("needs_reconnect", "POST /v1/connections/{id}/authorize"),
        ("needs_review", "POST /v1/connections/{id}/review"),
    ],
)
def test_connections_that_need_their_user_are_told(data: Path, status: str, remedy: str) -> None:
    connection("active", data)
    connection(status, data)

    found = the_fault("connections")

    assert found.startswith(f"connections: 1 {status}: ")
    assert remedy in found


def test_a_webhook_that_takes_connections_is_sound_and_gets_nothing(data: Path) -> None:
    with receiving() as receiver:
        webhook(receiver.url, data)

        assert faults() == []
        assert receiver.received == []


def test_a_webhook_that_takes_no_connection_is_told_without_its_path(data: Path) -> None:
    webhook("http://127.0.0.1:9/secret-path", data)

    found = the_fault("webhook")

    assert f"that of tenant {T} cannot be reached (no answer (ConnectionRefusedError))" in found
    assert "secret-path" not in found


@pytest.mark.parametrize(
    ("state", "remedy"), [("failing", "GET /v1/webhook/deliveries"), ("off", "set it again with PUT /v1/webhook")]
)
def test_a_webhook_that_does_not_succeed_is_told(data: Path, state: str, remedy: str) -> None:
    with receiving() as receiver:
        webhook(receiver.url, data, state)

        assert remedy in the_fault("webhook")
