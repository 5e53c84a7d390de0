"""Each function starts as the platform starts it, from nothing but requirements.txt, or says at once why it cannot."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
import requests

import main
from tests.gcp.deployment import ENVIRONMENT, NEEDED
from tests.gcp.split import framework, free_ports
from tests.scenarios.stage import ROOT, eventually

ANSWERS = {
    "oauth": ("GET", "/oauth/start", 400),
    "calendar_webhook": ("POST", "/webhooks/google-calendar", 404),
    "api": ("GET", "/v1/tenant", 401),
    "portal": ("GET", "/portal/session/none", 410),
    "relay": ("GET", "/relay/start", 404),
    "sync_task": ("POST", "/jobs/sync-task", 401),
    "pull_calendar": ("POST", "/jobs/pull-calendar", 401),
    "run_step": ("POST", "/jobs/run-step", 401),
    "deliver_changes": ("POST", "/jobs/deliver-changes", 401),
    "renew_channels": ("POST", "/jobs/renew-channels", 401),
    "sweep": ("POST", "/jobs/sweep", 401),
}
"""A call that each function refuses by itself, and how."""


def started(
    python: Path, target: str, environment: Mapping[str, str], port: int, *, folder: Path = ROOT
) -> subprocess.Popen[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TANDEM_", "GOOGLE_", "PYTHON"))}
    return subprocess.Popen(
        [*framework(python), "--target", target, "--host", "127.0.0.1", "--port", str(port)],
        cwd=folder, env={**kept, **environment}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        start_new_session=True,
    )  # fmt: skip


def said(process: subprocess.Popen[str]) -> str:
    """All that it printed until it ended by itself."""
    out, _ = process.communicate(timeout=60)
    return out


def answered(target: str, port: int) -> int | None:
    method, path, _ = ANSWERS[target]
    try:
        return requests.request(method, f"http://127.0.0.1:{port}{path}", timeout=30).status_code
    except requests.ConnectionError:
        return None


def test_there_is_a_call_for_every_function() -> None:
    assert set(ANSWERS) == set(main.FUNCTIONS)


@pytest.mark.parametrize("target", sorted(ANSWERS))
def test_a_target_is_served_from_a_clean_installation(production_python: Path, target: str) -> None:
    (port,) = free_ports(1)
    process = started(production_python, target, {**ENVIRONMENT, "FIRESTORE_EMULATOR_HOST": "127.0.0.1:9"}, port)
    try:
        assert eventually(lambda: answered(target, port), within_s=60) == ANSWERS[target][2]
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def test_a_function_without_its_settings_does_not_start_and_names_them_all(production_python: Path) -> None:
    process = started(production_python, "sync_task", {"TANDEM_BACKEND": "gcp"}, *free_ports(1))

    out = said(process)

    assert process.returncode != 0
    assert [name for name in NEEDED if f"{name} is not set: " not in out] == []
    assert "TANDEM_URLS has no address for oauth, calendar_webhook" in out


def test_a_faulty_setting_keeps_a_function_from_starting(production_python: Path) -> None:
    faulty = {**ENVIRONMENT, "TANDEM_KEYS": json.dumps(["short"]), "TANDEM_COALESCE_S": "soon"}
    process = started(production_python, "api", faulty, *free_ports(1))

    out = said(process)

    assert process.returncode != 0
    assert "TANDEM_KEYS holds no usable keys: set a JSON list" in out
    assert "TANDEM_COALESCE_S is 'soon': set seconds between 0.1 and 60" in out
    assert "short" not in out.replace("shortest", "")
