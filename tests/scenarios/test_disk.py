"""A data folder on a disk that is full, or read-only: said plainly, nothing torn, and all works again afterwards.

The server's folder is a small file system of its own, in a mount namespace of the server's (Linux).
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from infra.simulator.server import RunningSimulator
from tests.endure.killing import bugs
from tests.scenarios.stage import ROOT, Crm, Server, Stage

DAY = (datetime.now(UTC) + timedelta(days=3)).date()
CALL = {"user_id": "anna", "title": "Call Bob", "start": f"{DAY}T10:00:00Z", "end": f"{DAY}T11:00:00Z"}
MOUNTED = 'mount -t tmpfs -o size=6m tmpfs "$TANDEM_DATA" && exec "$@"'

READ_ONLY = 'mount --bind "$TANDEM_DATA" "$TANDEM_DATA" && mount -o remount,ro,bind "$TANDEM_DATA" && exec "$@"'


def may_mount() -> bool:
    """This user may have a file system of its own."""
    tried = subprocess.run(
        ["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True, check=False
    )
    return tried.returncode == 0


pytestmark = pytest.mark.skipif(
    shutil.which("unshare") is None or not may_mount(), reason="no mount namespaces for this user"
)


class SmallDisk(Server):
    """A server whose data folder has six megabytes and can be filled."""

    def launch(self) -> threading.Event:
        port = urlsplit(self.url).port or 0
        self._process = subprocess.Popen(
            ["unshare", "-rm", "sh", "-c", MOUNTED, "sh", sys.executable, "main.py", "serve", "--port", str(port)],
            cwd=ROOT, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        ready = threading.Event()
        self._reader = threading.Thread(target=self._read, args=(self._process, ready), daemon=True)
        self._reader.start()
        return ready

    @property
    def disk(self) -> Path:
        """The data folder as the server sees it."""
        return Path(f"/proc/{self._process.pid}/root{self.folder}")

    def fill(self) -> None:
        """Not a byte is free."""
        with (self.disk / "filler").open("wb", buffering=0) as filler:
            try:
                while True:
                    filler.write(b"x" * 4096)
            except OSError:
                return

    def free(self) -> None:
        (self.disk / "filler").unlink()

    def tenant(self, name: str) -> str:
        return next(line for line in self.lines if line.startswith("API key")).rpartition(" ")[2].strip()

    def damage(self) -> str:
        """What SQLite finds wrong in the store."""
        look = (
            "import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute('PRAGMA integrity_check').fetchone()[0])"
        )
        return self._inside(sys.executable, "-c", look, str(self.folder / "store.sqlite")).strip()

    def _inside(self, *command: str) -> str:
        enter = ["nsenter", "-t", str(self._process.pid), "-U", "--preserve-credentials", "-m"]
        return subprocess.run([*enter, *command], check=True, capture_output=True, text=True).stdout


@pytest.fixture
def server(simulator: RunningSimulator, tmp_path: Path) -> Iterator[SmallDisk]:
    (tmp_path / "data").mkdir()
    running = SmallDisk(tmp_path / "data", simulator.addresses)
    yield running
    running.stop()


def refused(crm: Crm) -> Any:  # noqa: ANN401 - JSON
    """What a CRM is told, once nothing more can be written."""
    for number in range(400):
        answer = crm.call("PUT", f"/v1/tasks/x{number}", {**CALL, "notes": "n" * 4000})
        if not answer.ok:
            return answer
    raise AssertionError("the disk took everything")


def holds(server: SmallDisk, crm: Crm) -> None:
    """What was confirmed is there, and nothing is damaged."""
    assert crm.task("t1")["title"] == "Call Bob"
    assert server.damage() == "ok"
    assert bugs(server.lines) == []


def works_again(stage: Stage) -> None:
    """New work goes on."""
    stage.crm.put("t2", **CALL)
    stage.crm.synced("t2")
    stage.crm.put("t1", title="Visit Bob")
    stage.crm.synced("t1", title="Visit Bob")


def test_a_full_disk_is_told_and_harms_nothing(server: SmallDisk, stage: Stage) -> None:
    stage.connect()
    stage.crm.put("t1", **CALL)
    stage.crm.synced("t1")

    server.fill()
    told = refused(stage.crm)

    assert (told.status_code, "disk is full" in told.json()["detail"], "Retry-After" in told.headers) == (
        503,
        True,
        True,
    )
    holds(server, stage.crm)
    server.free()
    works_again(stage)


def test_a_read_only_folder_is_told_at_the_start_and_nothing_in_it_changes(
    simulator: RunningSimulator, tmp_path: Path
) -> None:
    server = Server(tmp_path / "data", simulator.addresses)
    try:
        stage = Stage(server, simulator, "read-only")
        stage.connect()
        stage.crm.put("t1", **CALL)
        stage.crm.synced("t1")
        server.stop()

        told = subprocess.run(
            ["unshare", "-rm", "sh", "-c", READ_ONLY, "sh", sys.executable, "main.py", "serve", "--port", "0"],
            cwd=ROOT, env=server.environment, check=False, capture_output=True, text=True, timeout=60,
        )  # fmt: skip

        assert (told.returncode, told.stdout) == (1, "")
        assert "cannot be written to" in told.stderr
        assert "TANDEM_DATA" in told.stderr
        assert "Traceback" not in told.stderr
        server.start()
        assert stage.crm.task("t1")["title"] == "Call Bob"
        works_again(stage)
    finally:
        server.stop()
