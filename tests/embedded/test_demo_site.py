"""The demo: three parts on one port, a first key told once, and a world that outlives a kill and the restart button."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.embedded.conftest import until

MAIN = Path(__file__).parents[2] / "main.py"


class Demo:
    """A demo in a process of its own."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.told: list[str] = []
        self.url = self.opened()

    def opened(self) -> str:
        """Read on until it says what to open."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.told.append(line)
            if found := re.match(r"Open (\S+)\. Ctrl-C stops it\.", line):
                return found[1]
        raise AssertionError("".join(self.told))

    def get(self, path: str) -> bytes:
        with urllib.request.urlopen(f"{self.url}{path}", timeout=30) as answer:
            return bytes(answer.read())

    def post(self, path: str, body: dict[str, str]) -> int:
        request = urllib.request.Request(
            f"{self.url}{path}", data=json.dumps(body).encode(), headers={"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return int(answer.status)


@contextmanager
def demo(data: Path) -> Iterator[Demo]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TANDEM_")}
    process = subprocess.Popen(
        [sys.executable, str(MAIN), "demo", "--port", "0"],
        env={**environment, "TANDEM_DATA": str(data)}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield Demo(process)
    finally:
        process.kill()
        process.wait(30)
        assert process.stdout is not None
        process.stdout.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


def test_tandem_the_simulated_google_and_the_crm_answer_on_one_port(folder: Path) -> None:
    with demo(folder / "one") as running:
        google, crm = running.get("/_sim/state"), running.get("/demo/state")
        with pytest.raises(urllib.error.HTTPError) as userinfo:
            running.get("/v1/userinfo")
        asked = userinfo.value.read()
        with pytest.raises(urllib.error.HTTPError) as tandem:
            running.get("/v1/status")
        tandem.value.close()

    assert (bool(google), bool(crm), tandem.value.code) == (True, True, 401)
    assert b"api_key" not in asked
    assert b"docs/errors" not in asked


def test_the_first_key_is_told_once(folder: Path) -> None:
    with demo(folder / "key") as first:
        told = "".join(first.told)
    with demo(folder / "key") as second:
        again = "".join(second.told)

    assert re.search(r"API key \(shown this once\): tdm_\w+", told)
    assert "tdm_" not in again


def test_a_killed_demo_goes_on_with_the_same_google(folder: Path) -> None:
    data = folder / "killed"
    with demo(data) as first:
        first.post("/_sim/accounts", {"email": "zoe@example.com"})
        until(lambda: (data / "google.json").exists() and "zoe@example.com" in (data / "google.json").read_text())

    with demo(data) as second:
        assert b"zoe@example.com" in second.get("/_sim/state")


RESTARTING = """
import sys, threading
from pathlib import Path
from infra.embedded.demo_site import SimulatedGoogle
from infra.embedded.server import OnePort
again = "--port" in sys.argv
server = OnePort(int(sys.argv[-1]) if again else 0)
with SimulatedGoogle(server.url, kept=Path(sys.argv[1])) as google:
    with google.app.extensions["desk"].doing() as world:
        if not again:
            world.add_account("zoe@example.com")
        known = "zoe@example.com" in world.ctx.world.accounts
    server.start(google.app)
    print(server.url, again, known, flush=True)
    if not again:
        google.restart_process(server.port)
    threading.Event().wait()
"""


def test_a_restarted_process_has_its_port_again_and_google_has_lost_nothing(folder: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", RESTARTING, str(folder / "google.json")], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    first, second = (process.stdout.readline().split() for _ in range(2))
    process.kill()
    process.wait(30)
    process.stdout.close()

    assert first[1:] == ["False", "True"]
    assert second == [first[0], "True", "True"]
