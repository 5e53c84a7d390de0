"""The doctor on the data folder: rights, room, damage."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from infra import wiring
from infra.embedded import doctor_folder
from tests.embedded.doctor.examined import faults, the_fault


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
