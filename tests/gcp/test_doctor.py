"""`doctor` for a deployment on Google Cloud: what is missing is named with its remedy."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from infra.embedded import doctor
from infra.simulator.server import RunningSimulator
from tests.emulator import RunningEmulator
from tests.gcp.deployment import ENVIRONMENT


@pytest.fixture
def _deployment(firestore_emulator: RunningEmulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with RunningSimulator() as simulator:
        client = {"TANDEM_OAUTH_CLIENT_ID": "id", "TANDEM_OAUTH_CLIENT_SECRET": "made-up"}
        emulator = {"FIRESTORE_EMULATOR_HOST": firestore_emulator.host}
        for name, value in {**ENVIRONMENT, **simulator.addresses, **client, **emulator}.items():
            monkeypatch.setenv(name, value)
        yield


def faults() -> dict[str, str]:
    """What is not well, and why."""
    return {finding.what: finding.detail for finding in doctor.examined() if not finding.well}


@pytest.mark.usefixtures("_deployment")
def test_a_sound_deployment_has_no_fault() -> None:
    assert faults() == {}


@pytest.mark.usefixtures("_deployment")
def test_firestore_is_looked_at() -> None:
    assert ("Firestore", "answers") in [(finding.what, finding.detail) for finding in doctor.examined()]


@pytest.mark.usefixtures("_deployment")
def test_no_answer_of_firestores_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", f"127.0.0.1:{taken.getsockname()[1]}")

        found = faults()

    assert list(found) == ["Firestore"]
    assert "did not answer" in found["Firestore"]


@pytest.mark.usefixtures("_deployment")
def test_a_machine_without_credentials_is_told_how_to_get_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FIRESTORE_EMULATOR_HOST")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere/at-all.json")

    found = faults()

    assert list(found) == ["Firestore"]
    assert "gcloud auth application-default login" in found["Firestore"]


@pytest.mark.usefixtures("_deployment")
def test_every_missing_setting_is_a_fault_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TANDEM_REGION")
    monkeypatch.delenv("TANDEM_JOBS_ACCOUNT")

    told = [finding.detail.partition(" ")[0] for finding in doctor.examined() if not finding.well]

    assert told == ["TANDEM_REGION", "TANDEM_JOBS_ACCOUNT"]
