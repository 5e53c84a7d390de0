"""B12: one command gives Tandem, a Google to play with and a CRM, on one machine and one address, ready to be used."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.scenarios.stage import ROOT, Crm, eventually


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    """Where `main.py demo` says it is."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TANDEM_")}
    process = subprocess.Popen(
        [sys.executable, "main.py", "demo", "--port", "0"],
        cwd=ROOT,
        env={**kept, "TANDEM_DATA": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    try:
        told = (re.match(r"Open (\S+)\. Ctrl-C stops it\.", line) for line in process.stdout)
        found = next((match for match in told if match), None)
        assert found is not None, "the demo ended before it was ready"
        yield found[1]
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_b12_the_demo_is_healthy(address: str) -> None:
    assert eventually(lambda: requests.get(f"{address}/healthz", timeout=10).status_code == 200)


@pytest.mark.parametrize("path", ["/", "/docs", "/openapi.json", "/docs/errors/stale"])
def test_b12_its_pages_are_there(address: str, path: str) -> None:
    assert requests.get(f"{address}{path}", timeout=10).status_code == 200


def test_b12_its_api_answers_a_key_made_beside_it(address: str, folder: Path) -> None:
    made = subprocess.run(
        [sys.executable, "main.py", "tenants", "create", "Acme", "--json"],
        cwd=ROOT,
        env={**os.environ, "TANDEM_DATA": str(folder)},
        check=True,
        capture_output=True,
        text=True,
    )
    crm = Crm(address, re.findall(r'"api_key": ?"([^"]+)"', made.stdout)[0])

    assert crm.ok("GET", "/v1/tenant")["name"] == "Acme"


def test_b12_a_function_of_every_kind_is_served(address: str) -> None:
    answers = {
        path: requests.request(method, f"{address}{path}", timeout=10, allow_redirects=False).status_code
        for method, path in [
            ("GET", "/v1/status"),
            ("GET", "/oauth/start"),
            ("POST", "/webhooks/google-calendar"),
            ("GET", "/portal/session/none"),
            ("POST", "/jobs/sync-task"),
            ("POST", "/jobs/sweep"),
        ]
    }

    assert answers == {
        "/v1/status": 401,
        "/oauth/start": 400,
        "/webhooks/google-calendar": 404,
        "/portal/session/none": 410,
        "/jobs/sync-task": 401,
        "/jobs/sweep": 401,
    }
