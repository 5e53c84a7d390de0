"""A6: this deployment's own redirect URIs and scopes are there to copy, and a check says what is missing."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from infra.simulator.server import RunningSimulator
from shared.model.oauth import CALENDAR_SCOPES
from tests.scenarios.stage import ROOT, Server, Stage


def doctor(server: Server, **more: str) -> tuple[int, str]:
    """What `doctor` says beside the server, and how it ends."""
    ran = subprocess.run(
        [sys.executable, "main.py", "doctor"],
        cwd=ROOT, env={**server.environment, **more}, check=False, capture_output=True, text=True,
    )  # fmt: skip
    return ran.returncode, ran.stdout


def test_a06_doctor_prints_what_google_must_be_told(simulator: RunningSimulator, tmp_path: Path) -> None:
    server = Server(tmp_path / "data", simulator.addresses)
    try:
        status, said = doctor(server)
    finally:
        server.stop()

    assert status == 0, said
    assert f"{server.url}/oauth/callback" in said
    assert f"{server.url}/relay/callback" in said
    assert [scope for scope in CALENDAR_SCOPES if scope not in said] == []


def test_a06_the_guide_shows_the_same_to_who_reads_the_documentation(server: Server) -> None:
    guide = requests.get(f"{server.url}/docs/google", timeout=10)

    assert guide.status_code == 200
    assert f"<code>{server.url}/oauth/callback</code>" in guide.text
    assert [scope for scope in CALENDAR_SCOPES if f"<li>{scope}</li>" not in guide.text] == []


def test_a06_a_tenant_is_given_the_same_for_a_client_of_its_own(stage: Stage) -> None:
    body = {"name": "Acme", "client_id": "1-a.apps.googleusercontent.com", "client_secret": "GOCSPX-a"}

    app = stage.crm.ok("POST", "/v1/oauth_apps", body)

    assert app["redirect_uris"] == [f"{stage.server.url}/oauth/callback"]
    assert set(CALENDAR_SCOPES) <= set(app["scopes"])


def test_a06_a_missing_client_is_named_with_what_to_set(server: Server) -> None:
    status, said = doctor(server, TANDEM_OAUTH_CLIENT_ID="", TANDEM_OAUTH_CLIENT_SECRET="")

    assert status == 1
    assert "set TANDEM_OAUTH_CLIENT_ID and TANDEM_OAUTH_CLIENT_SECRET" in said


@pytest.mark.parametrize("allowed", [True, False])
def test_a06_with_a_relay_its_redirect_uri_is_named_and_its_leave_is_asked(
    server: Server, tmp_path: Path, *, allowed: bool
) -> None:
    made = subprocess.run(
        [sys.executable, "main.py", "relay", "issue", "acme"],
        cwd=ROOT, env=server.environment, check=True, capture_output=True, text=True,
    )  # fmt: skip
    own = {"TANDEM_OAUTH_CLIENT_ID": "", "TANDEM_OAUTH_CLIENT_SECRET": "", "TANDEM_DATA": str(tmp_path / "data")}
    token = re.findall(r"TANDEM_RELAY_TOKEN=(\S+)", made.stdout)[0] if allowed else ""

    status, said = doctor(server, **own, TANDEM_RELAY_URL=server.url, TANDEM_RELAY_TOKEN=token)

    assert f"{server.url}/relay/callback" in said
    assert (status == 0) == allowed, said
    assert ("leads back to http://127.0.0.1:8080/oauth/callback" in said) == allowed
    assert ("TANDEM_RELAY_RETURN_TO" in said) != allowed
